/**
 * Which two deliveries may not change places. Two runs are of one class when they differ in the order of independent deliveries alone; all runs of
 * a class show the same findings, end in the same state, and look the same to every property on its own.
 *
 *   - Deliveries by one lane keep their order.
 *   - Deliveries to one receiver are dependent, unless their messages are independent there (pairs.ts).
 *   - Deliveries to different receivers are independent: nobody shares anything. But where a property looks at both, it may tell in which order they
 *     have changed: then they are dependent, if each changes its receiver anywhere.
 *   - Where an order says which of two comes first, they are dependent.
 *
 * It depends on lanes and messages alone, not on where they are delivered. What turns out to be dependent later makes all that was done so far
 * incomplete (`isBroken`).
 */
import { Pairs } from '../reduction/pairs.ts'
import type { Entry, Tables } from '../states/tables.ts'

/** A delivery: the lane, and the message at its head. */
export interface Delivery {
  readonly lane: number
  readonly message: number
}

export class Dependence {
  readonly #tables: Tables
  readonly #pairs: Pairs
  /** By component: messages that change it somewhere. */
  readonly #changes: readonly Set<number>[]
  /** By component: the properties that look at it, a bit for each. */
  readonly #seenBy: bigint[]
  #isBroken = false

  /** Learns from whatever the tables are asked from now on. */
  constructor(tables: Tables) {
    this.#tables = tables
    this.#pairs = new Pairs(tables)
    this.#changes = tables.components.map(() => new Set())
    this.#seenBy = tables.components.map(() => 0n)
    tables.onNewEntry = (entry) => this.#meet(entry)
    for (const entry of tables.entries()) this.#meet(entry)
  }

  /** Something was taken to be independent that is not. Asking makes up for it. */
  takeBroken(): boolean {
    const isBroken = this.#isBroken || this.#pairs.isBroken
    this.#isBroken = false
    this.#pairs.isBroken = false
    return isBroken
  }

  /** A property, by number, has looked at these components for the first time. */
  see(property: number, components: readonly number[]): void {
    for (const each of components) this.#seenBy[each]! |= 1n << BigInt(property)
    this.#isBroken = true
  }

  /** Deliveries to these components may be dependent, whatever they are. */
  mayDepend(one: number, other: number): boolean {
    return one === other || (this.#seenBy[one]! & this.#seenBy[other]!) !== 0n
  }

  areDependent(one: Delivery, other: Delivery): boolean {
    if (one.lane === other.lane || this.#areOrdered(one, other)) return true
    const [a, b] = [this.#tables.lanes[one.lane]!.receiver, this.#tables.lanes[other.lane]!.receiver]
    const areSeen = (this.#seenBy[a]! & this.#seenBy[b]!) !== 0n
    if (areSeen && this.#changes[a]!.has(one.message) && this.#changes[b]!.has(other.message)) return true
    return a === b && this.#pairs.areDependent(a, one.message, other.message)
  }

  /** Who holds the other back comes before it. */
  #areOrdered(one: Delivery, other: Delivery): boolean {
    const tables = this.#tables
    return (
      tables.held?.areOrdered(tables.inOrder(one.lane, one.message), tables.inOrder(other.lane, other.message)) ?? false
    )
  }

  #meet(entry: Entry): void {
    const { component, message, local, next, accepted } = entry
    if (accepted && local !== next && !this.#changes[component]!.has(message)) {
      this.#changes[component]!.add(message)
      if (this.#seenBy[component] !== 0n) this.#isBroken = true
    }
    this.#pairs.meet(entry)
  }
}
