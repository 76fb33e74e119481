/** A world of shared virtual memory as a user describes it: what can be wrong with it, and what it says of a run. */
import { describe, expect, test } from 'vitest'
import {
  always,
  attach,
  bind,
  by,
  closeDevice,
  deviceInfo,
  exec,
  exit,
  explore,
  linux,
  releaseClean,
  start,
  stop,
  submit,
  unbind,
  vfree,
  type LinuxDescription,
  type LinuxView,
} from '../../index.ts'
import { refusalOf, saying, type Refusal } from '../shapes/refusals.ts'

const described = (more: Partial<LinuxDescription>) => () => linux({ svm: 'rfc29-fixed', tasks: { vmm0: [] }, ...more })

describe('what does not fit is refused with its place, what was expected and what was probably meant', () => {
  const script = (...calls: readonly unknown[]) => ({ tasks: { vmm0: calls } })
  const at = 'linux(): tasks.vmm0[0]'
  const wrong: readonly Refusal[] = [
    [
      'a protocol',
      { svm: 'rfc30' },
      'linux(): svm cannot be "rfc30". Did you mean "rfc29"?',
      'one of rfc29, rfc29-fixed, container,',
    ],
    [
      'a form',
      { svm: { protocol: 'rfc29', as: 'mended' } },
      'linux(): svm.as cannot be "mended".',
      'one of posted, repaired',
    ],
    [
      'what a device answers',
      { svm: { protocol: 'rfc29', device: 'dirty' } },
      'linux(): svm.device cannot be "dirty".',
      'one of flushed, clean, silent',
    ],
    ['a field', { devcies: {} }, 'linux(): devcies is not known. Did you mean "devices"?', ''],
    [
      'a device',
      script(bind('dev3')),
      `${at}.device cannot be "dev3". Did you mean "dev0"?`,
      'a device of this description: dev0',
    ],
    [
      'a group',
      { svm: 'container', ...script(attach('group7')) },
      `${at}.group cannot be "group7". Did you mean "group0"?`,
      'a group of this description: group0',
    ],
    [
      'a group where there are none',
      script(attach('group0')),
      `${at}.do cannot be "attach": only the protocol \`container\` knows of groups.`,
      'Leave attach and detach out',
    ],
    [
      'a process',
      { devices: { dev0: { openBy: ['nobody'] } } },
      'linux(): devices.dev0.openBy[0] cannot be "nobody".',
      'a process of this description: vmm',
    ],
    [
      'a device’s field',
      { devices: { dev0: { atached: true } } },
      'linux(): devices.dev0.atached is not known. Did you mean "attached"?',
      '',
    ],
    [
      'no PASID',
      { svm: { protocol: 'rfc29', pasids: 0 } },
      'linux(): svm.pasids cannot be 0.',
      'a whole number from 1 to 8',
    ],
    [
      'more PASIDs than memory',
      { svm: { protocol: 'rfc29', pasids: 1e9 } },
      'linux(): svm.pasids cannot be 1000000000.',
      'from 1 to 8',
    ],
    [
      'half a failure',
      { svm: { protocol: 'rfc29', failures: 0.5 } },
      'linux(): svm.failures cannot be 0.5.',
      'from 0 to 8',
    ],
    [
      'an endless queue',
      { svm: { protocol: 'rfc29', queue: 1000 } },
      'linux(): svm.queue cannot be 1000.',
      'from 1 to 16',
    ],
    [
      'a trait',
      { svm: { protocol: 'rfc29', but: { wlak: 'plain' } } },
      'linux(): svm.but.wlak is not known. Did you mean "walk"?',
      'walk, tracks, again,',
    ],
    [
      'what a trait says',
      { svm: { protocol: 'rfc29', but: { walk: 'saef' } } },
      'linux(): svm.but.walk cannot be "saef". Did you mean "safe"?',
      'one of plain, safe',
    ],
    ['a call', script({ do: 'bnid' }), `${at}.do cannot be "bnid". Did you mean "bind"?`, 'one of bind,'],
    ['a call of nothing', script({ do: 'bind' }), `${at}.device is missing.`, 'the name of a device'],
    [
      'what a call is given',
      script(bind('dev0', { nomen: true } as object)),
      `${at}.nomen is not known. Did you mean "nomem"?`,
      '',
    ],
    ['a fault', script(bind('dev0', { fault: 'both' as never })), `${at}.fault cannot be "both".`, 'one of in, out'],
    ['pages', script(submit('dev0', { pages: 3 as 2 })), `${at}.pages cannot be 3.`, 'one of 1, 2'],
    [
      'a call of another process',
      { tasks: { vmm0: by('other', bind('dev0')), other0: { process: 'other', script: [] } } },
      `${at}.process cannot be "other": its task is one of process vmm.`,
      'Use `by`',
    ],
    [
      'a page that goes twice',
      { tasks: { vmm0: [vfree()], vmm1: [vfree()] } },
      'linux(): tasks.vmm1[0].do cannot be "vfree": the kernel has one page of page tables here, and it goes once.',
      'one vfree in all',
    ],
    ['no device at all', { devices: {} }, 'linux(): devices cannot be {}.', 'at least one device'],
    [
      'a task’s name',
      { tasks: { dev0: [bind('dev0')] } },
      'linux(): tasks.dev0 cannot be called so: a device is called "dev0", at devices.dev0.',
      '',
    ],
    [
      'the end of a process that has other threads',
      { tasks: { vmm0: [exit()], vmm1: [] } },
      `${at}.do cannot be "exit": process vmm has other threads (vmm1).`,
      'a process of its own',
    ],
  ]
  test.each(wrong)('%s', (_, more, fact, expected) => {
    expect(refusalOf(described(more as object))).toEqual(saying(fact, expected))
  })

  test('what goes wrong before the story begins', () => {
    const before = [bind('dev0'), unbind('dev0')]
    expect(described({ svm: 'rfc29', before })).toThrow('What is done before the story begins goes wrong')
    expect(described({ svm: 'rfc29-fixed', before })).not.toThrow()
  })
})

