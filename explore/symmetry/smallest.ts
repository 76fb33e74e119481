/**
 * The smallest of the states that a state becomes when threads which are alike change places, cell by cell, those of the threads first. There are as
 * many ways as the product of factorials; but what becomes of the cell of a thread that speaks of no other is told by where it goes, so the
 * first place is for the one that is smallest there, the second for the smallest there of the others, and so on. Of those that are the same there, one
 * will do for all with whom it can change places in this state without a difference; the rest are tried.
 */
import type { Collapsed } from '../states/cells.ts'

/** Ways to change places by number, 0 being the one in which everybody stays; and what they do. */
export interface Ways {
  readonly many: number
  /** The cell that becomes this one. */
  from(way: number, cell: number): number
  /** What the value of a cell becomes. */
  valueBy(way: number, cell: number, value: number): number
  /** What stands in a cell of a state then. */
  imageAt(state: Collapsed, way: number, cell: number): number
}

/** Not asked yet. */
const unasked = -1
/** What becomes of it is a matter of who else changes places. */
const speaksOfOthers = -2

export class Smallest {
  readonly #ways: Ways
  /** By class: the cells of its threads. */
  readonly #classes: readonly (readonly number[])[]
  /** Those of all classes. */
  readonly #threads: readonly number[]
  /** By who stands in each place, as a number. */
  readonly #numbers = new Map<number, number>()
  /** By two cells of threads: the way in which just these change places. */
  readonly #swaps: number[][] = []
  /** By class, by its place where a thread stands and where it goes: what its values become. */
  readonly #likes: Int32Array[][][]
  /** All that are compared behind those of the threads. */
  #others: readonly number[] = []
  #state: Collapsed = new Int32Array(0)
  #best = 0
  #isFirst = true

  constructor(ways: Ways, classes: readonly (readonly number[])[]) {
    this.#ways = ways
    this.#classes = classes
    this.#threads = classes.flat()
    this.#likes = classes.map((cells) => cells.map(() => cells.map(() => new Int32Array(0))))
    const numbers = Array.from({ length: ways.many }, (_, number) => number)
    for (const number of numbers) {
      const stand = classes.map((cells) => cells.map((cell) => cells.indexOf(ways.from(number, cell))))
      this.#numbers.set(
        stand.reduce((sum, places) => places.reduce((so, who) => numberOf(so, who, places), sum), 0),
        number,
      )
    }
    for (const number of numbers) {
      const moved = this.#threads.filter((cell) => ways.from(number, cell) !== cell)
      if (moved.length === 2) for (const cell of moved) (this.#swaps[cell] ??= [])[ways.from(number, cell)] = number
    }
  }

  /** The way to the smallest; `others`: the cells that are compared behind those of threads, always in the same order. */
  wayFrom(state: Collapsed, others: readonly number[]): number {
    this.#state = state
    this.#others = others
    this.#best = 0
    this.#isFirst = true
    if (this.#speakOfOthers()) this.#tryAll()
    else this.#fill(0, 0, 0, 0)
    return this.#best
  }

  #speakOfOthers(): boolean {
    for (let each = 0; each < this.#classes.length; each++) {
      const cells = this.#classes[each]!
      for (let at = 0; at < cells.length; at++) if (this.#likeAt(each, at, at) === speaksOfOthers) return true
    }
    return false
  }

  #tryAll(): void {
    for (let way = 1; way < this.#ways.many; way++) {
      const difference = this.#difference(way, this.#threads) || this.#difference(way, this.#others)
      if (difference < 0) this.#best = way
    }
  }

  /** Finds somebody for a place of a class, when those of `taken` (bits) have one. */
  #fill(each: number, place: number, taken: number, number: number): void {
    const cells = this.#classes[each]
    if (!cells) return this.#try(this.#numbers.get(number)!)
    if (place === cells.length) return this.#fill(each + 1, 0, 0, number)
    let least = Infinity
    for (let who = 0; who < cells.length; who++)
      if ((taken & (1 << who)) === 0) least = Math.min(least, this.#likeAt(each, who, place))
    let first = -1
    for (let who = 0; who < cells.length; who++) {
      if ((taken & (1 << who)) !== 0 || this.#likeAt(each, who, place) !== least) continue
      if (first >= 0 && this.#isAllTheSame(cells[first]!, cells[who]!)) continue
      if (first < 0) first = who
      this.#fill(each, place + 1, taken | (1 << who), numberOf(number, who, cells))
    }
  }

  /** Of two threads in the same state: does nobody else tell which is which? */
  #isAllTheSame(one: number, other: number): boolean {
    const swap = this.#swaps[one]![other]!
    for (let at = 0; at < this.#others.length; at++) {
      const cell = this.#others[at]!
      if (this.#ways.imageAt(this.#state, swap, cell) !== this.#state[cell]) return false
    }
    return true
  }

  /** The cells of threads are the same in all that are tried. */
  #try(way: number): void {
    if (this.#isFirst || this.#difference(way, this.#others) < 0) this.#best = way
    this.#isFirst = false
  }

  /** In the first of these cells in which this way leads elsewhere than the best so far; below 0: to what is smaller. */
  #difference(way: number, cells: readonly number[]): number {
    for (let at = 0; at < cells.length; at++) {
      const cell = cells[at]!
      const difference = this.#ways.imageAt(this.#state, way, cell) - this.#ways.imageAt(this.#state, this.#best, cell)
      if (difference !== 0) return difference
    }
    return 0
  }

  /** What the cell of a thread becomes where it goes to another place of its class. */
  #likeAt(each: number, from: number, to: number): number {
    const value = this.#state[this.#classes[each]![from]!]!
    const known = this.#likes[each]![from]![to]!
    const like = value < known.length ? known[value]! : unasked
    return like === unasked ? this.#ask(each, from, to, value) : like
  }

  #ask(each: number, from: number, to: number, value: number): number {
    const likes = this.#likes[each]![from]!
    if (value >= likes[to]!.length) {
      const more = new Int32Array(Math.max(2 * likes[to]!.length, value + 1, 64)).fill(unasked)
      more.set(likes[to]!)
      likes[to] = more
    }
    return (likes[to]![value] = this.#like(this.#classes[each]![from]!, this.#classes[each]![to]!, value))
  }

  #like(cell: number, to: number, value: number): number {
    const ways = this.#ways
    const isAbout = (swap: number): boolean =>
      ways.from(swap, cell) === cell && ways.valueBy(swap, cell, value) !== value
    if (this.#swaps.some((swaps) => swaps.some(isAbout))) return speaksOfOthers
    for (let way = 0; way < ways.many; way++) if (ways.from(way, to) === cell) return ways.valueBy(way, cell, value)
    throw new RangeError('nobody goes there')
  }
}

const numberOf = (before: number, who: number, { length }: readonly unknown[]): number => before * length + who
