import type { Here } from '../outcome/gathered.ts'

/** The steps of a run, as far as it has come. Each run of a sample is written over the one before: there are a hundred thousand a second. */
export class Run implements Here {
  length = 0
  readonly #lanes: Int32Array

  constructor(longest: number) {
    this.#lanes = new Int32Array(longest)
  }

  push(lane: number): void {
    this.#lanes[this.length++] = lane
  }

  lanes(): readonly number[] {
    return [...this.#lanes.subarray(0, this.length)]
  }
}
