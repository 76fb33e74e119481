/** A world of shared virtual memory as a user describes it: what can be wrong with it, and what it says of a run. */
import { describe, expect, test } from 'vitest'
import {
  always,
  explore,
  sharedMemory,
  start,
  svm,
  type SharedMemoryDescription,
  type SharedMemoryView,
} from '../../index.ts'

const { attach, bind, by, closeDevice, deviceInfo, exec, exit, releaseClean, stop, submit, unbind } = svm

const described = (more: Partial<SharedMemoryDescription>) => () =>
  sharedMemory({ protocol: 'rfc29-fixed', tasks: { vmm0: [] }, ...more })

describe('what does not fit is told by its name', () => {
  const wrong: readonly (readonly [string, Partial<SharedMemoryDescription>, string])[] = [
    ['a protocol', { protocol: 'rfc30' as 'rfc29' }, 'Unknown protocol "rfc30". Known: rfc29, rfc29-fixed, container,'],
    ['a form', { as: 'mended' as 'posted' }, 'Unknown as "mended". Known: posted, repaired.'],
    ['what a device answers', { device: 'dirty' as 'clean' }, 'Unknown device "dirty". Known: flushed, clean, silent.'],
    ['a device', { tasks: { vmm0: [bind('dev3')] } }, 'Unknown device "dev3" in a call `bind` of task vmm0.'],
    [
      'a group',
      { protocol: 'container', tasks: { vmm0: [attach('group7')] } },
      'Unknown group "group7" in a call `attach` of task vmm0. Known: group0.',
    ],
    [
      'a group where there are none',
      { tasks: { vmm0: [attach('group0')] } },
      'Only the protocol `container` knows of groups',
    ],
    [
      'a process',
      { devices: { dev0: { openBy: ['nobody'] } } },
      'Unknown process "nobody" in openBy of dev0. Known: vmm.',
    ],
    ['no PASID', { pasids: 0 }, 'pasids cannot be 0.'],
    ['more PASIDs than memory', { pasids: 1e9 }, 'pasids cannot be 1000000000.'],
    ['half a failure', { failures: 0.5 }, 'failures cannot be 0.5.'],
    ['a trait', { but: { wlak: 'plain' } as object }, 'Unknown trait "wlak" in but. Known: walk,'],
    [
      'a call',
      { tasks: { vmm0: [{ do: 'bnid' as 'bind', args: {} }] } },
      'Unknown call "bnid" of task vmm0. Known: bind,',
    ],
    [
      'a call of nothing',
      { tasks: { vmm0: [{ do: 'bind', args: {} }] } },
      'Unknown device "undefined" in a call `bind`',
    ],
    ['pages', { tasks: { vmm0: [submit('dev0', { pages: 3 as 2 })] } }, 'Unknown pages "3" in a call `submit`'],
    [
      'a call of another process',
      { tasks: { vmm0: by('other', bind('dev0')), other0: { process: 'other', script: [] } } },
      'A call of other cannot be made by process vmm',
    ],
    [
      'a page that goes twice',
      { tasks: { vmm0: [svm.vfree()], vmm1: [svm.vfree()] } },
      'There are several calls `vfree`.',
    ],
    ['an endless queue', { queue: 1000 }, 'queue cannot be 1000.'],
    ['no device at all', { devices: {} }, 'There is no device.'],
    ['a task’s name', { tasks: { dev0: [bind('dev0')] } }, 'A task cannot be called dev0: something else is.'],
    [
      'the end of a process that has other threads',
      { tasks: { vmm0: [exit()], vmm1: [bind('dev0')] } },
      'Task vmm0 cannot `exit`: process vmm has other threads (vmm1).',
    ],
  ]
  test.each(wrong)('%s', (_, more, said) => {
    expect(described(more)).toThrow(said)
  })

  test('what goes wrong before the story begins', () => {
    const crashing = { protocol: 'rfc29', before: [bind('dev0'), unbind('dev0')] } as const
    expect(described(crashing)).toThrow('What is done before the story begins goes wrong')
    expect(described({ ...crashing, protocol: 'rfc29-fixed' })).not.toThrow()
  })
})

test('a story of one’s own is explored as the built-in ones are', async () => {
  const world = sharedMemory({
    protocol: 'container',
    device: 'clean',
    tasks: { vmm0: [bind('dev0'), submit('dev0'), stop('dev0'), unbind('dev0')] },
  })
  const report = await explore(world, [
    always<SharedMemoryView>('every request is served as it was meant', (w) =>
      w.served.every(({ meant, by: served }) => meant === served),
    ),
  ])
  expect(report.exhaustive).toBe(true)
  expect(report.findings).toEqual([])
})

describe('a run says', () => {
  const run = (more: Partial<SharedMemoryDescription>) =>
    start(sharedMemory({ protocol: 'rfc29-fixed', tasks: {}, ...more }))

  test('which PASID a process got, and what became of the device’s work', () => {
    const { state } = run({ tasks: { vmm0: [bind('dev0'), submit('dev0')] } }).settle()
    expect(state.result('vmm0', 'bind')).toMatchObject({ ret: 0, pasid: 1 })
    expect(state.accesses).toEqual([{ ret: 'hit', pasid: 1, meant: 'mm0#1', reached: 'mm0#1', unbound: false }])
    expect(state.served).toEqual([{ meant: 'mm0#1', by: 'mm0#1' }])
    expect(state.bound).toEqual([{ device: 'dev0', pasid: 1, mm: 'mm0#1' }])
    expect(state.pasids.map(({ state }) => state)).toEqual(['bound', 'free'])
    expect(state.tracked).toBe(1)
    expect(state.quiet).toBe(true)
  })

  test('that a PASID nobody has said anything about is never used again', () => {
    const tasks = { vmm0: [bind('dev0'), unbind('dev0'), bind('dev0')] }
    const { state } = run({ device: 'silent', pasids: 1, tasks }).settle()
    expect(state.results('bind').map(({ ret }) => ret)).toEqual([0, '-ENOSPC'])
    expect(state.pasids).toMatchObject([{ state: 'leaked', mm: null }])
  })

  test('that a device which is done at once leaves a PASID that is free at once', () => {
    const tasks = { vmm0: [bind('dev0'), stop('dev0'), unbind('dev0', { flags: releaseClean })] }
    const { state } = run({ device: 'clean', tasks }).settle()
    expect(state.results('stop').map(({ ret }) => ret)).toEqual(['clean'])
    expect(state.pasids.map(({ state }) => state)).toEqual(['free', 'free'])
  })

  test('that exec begins another address space, and closing the last descriptor ends what the first was kept for', () => {
    const { state } = run({ before: by('vmm', bind('dev0')), tasks: { vmm0: [exec(), closeDevice('dev0')] } }).settle()
    expect(state.mms).toEqual([{ name: 'mm1#1', process: 'vmm', users: 1, count: 1, accounted: 1 }])
    expect(state.bound).toEqual([])
    expect(state.open).toBe(false)
  })

  test('whether system and device support shared virtual memory', () => {
    const flags = (supported: boolean) =>
      run({ supported, tasks: { vmm0: [deviceInfo('dev0')] } })
        .settle()
        .state.result('vmm0', 'info')!['flags']
    expect([flags(true), flags(false)]).toEqual([0x13, 0x3])
    const binds = (['rfc29', 'container', 'sva-domain'] as const).map(
      (protocol) =>
        run({ protocol, supported: false, tasks: { vmm0: [bind('dev0')] } })
          .settle()
          .state.results('bind')[0]!.ret,
    )
    expect(binds).toEqual(['-ENODEV', '-ENODEV', '-ENODEV'])
  })
})
