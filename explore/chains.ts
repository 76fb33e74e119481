/** Runs of deliveries that are taken alone, one after the other, without a look at the alternatives. */
import type { Reduction } from './reduction.ts'
import type { Entry, Tables } from './tables.ts'

/** A chain longer than this may be a cycle: its end is stored and expanded like any other state. */
const longestChain = 500

export class Chains {
  readonly #tables: Tables
  readonly #reduction: Reduction | undefined

  /** Without a reduction every chain is empty. */
  constructor(tables: Tables, reduction: Reduction | undefined) {
    this.#tables = tables
    this.#reduction = reduction
  }

  /**
   * Takes one step after another as long as there is one that may be taken alone, `most` at most; changes `state` in place. `last` is the step
   * before; `changed` gets what is needed to undo.
   */
  follow(
    state: Int32Array,
    last: Entry | undefined,
    onStep: (lane: number, entry: Entry) => void,
    most = Infinity,
    changed?: number[],
  ): void {
    if (!this.#reduction) return
    let before = last
    for (let taken = 0; taken < Math.min(most, longestChain); taken++) {
      const alone = this.#find(this.#reduction, state, before)
      if (alone < 0) return
      before = this.#tables.entryOf(state, alone)!
      this.#tables.apply(state, alone, before, changed)
      onStep(alone, before)
    }
  }

  /**
   * A lane that may be taken alone; -1 if there is none. What the step before has just sent is looked at first: it goes on where that step
   * ended, and nearly always it is the one.
   */
  #find(reduction: Reduction, state: Int32Array, before?: Entry): number {
    if (before) {
      for (let at = 0; at < before.lanes.length; at++) {
        if (this.#isAlone(reduction, state, before.lanes[at]!)) return before.lanes[at]!
      }
    }
    for (let lane = 0; lane < this.#tables.lanes.length; lane++) if (this.#isAlone(reduction, state, lane)) return lane
    return -1
  }

  #isAlone(reduction: Reduction, state: Int32Array, number: number): boolean {
    const tables = this.#tables
    // Most lanes are empty most of the time.
    if (state[tables.laneBase + number] === 0) return false
    const entry = tables.entryOf(state, number)!
    if (!entry.accepted) return false
    const lane = tables.lanes[number]!
    reduction.check(state, lane, entry)
    return reduction.alone(state, lane, entry)
  }
}
