/** Wait queues: a thread sleeps until a condition holds, and somebody has to wake it. */
import { describe, expect, test } from 'vitest'
import { explore, replay } from '../../index.ts'
import {
  always,
  atomic_dec,
  atomic_read,
  atomic_t,
  field,
  kernel,
  kfree,
  mutex,
  mutex_lock,
  mutex_unlock,
  not,
  object,
  procedure,
  READ_ONCE,
  refcount_dec,
  refcount_read,
  refcount_t,
  ret,
  send_sig,
  struct,
  wait_event,
  wait_event_interruptible,
  wait_event_killable,
  wait_event_timeout,
  wait_queue_head,
  waitqueue_active,
  wake_up,
  wake_up_all,
  when,
  write,
  WRITE_ONCE,
  type Procedure,
  type Step,
} from '../../kernel/index.ts'
import { found } from './find.ts'

const wq = wait_queue_head('wq')
const ready = field('ready', false)
const m = mutex('m')
const under = (...steps: readonly Step[]) => [mutex_lock(m), ...steps, mutex_unlock(m)]

describe('who sleeps until a condition holds', () => {
  const sleeps = [wait_event(wq, ready)]

  test('is woken by who makes it true and wakes the queue, whenever that is', async () => {
    const world = kernel({
      threads: { a: procedure('sleeps', sleeps), b: procedure('wakes', [WRITE_ONCE(ready, true), wake_up(wq)]) },
    })
    const there = always('it is ready', (w) => w.field('ready'), { when: (w) => w.thread('a').finished })
    const reduced = await explore(world, [there])
    const full = await explore(world, [there], { reduction: false })
    expect([reduced.findings, reduced.properties[0]!.verdict, reduced.reduction]).toEqual([[], 'holds', 'on'])
    expect([full.findings, full.properties[0]!.verdict]).toEqual([[], 'holds'])
    expect([reduced.states, full.states]).toEqual([23, 117])
  })
  test('sleeps for ever when nobody wakes it: the condition alone does not', async () => {
    expect(await found(sleeps, [WRITE_ONCE(ready, true)])).toEqual(['deadlock at wq'])
  })
  test('and when it is woken before the condition holds', async () => {
    expect(await found(sleeps, [wake_up_all(wq), WRITE_ONCE(ready, true)])).toEqual(['deadlock at wq'])
  })
  test('is told who could have woken it', async () => {
    const world = kernel({
      threads: {
        a: procedure('sleeps', sleeps),
        b: procedure('wakes', [wake_up(wq), WRITE_ONCE(ready, true)]),
      },
    })
    const { findings } = await explore(world)
    expect(replay(world, findings[0]!.schedule).waiting).toMatchObject([
      { thread: 'a', at: 'wq', on: [], awaited: 'any', through: ['b'] },
    ])
  })
  test('goes on sleeping as long as it does not hold: of two who count down, the last wakes', async () => {
    const busy = atomic_t('busy', 2)
    const idle = [wait_event(wq, { look: [atomic_read(busy, 'n')], until: ({ n }: { n: number }) => n === 0 })]
    const world = (...ends: readonly Step[]) => {
      const user = procedure('user', [...ends])
      return kernel({ threads: { a: procedure('idle', { n: -1 }, idle), b: user, c: user } })
    }
    const titles = async (...ends: readonly Step[]) =>
      (await explore(world(...ends))).findings.map(({ title }) => title)
    expect(await titles(atomic_dec(busy), wake_up(wq))).toEqual([])
    expect(await titles(wake_up(wq), atomic_dec(busy))).toEqual(['deadlock at wq'])
  })
})

test('to wake only if somebody sleeps loses a wake-up when that is asked before the condition is true', async () => {
  const sleeps = procedure('sleeps', [wait_event(wq, ready)])
  const wakes = (...order: readonly Step<{ active: boolean }>[]) =>
    procedure('wakes', { active: false }, [...order, when('active', [wake_up(wq)])])
  const titles = async (other: Procedure) =>
    (await explore(kernel({ threads: { a: sleeps, b: other } }))).findings.map(({ title }) => title)
  expect(await titles(wakes(WRITE_ONCE(ready, true), waitqueue_active(wq, 'active')))).toEqual([])
  expect(await titles(wakes(waitqueue_active(wq, 'active'), WRITE_ONCE(ready, true)))).toEqual(['deadlock at wq'])
})

