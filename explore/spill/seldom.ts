/** A number of bytes that only the system knows. To ask it takes as long as to look into hundreds of states. */

/** What it said is believed for so many milliseconds; whoever wants as many bytes at once asks anew. */
const fresh = 10
const much = 2 ** 20

export class Seldom {
  readonly #ask: () => number
  #answer = 0
  #askedAt = -Infinity

  constructor(ask: () => number) {
    this.#ask = ask
  }

  /** For whoever wants so many bytes more. */
  ask(more: number): number {
    const now = performance.now()
    if (more >= much || now - this.#askedAt > fresh) {
      this.#answer = this.#ask()
      this.#askedAt = now
    }
    return this.#answer
  }
}
