/**
 * What threads see of each other that search together: which states somebody has taken, and how far everybody is. States are taken in chunks. The one
 * who keeps the order takes them one after the other; those who look ahead leave him the next ones that nobody has taken, so that he has something to do
 * until it is the turn of theirs. What was found of a chunk lies in an outbox until then.
 */

/** Outboxes for each thread: as many chunks may be taken before the first of them had its turn. */
const outboxesEach = 48
/** Numbers in an outbox. */
const ofOutbox = 1 << 13
/** So far ahead of the chunk whose turn it is nobody looks, where there is more to do: it would be its turn before anything was found of it. */
const tooNear = 5

/** Places on the board. */
const turn = 0
const limit = 1
const news = 2
const told = 3
const over = 4
const alive = 5
const waiting = 6
const awaited = 7

/** As threads are given it: every array is shared. */
export interface SharedBoard {
  /** States that are taken at once. */
  readonly chunk: number
  readonly numbers: Int32Array
  /** By outbox: 1 + the number of the last chunk that was taken, of those whose results go there; 0: none was. */
  readonly taken: Int32Array
  /** By outbox: 1 + the number of the chunk whose results were put there last; 0: none were. */
  readonly ready: Int32Array
  readonly outboxes: readonly Int32Array[]
}

const shared = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * length))

export const boardFor = (threads: number, chunk: number): SharedBoard => ({
  chunk,
  numbers: shared(8),
  taken: shared(threads * outboxesEach),
  ready: shared(threads * outboxesEach),
  outboxes: Array.from({ length: threads * outboxesEach }, () => shared(ofOutbox)),
})

/** So many of these chunks are left to the one who keeps the order. */
const leftOf = (many: number): number => Math.max(1, Math.min(tooNear, many >> 2))

export class Board {
  readonly chunk: number
  readonly #numbers: Int32Array
  readonly #taken: Int32Array
  readonly #ready: Int32Array
  readonly #outboxes: readonly Int32Array[]

  constructor({ chunk, numbers, taken, ready, outboxes }: SharedBoard) {
    this.chunk = chunk
    this.#numbers = numbers
    this.#taken = taken
    this.#ready = ready
    this.#outboxes = outboxes
  }

  outboxOf(chunk: number): Int32Array {
    return this.#outboxes[chunk % this.#outboxes.length]!
  }

  isReady(chunk: number): boolean {
    return Atomics.load(this.#ready, chunk % this.#ready.length) === chunk + 1
  }

  /** False: somebody else has it. */
  take(chunk: number): boolean {
    const outbox = chunk % this.#taken.length
    const before = Atomics.load(this.#taken, outbox)
    // Another one, later, if it has had its turn.
    return before <= chunk && Atomics.compareExchange(this.#taken, outbox, before, chunk + 1) === before
  }

  // For those who look ahead.

  /** Takes a chunk that nobody has taken, if all its states are stored and there is room for what is found. */
  takeAhead(): number | undefined {
    const first = Atomics.load(this.#numbers, turn)
    const many = Math.floor(Atomics.load(this.#numbers, limit) / this.chunk) - first
    const end = first + Math.min(many, this.#outboxes.length)
    for (let chunk = first + leftOf(many); chunk < end; chunk++) if (this.take(chunk)) return chunk
    return undefined
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

  /** It is the turn of this chunk: the outboxes of those before are free, and so many states are stored. */
  turnTo(chunk: number, states: number): void {
    Atomics.store(this.#numbers, turn, chunk)
    Atomics.store(this.#numbers, limit, states)
    // To wake somebody for each chunk takes longer than to put it by: there is to be something to do for a while.
    const many = Math.floor(states / this.chunk) - chunk
    const far = 2 * leftOf(many)
    const isWorthwhile = far < many && !this.#isTaken(chunk + far)
    if (isWorthwhile && Atomics.load(this.#numbers, waiting) > 0) this.#announce()
  }

  #isTaken(chunk: number): boolean {
    return Atomics.load(this.#taken, chunk % this.#taken.length) > chunk
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
