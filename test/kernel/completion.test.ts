/** Completions: what one waits for until another has done it. */
import { describe, expect, test } from 'vitest'
import { explore, replay } from '../../index.ts'
import {
  always,
  complete,
  complete_all,
  completion,
  field,
  kernel,
  kfree,
  mutex,
  mutex_lock,
  mutex_unlock,
  object,
  procedure,
  reinit_completion,
  ret,
  send_sig,
  sometimes,
  struct,
  try_wait_for_completion,
  wait_for_completion,
  wait_for_completion_interruptible,
  wait_for_completion_killable,
  wait_for_completion_timeout,
  write,
  type Procedure,
  type Step,
} from '../../kernel/index.ts'
import { wrongIn } from '../../report/sides.ts'
import { splat } from '../../report/splat.ts'
import { makePage } from '../../report/style.ts'
import { found } from './find.ts'

const done = completion('done')
const m = mutex('m')
const under = (...steps: readonly Step[]) => [mutex_lock(m), ...steps, mutex_unlock(m)]

describe('a thread waits with a lock in its hand for one who wants the lock first (F-10)', () => {
  const waits = under(wait_for_completion(done))
  const completes = [...under(), complete(done)]

  test('and that is a circle of two, and an order of locks that a run confirms', async () => {
    expect(await found(waits, completes)).toEqual([
      'deadlock at done and m',
      'lock order (completion)done → m → (completion)done',
    ])
    const world = kernel({ threads: { a: procedure('waits', waits), b: procedure('completes', completes) } })
    const { findings } = await explore(world)
    expect(findings.map(({ judged }) => judged?.verdict)).toEqual([undefined, 'confirmed'])
    const trace = replay(world, findings[0]!.schedule)
    expect(splat(trace, wrongIn(trace)!, makePage({ columns: 100 })).join('\n')).toMatchInlineSnapshot(`
      "==================================================================
      BUG: relock: deadlock, 2 threads waiting

        a  waits for  b  wait_for_completion(done), sent at step 6
                         b could end it
        b  waits for  a  mutex_lock(m), sent at step 4
                         a has held it since step 5
        ↺ a → b → a
      =================================================================="
    `)
  })
  test('and there is none when he completes it before', async () => {
    expect(await found(waits, [complete(done), ...under()])).toEqual([])
  })
  test('nor when the lock is let go of for the wait', async () => {
    expect(await found([...under(), wait_for_completion(done)], completes)).toEqual([])
  })
})

test('to complete it twice lets two go on, and no third', async () => {
  const twice = [complete(done), complete(done)]
  const waits = [wait_for_completion(done)]
  expect(await found(waits, waits, twice)).toEqual([])
  expect(await found(waits, waits, waits, twice)).toEqual(['deadlock at done'])
})

test('complete_all lets all go on, until it is made anew', async () => {
  const waits = [wait_for_completion(done)]
  expect(await found(waits, waits, [complete_all(done), wait_for_completion(done)])).toEqual([])
  expect(await found(waits, [complete_all(done), reinit_completion(done)])).toEqual(['deadlock at done'])
})

test('to make it anew before it is handed out loses nothing; afterwards, what was completed meanwhile', async () => {
  const started = completion('started')
  const device = [wait_for_completion(started), complete(done)]
  expect(await found([reinit_completion(done), complete(started), wait_for_completion(done)], device)).toEqual([])
  expect(await found([complete(started), reinit_completion(done), wait_for_completion(done)], device)).toEqual([
    'deadlock at done',
  ])
})

test('who is waited for a second time is named, too', async () => {
  const world = kernel({
    threads: {
      a: procedure('waits', [wait_for_completion(done), ...under(wait_for_completion(done))]),
      b: procedure('completes', [complete(done), ...under(), complete(done)]),
    },
  })
  const { findings } = await explore(world)
  expect(findings.map(({ title }) => title)).toEqual(['deadlock at done and m'])
  expect(replay(world, findings[0]!.schedule).waiting.map(({ thread, on }) => [thread, on])).toEqual([
    ['a', ['b']],
    ['b', ['a']],
  ])
})

