/**
 * What was found of the states of a chunk, as numbers: of each state how many steps lead on, and the states behind them that were not stored
 * when it was looked into. Whoever could not tell leaves a state open.
 */
// A record: its length, steps, deliveries, the longest chain; then for each state behind it the delivery, its lane, the chain, its key, the words.
const ofRecord = 4
const ofNew = 4
/** As many of them are remembered, each in a place of its own. */
const seenSize = 1 << 11
/** The length of one that is left open. */
const open = 1

export class Results {
  #numbers: Int32Array = new Int32Array()
  readonly #states: number
  /** Where the words of the states behind them begin, by a hash of these. */
  readonly #seen = new Int32Array(seenSize)
  #record = 1
  #at = 1

  /** For chunks of so many states. */
  constructor(states: number) {
    this.#states = states
  }

  /** For another chunk. */
  into(numbers: Int32Array, epoch: number): void {
    this.#numbers = numbers
    this.#seen.fill(0)
    this.#at = 1
    numbers[0] = epoch
  }

  begin(): void {
    this.#record = this.#at
    this.#at += ofRecord
  }

  /** A state that was behind another one of the chunk is not told again: whoever takes them in order has it by then. */
  add(delivery: number, lane: number, taken: number, key: number, words: Int32Array): void {
    if (this.#isTold(key, words)) return
    const numbers = this.#numbers
    numbers[this.#at] = delivery
    numbers[this.#at + 1] = lane
    numbers[this.#at + 2] = taken
    numbers[this.#at + 3] = key
    const base = this.#at + ofNew
    for (let word = 0; word < words.length; word++) numbers[base + word] = words[word]!
    this.#at = base + words.length
  }

  #isTold(key: number, words: Int32Array): boolean {
    const place = key & (seenSize - 1)
    const [numbers, at] = [this.#numbers, this.#seen[place]!]
    this.#seen[place] = this.#at + ofNew
    if (at === 0) return false
    for (let word = 0; word < words.length; word++) if (numbers[at + word] !== words[word]) return false
    this.#seen[place] = at
    return true
  }

  end(steps: number, deliveries: number, longest: number): void {
    // Every other state of the chunk needs room to be left open.
    if (this.#at + this.#states > this.#numbers.length) return this.leaveOpen()
    const record = this.#record
    this.#numbers[record] = this.#at - record
    this.#numbers[record + 1] = steps
    this.#numbers[record + 2] = deliveries
    this.#numbers[record + 3] = longest
  }

  leaveOpen(): void {
    // What was told of it is none any more.
    this.#seen.fill(0)
    this.#numbers[this.#record] = open
    this.#at = this.#record + open
  }
}

/** One state after the other. */
export class Found {
  /** What was known to whoever has found it. */
  readonly epoch: number
  readonly numbers: Int32Array
  readonly #words: number
  #record = 1

  constructor(numbers: Int32Array, words: number) {
    this.numbers = numbers
    this.epoch = numbers[0]!
    this.#words = words
  }

  next(): void {
    this.#record += this.numbers[this.#record]!
  }

  get isOpen(): boolean {
    return this.numbers[this.#record] === open
  }

  get steps(): number {
    return this.numbers[this.#record + 1]!
  }

  get deliveries(): number {
    return this.numbers[this.#record + 2]!
  }

  get longest(): number {
    return this.numbers[this.#record + 3]!
  }

  /** How many states behind it were new. */
  get many(): number {
    return (this.numbers[this.#record]! - ofRecord) / (ofNew + this.#words)
  }

  delivery(one: number): number {
    return this.numbers[this.#baseOf(one)]!
  }

  lane(one: number): number {
    return this.numbers[this.#baseOf(one) + 1]!
  }

  taken(one: number): number {
    return this.numbers[this.#baseOf(one) + 2]!
  }

  /** The hash of its words. */
  key(one: number): number {
    return this.numbers[this.#baseOf(one) + 3]!
  }

  /** Where its words begin. */
  wordsOf(one: number): number {
    return this.#baseOf(one) + ofNew
  }

  #baseOf(one: number): number {
    return this.#record + ofRecord + one * (ofNew + this.#words)
  }
}
