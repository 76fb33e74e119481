/** Data races: what orders two accesses of one field, and what does not. */
import { describe, expect, test } from 'vitest'
import { toSystem } from '../../actors/running/system.ts'
import { replay } from '../../explore/index.ts'
import { explore } from '../../index.ts'
import {
  atomic_inc,
  atomic_inc_return,
  atomic_t,
  cmpxchg,
  complete,
  completion,
  data_race,
  down_read,
  down_write,
  field,
  kernel,
  work_struct,
  timer_list,
  timer_delete_sync,
  synchronize_rcu,
  schedule_work,
  rcu_read_unlock,
  rcu_read_lock,
  rcu_dereference,
  rcu_assign_pointer,
  pointer,
  mod_timer,
  flush_work,
  cancel_work_sync,
  cancel_work,
  kfree,
  loop,
  mutex,
  mutex_lock,
  mutex_trylock,
  mutex_unlock,
  object,
  procedure,
  read,
  READ_ONCE,
  refcount_dec_and_test,
  refcount_t,
  rw_semaphore,
  set_bit,
  smp_load_acquire,
  smp_mb,
  smp_rmb,
  smp_store_release,
  smp_wmb,
  spin_lock,
  spin_unlock,
  spinlock,
  struct,
  test_and_set_bit,
  test_bit,
  up_read,
  up_write,
  wait_event,
  wait_for_completion,
  wait_queue_head,
  wake_up,
  when,
  write,
  WRITE_ONCE,
  xchg,
  type Step,
} from '../../kernel/index.ts'

interface Locals {
  readonly v: number
  readonly is: boolean
}
type Steps = readonly Step<Locals>[]

const worldOf = (...threads: readonly Steps[]) =>
  kernel({
    threads: Object.fromEntries(
      threads.map((steps, n) => [`t${n}`, procedure(`p${n}`, { v: 0, is: false }, steps)] as const),
    ),
  })

/** The data races of a complete search, the same with and without reduction. */
async function races(...threads: readonly Steps[]): Promise<readonly string[]> {
  const titles = [true, false].map(async (reduction) => {
    const { exhaustive, findings } = await explore(worldOf(...threads), [], { reduction })
    expect(exhaustive).toBe(true)
    return findings.filter(({ kind }) => kind === 'data-race').map(({ title }) => title)
  })
  const [reduced, full] = await Promise.all(titles)
  expect(reduced!.toSorted()).toEqual(full!.toSorted())
  return reduced!
}

const x = field('x', 0)
const flag = field('flag', 0)
const fills = write(x, 1)
const takes: Step<Locals> = read(x, 'v')
const ifSet = (...steps: Steps): Step<Locals> => when<Locals>('v', steps)
const raced = ['data-race in p0 / p1']

describe('two accesses of one field', () => {
  test.each([
    ['a write and a read', [fills], [takes], raced],
    ['two writes', [fills], [write(x, 2)], raced],
    ['two reads', [takes], [takes], []],
    ['a write and a marked read', [fills], [READ_ONCE(x, 'v')], raced],
    ['a marked write and a read', [WRITE_ONCE(x, 1)], [takes], raced],
    ['both marked', [WRITE_ONCE(x, 1)], [READ_ONCE(x, 'v')], []],
    ['a write and an atomic operation', [fills], [set_bit(0, x)], raced],
    ['of two fields', [fills], [read(flag, 'v')], []],
    ['one that may race', [fills], [data_race(takes)], []],
    ['one that may race is no marked one', [data_race(fills)], [takes], []],
  ] satisfies [string, Steps, Steps, readonly string[]][])('%s', async (_, one, other, found) => {
    expect(await races(one, other)).toEqual(found)
  })

  test('of one thread are no race', async () => {
    expect(await races([fills, takes])).toEqual([])
  })

  test('are told for each pair of functions, and for all fields of it in one', async () => {
    const { findings } = await explore(worldOf([fills, write(flag, 1)], [read(flag, 'v'), takes], [write(flag, 2)]), [])
    expect(findings.map(({ title, objects, detail }) => [title, objects, detail]).sort()).toEqual([
      ['data-race in p0 / p1', ['flag'], 'the same at x'],
      ['data-race in p0 / p2', ['flag'], undefined],
      ['data-race in p1 / p2', ['flag'], undefined],
    ])
  })
})

