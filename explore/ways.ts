/** How stored states are reached: the search keeps a parent and a lane for each, and everything between is taken again. */
import type { Chains } from './chains.ts'
import type { Store } from './store.ts'
import type { Entry, Tables } from './tables.ts'

/** Where in a search something was seen: after `prefix` more steps of the chain behind taking `lane` in state `from`. */
export interface Place {
  /** Stored state, or -1: on the way to the first stored state. */
  readonly from: number
  readonly lane: number
  readonly prefix: number
}

export class Ways {
  readonly #tables: Tables
  readonly #store: Store
  readonly #chains: Chains

  constructor(tables: Tables, store: Store, chains: Chains) {
    this.#tables = tables
    this.#store = store
    this.#chains = chains
  }

  /** The place of a stored state: at the end of its chain. */
  placeOf(state: number): Place {
    const parent = this.#store.parent(state)
    return { from: parent, lane: parent < 0 ? -1 : this.#store.lane(state), prefix: Infinity }
  }

  /** Lanes taken from the start to a place. */
  to(place: Place): number[] {
    const hops: Place[] = [place]
    for (let { from } = place; from >= 0; from = this.#store.parent(from)) hops.push(this.placeOf(from))
    const state = this.#tables.initial()
    return hops.toReversed().flatMap((hop) => {
      const taken: number[] = []
      let first: Entry | undefined
      if (hop.lane >= 0) {
        taken.push(hop.lane)
        first = this.#tables.entryOf(state, hop.lane)!
        this.#tables.apply(state, hop.lane, first)
      }
      this.#chains.follow(state, first, (lane) => taken.push(lane), hop.prefix)
      return taken
    })
  }

  /** Successors of a stored state among the stored states; a crash leads nowhere. */
  successors(state: number): { readonly next: readonly number[]; readonly crashed: boolean } {
    const hops = [...this.#hops(state)]
    return { next: hops.flatMap(({ to }) => to ?? []), crashed: hops.some(({ to }) => to === undefined) }
  }

  /** Lanes taken on the way between two stored states, one a successor of the other. */
  between(from: number, to: number): readonly number[] {
    for (const hop of this.#hops(from)) if (hop.to === to) return hop.lanes
    throw new RangeError(`state ${to} does not follow state ${from}`)
  }

  load(state: number): Int32Array {
    const slots = this.#tables.initial()
    this.#store.load(state, slots, this.#tables.slots)
    return slots
  }

  *#hops(state: number): Generator<{ readonly to?: number; readonly lanes: readonly number[] }> {
    const before = this.load(state)
    for (const lane of this.#tables.enabled(before)) {
      const lanes = [lane]
      const entry = this.#tables.entryOf(before, lane)!
      if (entry.fatal) {
        yield { lanes }
        continue
      }
      const after = before.slice()
      this.#tables.apply(after, lane, entry)
      this.#chains.follow(after, entry, (alone) => lanes.push(alone))
      const known = this.#store.add(after, this.#tables.slots)
      yield { to: known < 0 ? -known - 1 : known, lanes }
    }
  }
}
