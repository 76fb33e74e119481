/**
 * Actors that live apart: what one machine sends another is on its way until it is delivered, in order on one lane (of one sender to one receiver), in any
 * order between lanes. A child that is stopped is sent word of it on the same lane. Promises, callbacks and observables live where their parent lives.
 */
import type { AnyEventObject } from 'xstate'
import type { Lane, Outside } from './describe.ts'
import { running, stopped, type ActorSystem, type Live } from './inside.ts'
import { callsOf, pathOf } from './names.ts'
import { runsItself, type Kind } from './outside.ts'

/** While so many are on their way on one lane, nothing comes from outside (unless said otherwise). */
export const mostInFlight = 3

/** More on one lane never end. */
export const mostOnLane = 20

/** Something on its way. */
export interface Flight {
  readonly source: Live
  readonly target: Live
  /** `xstate.stop`: it is to stop. */
  readonly event: AnyEventObject
}

/** What becomes of it: it arrives, it arrives and a copy of it stays on its way, or it is lost. */
export type Fate = 'arrives' | 'doubled' | 'lost'

/** How often the faults of a lane may come up: by rule, what was lost and what was doubled. */
export type Faults = readonly number[]

export class Network {
  /** By lane in the order in which they were sent. */
  flying: readonly Flight[] = []
  faults: Faults
  readonly #lanes: readonly Lane[]
  readonly #atHome = new WeakSet<Live>()
  readonly #onSent: (flight: Flight) => void

  constructor({ lanes = [] }: Outside, onSent: (flight: Flight) => void = () => {}) {
    this.#lanes = lanes
    this.#onSent = onSent
    this.faults = lanes.flatMap(() => [0, 0])
  }

  /** A new actor; the first one brings the system that all of them share. */
  meet(actor: Live, kind: Kind): void {
    if (!runsItself(kind)) this.#atHome.add(actor)
    const scope = actor._actorScope
    const { stopChild } = scope
    scope.stopChild = (child) => {
      if (child._processingStatus === running && this.#isApart(actor, child))
        this.#send({ source: actor, target: child, event: { type: 'xstate.stop' } })
      else stopChild(child)
    }
    if (!actor._parent) this.#between(actor.system)
  }

  #between(system: ActorSystem): void {
    const relay = system._relay.bind(system)
    system._relay = (source, target, event) => {
      if (source && this.#isApart(source, target)) this.#send({ source, target, event })
      else relay(source, target, event)
    }
    this.#relay = relay
  }

  #relay: ActorSystem['_relay'] = () => {}

  #send(flight: Flight): void {
    this.flying = [...this.flying, flight]
    this.#onSent(flight)
  }

  #isApart(source: Live, target: Live): boolean {
    return this.#homeOf(source) !== this.#homeOf(target)
  }

  #homeOf(actor: Live): Live {
    return actor._parent && this.#atHome.has(actor) ? this.#homeOf(actor._parent) : actor
  }

  /** The lanes on which something is. */
  lanes(): readonly (readonly Flight[])[] {
    const lanes = new Map<Live, Map<Live, Flight[]>>()
    for (const flight of this.flying) {
      const from = lanes.get(flight.source) ?? new Map<Live, Flight[]>()
      lanes.set(flight.source, from)
      from.set(flight.target, [...(from.get(flight.target) ?? []), flight])
    }
    return [...lanes.values()].flatMap((each) => [...each.values()])
  }

  /** After a step: nobody needs word that he is to stop who has stopped by himself. */
  settle(): void {
    const isIdle = ({ target, event }: Flight): boolean =>
      event.type === 'xstate.stop' && target._processingStatus === stopped
    if (this.flying.some(isIdle)) this.flying = this.flying.filter((each) => !isIdle(each))
  }

  /** The lane on which there are more than so many, by its two ends. */
  crowded(most: number): readonly [string, string] | undefined {
    const { source, target } = this.flying.at(-1) ?? {}
    if (!source || !target || this.flying.length <= most || !this.isFull(most + 1)) return undefined
    return [pathOf(source), pathOf(target)]
  }

  /** So many are on one lane, or on those of earlier lives of the same actors. */
  isFull(most: number): boolean {
    const counts = new Map<string, number>()
    for (const flight of this.flying) {
      const lane = routeOf(flight)
      counts.set(lane, (counts.get(lane) ?? 0) + 1)
    }
    return [...counts.values()].some((count) => count >= most)
  }

  isToStop(actor: Live): boolean {
    return this.flying.some(({ target, event }) => target === actor && event.type === 'xstate.stop')
  }

  /** May what is on its way there, in this place of its lane, meet this fate? */
  mayBe(fate: Fate, { source, target }: Flight, place: number, faults: Faults = this.faults): boolean {
    const rules = this.#rulesOf(source, target)
    if (place > 0 && !rules.some(({ lane }) => lane.reorders === true)) return false
    return fate === 'arrives' || rules.some((rule) => isLeft(fate, rule, faults))
  }

  #rulesOf(source: Live, target: Live): readonly Rule[] {
    const isOf = (name: string | undefined, actor: Live): boolean => name === undefined || callsOf(actor).includes(name)
    return this.#lanes.flatMap((lane, at) => (isOf(lane.from, source) && isOf(lane.to, target) ? [{ lane, at }] : []))
  }

  /** It is its turn. */
  meetFate(fate: Fate, flight: Flight): void {
    if (fate !== 'arrives') this.#count(fate, flight)
    if (fate !== 'doubled') this.flying = this.flying.filter((each) => each !== flight)
    if (fate === 'lost') return
    if (flight.event.type === 'xstate.stop') flight.target._stop()
    else this.#relay(flight.source, flight.target, flight.event)
  }

  #count(fate: 'doubled' | 'lost', { source, target }: Flight): void {
    const rule = this.#rulesOf(source, target).find((each) => isLeft(fate, each, this.faults))!
    const { most, at } = boundOf(fate, rule)
    if (typeof most === 'number') this.faults = this.faults.with(at, this.faults[at]! + 1)
  }
}

/** The lane of something, whichever lives of its two ends those are. */
export const routeOf = ({ source, target }: Flight): string => `${pathOf(source)} ${pathOf(target)}`

interface Rule {
  readonly lane: Lane
  readonly at: number
}

/** How often it may be, and where that is counted. */
const boundOf = (fate: 'doubled' | 'lost', { lane, at }: Rule) =>
  fate === 'lost' ? { most: lane.loses ?? false, at: at * 2 } : { most: lane.doubles ?? false, at: at * 2 + 1 }

const isLeft = (fate: 'doubled' | 'lost', rule: Rule, faults: Faults): boolean => {
  const { most, at } = boundOf(fate, rule)
  return typeof most === 'boolean' ? most : faults[at]! < most
}

/** Whoever has sent something that is on its way, or is to get it: in the order in which an identity comes by them. */
export const inFlight = (network: Network | undefined): readonly Live[] =>
  network?.lanes().flatMap(([first]) => [first!.source, first!.target]) ?? []
