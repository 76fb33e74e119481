/** A procedure is a statechart like any other: its picture has one state a step, named as the step is, and every state is come to. */
import { expect, test } from 'vitest'
import {
  call,
  choose,
  field,
  goto,
  kfree,
  kref,
  kref_put,
  label,
  loop,
  mutex,
  mutex_lock,
  mutex_trylock,
  mutex_unlock,
  not,
  pointer,
  procedure,
  read,
  ret,
  set,
  struct,
  WARN_ON,
  when,
  write,
} from '../../kernel/index.ts'
import { machineFormats } from '../../report/statecharts/index.ts'

const m = mutex('dev.lock')
const c = field('c', 0)
const request = struct('request', { ref: kref(1), lock: mutex() })
const release = procedure('release', { req: pointer(request) }, [kfree('req')])
const other = procedure('other', [mutex_lock(m), mutex_unlock(m)])

const everything = procedure('everything', { n: 0, got: false, req: pointer(request) }, [
  mutex_lock(m),
  loop(({ n }) => n < 3, [read(c, 'n'), when(({ n }) => n > 0, [goto('out')])]),
  when(({ n }) => n < 0, [mutex_unlock(m), ret('-EINVAL')]),
  mutex_trylock('req->lock', 'got'),
  when(not('got'), [goto('out')]),
  choose([set('n', 1)], [set('n', 2)]),
  call(other, { into: 'n' }),
  kref_put('req->ref', release),
  WARN_ON(({ n }) => n === 7),
  label('out'),
  write(c, ({ n }) => n + 1),
  mutex_unlock(m),
  ret(({ n }) => n),
])

const states = (machine: { readonly states: object }) => Object.keys(machine.states)

test('states are the steps, in their order', () => {
  expect(states(other.machine)).toEqual(['idle', 'mutex_lock(dev.lock)', 'mutex_unlock(dev.lock)', 'return'])
  expect(states(everything.machine)).toEqual([
    'idle',
    'mutex_lock(dev.lock)',
    'while (n < 3)',
    'n = c',
    'if (n > 0)',
    'goto out',
    'if (n < 0)',
    'mutex_unlock(dev.lock)',
    'return -EINVAL',
    'got = mutex_trylock(&req->lock)',
    'got = mutex_trylock(&req->lock) (2)',
    'if (!got)',
    'goto out (2)',
    'choose',
    'n = 1',
    'n = 2',
    'n = other()',
    'kref_put(&req->ref, release)',
    'release()',
    'WARN_ON(n == 7)',
    'oops',
    'out:',
    'c = n + 1',
    'mutex_unlock(dev.lock) (2)',
    'return n',
  ])
})

test('every state of the picture is come to, and none has the name of another', () => {
  const lines = machineFormats.mermaid(everything.machine.root).split('\n')
  // The outermost is the machine.
  const [, ...declared] = lines.flatMap((line) => /" as (\w+)/.exec(line)?.[1] ?? [])
  expect(new Set(declared).size).toBe(declared.length)
  expect(declared).toHaveLength(states(everything.machine).length)
  expect(declared.filter((name) => !lines.some((line) => line.includes(`--> ${name}`)))).toEqual([])
})

test('the picture of a small one, in full', () => {
  expect(machineFormats.mermaid(other.machine.root)).toMatchInlineSnapshot(`
    "---
    title: "other"
    ---
    stateDiagram-v2
      state "other" as s_other {
        [*] --> s_other_idle
        state "idle" as s_other_idle
        state "mutex_lock(dev.lock)" as s_other_mutex_lock_dev__lock_
        s_other_mutex_lock_dev__lock_ : entry / LOCK → dev.lock
        state "mutex_unlock(dev.lock)" as s_other_mutex_unlock_dev__lock_
        s_other_mutex_unlock_dev__lock_ : entry / UNLOCK → dev.lock
        state "return" as s_other_return
      }
      s_other_idle --> s_other_mutex_lock_dev__lock_ : CALL / enter
      s_other_mutex_lock_dev__lock_ --> s_other_mutex_unlock_dev__lock_ : LOCKED
      s_other_mutex_unlock_dev__lock_ --> s_other_return : UNLOCKED
      s_other_return --> s_other_idle : / RETURN, leave
    "
  `)
})
