/** How many steps from the start each stored state is. */
export interface Depths {
  set(state: number, depth: number): void
  get(state: number): number
  /** Bytes a state. */
  readonly bytes: number
}

/** With chains, states of one breadth-first level can be any number of steps from the start. */
export class StoredDepths implements Depths {
  readonly bytes = 4
  #depths = new Int32Array(1 << 12)

  set(state: number, depth: number): void {
    if (state >= this.#depths.length) {
      const wider = new Int32Array(this.#depths.length * 2)
      wider.set(this.#depths)
      this.#depths = wider
    }
    this.#depths[state] = depth
  }

  get(state: number): number {
    return this.#depths[state]!
  }
}

/** Without, a level is a step: states are stored in the order of their depth, and it is enough to know where each depth begins. */
export class LevelDepths implements Depths {
  readonly bytes = 0
  readonly #begins: number[] = []

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
