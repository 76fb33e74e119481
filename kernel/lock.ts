/** What locks have in common: an actor with a class, and words that take it, try to, and let go of it. */
import type { AnyStateMachine } from 'xstate'
import type { LockFacts } from '../machines/kernel/locks/lock-facts.ts'
import type { Effect } from './context.ts'
import { named, type KernelObject, type Manner } from './object.ts'
import { wordsOf, type AnyPlace, type Into, type Place } from './place.ts'
import { ask, type Step, type Then } from './step.ts'

const bySubclass = 'by subclass: who takes it says that there is an order'

/** A lock; without a name, as a member of a struct. */
export const lockCalled = <Kind extends string>(
  kind: Kind,
  name: string,
  machine: AnyStateMachine,
  facts: LockFacts<any>,
): KernelObject<Kind> =>
  named({
    kind,
    name,
    actors: (id, { lockClass, alike, is }) => [
      {
        id,
        machine,
        input: { id },
        lockClass,
        lock: is('tried') ? { ...facts, tried: true } : facts,
        ...(is('nested') && { nest: { rule: bySubclass, after: alike.filter((each) => each !== id) } }),
      },
    ],
  })

/** What it means for the context of the thread to ask for a lock, to have it, not to have it, to have let go of it. */
export interface LockEffects {
  readonly waits?: 'sleeps' | 'spins'
  readonly before?: Effect
  readonly taken?: Effect
  readonly busy?: Effect
  readonly left?: Effect
}

/** Who waits for it sleeps. */
export const sleeping: LockEffects = { waits: 'sleeps' }

/** A word that takes a lock of this kind, and waits until it is had. */
export const taking =
  <Kind extends string>(word: string, type: string, effects: LockEffects) =>
  <L>(lock: Place<L, KernelObject<Kind>>): Step<L> =>
    takes({ says: `${word}(${wordsOf(lock)})`, of: lock, type, effects })

/** The same, as a step. */
export const takes = ({ effects: { waits, before, taken }, ...what }: Takes): Step<any> =>
  ask({ ...what, ...(waits && { waits }), ...(before && { before }), answers: { LOCKED: effectOf(taken) } })

interface Takes {
  readonly says: string
  readonly of: AnyPlace
  readonly part?: string
  readonly type: string
  readonly manner?: Manner
  readonly effects: LockEffects
}

const effectOf = (effect: Effect | undefined): Then => (effect === undefined ? {} : { effect })

/**
 * The same, while others of its class are held: whoever says so knows an order among them, and lockdep does not complain of recursion. That
 * there is such an order is not looked at, but a deadlock is found.
 */
export const nested =
  <Kind extends string>(word: string, type: string, effects: LockEffects) =>
  <L>(lock: Place<L, KernelObject<Kind>>, subclass: number): Step<L> =>
    takes({ says: `${word}(${wordsOf(lock)}, ${subclass})`, of: lock, type, manner: 'nested', effects })

/** A word that takes it if that can be done at once; `into`: is it had? */
export const trying =
  <Kind extends string>(word: string, type: string, { before, taken, busy }: LockEffects = {}) =>
  <L>(lock: Place<L, KernelObject<Kind>>, into: Into<L, boolean>): Step<L> =>
    ask({
      says: `${into} = ${word}(${wordsOf(lock)})`,
      of: lock,
      type,
      manner: 'tried',
      waits: 'not',
      ...(before && { before }),
      answers: {
        LOCKED: { into, value: () => true, ...effectOf(taken) },
        BUSY: { into, value: () => false, ...effectOf(busy) },
      },
    })

const EINTR = 4

/** A word that waits for it until a signal comes; `into`: 0 or -EINTR (-4). */
export const untilSignal =
  <Kind extends string>(word: string, type: string) =>
  <L>(lock: Place<L, KernelObject<Kind>>, into: Into<L, number>): Step<L> =>
    ask({
      says: `${into} = ${word}(${wordsOf(lock)})`,
      of: lock,
      type,
      manner: 'killable',
      waits: 'sleeps',
      answers: { LOCKED: { into, value: () => 0 }, INTERRUPTED: { into, value: () => -EINTR } },
    })

interface Leaving {
  /** Whether its memory is touched before, or still afterwards. */
  readonly touches?: 'first' | 'last'
  readonly left?: Effect
}

/** A word that lets go of it. */
export const leaving =
  <Kind extends string>(word: string, type: string, { touches = 'first', left }: Leaving = {}) =>
  <L>(lock: Place<L, KernelObject<Kind>>): Step<L> =>
    leaves({ says: `${word}(${wordsOf(lock)})`, of: lock, type, touches, ...(left && { left }) })

/** The same, as a step. */
export const leaves = ({ left, ...what }: Leaving & Omit<Takes, 'effects'>): Step<any> =>
  ask({ ...what, waits: 'not', answers: { UNLOCKED: effectOf(left) } })
