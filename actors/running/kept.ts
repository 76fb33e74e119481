/**
 * Actors that are what they were before their world was told anew, as it is again and again while somebody edits it. Such an actor is the same
 * component, and what it has answered is not asked again.
 *
 * An actor is the same if it has the same machine, and all else about it is the same as well. Machines of ours are the very same objects, and so
 * are those of a file that was not read again. Whether any other does the same is nothing that can be seen from outside, since its guards and
 * actions are functions; but how it was made may be known (scenarios/origins.ts).
 */
import { keepAnswers } from '../../explore/states/kept.ts'
import type { Component } from '../../explore/system.ts'
import { component, systemOfComponents } from './system.ts'
import type { ActorSpec, World } from '../world/world.ts'
import { keyOf } from './xstate-kernel.ts'

type IsSameMachine = (one: object, other: object) => boolean

interface Kept {
  readonly spec: ActorSpec
  readonly component: Component
}

export class KeptActors {
  readonly #isSameMachine: IsSameMachine
  #before: ReadonlyMap<string, Kept> = new Map()
  readonly #again = new WeakSet<Component>()

  /** `isSameMachine`: what else is known of machines than that they are the very same object. */
  constructor(isSameMachine: IsSameMachine = Object.is) {
    this.#isSameMachine = isSameMachine
  }

  /** Makes the system of a world, with what is kept of the one before. */
  meet(world: World<any>): void {
    const before = this.#before
    const { components } = systemOfComponents(world, (spec) => {
      const known = before.get(spec.id)
      return known && isSameActor(known.spec, spec, this.#isSameMachine) ? known.component : component(spec)
    })
    this.#before = new Map(world.actors.map((spec, at) => [spec.id, { spec, component: components[at]! }]))
    for (const { spec, component: one } of this.#before.values()) {
      keepAnswers(one)
      if (before.get(spec.id)?.component === one) this.#again.add(one)
    }
  }

  /** It is one of the world before as well. */
  isKept(one: Component): boolean {
    return this.#again.has(one)
  }
}

/** All that is said of the one is said of the other. */
export const isSameActor = (one: ActorSpec, other: ActorSpec, isSameMachine: IsSameMachine = Object.is): boolean => {
  const { machine, resumed, ...rest } = one
  const { machine: itsMachine, resumed: itsResumed, ...itsRest } = other
  // Where an actor goes on from is a state of the one machine, and not of the other.
  const isMachine = resumed || itsResumed ? machine === itsMachine : isSameMachine(machine, itsMachine)
  const begins = (snapshot: ActorSpec['resumed']): string => (snapshot ? keyOf(snapshot) : '')
  return isMachine && begins(resumed) === begins(itsResumed) && isAlike(rest, itsRest)
}

/** Lists and records are compared; functions, and whatever else there is, have to be the very same. */
const isAlike = (one: unknown, other: unknown): boolean => {
  if (Object.is(one, other)) return true
  if (!isParts(one) || !isParts(other) || Array.isArray(one) !== Array.isArray(other)) return false
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isAlike(one[name], other[name]))
  )
}

const isParts = (given: unknown): given is Readonly<Record<string, unknown>> => {
  if (typeof given !== 'object' || given === null) return false
  const kind: unknown = Object.getPrototypeOf(given)
  return kind === Object.prototype || kind === Array.prototype
}
