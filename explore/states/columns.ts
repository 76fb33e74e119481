/** Long arrays of numbers in segments: they grow without being copied, and what is allocated is never much more than what is used. */

/** Thrown where a search has no room for one more state: the memory is full, or the numbers are. */
export class NoRoom extends Error {
  constructor(cause?: unknown) {
    super('no room for more states', { cause })
  }
}

/** What the platform says when it has no memory for an array, or none of that length. */
export function allocated<T>(make: () => T): T {
  try {
    return make()
  } catch (cause) {
    if (cause instanceof RangeError) throw new NoRoom(cause)
    throw cause
  }
}

/** Numbers of states have 30 bits. */
export const mostStates = 2 ** 30

/** States of one segment, as a power of two. */
export const segmentBits = 13
export const segmentSize = 1 << segmentBits
const segmentMask = segmentSize - 1

export type Segment = Uint16Array | Int32Array

/** One number a state; the smallest arrays that hold what was met. */
export class Column {
  #segments: Segment[] = []

  get bytes(): number {
    return this.#segments.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** As plain data, and the same again. */
  get kept(): readonly Segment[] {
    return this.#segments
  }

  clear(): void {
    this.#segments = []
  }

  restore(kept: readonly Segment[]): void {
    for (const [number, segment] of kept.entries()) this.#segments[number] = segment
  }

  get(state: number): number {
    return this.#segments[state >>> segmentBits]![state & segmentMask]!
  }

  set(state: number, value: number): void {
    this.reserve(state, value)[state & segmentMask] = value
  }

  /** Room for this number, before anything is said that it belongs to. */
  reserve(state: number, value: number): Segment {
    const number = state >>> segmentBits
    const segments = this.#segments
    const segment = number < segments.length ? segments[number]! : this.#allocate(number)
    if (value < 0x10000 || segment instanceof Int32Array) return segment
    return (this.#segments[number] = allocated(() => Int32Array.from(segment)))
  }

  #allocate(number: number): Segment {
    return (this.#segments[number] = allocated(() => new Uint16Array(segmentSize)))
  }
}