describe('who sleeps with a lock in its hand until one wakes it who wants the lock', () => {
  test('and that is a circle of two, and an order of locks that a run confirms', async () => {
    const [a, b] = [under(wait_event(wq, ready)), [...under(WRITE_ONCE(ready, true)), wake_up(wq)]]
    expect(await found(a, b)).toEqual(['deadlock at m and wq', 'lock order (wait_queue)wq → m → (wait_queue)wq'])
    const { findings } = await explore(kernel({ threads: { a: procedure('sleeps', a), b: procedure('wakes', b) } }))
    expect(findings.map(({ judged }) => judged?.verdict)).toEqual([undefined, 'confirmed'])
  })
  test('and there is none when the lock is not needed for it', async () => {
    expect(await found(under(wait_event(wq, ready)), [WRITE_ONCE(ready, true), wake_up(wq), ...under()])).toEqual([])
  })
})

describe('who removes an object waits until nobody else uses it', () => {
  const ctx = struct('ctx', { users: refcount_t(2), n: 0 })
  const dev = object('dev', ctx)
  const user = procedure('user', { dev }, [write('dev->n', 1), refcount_dec('dev->users'), wake_up(wq)])
  const titles = async (...wait: readonly Step<{ readonly dev: typeof dev; readonly n: number }>[]) => {
    const remove = procedure('remove', { dev, n: 0 }, [...wait, kfree('dev')])
    return (await explore(kernel({ threads: { a: user, b: remove } }))).findings.map(({ title }) => title)
  }

  test('and frees it then', async () => {
    const alone = { look: [refcount_read<{ dev: typeof dev; n: number }>('dev->users', 'n')], until: isAlone }
    expect(await titles(wait_event(wq, alone))).toEqual([])
  })
  test('or frees it while it is used', async () => {
    expect(await titles()).toEqual(['use-after-free in user'])
  })
})

const isAlone = ({ n }: { readonly n: number }): boolean => n === 1

describe('a sleep that may end otherwise', () => {
  const sleeps = (sleep: Step<{ readonly n: number }>) => procedure('sleeps', { n: -1 }, [sleep, ret(({ n }) => n)])
  const nobody = procedure('nobody', [])
  const sends = (signal: 'SIGKILL' | 'SIGUSR1') => procedure('sends', [send_sig(signal, 'b')])
  const wakes = procedure('wakes', [WRITE_ONCE(ready, true), wake_up(wq)])
  const forgets = procedure('forgets', [WRITE_ONCE(ready, true)])
  const ends = async (sleep: Procedure, other: Procedure) => {
    const seen = new Set<unknown>()
    const spy = always('it', (w) => {
      if (w.thread('b').finished) seen.add(w.thread('b').returned)
      return true
    })
    const { findings, exhaustive } = await explore(kernel({ threads: { b: sleep, c: other } }), [spy])
    expect(exhaustive).toBe(true)
    return [findings.map(({ title }) => title), [...seen].sort()]
  }
  const interruptible = sleeps(wait_event_interruptible(wq, ready, 'n'))
  const killable = sleeps(wait_event_killable(wq, ready, 'n'))
  const timed = sleeps(wait_event_timeout(wq, ready, 'n'))

  test.each([
    ['interruptible: by any signal', interruptible, sends('SIGUSR1'), [[], [-512]]],
    ['killable: by one that ends the thread', killable, sends('SIGKILL'), [[], [-512]]],
    ['killable: by no other', killable, sends('SIGUSR1'), [['deadlock at wq'], []]],
    ['killable: by being woken', killable, wakes, [[], [0]]],
    ['for some time: when time is up', timed, nobody, [[], [0]]],
    ['for some time: either', timed, wakes, [[], [0, 1]]],
    ['for some time: it looks once more at the end, and needs nobody to wake it', timed, forgets, [[], [0, 1]]],
  ] as const)('%s', async (_, sleep, other, outcome) => {
    expect(await ends(sleep, other)).toEqual(outcome)
  })
})

test('a condition is what `when` takes, of any locals', async () => {
  const [x, y] = [field('x', 0), field('y', 0)]
  const sleeps = procedure('sleeps', { x: 0, y: 0 }, [
    wait_event(wq, { look: [READ_ONCE(x, 'x'), READ_ONCE(y, 'y')], until: ({ x, y }) => x + y > 1 }),
    when(not('x'), [ret(1)]),
  ])
  const wakes = procedure('wakes', [WRITE_ONCE(x, 1), wake_up(wq), WRITE_ONCE(y, 1), wake_up(wq)])
  const report = await explore(kernel({ threads: { a: sleeps, b: wakes } }), [
    always('it has seen both', (w) => w.thread('a').returned === 0, { when: (w) => w.finished }),
  ])
  expect(report).toMatchObject({ findings: [], exhaustive: true, properties: [{ verdict: 'holds' }] })
})
