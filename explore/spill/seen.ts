/** Which states have been seen, of those that are on the disk: what is asked of whoever knows it. */
import type { Packed } from './sorted.ts'

export interface Seen {
  /** Which of these slots are of states that were seen before: calls `tell` with each, in any order. */
  tellKnown(states: Packed, from: number, to: number, tell: (slot: number) => void): void
  /** From now on these have been seen, and `numberOf` tells as what. */
  keep(states: Packed, count: number, isOne: (slot: number) => boolean, numberOf: (slot: number) => number): void
  /** The number of a state that is kept, if that can be told. */
  find(words: Int32Array): number | undefined
  /** How probable it is, at most, that a state was taken for another, among so many. */
  leftOut(states: number): number
}
