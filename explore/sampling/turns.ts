/** Whose turn each delivery is: the thread that it lets go on; of who has no thread, the one who speaks. Schedulers choose among these. */
import type { Tables } from '../states/tables.ts'

/** Stands for whoever went on last before anybody has. */
export const nobodyYet = 0

export class Turns {
  readonly #tables: Tables
  readonly #names: string[] = ['']
  readonly #numbers = new Map<string, number>()
  /** By lane. */
  readonly #of: number[] = []
  /** Those of components stand in the order of these, before all others. */
  readonly #places = new Map<string, number>()

  constructor(tables: Tables) {
    this.#tables = tables
    for (const { id, thread = id } of tables.components)
      if (!this.#places.has(thread)) this.#places.set(thread, this.#places.size)
  }

  /** So many are known; with nobody. */
  get count(): number {
    return this.#names.length
  }

  /** From 1. */
  of(lane: number): number {
    return (this.#of[lane] ??= this.#numbered(this.#nameOf(lane)))
  }

  /** An order of all turns that does not depend on when they were met: negative when the first comes before the second. */
  compare(one: number, other: number): number {
    const [first, second] = [this.#names[one]!, this.#names[other]!]
    const [a = Infinity, b = Infinity] = [this.#places.get(first), this.#places.get(second)]
    if (a !== b) return a < b ? -1 : 1
    return first < second ? -1 : first > second ? 1 : 0
  }

  #nameOf(lane: number): string {
    const { from, to, sender, receiver, offer } = this.#tables.lanes[lane]!
    const { components } = this.#tables
    const isTold = sender < 0 && offer === undefined
    return components[receiver]!.thread ?? components[sender]?.thread ?? (isTold ? to : from)
  }

  #numbered(name: string): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    const made = this.#names.push(name) - 1
    this.#numbers.set(name, made)
    return made
  }
}