describe('what orders them', () => {
  const [m, s, sem, done, wq] = [
    mutex('m'),
    spinlock('s'),
    rw_semaphore('sem'),
    completion('done'),
    wait_queue_head('wq'),
  ]
  const [n, refs] = [atomic_t('n', 0), refcount_t('refs', 2)]
  const locked = (step: Step<Locals>): Steps => [mutex_lock(m), step, mutex_unlock(m)]
  const spun = (step: Step<Locals>): Steps => [spin_lock(s), step, spin_unlock(s)]
  const reading = (step: Step<Locals>): Steps => [down_read(sem), step, up_read(sem)]
  const writing = (step: Step<Locals>): Steps => [down_write(sem), step, up_write(sem)]

  test.each([
    ['a mutex', locked(fills), locked(takes), []],
    ['two locks', locked(fills), spun(takes), raced],
    ['a lock that one of them has', locked(fills), [takes], raced],
    ['a reader and a writer of a lock', writing(fills), reading(takes), []],
    ['two readers of a lock', reading(fills), reading(takes), raced],
    ['a lock that is tried', locked(fills), [mutex_trylock(m, 'is'), when<Locals>('is', [takes, mutex_unlock(m)])], []],
    [
      'a lock that is tried and not had',
      locked(fills),
      [mutex_trylock(m, 'is'), when<Locals>('is', [mutex_unlock(m)], [takes])],
      raced,
    ],
    [
      'an unlock, and a lock after it',
      [fills, ...locked(WRITE_ONCE(flag, 1))],
      [...locked(READ_ONCE(flag, 'v')), ifSet(takes)],
      [],
    ],
    [
      'what readers did, for a writer',
      [fills, ...reading(WRITE_ONCE(flag, 1))],
      [...writing(READ_ONCE(flag, 'v')), ifSet(takes)],
      [],
    ],
    [
      'what writers did, for a reader',
      [fills, ...writing(WRITE_ONCE(flag, 1))],
      [...reading(READ_ONCE(flag, 'v')), ifSet(takes)],
      [],
    ],
    [
      'what readers did, for a reader',
      [fills, ...reading(WRITE_ONCE(flag, 1))],
      [...reading(READ_ONCE(flag, 'v')), ifSet(takes)],
      raced,
    ],
    ['release and acquire', [fills, smp_store_release(flag, 1)], [smp_load_acquire(flag, 'v'), ifSet(takes)], []],
    [
      'release and acquire, seen or not',
      [fills, smp_store_release(flag, 1)],
      [smp_load_acquire(flag, 'v'), takes],
      raced,
    ],
    ['release and READ_ONCE', [fills, smp_store_release(flag, 1)], [READ_ONCE(flag, 'v'), ifSet(takes)], raced],
    ['WRITE_ONCE and acquire', [fills, WRITE_ONCE(flag, 1)], [smp_load_acquire(flag, 'v'), ifSet(takes)], raced],
    [
      'a marked flag alone, though the order is never another',
      [fills, WRITE_ONCE(flag, 1)],
      [READ_ONCE(flag, 'v'), ifSet(takes)],
      raced,
    ],
    ['a release too early', [smp_store_release(flag, 1), fills], [smp_load_acquire(flag, 'v'), ifSet(takes)], raced],
    [
      'barriers for writes and for reads',
      [fills, smp_wmb(), WRITE_ONCE(flag, 1)],
      [READ_ONCE(flag, 'v'), smp_rmb(), ifSet(takes)],
      [],
    ],
    [
      'a barrier for reads before a write',
      [fills, smp_wmb(), WRITE_ONCE(flag, 1)],
      [READ_ONCE(flag, 'v'), smp_rmb(), ifSet(fills)],
      raced,
    ],
    [
      'a barrier for writes behind a read',
      [takes, smp_wmb(), WRITE_ONCE(flag, 1)],
      [READ_ONCE(flag, 'v'), smp_mb(), ifSet(fills)],
      raced,
    ],
    ['full barriers', [takes, smp_mb(), WRITE_ONCE(flag, 1)], [READ_ONCE(flag, 'v'), smp_mb(), ifSet(fills)], []],
    ['one barrier of two', [fills, smp_wmb(), WRITE_ONCE(flag, 1)], [READ_ONCE(flag, 'v'), ifSet(takes)], raced],
    [
      'atomic operations that give a value',
      [fills, atomic_inc_return(n, 'v')],
      [atomic_inc_return(n, 'v'), when<Locals>(({ v }) => v === 2, [takes])],
      [],
    ],
    [
      'atomic operations that give none',
      [fills, atomic_inc(n)],
      [atomic_inc_return(n, 'v'), when<Locals>(({ v }) => v === 2, [takes])],
      raced,
    ],
    [
      'test_and_set_bit',
      [fills, test_and_set_bit(0, flag, 'is')],
      [test_and_set_bit(0, flag, 'is'), when<Locals>('is', [takes])],
      [],
    ],
    ['set_bit', [fills, set_bit(0, flag)], [test_bit(0, flag, 'is'), when<Locals>('is', [takes])], raced],
    [
      'the last reference',
      [fills, refcount_dec_and_test(refs, 'is')],
      [refcount_dec_and_test(refs, 'is'), when<Locals>('is', [takes])],
      [],
    ],
    ['a completion', [fills, complete(done)], [wait_for_completion(done), takes], []],
    ['a completion too early', [complete(done), fills], [wait_for_completion(done), takes], raced],
    [
      'a wait, where the lock of its queue is not always taken',
      [fills, WRITE_ONCE(flag, 1), wake_up(wq)],
      [wait_event(wq, flag), takes],
      raced,
    ],
    [
      'a wait for what was released',
      [fills, smp_store_release(flag, 1), wake_up(wq)],
      [wait_event(wq, { look: [smp_load_acquire(flag, 'v')], until: 'v' }), takes],
      [],
    ],
  ] satisfies [string, Steps, Steps, readonly string[]][])('%s', async (_, one, other, found) => {
    expect(await races(one, other)).toEqual(found)
  })

  test('queueing and flushing, arming and deleting', async () => {
    const sees = procedure('sees', { v: 0 }, [read(x, 'v')])
    const [work, timer] = [work_struct('work', sees), timer_list('timer', sees)]
    const between = ['data-race in p0 / sees']
    expect(await races([fills, schedule_work(work)])).toEqual([])
    expect(await races([schedule_work(work), fills])).toEqual(between)
    expect(await races([schedule_work(work), flush_work(work), fills])).toEqual([])
    expect(await races([schedule_work(work), cancel_work_sync(work), fills])).toEqual([])
    expect(await races([schedule_work(work), cancel_work(work), fills])).toEqual(between)
    expect(await races([fills, mod_timer(timer)])).toEqual([])
    expect(await races([mod_timer(timer), fills])).toEqual(between)
    expect(await races([mod_timer(timer), timer_delete_sync(timer), fills])).toEqual([])
  })

  test('publishing, and waiting for readers', async () => {
    const req = struct('req', { len: 0 })
    const current = field('current', pointer(req))
    const first = object('first', req)
    const locals = { req: pointer(req), first, v: 0 }
    const finds = procedure('finds', locals, [
      rcu_read_lock(),
      rcu_dereference(current, 'req'),
      when('req', [read('req->len', 'v')]),
      rcu_read_unlock(),
    ])
    const titles = async (...steps: readonly Step<typeof locals>[]) => {
      const { findings } = await explore(kernel({ threads: { a: procedure('fills', locals, steps), b: finds } }))
      return findings.map(({ title }) => title)
    }
    const publishes = rcu_assign_pointer<typeof locals, typeof first | null>(current, ({ first }) => first)
    expect(await titles(write('first->len', 1), publishes)).toEqual([])
    expect(await titles(publishes, write('first->len', 1))).toEqual(['data-race in fills / finds'])
    const takesBack = [publishes, rcu_assign_pointer(current, null)] as const
    expect(await titles(...takesBack, synchronize_rcu(), write('first->len', 1))).toEqual([])
    expect(await titles(...takesBack, write('first->len', 1))).toEqual(['data-race in fills / finds'])
  })

  test('an operation that fails orders nothing', async () => {
    const isOne = ({ v }: Locals) => v === 1
    const claims: Step<Locals> = cmpxchg(flag, 0, 1, 'v')
    expect(await races([fills, smp_store_release(flag, 1)], [claims, when<Locals>(isOne, [takes])])).toEqual(raced)
    expect(
      await races([fills, smp_store_release(flag, 1)], [cmpxchg(flag, 1, 2, 'v'), when<Locals>(isOne, [takes])]),
    ).toEqual([])
  })

  test('a store that releases nothing covers one that did', async () => {
    const covers: Steps = [READ_ONCE(flag, 'v'), ifSet(WRITE_ONCE(flag, 2))]
    const sees: Steps = [smp_load_acquire(flag, 'v'), when<Locals>(({ v }) => v === 2, [takes])]
    expect(await races([fills, smp_store_release(flag, 1)], covers, sees)).toEqual(['data-race in p0 / p2'])
  })

  test('which of two came first, though it makes no difference to what is there', async () => {
    const [set, begun] = [field('set', 1), field('begun', 0)]
    const swaps: Step<Locals> = xchg(set, 1, 'v')
    const first: Steps = [fills, WRITE_ONCE(begun, 1), swaps, WRITE_ONCE(flag, 1)]
    // Between `begun` and `flag` it may come before the other's, or after.
    const second: Steps = [READ_ONCE(begun, 'v'), ifSet(swaps, READ_ONCE(flag, 'v'), ifSet(takes))]
    expect(await races(first, second)).toEqual(raced)
  })

  test('not that one reader came after another', async () => {
    const passes: Steps = [down_read(sem), up_read(sem)]
    const first: Steps = [fills, ...passes, WRITE_ONCE(flag, 1)]
    expect(await races(first, [READ_ONCE(flag, 'v'), ifSet(...passes, takes)])).toEqual(raced)
  })

  test('each pair by itself', async () => {
    const threads: readonly Steps[] = [
      [fills, smp_store_release(flag, 1)],
      [smp_load_acquire(flag, 'v'), ifSet(takes)],
      [takes],
    ]
    expect(await races(...threads)).toEqual(['data-race in p0 / p2'])
    const { findings } = await explore(worldOf(...threads), [], { search: { random: { seed: 1, runs: 50 } } })
    expect(findings.map(({ title }) => title)).toEqual(['data-race in p0 / p2'])
  })

  test('a lock that is not held each time', async () => {
    const twice: Steps = [...locked(fills), fills]
    expect(await races(twice, locked(takes))).toEqual(raced)
    // Of the same function: alone the second time, and with others the first.
    expect(await races([...reading(fills), ...writing(fills)], reading(takes))).toEqual(raced)
  })

  test('a thread that goes round, whichever round it is', async () => {
    const again: Steps = [loop<Locals>(({ v }) => v === 0, [smp_load_acquire(flag, 'v')]), takes]
    expect(await races([fills, smp_store_release(flag, 1)], again)).toEqual([])
    const late: Steps = [loop<Locals>(({ v }) => v === 0, [READ_ONCE(flag, 'v')]), takes]
    expect(await races([fills, WRITE_ONCE(flag, 1)], late)).toEqual(raced)
  })

  test('release is cumulative: what was seen is handed on', async () => {
    const other = field('other', 0)
    const passes: Steps = [READ_ONCE(flag, 'v'), ifSet(smp_store_release(other, 1))]
    const last: Steps = [smp_load_acquire(other, 'v'), ifSet(takes)]
    expect(await races([fills, smp_store_release(flag, 1)], passes, last)).toEqual([])
    expect(await races([fills, WRITE_ONCE(flag, 1)], passes, last)).toEqual(['data-race in p0 / p2'])
  })

  test('an object that is gone and another at its place are two', async () => {
    const req = struct('req', { len: 0 })
    const first = object('first', req)
    const locals = { first }
    const world = kernel({
      threads: {
        a: procedure('a', locals, [write('first->len', 1)]),
        b: procedure('b', { ...locals, v: 0 }, [read('first->len', 'v')]),
        c: procedure('c', locals, [kfree('first')]),
      },
    })
    const { findings } = await explore(world)
    expect(findings.filter(({ kind }) => kind === 'data-race').map(({ title, objects }) => [title, objects])).toEqual([
      ['data-race in a / b', ['first#1->len']],
    ])
  })
})

