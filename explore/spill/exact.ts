/** The set of states on the disk, in runs (runs.ts): nothing is taken for what it is not. */
import { segmentBits, segmentSize } from '../states/columns.ts'
import type { SpillFiles } from './files.ts'
import { Runs } from './runs.ts'
import type { Seen } from './seen.ts'
import { sorted, type Packed } from './sorted.ts'

export class Exact implements Seen {
  readonly #runs: Runs

  constructor(files: SpillFiles) {
    this.#runs = new Runs(files)
  }

  tellKnown(states: Packed, from: number, to: number, tell: (slot: number) => void): void {
    for (const wanted of sorted(states, from, to, () => true))
      this.#runs.meet(wanted, (at, words, base, width) => {
        const slot = wanted.slot(at)
        if (isSame(states, slot, words, base, width)) tell(slot)
      })
  }

  keep(states: Packed, count: number, isOne: (slot: number) => boolean, numberOf: (slot: number) => number): void {
    const { packed, words } = states
    this.#runs.add(words, (add) => {
      for (const each of sorted(states, 0, count, isOne))
        for (let at = 0; at < each.many; at++) {
          const slot = each.slot(at)
          add(each.hash(at), packed[slot >>> segmentBits]!, (slot & (segmentSize - 1)) * words, words, numberOf(slot))
        }
    })
  }

  find(words: Int32Array): number | undefined {
    const states = { packed: [words], words: words.length }
    let found: number | undefined
    for (const wanted of sorted(states, 0, 1, () => true))
      this.#runs.meet(wanted, (_, there, base, width, number) => {
        if (isSame(states, 0, there, base, width)) found = number
      })
    return found
  }

  leftOut(): number {
    return 0
  }
}

/** Words that the one has more than the other are 0. */
function isSame({ packed, words }: Packed, slot: number, other: Int32Array, base: number, width: number): boolean {
  const one = packed[slot >>> segmentBits]!
  const begin = (slot & (segmentSize - 1)) * words
  const widest = Math.max(words, width)
  for (let word = 0; word < widest; word++)
    if ((word < words ? one[begin + word] : 0) !== (word < width ? other[base + word] : 0)) return false
  return true
}
