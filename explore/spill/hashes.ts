/**
 * Hash compaction: a state that is on the disk is known in memory by a hash of 64 bits. Two states that have the same
 * are taken for one, and what lies behind the second may never be seen; how probable that is can be told.
 */
import { allocated, NoRoom, segmentBits, segmentSize } from '../states/columns.ts'
import type { Seen } from './seen.ts'
import type { Packed } from './sorted.ts'

const fewest = 1 << 12

/** Words of 0 change nothing: a state that is packed into more words has the same. */
function half(words: Int32Array, count: number, base: number, first: number, second: number): number {
  let sum = 0
  for (let word = 0; word < count; word++) {
    let mixed = Math.imul(words[base + word]!, first + Math.imul(word, 0x3c6ef372))
    mixed = Math.imul(mixed ^ (mixed >>> 15), second)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0x297a2d39)
    sum = (sum + (mixed ^ (mixed >>> 16))) | 0
  }
  sum = Math.imul(sum ^ (sum >>> 16), 0x7feb352d)
  return sum ^ (sum >>> 15)
}

export class Hashes implements Seen {
  readonly #bits: number
  readonly #hasRoom: (bytes: number) => boolean
  readonly #masks: readonly [number, number]
  /** Upper and lower halves by turns; both 0: free. */
  #table = new Int32Array(fewest * 2)
  /** Hashes that there are. */
  count = 0
  /** Of the state that is looked at. */
  #upper = 0
  #lower = 0

  constructor(bits: number, hasRoom: (bytes: number) => boolean) {
    this.#bits = bits
    this.#hasRoom = hasRoom
    this.#masks = bits >= 64 ? [-1, -1] : bits > 32 ? [-1, 2 ** (bits - 32) - 1] : [2 ** bits - 1, 0]
  }

  tellKnown(states: Packed, from: number, to: number, tell: (slot: number) => void): void {
    for (let slot = from; slot < to; slot++) {
      this.#lookAt(states, slot)
      if (this.#isThere(this.#place())) tell(slot)
    }
  }

  keep(states: Packed, count: number, isOne: (slot: number) => boolean): void {
    for (let slot = 0; slot < count; slot++) {
      if (!isOne(slot)) continue
      if ((this.count + 1) * 16 > this.#table.length * 7) this.#grow()
      this.#lookAt(states, slot)
      this.#enter()
    }
  }

  /** Whoever asks that has seen all states, and knows which they are. */
  find(): undefined {
    return undefined
  }

  /** Any two have the same hash as if it had been drawn by lot. */
  leftOut(states: number): number {
    return Math.min(1, (states * (states - 1)) / 2 ** (this.#bits + 1))
  }

  #lookAt({ packed, words }: Packed, slot: number): void {
    const [upper, lower] = this.#masks
    const segment = packed[slot >>> segmentBits]!
    const base = (slot & (segmentSize - 1)) * words
    this.#upper = half(segment, words, base, 0x85ebca6b, 0x2c1b3c6d) & upper
    this.#lower = half(segment, words, base, 0xc2b2ae35, 0x1b873593) & lower
    if (this.#upper === 0 && this.#lower === 0) this.#upper = 1
  }

  #isThere(place: number): boolean {
    return this.#table[place] !== 0 || this.#table[place + 1] !== 0
  }

  /** Where it is in the table, or would be. */
  #place(): number {
    const table = this.#table
    const last = table.length / 2 - 1
    for (let at = (this.#upper ^ this.#lower) & last; ; at = (at + 1) & last) {
      const place = at * 2
      if (!this.#isThere(place) || (table[place] === this.#upper && table[place + 1] === this.#lower)) return place
    }
  }

  #enter(): void {
    const place = this.#place()
    if (this.#isThere(place)) return
    this.#table[place] = this.#upper
    this.#table[place + 1] = this.#lower
    this.count++
  }

  #grow(): void {
    const before = this.#table
    if (!this.#hasRoom(before.byteLength * 2)) throw new NoRoom(new Error('hashes of states take all of it'))
    this.#table = allocated(() => new Int32Array(before.length * 2))
    this.count = 0
    for (let place = 0; place < before.length; place += 2) {
      this.#upper = before[place]!
      this.#lower = before[place + 1]!
      if (this.#upper !== 0 || this.#lower !== 0) this.#enter()
    }
  }
}
