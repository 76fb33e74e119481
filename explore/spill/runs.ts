/**
 * The set of states on the disk: runs, each a file of states in the order of their hashes, with their numbers. Many are looked for at once, in the
 * same order: a run is then read once, from its start to its end, and where few are looked for, only the blocks in which they would be.
 *
 * A new run is merged with those before it that are not much larger: there are never more than a few, and each state is written a few times.
 */
import { NoRoom } from '../states/columns.ts'
import { hash } from '../states/hash.ts'
import type { SpillFile, SpillFiles } from './files.ts'

/** What is looked for, in the order of hashes. */
export interface Wanted {
  readonly many: number
  hash(at: number): number
}

/** Called with what has the same hash: whether it is the same has to be seen. */
export type Met = (at: number, words: Int32Array, base: number, width: number, number: number) => void

/** States of a block. */
const blockSize = 1 << 11
/** A run before is as many times as large as all behind it, or it is merged with them. */
const ratio = 3

class Run {
  readonly width: number
  count = 0
  readonly file: SpillFile
  /** By block: its first hash. */
  readonly firsts: number[] = []
  #block = new Int32Array(0)

  constructor(file: SpillFile, width: number) {
    this.file = file
    this.width = width
  }

  get record(): number {
    return this.width + 1
  }

  /** The next one; its hash is no less than that of the last. */
  add(key: number, words: Int32Array, base: number, width: number, number: number): void {
    const { record } = this
    const place = this.count % blockSize
    if (place === 0) {
      if (this.#block.length === 0) this.#block = new Int32Array(blockSize * record)
      this.firsts.push(key)
    }
    const at = place * record
    for (let word = 0; word < this.width; word++) this.#block[at + word] = word < width ? words[base + word]! : 0
    this.#block[at + this.width] = number
    this.count++
    if (place === blockSize - 1) this.file.write(this.#block, (this.count - blockSize) * record)
  }

  end(): void {
    const left = this.count % blockSize
    if (left > 0) this.file.write(this.#block.subarray(0, left * this.record), (this.count - left) * this.record)
    this.#block = new Int32Array(0)
  }

  /** How many are in this block, which is read. */
  read(block: number, into: Int32Array): number {
    const many = Math.min(blockSize, this.count - block * blockSize)
    this.file.read(into.subarray(0, many * this.record), block * blockSize * this.record)
    return many
  }

  /** The first block in which this hash may be. */
  blockOf(key: number): number {
    let [low, high] = [0, this.firsts.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.firsts[middle]! < key) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }

  meet(wanted: Wanted, met: Met): void {
    const { record, width } = this
    const block = new Int32Array(blockSize * record)
    const hashOf = (each: number): number => hash(block, width, each * record) >>> 0
    const leap = leapFor(this.count / wanted.many)
    let at = 0
    let key = wanted.hash(0)
    for (let number = this.blockOf(key); number < this.firsts.length && at < wanted.many;) {
      const many = this.read(number, block)
      for (let each = 0; each < many; each++) {
        while (each + leap < many && hashOf(each + leap) < key) each += leap
        const here = hashOf(each)
        while (key < here) {
          if (++at === wanted.many) return
          key = wanted.hash(at)
        }
        if (key !== here) continue
        for (let same = at; same < wanted.many && wanted.hash(same) === here; same++)
          met(same, block, each * record, width, block[each * record + width]!)
      }
      number = Math.max(number + 1, this.blockOf(key))
    }
  }
}

/** Where one in `apart` is looked for, it takes the fewest looks to go on by so many at once, and from the last one that is before it one by one. */
const leapFor = (apart: number): number => Math.max(1, Math.round(Math.sqrt(2 * apart)))

/** Reads a run from its start to its end. */
class Reader {
  readonly run: Run
  words: Int32Array
  base = 0
  key = 0
  #block = 0
  #many: number
  #at = 0

  constructor(run: Run) {
    this.run = run
    this.words = new Int32Array(blockSize * run.record)
    this.#many = run.read(0, this.words)
    this.#look()
  }

  /** False: there is no other. */
  next(): boolean {
    if (++this.#at === this.#many) {
      if (++this.#block === this.run.firsts.length) return false
      this.#many = this.run.read(this.#block, this.words)
      this.#at = 0
    }
    this.#look()
    return true
  }

  #look(): void {
    this.base = this.#at * this.run.record
    this.key = hash(this.words, this.run.width, this.base) >>> 0
  }
}

export class Runs {
  readonly #files: SpillFiles
  /** The oldest first. */
  #runs: Run[] = []

  constructor(files: SpillFiles) {
    this.#files = files
  }

  /** Writes one more; `fill` gives its states, in the order of their hashes. What cannot be written leaves all as it was. */
  add(width: number, fill: (add: Run['add']) => void): void {
    const run = this.#written(width, (made) => fill(made.add.bind(made)))
    if (run.count === 0) return run.file.remove()
    this.#runs.push(run)
    try {
      this.#merge()
    } catch (cause) {
      // Then there is one more of them.
      if (!(cause instanceof NoRoom)) throw cause
    }
  }

  meet(wanted: Wanted, met: Met): void {
    if (wanted.many > 0) for (const run of this.#runs) run.meet(wanted, met)
  }

  #written(width: number, fill: (run: Run) => void): Run {
    const run = new Run(this.#files.make(), width)
    try {
      fill(run)
      run.end()
      return run
    } catch (cause) {
      run.file.remove()
      throw cause
    }
  }

  #merge(): void {
    let first = this.#runs.length - 1
    for (let behind = this.#runs[first]!.count; first > 0; behind += this.#runs[first]!.count) {
      if (this.#runs[first - 1]!.count >= ratio * behind) break
      first--
    }
    const merged = this.#runs.slice(first)
    if (merged.length < 2) return
    const width = Math.max(...merged.map((each) => each.width))
    const run = this.#written(width, (made) => {
      let readers = merged.map((each) => new Reader(each))
      while (readers.length > 0) {
        let least = readers[0]!
        for (let each = 1; each < readers.length; each++) if (readers[each]!.key < least.key) least = readers[each]!
        const { words, base, key } = least
        made.add(key, words, base, least.run.width, words[base + least.run.width]!)
        if (!least.next()) readers = readers.filter((each) => each !== least)
      }
    })
    for (const each of merged) each.file.remove()
    this.#runs = [...this.#runs.slice(0, first), run]
  }
}
