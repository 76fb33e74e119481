/** Procedures of one's own and system calls: what a thread runs makes them, and has what came back. */
import { describe, expect, test } from 'vitest'
import { toSystem } from '../../actors/running/system.ts'
import { explore, linux, replay, type LinuxDescription } from '../../index.ts'
import {
  builtIn,
  call,
  field,
  kernel,
  mutex,
  mutex_lock,
  mutex_unlock,
  procedure,
  read,
  ret,
  sometimes,
  syscall,
  when,
  write,
  type Procedure,
} from '../../kernel/index.ts'
import { wrongIn } from '../../report/sides.ts'
import { makePage } from '../../report/style.ts'
import { tellTrace } from '../../report/text.ts'

type Returned = number | string

const page = 0x1000
const story = (more: Partial<LinuxDescription> = {}) =>
  linux({
    name: 'told',
    systemCalls: '6.1',
    before: [
      { op: 'open_container', as: 'c0' },
      { op: 'open_group', dev: 'emu0', as: 'g0' },
      { op: 'group_set_container', fd: 'g0', container: 'c0' },
      { op: 'mmap', as: 'b0', len: page },
      { op: 'thread', as: 't1' },
    ],
    tasks: {},
    ...more,
  })
const setIommu = { op: 'set_iommu', fd: 'c0', type: 3 }
const map = { op: 'map_dma', fd: 'c0', iova: page, size: page, vaddr: 'b0', flags: 3 }
const unmap = { op: 'unmap_dma', fd: 'c0', iova: page, size: page }
const lock = mutex('vmm->lock')

/** What the last procedure of t1 returned, in every run of a complete search. */
async function returns(threads: Readonly<Record<string, Procedure | readonly Procedure[]>>, beside = story()) {
  const seen = new Set<unknown>()
  const spy = sometimes<{ readonly finished: boolean; thread(name: string): { readonly returned?: unknown } }>(
    'seen',
    (w) => {
      if (w.finished) seen.add(w.thread('t1').returned)
      return w.finished
    },
  )
  const { exhaustive, findings } = await explore(kernel({ beside, threads }), [spy])
  expect(exhaustive).toBe(true)
  return [[...seen].sort(), findings.map(({ title }) => title)]
}

describe('a procedure makes system calls', () => {
  const locals = { early: 0 as Returned, err: 1 as Returned, size: 0n, again: 0 as Returned }
  test('with what they returned in locals, also what was written back', async () => {
    const run = procedure('run', locals, [
      syscall(map, { into: 'early' }),
      syscall(setIommu),
      syscall(map, { into: 'err' }),
      syscall(map, { into: 'again' }),
      syscall(unmap, { into: 'size', field: 'size' }),
      ret(({ early, err, size, again }) => `${early} ${err} ${again} ${size}`),
    ])
    expect(await returns({ t1: run })).toEqual([['-EINVAL 0 -EEXIST 4096'], []])
  })

  test('what one makes has a name from then on, for the next and for what it calls', async () => {
    const pins = procedure('pins', { err: 0 as Returned }, [
      syscall({ op: 'emu_pin', fd: 'd0', iova: page, npage: 1, prot: 3 }, { into: 'err' }),
      ret(({ err }) => err),
    ])
    const run = procedure('run', locals, [
      syscall(setIommu),
      syscall(map),
      syscall({ op: 'get_device_fd', fd: 'g0', dev: 'emu0', as: 'd0' }),
      call(pins, { into: 'err' }),
      syscall({ op: 'close', fd: 'd0' }, { into: 'again' }),
      ret(({ err, again }) => `${err} ${again}`),
    ])
    expect(await returns({ t1: run })).toEqual([['1 0'], []])
  })

  test('beside another: it goes either way, unless a lock of one’s own keeps them apart, and then in either order', async () => {
    const sets = procedure('sets', [syscall(setIommu)])
    const maps = procedure('maps', locals, [syscall(map, { into: 'err' }), ret(({ err }) => err)])
    const either = [['-EINVAL', 0], []]
    expect(await returns({ p0: sets, t1: maps })).toEqual(either)
    const locked = (name: string, it: Procedure) =>
      procedure(name, locals, [mutex_lock(lock), call(it, { into: 'err' }), mutex_unlock(lock), ret(({ err }) => err)])
    expect(await returns({ p0: locked('sets_locked', sets), t1: locked('maps_locked', maps) })).toEqual(either)
  })

  test('beside what a thread of the story calls itself, before what it runs', async () => {
    const maps = procedure('maps', locals, [syscall(map, { into: 'err' }), ret(({ err }) => err)])
    expect(await returns({ t1: maps }, story({ tasks: { t1: [setIommu] } }))).toEqual([[0], []])
    expect(await returns({ t1: maps }, story({ tasks: { p0: [setIommu] } }))).toEqual([['-EINVAL', 0], []])
  })

  test('with what it returned it goes one way or the other', async () => {
    const tries = field('tries', 0)
    const again = procedure('again', { ...locals, n: 0 }, [
      syscall(map, { into: 'err' }),
      when(({ err }) => err !== 0, [read(tries, 'n'), write(tries, ({ n }) => n + 1), syscall(setIommu)]),
      syscall(map, { into: 'err' }),
      ret(({ err }) => err),
    ])
    expect(await returns({ t1: again })).toEqual([[0], []])
  })
})

