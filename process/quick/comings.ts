/** What may come in some state, by number, and in which order schedules count it. */
import type { Coming } from '../offers.ts'

export class Comings {
  readonly #root: string
  readonly #comings: Coming[] = []
  readonly #keys = new Map<string, number>()
  /** By number: its place among all. */
  readonly #ranks: number[] = []

  /** `root`: what the root is called. Whatever comes from it stands behind what comes from elsewhere. */
  constructor(root: string) {
    this.#root = root
  }

  at(number: number): Coming {
    return this.#comings[number]!
  }

  of({ from, type }: Coming): number {
    const key = `${from}\n${type}`
    const known = this.#keys.get(key)
    if (known !== undefined) return known
    const made = this.#comings.push({ from, type }) - 1
    this.#keys.set(key, made)
    const order = [...this.#comings.keys()].sort((one, other) =>
      this.#order(this.#comings[one]!, this.#comings[other]!),
    )
    for (const [rank, each] of order.entries()) this.#ranks[each] = rank
    return made
  }

  /** Adds one to a list that is in order. */
  add(into: number[], coming: number): void {
    const rank = this.#ranks[coming]!
    let at = into.length
    for (; at > 0 && this.#ranks[into[at - 1]!]! > rank; at--) into[at] = into[at - 1]!
    into[at] = coming
  }

  sorted(comings: readonly number[]): number[] {
    return comings.toSorted((one, other) => this.#ranks[one]! - this.#ranks[other]!)
  }

  #order(one: Coming, other: Coming): number {
    if (one.from === other.from) return one.type < other.type ? -1 : 1
    if (one.from === this.#root || other.from === this.#root) return one.from === this.#root ? 1 : -1
    return one.from < other.from ? -1 : 1
  }
}