describe('a data race in every kind of search', () => {
  const threads: readonly Steps[] = [
    [fills, WRITE_ONCE(flag, 1)],
    [READ_ONCE(flag, 'v'), ifSet(takes)],
  ]

  test.each([
    { search: { random: { seed: 1, runs: 50 } } } as const,
    { search: { pct: { seed: 1, runs: 50, preemptions: 1 } } } as const,
    { within: { states: 56 }, reduction: false },
    { within: { depth: 10 }, reduction: false },
  ])('%o', async (options) => {
    const { findings, exhaustive } = await explore(worldOf(...threads), [], options)
    expect(exhaustive).toBe(false)
    expect(findings.map(({ title }) => title)).toEqual(raced)
  })

  test('has a run that ends with the later access and knows the earlier one', async () => {
    const system = toSystem(worldOf(...threads))
    const { findings, states } = await explore(system)
    expect(states).toBe(7)
    const { steps } = replay(system, findings[0]!.schedule)
    const [finding] = steps.at(-1)!.findings
    expect(finding).toEqual({ kind: 'data-race', title: raced[0], fatal: false, object: 'x', against: 5 })
    expect([steps[4]!.message['says'], steps.at(-1)!.message['says']]).toEqual(['x = 1', 'v = x'])
  })

  test('may be deeper than a search went', async () => {
    const { findings } = await explore(worldOf(...threads), [], { within: { depth: 9 }, reduction: false })
    expect(findings).toEqual([])
  })
})

test('data_race() is about one access', () => {
  expect(() => data_race(mutex_lock(mutex('m')))).toThrow(/one access of a field/)
})