test('a story of one’s own is explored as the built-in ones are', async () => {
  const world = linux({
    svm: { protocol: 'container', device: 'clean' },
    tasks: { vmm0: [bind('dev0'), submit('dev0'), stop('dev0'), unbind('dev0')] },
  })
  const report = await explore(world, [
    always<LinuxView>('every request is served as it was meant', (w) =>
      w.svm.served.every(({ meant, by: served }) => meant === served),
    ),
  ])
  expect(report.exhaustive).toBe(true)
  expect(report.findings).toEqual([])
})

describe('a run says', () => {
  const run = (more: Partial<LinuxDescription>) => start(linux({ svm: 'rfc29-fixed', tasks: {}, ...more }))

  test('which PASID a process got, and what became of the device’s work', () => {
    const { state } = run({ tasks: { vmm0: [bind('dev0'), submit('dev0')] } }).settle()
    expect(state.result('vmm0', 'bind')).toMatchObject({ ret: 0, pasid: 1 })
    expect(state.svm.accesses).toEqual([{ ret: 'hit', pasid: 1, meant: 'mm0#1', reached: 'mm0#1', unbound: false }])
    expect(state.svm.served).toEqual([{ meant: 'mm0#1', by: 'mm0#1' }])
    expect(state.svm.bound).toEqual([{ device: 'dev0', pasid: 1, mm: 'mm0#1' }])
    expect(state.svm.pasids.map(({ state }) => state)).toEqual(['bound', 'free'])
    expect(state.svm.tracked).toBe(1)
    expect(state.quiet).toBe(true)
  })

  test('that a PASID nobody has said anything about is never used again', () => {
    const tasks = { vmm0: [bind('dev0'), unbind('dev0'), bind('dev0')] }
    const { state } = run({ svm: { protocol: 'rfc29-fixed', device: 'silent', pasids: 1 }, tasks }).settle()
    expect(state.results('bind').map(({ ret }) => ret)).toEqual([0, '-ENOSPC'])
    expect(state.svm.pasids).toMatchObject([{ state: 'leaked', mm: null }])
  })

  test('that a device which is done at once leaves a PASID that is free at once', () => {
    const tasks = { vmm0: [bind('dev0'), stop('dev0'), unbind('dev0', { flags: releaseClean })] }
    const { state } = run({ svm: { protocol: 'rfc29-fixed', device: 'clean' }, tasks }).settle()
    expect(state.results('stop').map(({ ret }) => ret)).toEqual(['clean'])
    expect(state.svm.pasids.map(({ state }) => state)).toEqual(['free', 'free'])
  })

  test('that exec begins another address space, and closing the last descriptor ends what the first was kept for', () => {
    const { state } = run({ before: by('vmm', bind('dev0')), tasks: { vmm0: [exec(), closeDevice('dev0')] } }).settle()
    expect(state.svm.mms).toEqual([{ name: 'mm1#1', process: 'vmm', users: 1, count: 1, accounted: 1 }])
    expect(state.svm.bound).toEqual([])
    expect(state.svm.open).toBe(false)
  })

  test('whether system and device support shared virtual memory', () => {
    const flags = (supported: boolean) =>
      run({ svm: { protocol: 'rfc29-fixed', supported }, tasks: { vmm0: [deviceInfo('dev0')] } })
        .settle()
        .state.result('vmm0', 'info')!['flags']
    expect([flags(true), flags(false)]).toEqual([0x13, 0x3])
    const binds = (['rfc29', 'container', 'sva-domain'] as const).map(
      (protocol) =>
        run({ svm: { protocol, supported: false }, tasks: { vmm0: [bind('dev0')] } })
          .settle()
          .state.results('bind')[0]!.ret,
    )
    expect(binds).toEqual(['-ENODEV', '-ENODEV', '-ENODEV'])
  })
})

test('whoever says whose calls these are says whose, and which', () => {
  expect(() => by('qemu1')).toThrow('by() is given no call of qemu1.')
  for (const nobody of ['', undefined, ['qemu1']]) expect(() => by(nobody as never, exit())).toThrow('as a process.')
})
