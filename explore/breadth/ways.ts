/** How stored states are reached: the search keeps a parent and a lane for each, and everything between is taken again. */
import type { Cells, Collapsed, Step } from '../states/cells.ts'
import type { Chains } from './chains.ts'
import type { Depths } from '../ordered/depths.ts'
import type { Store } from '../states/store.ts'
import type { Entry } from '../states/tables.ts'

/** Where in a search something was seen: after `prefix` more steps of the chain behind taking `lane` in state `from`. */
export interface Place {
  /** Stored state, or -1: on the way to the first stored state. */
  readonly from: number
  readonly lane: number
  readonly prefix: number
}

/** A way from a stored state to the next one; `to` undefined: to a crash. */
export interface Hop {
  readonly to: number | undefined
  readonly lanes: readonly number[]
  /** What each of them does. */
  readonly entries: readonly Entry[]
}

export class Ways {
  readonly #cells: Cells
  readonly #store: Store
  readonly #chains: Chains
  readonly #depths: Depths
  readonly #scratch: Collapsed

  constructor(cells: Cells, store: Store, chains: Chains, depths: Depths) {
    this.#cells = cells
    this.#store = store
    this.#chains = chains
    this.#depths = depths
    this.#scratch = cells.blank()
  }

  /** The place of a stored state: at the end of its chain, which a bound may have cut short. */
  placeOf(state: number): Place {
    const from = this.#store.parent(state)
    if (from < 0) return { from, lane: -1, prefix: this.#depths.get(state) }
    return { from, lane: this.#store.lane(state), prefix: this.#depths.get(state) - this.#depths.get(from) - 1 }
  }

  /** Lanes taken from the start to a place. */
  to(place: Place): number[] {
    const hops: Place[] = [place]
    for (let { from } = place; from >= 0; from = this.#store.parent(from)) hops.push(this.placeOf(from))
    const state = this.#cells.initial()
    return hops.toReversed().flatMap(({ lane, prefix }) => this.#take(state, lane, prefix).map((step) => step.lane))
  }

  /** Successors of a stored state among the stored states; a crash leads nowhere. */
  successors(state: number): { readonly next: readonly number[]; readonly crashed: boolean } {
    const hops = [...this.hops(state)]
    return { next: hops.flatMap(({ to }) => to ?? []), crashed: hops.some(({ to }) => to === undefined) }
  }

  /** Lanes taken on the way between two stored states, one a successor of the other. */
  between(from: number, to: number): readonly number[] {
    for (const hop of this.hops(from)) if (hop.to === to) return hop.lanes
    throw new RangeError(`state ${to} does not follow state ${from}`)
  }

  /** A stored state, slot by slot. */
  load(state: number, slots = this.#cells.tables.initial()): Int32Array {
    this.#store.load(state, this.#scratch, this.#cells.count)
    this.#cells.spread(this.#scratch, slots)
    return slots
  }

  /** From a stored state that was looked into; `most`: how many steps deep the search went. */
  *hops(state: number, most = Infinity): Generator<Hop> {
    const before = this.#stored(state)
    const { tables } = this.#cells
    for (const lane of tables.enabled(this.load(state))) {
      const after = before.slice()
      const steps = this.#take(after, lane, most - this.#depths.get(state) - 1)
      const isCrash = steps[0]!.entry.fatal
      const known = isCrash ? undefined : this.#store.add(after, this.#cells.count)
      yield { to: known === undefined || known >= 0 ? known : -known - 1, ...hopOf(steps) }
    }
  }

  /** To the first stored state. */
  start(): Hop {
    return { to: 0, ...hopOf(this.#take(this.#cells.initial(), -1, this.#depths.get(0))) }
  }

  #stored(number: number): Collapsed {
    const state = this.#cells.blank()
    this.#store.load(number, state, this.#cells.count)
    return state
  }

  /** Takes this lane, if any, and what may be taken alone behind it. */
  #take(state: Collapsed, lane: number, most: number): Step[] {
    const steps: Step[] = []
    const onStep = (step: Step) => steps.push(step)
    if (lane >= 0) {
      const step = this.#cells.step(state, this.#cells.moveOf(state, lane)!)
      this.#cells.take(state, step)
      onStep(step)
      if (step.entry.fatal) return steps
    }
    this.#chains.follow(state, steps[0], onStep, most)
    return steps
  }
}

const hopOf = (steps: readonly Step[]): Pick<Hop, 'lanes' | 'entries'> => ({
  lanes: steps.map(({ lane }) => lane),
  entries: steps.map(({ entry }) => entry),
})
