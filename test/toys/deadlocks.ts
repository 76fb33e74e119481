/** Systems that stop while somebody waits, each for another reason. */
import type { Component, System } from '../../explore/system.ts'
import { closed } from './closed.ts'
import { component } from './component.ts'
import { completion, mutex, rwsem } from './objects.ts'
import { complete, lock, thread, unlock, waitFor, type Op } from './thread.ts'

const names = 'dl1'

/** Takes the request and never answers: no message is left that could say who waits where. */
export const unanswered = (): System<null> => {
  const silent = component<{ readonly state: string }>({
    id: 'silent',
    initial: { state: 'idle' },
    on: { ASK: () => ({ local: { state: 'asked' } }) },
  })
  return closed('unanswered', names, [thread('t0', [{ to: 'silent', type: 'ASK' }]), silent])
}

/** Whoever takes the lock ends with it: the other waits for one who waits for nothing. */
export const neverUnlocked = (): System<null> =>
  closed('never unlocked', names, [...['t0', 't1'].map((id) => thread(id, [lock('lock')])), mutex('lock')])

/** A circle of two, and one aside, first by name, who waits for one of them elsewhere. */
export const bystander = (): System<null> =>
  closed('bystander', names, [
    thread('t1', [lock('c'), lock('a'), lock('b')]),
    thread('t2', [lock('b'), lock('a')]),
    thread('aside', [lock('c')]),
    ...['a', 'b', 'c'].map(mutex),
  ])

/** Two circles of one: the first by name is what it is called after, wherever its components are listed. */
export const twoCircles = (): System<null> =>
  closed('two circles', names, [
    thread('t1', [lock('b'), lock('b')]),
    thread('t0', [lock('a'), lock('a')]),
    ...['b', 'a'].map(mutex),
  ])

const downRead = { to: 'sem', type: 'DOWN_READ' }
const upRead = { to: 'sem', type: 'UP_READ' }

/** A reader that reads again, behind a writer that is queued behind the first time. */
export const readsTwice = (): System<null> =>
  closed('reads twice', names, [
    thread('reader', [downRead, downRead, upRead, upRead]),
    thread('writer', [
      { to: 'sem', type: 'DOWN_WRITE' },
      { to: 'sem', type: 'UP_WRITE' },
    ]),
    rwsem('sem'),
  ])

/** What is sent to the door stays outside; the device has sent it two things. */
export const shutDoor = (): System<null> => {
  const door = component<null>({ id: 'door', initial: null, on: { '*': () => 'defer' } })
  const device: Component = component<{ readonly state: string }>({
    id: 'device',
    initial: { state: 'idle' },
    waits: ({ state }) => state === 'waits',
    on: {
      KNOCK: () => ({ local: { state: 'knocked' }, sends: [{ to: 'door', type: 'FIRST' }] }),
      AGAIN: () => ({ local: { state: 'waits' }, sends: [{ to: 'door', type: 'SECOND' }] }),
    },
  })
  const start = ['KNOCK', 'AGAIN'].map((type) => ({ to: 'device', message: { type, from: 'env' } }))
  return { ...closed('shut door', names, [device, door]), start }
}

/** One waits with a lock in its hand; the other would complete once it had the lock. */
export const completesUnderLock = (): System<null> =>
  closed('completes under lock', names, [
    thread('a', [lock('m'), waitFor('done'), unlock('m')]),
    thread('b', [lock('m'), complete('done'), unlock('m')]),
    mutex('m'),
    completion('done', ['b']),
  ])

/** Whoever could complete it is through, and has not. */
export const forgotten = (): System<null> =>
  closed('forgotten', names, [
    thread('a', [waitFor('done')]),
    thread('b', [lock('m')]),
    mutex('m'),
    completion('done', ['b']),
  ])

/** It waits for what only it could complete. */
export const waitsForItself = (): System<null> =>
  closed('waits for itself', names, [thread('a', [waitFor('done'), complete('done')]), completion('done', ['a'])])

/** One is caught; the other, of whom one is enough, is not: nobody waits for ever. */
const caught: readonly Op[] = [lock('m'), complete('done'), unlock('m')]
export const eitherCompletes = (): System<null> =>
  closed('either completes', names, [
    thread('a', [lock('m'), waitFor('done'), unlock('m')]),
    thread('b', caught),
    thread('c', [complete('done')]),
    mutex('m'),
    completion('done', ['b', 'c']),
  ])

/** The same, where both of them have to. */
export const bothComplete = (): System<null> =>
  closed('both complete', names, [
    thread('a', [lock('m'), waitFor('done'), unlock('m')]),
    thread('b', caught),
    thread('c', [complete('done')]),
    mutex('m'),
    completion('done', ['b', 'c'], 'all'),
  ])