test('what one writes before he completes it is there for who waited', async () => {
  const x = field('x', 0)
  const world = (...order: readonly Step[]) =>
    kernel({
      threads: { a: procedure('waits', [wait_for_completion(done)]), b: procedure('completes', order) },
      objects: [x],
    })
  const there = always('x is there', (w) => w.field('x') === 1, { when: (w) => w.thread('a').finished })
  const right = await explore(world(write(x, 1), complete(done)), [there])
  const wrong = await explore(world(complete(done), write(x, 1)), [there])
  expect([right.properties[0]!.verdict, wrong.properties[0]!.verdict]).toEqual(['holds', 'violated'])
  expect([right.states, wrong.states]).toEqual([8, 10])
})

describe('a wait that may end otherwise', () => {
  const waits = (wait: Step<{ readonly n: number }>) => procedure('waits', { n: -1 }, [wait, ret(({ n }) => n)])
  const nobody = procedure('nobody', [])
  const ends = async (wait: Procedure, other: Procedure) => {
    const seen = new Set<unknown>()
    const spy = always('it', (w) => {
      if (w.thread('b').finished) seen.add(w.thread('b').returned)
      return true
    })
    const { findings, exhaustive } = await explore(kernel({ threads: { b: wait, c: other } }), [spy])
    expect(exhaustive).toBe(true)
    return [findings.map(({ title }) => title), [...seen].sort()]
  }
  const sends = (signal: 'SIGKILL' | 'SIGUSR1') => procedure('sends', [send_sig(signal, 'b')])
  const interruptible = waits(wait_for_completion_interruptible(done, 'n'))
  const killable = waits(wait_for_completion_killable(done, 'n'))
  const completes = procedure('completes', [complete(done)])

  test.each([
    ['interruptible: by any signal', interruptible, sends('SIGUSR1'), [[], [-512]]],
    ['killable: by one that ends the thread', killable, sends('SIGKILL'), [[], [-512]]],
    ['killable: by no other', killable, sends('SIGUSR1'), [['deadlock at done'], []]],
    ['killable: complete', killable, completes, [[], [0]]],
    ['for some time: when time is up', waits(wait_for_completion_timeout(done, 'n')), nobody, [[], [0]]],
    ['for some time: either', waits(wait_for_completion_timeout(done, 'n')), completes, [[], [0, 1]]],
  ] as const)('%s', async (_, wait, other, outcome) => {
    expect(await ends(wait, other)).toEqual(outcome)
  })
  test('not at all: to try', async () => {
    const tries = procedure('tries', { got: false }, [try_wait_for_completion(done, 'got'), ret(({ got }) => `${got}`)])
    expect(await ends(tries, completes)).toEqual([[], ['false', 'true']])
  })
})

describe('a completion in an object', () => {
  const request = struct('request', { done: completion() })
  const req = object('req', request)
  const device = procedure('device', { req }, [complete('req->done')])

  test('is freed in time by who has waited for it', async () => {
    const waits = procedure('waits', { req }, [wait_for_completion('req->done'), kfree('req')])
    const report = await explore(kernel({ threads: { a: waits, b: device } }))
    expect(report).toMatchObject({ findings: [], exhaustive: true, reduction: 'on' })
  })
  test('is gone for who completes it late, if the other waits for some time only', async () => {
    const waits = procedure('waits', { req, n: 0 }, [wait_for_completion_timeout('req->done', 'n'), kfree('req')])
    const { findings } = await explore(kernel({ threads: { a: waits, b: device } }))
    expect(findings.map(({ title }) => title)).toEqual(['use-after-free in device'])
  })
  test('is gone for who waits, if it is freed by who completes it', async () => {
    const waits = procedure('waits', { req }, [wait_for_completion('req->done')])
    const frees = procedure('frees', { req }, [complete('req->done'), kfree('req')])
    const { findings } = await explore(kernel({ threads: { a: waits, b: frees } }))
    expect(findings.map(({ title }) => title)).toEqual(['use-after-free in waits'])
  })
})

test('of two who could complete it one is enough, and then neither has a place in the order of locks', async () => {
  const either = [...under(), complete(done)]
  expect(await found(under(wait_for_completion(done)), either, [complete(done)])).toEqual([])
  const world = kernel({ threads: { a: procedure('waits', [wait_for_completion(done)]), b: procedure('p', either) } })
  expect((await explore(world, [sometimes('all are through', (w) => w.finished)])).properties[0]!.verdict).toBe('seen')
})
