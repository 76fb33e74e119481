/** What is waited for and is no lock, as deadlocks and the order of locks are told. */
import { describe, expect, test } from 'vitest'
import { mutexCalled } from '../../actors/kernel/locks.ts'
import { toSystem } from '../../actors/running/system.ts'
import { explore, replay } from '../../explore/index.ts'
import { lockdepOf } from '../../explore/locks/lockdep.ts'
import type { Schedule } from '../../explore/outcome/report.ts'
import type { Component, System } from '../../explore/system.ts'
import { completion, completionFacts } from '../../machines/kernel/waiting/completion.ts'
import { tellLockdep } from '../../report/lockdep-text.ts'
import { wrongIn } from '../../report/sides.ts'
import { splat } from '../../report/splat.ts'
import { makePage } from '../../report/style.ts'
import { closed } from '../toys/closed.ts'
import * as deadlocks from '../toys/deadlocks.ts'
import { complete, lock, thread, unlock, waitFor } from '../toys/thread.ts'

const page = makePage({ columns: 100 })

/** The kernel's own mutex and completion, which threads called `by` could complete. */
const objects = (...by: readonly string[]): readonly Component[] =>
  toSystem({
    name: 'objects',
    actors: [
      mutexCalled('m', 'm'),
      {
        ...{ id: 'done', machine: completion, input: { by } },
        ...{ lockClass: '(completion)done', lock: completionFacts },
      },
    ],
    start: [],
    view: () => null,
  }).components

const waitsWithLock = thread('a', [lock('m'), waitFor('done'), unlock('m')])
const circle = closed('circle', 'w1', [
  waitsWithLock,
  thread('b', [lock('m'), complete('done'), unlock('m')]),
  ...objects('b'),
])

const deadlockIn = async (system: System<any>, wanted = 'deadlock at done and m'): Promise<string> => {
  const { findings } = await explore(system)
  const trace = replay(system, findings.find(({ title }) => title === wanted)!.schedule)
  return splat(trace, wrongIn(trace)!, page).join('\n')
}

describe('a thread waits with a lock in its hand for one who wants the lock', () => {
  test('and the deadlock has both of them', async () => {
    expect(await deadlockIn(circle)).toMatchInlineSnapshot(`
      "==================================================================
      BUG: relock: deadlock, 2 threads waiting

        a  waits for  b  WAIT done, sent at step 4
                         b could end it
        b  waits for  a  lock m, sent at step 2
                         a has held it since step 3
        ↺ a → b → a
      =================================================================="
    `)
  })

  test('and the order of locks has an inversion, though one of the two is no lock', async () => {
    const report = await explore(circle)
    const traceOf = (schedule: Schedule) => replay(circle, schedule)
    const order = lockdepOf(report, traceOf)
    const told = { of: 'circle', fingerprint: 'w1', order, report, traceOf, addressOf: () => 'circle@w1:0' }
    expect(tellLockdep(told, page)).toMatchInlineSnapshot(`
      "✗ circle   1 inversion, confirmed · 2 classes, 2 edges · 6 states, all of them

        (completion)done
          → m                ✗ b in b, before it ended the wait

        m
          → (completion)done ✗ a in a, held in a

      ==================================================================
      BUG: relock: lock-order: (completion)done → m → (completion)done

      WARNING: possible circular locking dependency detected
      relock circle #w1
      ------------------------------------------------------
      a is trying to acquire lock:
      done ((completion)done){+.+.}-{0:0}, at: a, step 4

      but task is already holding lock:
      m (m){+.+.}-{4:4}, at: a, step 3

      which lock already depends on the new lock.

      the existing dependency chain (in reverse order) is:

      -> #1 (m){+.+.}-{4:4}:
             mutex_lock            step 2, asked for
             b                     step 2

      -> #0 ((completion)done){+.+.}-{0:0}:
             wait                  step 4, asked for
             a                     step 1

      other info that might help us debug this:

       b had yet to end the wait for done (from the start) and asked for m at step 2
       a held m (since step 3) and asked for done at step 4

       Possible unsafe locking scenario:

             CPU0                    CPU1
             ----                    ----
        lock(m);
                                     lock((completion)done);
                                     lock(m);
        lock((completion)done);

       *** DEADLOCK ***

      1 lock held by a:
       #0: m (m){+.+.}-{4:4}, at: a, step 3
      ==================================================================

        Judged   confirmed: a run of 4 steps hangs so

          a  waits for  b  WAIT done, sent at step 4
                           b could end it
          b  waits for  a  lock m, sent at step 2
                           a has held it since step 3
          ↺ a → b → a

        Replay   npx relock replay circle@w1:0
        Deadlock npx relock replay circle@w1:0
      "
    `)
  })
})

test('whoever could have completed it and is through is named, but waited for is nobody', async () => {
  const forgets = closed('forgets', 'w2', [waitsWithLock, thread('b', [lock('m'), unlock('m')]), ...objects('b')])
  expect(await deadlockIn(forgets, 'deadlock at done')).toMatch(
    /a {2}waits for {2}nobody .*WAIT done[^]*\n *b could have ended it, and has nothing left to do\n/,
  )
})

test('of several one is enough, or all of them have to', async () => {
  const stuck = ['b', 'c'].map((id) => thread(id, [lock('m'), complete('done'), unlock('m')]))
  const any = closed('any', 'w3', [waitsWithLock, ...stuck, ...objects('b', 'c')])
  expect(await deadlockIn(any)).toContain('b or c could end it')
  expect(await deadlockIn(deadlocks.bothComplete())).toContain('b has to end it')
})
