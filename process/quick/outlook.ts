/** What may come in a state that is put together of parts, and who waits there for what cannot come any more. */
import type { Process } from '../process.ts'
import { distinct, passagesOf, worded } from '../offers.ts'
import { childOf, mayHandle, waitingTitle } from '../stuck.ts'
import type { Sent } from '../users.ts'
import type { Comings } from './comings.ts'
import { armed, faulty, keyed, type Parts, type Vector } from './parts.ts'
import type { Lane, Places } from './places.ts'
import type { Slots } from './slots.ts'

export interface Surroundings {
  readonly process: Process
  readonly slots: Slots
  readonly places: Places
  readonly parts: Parts
  readonly comings: Comings
  readonly sendings: readonly Sent[]
  /** By sending: where it is counted, or 0. */
  readonly counted: readonly number[]
  /** With so many on one lane nothing comes from outside. */
  readonly inFlight: number
}

export class Outlook {
  readonly #around: Surroundings
  /** More would have come from outside into the state that was looked at last, had there not been so much on its way. */
  heldBack = false
  /** By sending, and by slot of whom it is sent to. */
  readonly #sentTo: number[][]
  /** The lane of what comes on one, by its number. */
  readonly #laneOf: (Lane | undefined)[] = []

  constructor(around: Surroundings) {
    this.#around = around
    this.#sentTo = around.sendings.map(() => [])
  }

  /** In the order in which schedules count. */
  offersIn(vector: Vector, into: number[]): number[] {
    const { process, comings, places, parts, inFlight } = this.#around
    into.length = 0
    this.heldBack = false
    if (!parts.value(vector, places.root).isRunning) return into
    this.#outsideIn(vector, into)
    if (places.lanes.length === 0) return into
    if (into.length > 0 && places.lanes.some((lane) => this.#many(vector, lane) >= inFlight)) {
      process.heldBack = true
      this.heldBack = true
      into.length = 0
    }
    for (const lane of places.lanes)
      if (this.#many(vector, lane) > 0) for (const each of this.#passages(vector, lane)) comings.add(into, each)
    return into
  }

  /** Slot of the lane that it comes on. */
  laneOf(coming: number): number | undefined {
    return this.#laneOf[coming]?.slot
  }

  waitsIn(vector: Vector): readonly string[] {
    const { places, parts } = this.#around
    const titles: string[] = []
    if (!parts.value(vector, places.root).isRunning) return titles
    let isOver: boolean | undefined
    for (const slot of places.actors) {
      if (!vector[slot]) continue
      const { waits, actor } = parts.value(vector, slot)
      if (waits.length === 0) continue
      const isLost = waits.every((type) => type.startsWith('xstate.') && !this.#isComing(vector, slot, type))
      if (!isLost && !(slot === places.root && (isOver ??= this.#isOver(vector)))) continue
      titles.push(waitingTitle(places.names[slot]!, actor._snapshot, waits))
    }
    return titles
  }

  #outsideIn(vector: Vector, into: number[]): void {
    const { comings, places, parts, sendings, counted } = this.#around
    for (let at = 0; at < sendings.length; at++) {
      const slot = counted[at]!
      if (slot > 0 && vector[slot]! >= sendings[at]!.times) continue
      const target = this.#targetOf(vector, at)
      if (target >= 0) comings.add(into, this.#sent(at, target))
    }
    for (const slot of places.actors) {
      if (!vector[slot]) continue
      const { offers } = parts.value(vector, slot)
      for (let at = 0; at < offers.length; at++) comings.add(into, offers[at]!)
    }
    for (const each of parts.shared(vector, armed).offers) comings.add(into, each)
  }

  #many(vector: Vector, { slot }: Lane): number {
    return vector[slot] ? this.#around.parts.load(vector, slot).flights.length : 0
  }

  #passages(vector: Vector, lane: Lane): readonly number[] {
    const { process, comings, places, parts } = this.#around
    const { flights, offers } = parts.load(vector, lane.slot)
    return (offers[vector[faulty]!] ??= distinct(
      passagesOf(process.network!, flights, places.names[lane.to]!, parts.shared(vector, faulty).faults).map(
        ({ type }) => ({ from: places.names[lane.from]!, type }),
      ),
    ).map((each) => {
      const coming = comings.of(each)
      this.#laneOf[coming] = lane
      return coming
    }))
  }

  /** Slot of whom it is sent to; -1: there is none. */
  #targetOf(vector: Vector, sending: number): number {
    const { places, parts, sendings } = this.#around
    const { to } = sendings[sending]!
    if (to === undefined) return places.root
    const named = parts.shared(vector, keyed).named.find(([name]) => name === to)
    if (named) return named[1]
    return (
      places.actors.find((slot) => places.names[slot] === to && vector[slot] && parts.value(vector, slot).isAlive) ?? -1
    )
  }

  #sent(sending: number, target: number): number {
    const known = this.#sentTo[sending]![target]
    if (known !== undefined) return known
    const { comings, places, sendings } = this.#around
    const text = worded(sendings[sending]!.event)
    const type = target === places.root ? text : `${text} to ${places.names[target]!}`
    return (this.#sentTo[sending]![target] = comings.of({ from: 'user', type }))
  }

  #isComing(vector: Vector, slot: number, type: string): boolean {
    const { places, parts } = this.#around
    if (places.lanes.some((lane) => lane.to === slot && vector[lane.slot])) return true
    const id = childOf(type)
    if (id === undefined)
      return parts.shared(vector, armed).timers.some((each) => each.target === slot && each.type === type)
    return id.includes('*') || this.hasChild(vector, slot, id)
  }

  /** It is alive. */
  hasChild(vector: Vector, slot: number, id: string): boolean {
    const { places, parts } = this.#around
    const child = places.childOf(slot, id)
    return (
      child !== undefined &&
      parts.value(vector, slot).children.includes(child) &&
      vector[child]! > 0 &&
      parts.value(vector, child).isAlive
    )
  }

  /** More may come than is let in; asked of the state of which it was asked last what may come. */
  holdsBack(vector: Vector): boolean {
    const { places, parts, sendings, counted } = this.#around
    if (this.heldBack) return true
    for (const slot of places.actors) if (vector[slot] && parts.value(vector, slot).hasSaidAll) return true
    return counted.some((slot, at) => slot > 0 && vector[slot]! >= sendings[at]!.times && this.#isHandled(vector, at))
  }

  /** Nothing can come but what users send, and of that nothing is handled. */
  #isOver(vector: Vector): boolean {
    const { places, parts, sendings } = this.#around
    if (parts.shared(vector, armed).offers.length > 0 || places.lanes.some(({ slot }) => vector[slot])) return false
    if (places.actors.some((slot) => vector[slot] && parts.value(vector, slot).offers.length > 0)) return false
    return !sendings.some((_, at) => this.#isHandled(vector, at))
  }

  /** By whom it is sent to. */
  #isHandled(vector: Vector, sending: number): boolean {
    const { parts, sendings } = this.#around
    const target = this.#targetOf(vector, sending)
    if (target < 0) return false
    const value = parts.value(vector, target)
    return value.isAlive && (value.handles[sending] ??= mayHandle(value.actor, sendings[sending]!.event))
  }
}
