/** Locks taken in more than one order; whether anybody can be caught in it is another matter. */
import { sometimes } from '../../explore/claims/properties.ts'
import type { Property, System } from '../../explore/system.ts'
import { closed } from './closed.ts'
import { killableMutex, mutex, register, rwsem, triedMutex, type Register } from './objects.ts'
import { lock, thread, unlock, write, type Op } from './thread.ts'

const names = 'lo1'
const nested = (...locks: readonly string[]): readonly Op[] => [...locks.map(lock), ...locks.toReversed().map(unlock)]
const mutexes = (...ids: readonly string[]) => ids.map(mutex)

/** One after the other: nobody can deadlock, and yet the order is not kept. */
export const aloneBothWays = (): System<null> =>
  closed('alone both ways', names, [thread('t0', [...nested('a', 'b'), ...nested('b', 'a')]), ...mutexes('a', 'b')])

/** In both orders at once, but under a third lock: no deadlock. */
export const gated = (): System<null> =>
  closed('gated', names, [
    thread('t0', nested('gate', 'a', 'b')),
    thread('t1', nested('gate', 'b', 'a')),
    ...mutexes('a', 'b', 'gate'),
  ])

/** In one order or in the other, as the flag says: never in both. */
const oneOfTwo: readonly Op[] = [
  { to: 'flag', type: 'READ', goes: ({ value }) => (value === 0 ? 1 : 5) },
  lock('a'),
  lock('b'),
  unlock('b'),
  { ...unlock('a'), goes: () => 9 },
  ...nested('b', 'a'),
]

/** Which of its two orders the only locker takes is told by a race, once: no run shows both. */
export const eitherWay = (): System<null> =>
  closed('either way', names, [
    thread('t0', oneOfTwo),
    thread('t1', [write('flag', 1)]),
    ...mutexes('a', 'b'),
    register('flag'),
  ])

/** A circle of three with a shortcut: only the circle of two is worth telling. */
export const shortcut = (): System<null> =>
  closed('shortcut', names, [
    thread('t0', [...nested('a', 'b'), ...nested('b', 'c'), ...nested('c', 'a'), ...nested('b', 'a')]),
    ...mutexes('a', 'b', 'c'),
  ])

/** Two circles that share a class, and neither is part of the other. */
export const eight = (): System<null> =>
  closed('eight', names, [
    thread('t0', [...nested('a', 'b'), ...nested('b', 'c'), ...nested('c', 'a')]),
    thread('t1', [...nested('d', 'c'), ...nested('c', 'd')]),
    ...mutexes('d', 'c', 'b', 'a'),
  ])

/** Two locks of one class, one in the other. */
export const sameClass = (): System<null> =>
  closed('same class', names, [
    thread('t0', nested('parent', 'child')),
    ...mutexes('parent', 'child').map((each) => ({ ...each, lockClass: 'inode' })),
  ])

/** One lock, asked for by who holds it. */
export const selfDeadlock = (): System<null> =>
  closed('self deadlock', names, [thread('t0', nested('a', 'a')), mutex('a')])

/** Goes on elsewhere when it is busy: then nothing is taken, and nothing given back. */
const attempt = (to: string, next: number, busy: number): Op => ({
  to,
  type: 'TRYLOCK',
  goes: ({ type }) => (type === 'BUSY' ? busy : next),
})

/** Against the order of the other thread, but only tried: who is told that it is busy does not wait. */
export const tried = (): System<null> =>
  closed('tried', names, [
    thread('t0', [lock('b'), attempt('a', 2, 3), unlock('a'), unlock('b')]),
    thread('t1', nested('a', 'b')),
    triedMutex('a'),
    mutex('b'),
  ])

/** What was tried for, and is held, is held: the other lock is waited for. */
export const triedAndHeld = (): System<null> =>
  closed('tried and held', names, [
    thread('t0', [attempt('b', 1, 4), lock('a'), unlock('a'), unlock('b')]),
    thread('t1', nested('a', 'b')),
    mutex('a'),
    triedMutex('b'),
  ])

