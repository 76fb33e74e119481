import { Column, type Segment } from '../states/columns.ts'
import type { Store } from '../states/store.ts'

export type KeptDepths = readonly Segment[]

/** How many steps from the start each stored state is. */
export interface Depths {
  /** Room for one more. */
  reserve(state: number, depth: number): void
  set(state: number, depth: number): void
  get(state: number): number
  /** All that is allocated for them. */
  readonly bytes: number
  /** As plain data, and the same again. */
  readonly kept: KeptDepths
  restore(kept: KeptDepths): void
}

/** With chains, states of one breadth-first level can be any number of steps from the start. */
export class StoredDepths implements Depths {
  readonly #depths = new Column()

  get bytes(): number {
    return this.#depths.bytes
  }

  get kept(): KeptDepths {
    return this.#depths.kept
  }

  restore(kept: KeptDepths): void {
    this.#depths.restore(kept)
  }

  reserve(state: number, depth: number): void {
    this.#depths.reserve(state, depth)
  }

  set(state: number, depth: number): void {
    this.#depths.set(state, depth)
  }

  get(state: number): number {
    return this.#depths.get(state)
  }
}

/** Of states that are on the disk; of those that were added last, until it is known which of them are new. */
export class SpilledDepths implements Depths {
  readonly bytes = 0
  readonly kept = []
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  restore(): void {}

  reserve(): void {}

  set(slot: number, depth: number): void {
    this.#store.setDepth(slot, depth)
  }

  get(state: number): number {
    return this.#store.spilled!.log.depth(state)
  }
}

/** Without, a level is a step: states are stored in the order of their depth, and it is enough to know where each depth begins. */
export class LevelDepths implements Depths {
  readonly bytes = 0
  readonly #begins: number[] = []

  get kept(): KeptDepths {
    return [Int32Array.from(this.#begins)]
  }

  restore([begins]: KeptDepths): void {
    for (const [depth, state] of begins!.entries()) this.#begins[depth] = state
  }

  reserve(): void {}

  set(state: number, depth: number): void {
    this.#begins[depth] ??= state
  }

  get(state: number): number {
    let low = 0
    let high = this.#begins.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#begins[middle]! <= state) low = middle
      else high = middle - 1
    }
    return low
  }
}
