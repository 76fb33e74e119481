/**
 * A search breadth first that goes on from a few states of each level only, drawn by lot, and estimates how many each level would have had. Where a
 * level has no more than those few, it is counted; otherwise as many steps lead to the next as to all of a share of it, and how often two of them
 * lead to the same state tells how many states there are for so many steps.
 *
 * States that many steps lead to are met first, so what is estimated is too little, the more so the thinner (estimate.ts makes up for it).
 */
import { randomFrom } from '../sampling/random.ts'

/** More ways into a state than this are not told apart from this many. */
const mostWays = 1000

export class Thinned {
  /** By level: how many states it would have. */
  readonly widths: number[] = [1]
  /** It goes on from so many states of a level. */
  readonly most: number
  /** States that were looked into. */
  expanded = 0
  readonly #random: () => number
  /** By level: its first state. */
  readonly #firsts: number[] = [0]
  /** Of the states of a level, this share was met. */
  readonly #shares: number[] = [1]
  /** The states of this level that are gone on from. */
  #chosen: ReadonlySet<number> | undefined
  /** Steps from them to states of levels before; each counts for all that were not met there. */
  #back = 0
  /** The others, and those to states that were met before. */
  #steps = 0
  #known = 0
  #isOver = false

  constructor(most: number, seed = 1) {
    this.most = most
    this.#random = randomFrom(seed)
  }

  /** A step has led to this state; the next level begins with the state `next`. */
  met(state: number, next: number): void {
    this.#steps++
    if (state >= next) return
    this.#known++
    this.#back += 1 / this.#shares[this.#levelOf(state)]!
  }

  isLeftOut(state: number): boolean {
    if (this.#isOver || this.#chosen?.has(state) === false) return true
    this.expanded++
    return false
  }

  /** All that were chosen of a level have been looked into, and these are the states of the next. */
  begin(first: number, end: number): void {
    const seen = end - first
    const drawn = this.#chosen?.size ?? first - this.#firsts.at(-1)!
    const share = Math.min(1, drawn / this.widths.at(-1)!)
    const fresh = this.#steps - this.#known
    // Of the states that look new, some are of levels before, and were not met there.
    const isNew = fresh > 0 ? Math.min(1, Math.max(0, this.#steps - this.#back) / fresh) : 0
    const width = isNew * distinct(fresh, seen, share)
    if (width < 1) this.#isOver = true
    else {
      this.widths.push(width)
      this.#firsts.push(first)
      this.#shares.push(Math.min(1, seen / width))
    }
    this.#chosen = seen > this.most ? this.#draw(first, seen) : undefined
    this.#steps = this.#known = this.#back = 0
  }

  #draw(first: number, many: number): ReadonlySet<number> {
    const chosen = new Set<number>()
    while (chosen.size < this.most) chosen.add(first + Math.floor(this.#random() * many))
    return chosen
  }

  #levelOf(state: number): number {
    let [low, high] = [0, this.#firsts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#firsts[middle]! <= state) low = middle
      else high = middle - 1
    }
    return low
  }
}

/**
 * How many states there are that steps lead to, when a share of the steps, `steps`, leads to `seen` of them. Were there as many ways into each, `ways`,
 * there would be steps / share / ways of them, of which 1 - (1 - share) ^ ways are seen.
 */
function distinct(steps: number, seen: number, share: number): number {
  if (share >= 1 || seen === 0) return seen
  let [low, high] = [1, mostWays]
  for (let round = 0; round < 40; round++) {
    const ways = (low + high) / 2
    if ((steps / share / ways) * (1 - (1 - share) ** ways) > seen) low = ways
    else high = ways
  }
  return steps / share / low
}