/** In both orders, but never both at once: each is given back before the other is asked for. */
export const oneAfterTheOther = (): System<null> =>
  closed('one after the other', names, [
    thread('t0', [...nested('a'), ...nested('b'), ...nested('a')]),
    thread('t1', [...nested('b'), ...nested('a'), ...nested('b')]),
    ...mutexes('a', 'b'),
  ])

/** Two readers of one class, one in the other: a writer that queues between them keeps the second out. */
export const readInRead = (): System<null> =>
  closed('read in read', names, [
    thread(
      't0',
      ['left', 'right'].flatMap((to): readonly Op[] => [{ to, type: 'DOWN_READ' }]),
    ),
    ...['left', 'right'].map((id) => ({ ...rwsem(id), lockClass: 'sem' })),
  ])

/** Two locks of one class: the parent's may be held while the child's is asked for, and not the other way round. */
export const family = (...orders: readonly (readonly string[])[]): System<null> => {
  const [parent, child] = mutexes('parent', 'child').map((each) => ({ ...each, lockClass: 'inode' }))
  return closed(`family: ${orders.map((order) => order.join(' before ')).join(', ')}`, names, [
    thread(
      't0',
      orders.flatMap((order) => nested(...order)),
    ),
    parent!,
    { ...child!, nest: { rule: 'the parent before the child', after: ['parent'] } },
  ])
}

interface Seen {
  readonly flag: number
  readonly late: number
}

/**
 * No run shows both orders, and long after either is known `late` is written without the lock it claims to be
 * guarded by.
 */
export const lateLie = (): { readonly system: System<Seen>; readonly properties: readonly Property<Seen>[] } => {
  const writes = (...values: readonly number[]) => values.map((value) => write('late', value))
  const system: System<Seen> = {
    ...closed('late lie', names, [
      thread('t0', [...oneOfTwo, ...writes(2, 3, 4), write('lie', 1)]),
      thread('t1', [write('flag', 1), ...writes(5, 6, 7)]),
      ...mutexes('a', 'b'),
      register('flag'),
      register('late'),
      register('lie', 0, { guardedBy: 'a' }),
    ]),
    view: (read) => ({ flag: (read('flag') as Register).value, late: (read('late') as Register).value }),
  }
  return { system, properties: [sometimes('late and no flag', ({ flag, late }) => late > 7 && flag === 0)] }
}

/** Two are caught in it, while a third goes round for ever: there is no state in which nobody can go on. */
export const besideSpinner = (): System<null> =>
  closed('beside a spinner', names, [
    thread('t0', nested('a', 'b')),
    thread('t1', nested('b', 'a')),
    thread('t2', [{ to: 'flag', type: 'READ', goes: () => 0 }]),
    ...mutexes('a', 'b'),
    register('flag'),
  ])

/** They wait for each other, and one of them is killed sooner or later: nobody is caught for good, unless nobody kills. */
export const untilKilled = ({ kills = true } = {}): System<null> =>
  closed('until killed', names, [
    thread('t0', [
      lock('a'),
      { ...lock('b'), goes: ({ type }) => (type === 'INTERRUPTED' ? 3 : 2) },
      unlock('b'),
      unlock('a'),
    ]),
    thread('t1', nested('b', 'a')),
    thread('t2', kills ? [{ to: 'b', type: 'KILL' }] : []),
    mutex('a'),
    killableMutex('b'),
  ])

/** Both orders in two threads, and a third lock of the same circle: a queue of readers and writers stands between them. */
export const throughQueue = (): System<null> =>
  closed('through a queue', names, [
    thread('t0', [{ to: 'sem', type: 'DOWN_READ' }, lock('a'), unlock('a'), { to: 'sem', type: 'UP_READ' }]),
    thread('t1', [lock('a'), { to: 'sem', type: 'DOWN_READ' }, { to: 'sem', type: 'UP_READ' }, unlock('a')]),
    thread('t2', [
      { to: 'sem', type: 'DOWN_WRITE' },
      { to: 'sem', type: 'UP_WRITE' },
    ]),
    mutex('a'),
    rwsem('sem'),
  ])
