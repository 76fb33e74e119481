/** Locks, each with what it can lead to. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../index.ts'
import {
  always,
  down_read,
  down_read_trylock,
  down_write,
  down_write_trylock,
  kernel,
  kfree,
  mutex,
  mutex_lock,
  mutex_lock_nested,
  mutex_trylock,
  mutex_unlock,
  not,
  object,
  pointer,
  procedure,
  read_lock,
  read_trylock,
  read_unlock,
  ret,
  rw_semaphore,
  rwlock,
  spin_lock,
  spin_trylock,
  spin_unlock,
  spinlock,
  struct,
  up_read,
  up_write,
  when,
  write,
  write_lock,
  write_trylock,
  write_unlock,
  type Procedure,
  type Step,
} from '../../kernel/index.ts'
import { found } from './find.ts'

describe.each([
  ['a mutex', () => mutex('l'), mutex_lock, mutex_unlock, 'sleeps'],
  ['a spinlock', () => spinlock('l'), spin_lock, spin_unlock, 'spins'],
  ['an rw_semaphore for writing', () => rw_semaphore('l'), down_write, up_write, 'sleeps'],
  [
    'an rw_semaphore that prefers readers, for writing',
    () => rw_semaphore('l', { prefers: 'readers' }),
    down_write,
    up_write,
    'sleeps',
  ],
  ['an rwlock for writing', () => rwlock('l'), write_lock, write_unlock, 'spins'],
] as const)('%s', (_, made, lock, unlock, waits) => {
  const l = made() as never
  const [mine, spun] = [mutex('other'), spinlock('other')]
  const [take, leave] =
    waits === 'sleeps' ? [mutex_lock(mine), mutex_unlock(mine)] : [spin_lock(spun), spin_unlock(spun)]

  test('is had by one thread at a time', async () => {
    expect(await found([lock(l), unlock(l)], [lock(l), unlock(l)])).toEqual([])
  })
  test('is not had twice by one', async () => {
    expect(await found([lock(l), lock(l)])).toEqual(['deadlock at l', 'recursive locking of l'])
  })
  test('must not be taken in two orders', async () => {
    const [one, two] = [
      [lock(l), take, leave, unlock(l)],
      [take, lock(l), unlock(l), leave],
    ]
    expect(await found(one, two)).toEqual(['deadlock at l and other', 'lock order l → other → l'])
    expect(await found(one, one)).toEqual([])
  })
  test('is held at the end by who forgets it, and the next waits', async () => {
    const left = waits === 'sleeps' ? [] : ['BUG: scheduling while atomic: p0', 'BUG: scheduling while atomic: p1']
    expect(await found([lock(l)], [lock(l)])).toEqual([...left, 'deadlock at l'])
  })
})

describe('to let go of what one does not hold', () => {
  const [m, s, sem, rw] = [mutex('m'), spinlock('s'), rw_semaphore('sem'), rwlock('rw')]

  test.each([
    ['a mutex', [mutex_unlock(m)], 'unlock of m by a task that does not hold it'],
    ['a spinlock', [spin_unlock(s)], 'BUG: spinlock already unlocked: s'],
    ['an rw_semaphore for reading', [up_read(sem)], 'unlock of sem by a task that does not hold it'],
    ['an rw_semaphore for writing', [down_read(sem), up_write(sem)], 'unlock of sem by a task that does not hold it'],
    ['an rwlock for reading', [write_lock(rw), read_unlock(rw)], 'unlock of rw by a task that does not hold it'],
    ['an rwlock for writing', [write_unlock(rw)], 'unlock of rw by a task that does not hold it'],
  ])('%s: a warning', async (_, steps, title) => {
    expect(await found(steps)).toEqual([title])
  })
  test('a spinlock of another: a warning of the wrong owner', async () => {
    expect(await found([spin_lock(s), spin_unlock(s)], [spin_unlock(s)])).toEqual([
      'BUG: spinlock already unlocked: s',
      'BUG: spinlock wrong owner: s',
    ])
  })
})

describe('readers', () => {
  const [fair, unfair, rw] = [rw_semaphore('sem'), rw_semaphore('sem', { prefers: 'readers' }), rwlock('rw')]

  test('of a fair semaphore wait behind a writer that waits, so one must not read twice', async () => {
    const twice = [down_read(fair), down_read(fair), up_read(fair), up_read(fair)]
    expect(await found(twice, [down_write(fair), up_write(fair)])).toEqual([
      'recursive locking of sem',
      'deadlock at sem',
    ])
  })
  test('of one that prefers them do not', async () => {
    const twice = [down_read(unfair), down_read(unfair), up_read(unfair), up_read(unfair)]
    expect(await found(twice, [down_write(unfair), up_write(unfair)])).toEqual(['recursive locking of sem'])
  })
  test('of an rwlock do not', async () => {
    const twice = [read_lock(rw), read_lock(rw), read_unlock(rw), read_unlock(rw)]
    expect(await found(twice, [write_lock(rw), write_unlock(rw)])).toEqual(['recursive locking of rw'])
  })
})

describe('who only tries', () => {
  const [m, s, sem, rw] = [mutex('m'), spinlock('s'), rw_semaphore('sem'), rwlock('rw')]
  type Attempt = Step<{ readonly got: boolean }>
  const attempt = (tries: Attempt, unlock: Attempt) =>
    procedure('attempt', { got: false }, [tries, when(not('got'), [ret('-EBUSY')]), unlock])

  test.each([
    ['a mutex', attempt(mutex_trylock(m, 'got'), mutex_unlock(m))],
    ['a spinlock', attempt(spin_trylock(s, 'got'), spin_unlock(s))],
    ['an rw_semaphore, to write', attempt(down_write_trylock(sem, 'got'), up_write(sem))],
    ['an rwlock, to write', attempt(write_trylock(rw, 'got'), write_unlock(rw))],
  ])('%s gets it or is told, and one of two always gets it', async (_, run) => {
    const report = await explore(kernel({ threads: { a: run, b: run } }), [
      always('one gets it', (w) => w.threads.some((each) => w.thread(each).returned === 0), {
        when: (w) => w.finished,
      }),
    ])
    expect(report).toMatchObject({ findings: [], exhaustive: true, properties: [{ verdict: 'holds' }] })
  })

  test.each([
    ['an rw_semaphore', attempt(down_read_trylock(sem, 'got'), up_read(sem))],
    ['an rwlock', attempt(read_trylock(rw, 'got'), read_unlock(rw))],
  ])('to read %s gets it beside another reader', async (_, run) => {
    const report = await explore(kernel({ threads: { a: run, b: run } }), [
      always('both get it', (w) => w.threads.every((each) => w.thread(each).returned === 0), {
        when: (w) => w.finished,
      }),
    ])
    expect(report).toMatchObject({ findings: [], exhaustive: true, properties: [{ verdict: 'holds' }] })
  })
})

describe('a lock in an object', () => {
  const ctx = struct('ctx', { lock: mutex(), spin: spinlock(), done: false })

  test('is gone with it: to let go of a mutex touches it when another may have it, and free it', async () => {
    const dev = object('dev', ctx)
    const user = procedure('user', { dev }, [
      mutex_lock('dev->lock'),
      write('dev->done', true),
      mutex_unlock('dev->lock'),
    ])
    const owner = procedure('owner', { dev }, [mutex_lock('dev->lock'), mutex_unlock('dev->lock'), kfree('dev')])
    const report = await explore(kernel({ threads: { a: user, b: owner } }))
    expect(report.findings.map(({ title }) => title)).toEqual(['use-after-free in user'])
  })

  test('is one lock for each object, and one class for all', async () => {
    const [one, two] = [object('one', ctx), object('two', ctx)]
    const both = procedure('both', { first: one, second: two }, [
      mutex_lock('first->lock'),
      mutex_lock('second->lock'),
      mutex_unlock('second->lock'),
      mutex_unlock('first->lock'),
    ])
    const report = await explore(kernel({ threads: { a: both } }))
    expect(report.findings.map(({ title }) => title)).toEqual(['recursive locking of ctx->lock'])
  })

  test('may be taken inside another of its class by who says that there is an order, and can still deadlock', async () => {
    const [one, two] = [object('one', ctx), object('two', ctx)]
    const nested = (first: typeof one, second: typeof one, name: string) =>
      procedure(name, { first, second }, [
        mutex_lock('first->lock'),
        mutex_lock_nested('second->lock', 1),
        mutex_unlock('second->lock'),
        mutex_unlock('first->lock'),
      ])
    const titles = async (...runs: readonly Procedure[]) => {
      const threads = Object.fromEntries(runs.map((run, n) => [`t${n}`, run]))
      return (await explore(kernel({ threads }))).findings.map(({ title }) => title)
    }
    expect(await titles(nested(one, two, 'p'), nested(one, two, 'p2'))).toEqual([])
    expect(await titles(nested(one, two, 'p'), nested(two, one, 'q'))).toEqual(['deadlock at one.lock and two.lock'])
  })

  test('is followed nowhere by a pointer that is NULL', async () => {
    const run = procedure('run', { dev: pointer(ctx) }, [spin_lock('dev->spin')])
    const report = await explore(kernel({ threads: { a: run } }))
    expect(report.findings.map(({ title }) => title)).toEqual(['kernel NULL pointer dereference in run'])
  })
})