test('and the other way round: a call that the kernel makes of a driver is one’s own, inside of one’s own call', async () => {
  const before = [
    { op: 'open_container', as: 'c0' },
    { op: 'open_group', dev: 'emu0', as: 'g0' },
    { op: 'group_set_container', fd: 'g0', container: 'c0' },
    setIommu,
    { op: 'get_device_fd', fd: 'g0', dev: 'emu0', as: 'd0' },
    { op: 'mmap', as: 'b0', len: page },
    map,
    { op: 'emu_pin', fd: 'd0', iova: page, npage: 1, prot: 3 },
    { op: 'thread', as: 't1' },
  ]
  const callback = procedure('my_dma_unmap', { iova: 0n, size: 0n }, [
    mutex_lock(lock),
    call(builtIn('emu0.dma_unmap'), { with: ({ iova, size }) => ({ iova, size }) }),
    mutex_unlock(lock),
  ])
  const unmaps = (...around: readonly ('lock' | 'not')[]) =>
    procedure('unmaps', { err: 0 as Returned }, [
      ...(around[0] === 'lock' ? [mutex_lock(lock)] : []),
      syscall(unmap, { into: 'err' }),
      ...(around[0] === 'lock' ? [mutex_unlock(lock)] : []),
      ret(({ err }) => err),
    ])
  const world = (how: 'lock' | 'not') =>
    kernel({ beside: story({ before }), threads: { t1: unmaps(how) }, instead: { 'emu0.dma_unmap': callback } })
  const through = sometimes<{ readonly finished: boolean }>('through', (w) => w.finished)
  const fine = await explore(world('not'), [through])
  const titles = fine.findings.map(({ title }) => title)
  expect([fine.exhaustive, fine.properties[0]!.verdict]).toEqual([true, 'seen'])
  // That of 6.1 itself.
  expect(titles).toEqual(['lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock'])
  const held = await explore(world('lock'), [])
  expect(held.findings.map(({ title }) => title)).toContain('deadlock at vmm->lock')
})

test('is told as procedures and system calls are', async () => {
  const maps = procedure('my_map', { err: 0 as Returned }, [
    mutex_lock(lock),
    syscall(map, { into: 'err' }),
    mutex_unlock(lock),
  ])
  const system = toSystem(kernel({ beside: story(), threads: { t1: maps } }))
  const { properties } = await explore(system, [sometimes('through', (w) => (w as { finished: boolean }).finished)])
  const trace = replay(system, properties[0]!.schedule!)
  const text = tellTrace(trace, makePage({ columns: 100 }), { address: 'told@0:0', wrong: wrongIn(trace) })
  for (const words of ['● my_map', '● mutex_lock(vmm->lock)', '● map_dma(c0, 0x1000+0x1000', '● map_dma = -EINVAL'])
    expect(text).toContain(words)
  expect(text).not.toMatch(/\b(?:CALL|RETURN|LOCK)\b/)
})

describe('slips', () => {
  const run = (operation: Parameters<typeof syscall>[0]) => procedure('run', [syscall(operation)])
  test.each([
    ['an operation that there is not', () => run({ op: 'map_dam', fd: 'c0' }), 'map_dam'],
    ['another thread', () => run({ ...unmap, proc: 't1' }), 'syscall(): unmap_dma has no proc here.'],
    ['a wait for another', () => run({ op: 'await' }), 'syscall(): nobody waits for others by await.'],
    ['a field that is missing', () => run({ op: 'map_dma', fd: 'c0' }), 'iova'],
    [
      'a descriptor that nobody makes',
      () => kernel({ beside: story(), threads: { t1: run({ ...unmap, fd: 'c9' }) } }),
      'The system call unmap_dma of t1: nobody makes "c9". Did you mean "c0"?',
    ],
    ['a thread that nobody makes', () => kernel({ beside: story(), threads: { t9: run(unmap) } }), 't9'],
    [
      'a world without system calls',
      () => kernel({ threads: { a: run(unmap) } }),
      'Nobody makes the system call unmap_dma(c0,4096,4096) in this world.',
    ],
    [
      'what takes the place of a call',
      () => kernel({ beside: story({ tasks: { p0: [setIommu] } }), instead: { 'container0.set_iommu': run(unmap) } }),
      'made by what takes the place of a call',
    ],
  ])('%s', (_, make, said) => expect(make).toThrow(said))
})
