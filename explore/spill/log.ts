/** All states by their number, on the disk: the words of each, and what else is known of it. They are put there, and mostly read, in their order. */
import type { SpillFile, SpillFiles } from './files.ts'

/** Behind the words of a state: where it was come to from, by which lane, how deep it is, and which way leads to it from what stands for it. */
export const more = 4
const [ofParent, ofLane, ofDepth, ofWay] = [0, 1, 2, 3]

/** States of as many words, from this one on. */
interface Section {
  readonly first: number
  /** Where it begins, in blocks. */
  readonly block: number
  readonly words: number
}

/** States of a block: what is written at once, and read. */
const blockBits = 11
const blockSize = 1 << blockBits

interface Block {
  readonly number: number
  readonly words: Int32Array
}

/** A few are read by turns: those in their order, and the way back from one of them. */
const mostBlocks = 4

export class Log {
  count = 0
  readonly #file: SpillFile
  readonly #sections: Section[] = []
  /** The last, which is not full: the only one that is not on the disk. */
  #tail = new Int32Array(0)
  /** The one that was read last comes first. */
  #blocks: Block[] = []

  constructor(files: SpillFiles) {
    this.#file = files.make()
  }

  /** `words`: so many of them from `base` on. */
  add(words: Int32Array, base: number, many: number, also: readonly [number, number, number, number]): void {
    if (this.#sections.at(-1)?.words !== many) this.#begin(many)
    const section = this.#sections.at(-1)!
    const record = many + more
    const place = (this.count - section.first) & (blockSize - 1)
    const at = place * record
    for (let word = 0; word < many; word++) this.#tail[at + word] = words[base + word]!
    for (let each = 0; each < more; each++) this.#tail[at + many + each] = also[each]!
    if (place === blockSize - 1) {
      const block = section.block + ((this.count - section.first) >>> blockBits)
      this.#write(section, block)
      this.#tail = new Int32Array(blockSize * record)
    }
    this.count++
  }

  parent(state: number): number {
    return this.#also(state, ofParent)
  }

  lane(state: number): number {
    return this.#also(state, ofLane)
  }

  depth(state: number): number {
    return this.#also(state, ofDepth)
  }

  way(state: number): number {
    return this.#also(state, ofWay)
  }

  /** Writes the words of a state; those that it was stored without are 0. */
  words(state: number, into: Int32Array): void {
    const section = this.#sectionOf(state)
    const words = this.#blockOf(section, state)
    const at = placeIn(section, state) * (section.words + more)
    for (let word = 0; word < into.length; word++) into[word] = word < section.words ? words[at + word]! : 0
  }

  #also(state: number, which: number): number {
    const section = this.#sectionOf(state)
    return this.#blockOf(section, state)[placeIn(section, state) * (section.words + more) + section.words + which]!
  }

  /** States of another width begin a block of their own. */
  #begin(words: number): void {
    const last = this.#sections.at(-1)
    const block = last ? last.block + Math.ceil((this.count - last.first) / blockSize) : 0
    if (last && (this.count - last.first) % blockSize > 0) this.#write(last, block - 1)
    this.#sections.push({ first: this.count, block, words })
    this.#tail = new Int32Array(blockSize * (words + more))
  }

  /** The tail is a block now, and one that was read last. If it is not full, it takes the room of one that is. */
  #write(section: Section, number: number): void {
    this.#file.write(this.#tail, this.#startOf(section, number))
    this.#keep({ number, words: this.#tail })
  }

  #startOf(section: Section, block: number): number {
    let start = 0
    for (const [index, each] of this.#sections.entries()) {
      if (each === section) break
      start += (this.#sections[index + 1]!.block - each.block) * blockSize * (each.words + more)
    }
    return start + (block - section.block) * blockSize * (section.words + more)
  }

  #sectionOf(state: number): Section {
    let at = this.#sections.length - 1
    while (this.#sections[at]!.first > state) at--
    return this.#sections[at]!
  }

  #blockOf(section: Section, state: number): Int32Array {
    const number = section.block + ((state - section.first) >>> blockBits)
    const [first] = this.#blocks
    if (first?.number === number) return first.words
    const last = this.#sections.at(-1)!
    if (section === last && number === last.block + ((this.count - last.first) >>> blockBits)) return this.#tail
    const at = this.#blocks.findIndex((each) => each.number === number)
    const block = at < 0 ? this.#read(section, number) : this.#blocks.splice(at, 1)[0]!
    this.#keep(block)
    return block.words
  }

  #read(section: Section, number: number): Block {
    const words = new Int32Array(blockSize * (section.words + more))
    this.#file.read(words, this.#startOf(section, number))
    return { number, words }
  }

  #keep(block: Block): void {
    this.#blocks.unshift(block)
    if (this.#blocks.length > mostBlocks) this.#blocks.length = mostBlocks
  }
}

const placeIn = ({ first }: Section, state: number): number => (state - first) & (blockSize - 1)
