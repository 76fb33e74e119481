/**
 * The states of a search that there is no memory for: all of them by number (log.ts), and a set in which new ones are looked for, many at once
 * (exact.ts, hashes.ts). Whether a state is new is known only then: delayed detection of what was seen before.
 */
import { segmentBits, segmentSize } from '../states/columns.ts'
import type { MemoryBound } from './bound.ts'
import { Exact } from './exact.ts'
import { Hashes } from './hashes.ts'
import { Log } from './log.ts'
import type { Seen } from './seen.ts'
import type { Packed } from './sorted.ts'

export class Spilled {
  readonly log: Log
  readonly seen: Seen
  /** States are known by their hashes: one may be taken for another. */
  readonly isHashed: boolean
  /** Steps to the deepest of them. */
  deepest = 0

  constructor(memory: MemoryBound) {
    const { files, hashBits } = memory
    this.log = new Log(files)
    this.isHashed = hashBits !== undefined
    this.seen = hashBits === undefined ? new Exact(files) : new Hashes(hashBits, (bytes) => !memory.isFull(bytes))
  }

  /** Adds the next state. */
  add({ packed, words }: Packed, slot: number, about: readonly [number, number, number, number]): void {
    this.log.add(packed[slot >>> segmentBits]!, (slot & (segmentSize - 1)) * words, words, about)
    if (about[2] > this.deepest) this.deepest = about[2]
  }
}
