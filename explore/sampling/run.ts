import type { Here } from '../outcome/gathered.ts'

/** The steps of a run, as far as it has come. Each run of a sample is written over the one before: there are a hundred thousand a second. */
export class Run implements Here {
  length = 0
  #lanes = new Int32Array(64)

  push(lane: number): void {
    if (this.length === this.#lanes.length) this.#grow()
    this.#lanes[this.length++] = lane
  }

  lanes(): readonly number[] {
    return [...this.#lanes.subarray(0, this.length)]
  }

  #grow(): void {
    const lanes = new Int32Array(2 * this.length)
    lanes.set(this.#lanes)
    this.#lanes = lanes
  }
}
