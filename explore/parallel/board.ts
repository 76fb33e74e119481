/**
 * What threads see of each other that search together: which states somebody has taken, and how far everybody is. States are taken in chunks, one
 * after the other, so whoever is fast takes more of them; what was found of a chunk lies in an outbox until it is its turn.
 */

/** Outboxes for each thread: as many chunks may be taken before the first of them had its turn. */
const outboxesEach = 12
/** Numbers in an outbox. */
const ofOutbox = 1 << 15

/** Places on the board. */
const next = 0
const limit = 1
const retired = 2
const news = 3
const told = 4
const over = 5
const alive = 6
const waiting = 7
const awaited = 8

/** As threads are given it: every array is shared. */
export interface SharedBoard {
  /** States that are taken at once. */
  readonly chunk: number
  readonly numbers: Int32Array
  /** By outbox: 1 + the number of the chunk whose results were put there last; 0: none were. */
  readonly ready: Int32Array
  readonly outboxes: readonly Int32Array[]
}

const shared = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * length))

export const boardFor = (threads: number, chunk: number): SharedBoard => ({
  chunk,
  numbers: shared(9),
  ready: shared(threads * outboxesEach),
  outboxes: Array.from({ length: threads * outboxesEach }, () => shared(ofOutbox)),
})

export class Board {
  readonly chunk: number
  readonly #numbers: Int32Array
  readonly #ready: Int32Array
  readonly #outboxes: readonly Int32Array[]

  constructor({ chunk, numbers, ready, outboxes }: SharedBoard) {
    this.chunk = chunk
    this.#numbers = numbers
    this.#ready = ready
    this.#outboxes = outboxes
  }

  outboxOf(chunk: number): Int32Array {
    return this.#outboxes[chunk % this.#outboxes.length]!
  }

  isReady(chunk: number): boolean {
    return Atomics.load(this.#ready, chunk % this.#ready.length) === chunk + 1
  }

  // For those who look ahead.

  /** The next chunk that nobody has taken, if all its states are stored and there is room for what is found. */
  take(): number | undefined {
    const numbers = this.#numbers
    for (;;) {
      const chunk = Atomics.load(numbers, next)
      if ((chunk + 1) * this.chunk > Atomics.load(numbers, limit)) return undefined
      if (chunk >= Atomics.load(numbers, retired) + this.#outboxes.length) return undefined
      if (Atomics.compareExchange(numbers, next, chunk, chunk + 1) === chunk) return chunk
    }
  }

  finish(chunk: number): void {
    const outbox = chunk % this.#ready.length
    Atomics.store(this.#ready, outbox, chunk + 1)
    if (Atomics.load(this.#numbers, awaited) === chunk + 1) Atomics.notify(this.#ready, outbox)
  }

  /** Somebody is at work. */
  beat(): void {
    Atomics.add(this.#numbers, alive, 1)
  }

  get news(): number {
    return Atomics.load(this.#numbers, news)
  }

  /** Waits until there is something to do that there was not when `seen` was the news. */
  waitForNews(seen: number): void {
    Atomics.add(this.#numbers, waiting, 1)
    Atomics.wait(this.#numbers, news, seen)
    Atomics.sub(this.#numbers, waiting, 1)
  }

  /** So many messages were sent to each of them. */
  get told(): number {
    return Atomics.load(this.#numbers, told)
  }

  get isOver(): boolean {
    return Atomics.load(this.#numbers, over) === 1
  }

  // For the one who keeps the order.

  /** Every chunk before this one had its turn. */
  beginAt(chunk: number): void {
    Atomics.store(this.#numbers, next, chunk)
    Atomics.store(this.#numbers, retired, chunk)
  }

  /** It is the turn of this chunk: the outboxes of those before are free, and so many states are stored. */
  turnTo(chunk: number, states: number): void {
    Atomics.store(this.#numbers, retired, chunk)
    Atomics.store(this.#numbers, limit, states)
    // To wake somebody for each chunk takes longer than to put it by: there is to be something to do for a while.
    const isWorthwhile = 2 * (Atomics.load(this.#numbers, next) - chunk) <= this.#outboxes.length
    if (isWorthwhile) this.#announce()
  }

  /** False: somebody else has it. */
  takeOldest(chunk: number): boolean {
    return Atomics.compareExchange(this.#numbers, next, chunk, chunk + 1) === chunk
  }

  /** Waits for the results of a chunk, so many milliseconds at most. */
  waitFor(chunk: number, milliseconds: number): void {
    const outbox = chunk % this.#ready.length
    const seen = Atomics.load(this.#ready, outbox)
    Atomics.store(this.#numbers, awaited, chunk + 1)
    if (seen !== chunk + 1) Atomics.wait(this.#ready, outbox, seen, milliseconds)
    Atomics.store(this.#numbers, awaited, 0)
  }

  get beats(): number {
    return Atomics.load(this.#numbers, alive)
  }

  sent(): void {
    Atomics.add(this.#numbers, told, 1)
  }

  end(): void {
    Atomics.store(this.#numbers, over, 1)
    this.#announce()
  }

  #announce(): void {
    Atomics.add(this.#numbers, news, 1)
    if (Atomics.load(this.#numbers, waiting) > 0) Atomics.notify(this.#numbers, news)
  }
}
