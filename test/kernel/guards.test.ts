/** Which lock guards what is read off the procedures: what is only asked for under one lock, on every way, is guarded by it. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../index.ts'
import {
  call,
  down_read,
  down_write,
  choose,
  field,
  goto,
  kernel,
  kzalloc,
  label,
  list_add,
  list_empty,
  list_head,
  loop,
  mutex,
  mutex_lock,
  mutex_trylock,
  mutex_unlock,
  pointer,
  procedure,
  read,
  rw_semaphore,
  statechart,
  struct,
  up_read,
  up_write,
  when,
  write,
  type ActorSpec,
  type Procedure,
} from '../../kernel/index.ts'

const m = mutex('m')
const other = mutex('other')
const sem = rw_semaphore('sem')
const x = field('x', 0)

/** The guards of a world in which two threads run these. */
const guards = (...runs: readonly (Procedure | readonly Procedure[])[]) => {
  const [a, b = a] = runs
  const { actors } = kernel({ threads: { a: a!, b: b! } })
  return Object.fromEntries(actors.flatMap(({ id, guardedBy }) => (guardedBy === undefined ? [] : [[id, guardedBy]])))
}

const under = [mutex_lock(m), write(x, 1), mutex_unlock(m)]
const L = { n: 0, got: false }

describe('a variable is guarded', () => {
  test.each<[string, Procedure | readonly Procedure[]]>([
    ['by the lock that is held', procedure('p', under)],
    [
      'in branches and loops',
      procedure('p', L, [mutex_lock(m), loop('n', [read(x, 'n'), when('n', [write(x, 0)])]), mutex_unlock(m)]),
    ],
    [
      'where a jump goes on with the lock held',
      procedure('p', L, [
        mutex_lock(m),
        when('n', [goto('out')]),
        write(x, 1),
        label('out'),
        read(x, 'n'),
        mutex_unlock(m),
      ]),
    ],
    ['where trying has worked', procedure('p', L, [mutex_trylock(m, 'got'), when('got', [mutex_unlock(m)]), ...under])],
    [
      'in a procedure that is called with it',
      procedure('p', [mutex_lock(m), call(procedure('inner', [write(x, 1)])), mutex_unlock(m)]),
    ],
    [
      'by a lock that a procedure takes for its caller',
      procedure('p', [call(procedure('take', [mutex_lock(m)])), write(x, 1), mutex_unlock(m)]),
    ],
    [
      'by one of two',
      procedure('p', [mutex_lock(m), mutex_lock(other), write(x, 1), mutex_unlock(other), mutex_unlock(m)]),
    ],
    [
      'by what the thread kept from the procedure before',
      [procedure('first', [mutex_lock(m)]), procedure('second', [write(x, 1), mutex_unlock(m)])],
    ],
  ])('%s', (_, run) => {
    expect(guards(run)).toMatchObject({ x: 'm' })
  })

  test('by a semaphore: to read it is enough to read, to write it is not', () => {
    const reads = procedure('reads', L, [down_read(sem), read(x, 'n'), up_read(sem)])
    const writes = procedure('writes', [down_write(sem), write(x, 1), up_write(sem)])
    const careless = procedure('careless', [down_read(sem), write(x, 1), up_read(sem)])
    expect(guards(reads, writes)).toEqual({ x: 'sem' })
    expect(guards(reads, careless)).toEqual({})
  })
})

describe('a variable is not guarded', () => {
  test.each<[string, Procedure | readonly Procedure[]]>([
    ['when it is touched once without', procedure('p', [...under, write(x, 2)])],
    [
      'when the lock is dropped on one of the ways',
      procedure('p', L, [mutex_lock(m), when('n', [mutex_unlock(m)]), write(x, 1)]),
    ],
    [
      'when the lock is dropped in a loop',
      procedure('p', L, [mutex_lock(m), loop('n', [read(x, 'n'), mutex_unlock(m)])]),
    ],
    ['when trying may not have worked', procedure('p', L, [mutex_trylock(m, 'got'), write(x, 1)])],
    ['when a choice may drop it', procedure('p', [mutex_lock(m), choose([mutex_unlock(m)], []), write(x, 1)])],
    [
      'when what is called drops it',
      procedure('p', [mutex_lock(m), call(procedure('drop', [mutex_unlock(m)])), write(x, 1)]),
    ],
    [
      'in a procedure that is called with and without',
      procedure('p', [
        mutex_lock(m),
        call(procedure('inner', [write(x, 1)])),
        mutex_unlock(m),
        call(procedure('other', [write(x, 1)])),
      ]),
    ],
  ])('%s', (_, run) => {
    expect(guards(run)).toEqual({})
  })

  test('when each thread has another lock', () => {
    expect(
      guards(procedure('p', under), procedure('q', [mutex_lock(other), write(x, 1), mutex_unlock(other)])),
    ).toEqual({})
  })
  test('when one thread alone has to do with it', () => {
    expect(guards(procedure('p', under), procedure('q', [mutex_lock(m), mutex_unlock(m)]))).toEqual({})
  })
  test('when a statechart of one’s own might do anything to it', () => {
    const p = procedure('p', under)
    expect(guards(p, statechart('q', p.machine, { uses: [x, m] }))).toEqual({})
    expect(guards([statechart('q', p.machine, { uses: [m] }), p])).toEqual({ x: 'm' })
  })
})

test('objects of a struct and lists are guarded as variables are', () => {
  const request = struct('request', { n: 0 })
  const queue = list_head('queue')
  const add = procedure('add', { req: pointer(request), empty: false }, [
    mutex_lock(m),
    kzalloc(request, 'req'),
    write('req->n', 1),
    list_empty(queue, 'empty'),
    list_add('req', queue),
    mutex_unlock(m),
  ])
  expect(guards(add)).toEqual({ request: 'm', queue: 'm' })
})

test('what is guarded costs less, and says the same', async () => {
  const run = procedure('run', L, [mutex_lock(m), read(x, 'n'), write(x, ({ n }) => n + 1), mutex_unlock(m)])
  const { actors, ...world } = kernel({ threads: { a: run, b: run, c: run } })
  const [with_, without] = await Promise.all([
    explore({ ...world, actors }),
    explore({
      ...world,
      actors: actors.map(
        (spec) =>
          Object.fromEntries(Object.entries(spec).filter(([fact]) => fact !== 'guardedBy')) as unknown as ActorSpec,
      ),
    }),
  ])
  expect(with_).toMatchObject({ findings: [], reduction: 'on' })
  expect(without).toMatchObject({ findings: [], reduction: 'on' })
  expect(with_.states * 2).toBeLessThan(without.states)
})
