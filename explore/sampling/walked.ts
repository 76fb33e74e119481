/**
 * Where samples have walked before: what can be taken there, and what comes of it. Whoever comes by again only follows, which costs a hundredth of
 * looking. Of so many states at most; beyond them everything is looked at, as it was the first time.
 */
import type { Edge } from '../locks/lock-order.ts'
import type { Finding } from '../system.ts'
import { hash } from '../states/hash.ts'
import type { Entry, Tables } from '../states/tables.ts'

/** A state. */
export interface Place {
  readonly state: Int32Array
  /** The lanes that can be taken. */
  readonly enabled: readonly number[]
  /** By choice. */
  readonly ways: (Way | undefined)[]
  /** What was found where a run was at its end. */
  end?: readonly Finding[]
}

/** A step. */
export interface Way {
  readonly entry: Entry
  readonly to: Place
  /** That it asks for locks. */
  readonly edges: readonly Edge[]
  /** To see it again says nothing more: it is neither wrong, nor ignored, and touches no memory. */
  readonly isQuiet: boolean
  /** Nor does it order those who do. */
  readonly isStill: boolean
  /** Whatever run comes by only follows: it is all that, and asks for no lock. */
  readonly isPlain: boolean
  /** Of the sample, the last in which a run has taken it. */
  piece: number
}

/** Enough for small worlds; of large ones the beginnings, which all runs have. */
export const mostPlaces = 1 << 15

export class Walked {
  readonly #tables: Tables
  readonly #most: number
  readonly #places = new Map<number, Place[]>()
  #count = 0

  constructor(tables: Tables, most: number) {
    this.#tables = tables
    this.#most = most
  }

  /** Undefined: there is no room for one more. */
  at(state: Int32Array): Place | undefined {
    const { slots } = this.#tables
    const alike = this.#alike(hash(state, slots))
    const known = alike.find((place) => isSame(place.state, state, slots))
    if (known || this.#count >= this.#most) return known
    const place: Place = { state: state.slice(0, slots), enabled: this.#tables.enabled(state), ways: [] }
    this.#count++
    alike.push(place)
    return place
  }

  #alike(key: number): Place[] {
    const known = this.#places.get(key) ?? []
    if (known.length === 0) this.#places.set(key, known)
    return known
  }
}

/** Lanes that came into being later are empty in it, and say nothing. */
function isSame(one: Int32Array, other: Int32Array, slots: number): boolean {
  for (let at = 0; at < slots; at++) if ((one[at] ?? 0) !== other[at]) return false
  return true
}
