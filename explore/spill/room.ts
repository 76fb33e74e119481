/** What a process has room for without a bound of anybody's: V8 ends one whose objects are too many, and Linux one that takes the last of the machine. */
import os from 'node:os'
import { Heap } from './heap.ts'
import { Seldom } from './seldom.ts'

/** As much is left to others, and to what a report is made of: a sixteenth of what there is, or this. */
const reserve = 256 * 2 ** 20

interface Limits {
  /** Bytes that the machine has. */
  readonly total: number
  /** Bytes that its container may take; Infinity where nobody bounds it, or where that is not known. */
  readonly ofContainer: number
}

export const limits = (): Limits => {
  const total = os.totalmem()
  const bytes = process.constrainedMemory()
  return { total, ofContainer: bytes > 0 && bytes < total ? bytes : Infinity }
}

/** They stay while a process runs, and lie in files of the system. */
let known: Limits | undefined

export class Room {
  readonly #heap: Heap
  /** Elsewhere the system says no to whoever asks for too much; of that a search hears by itself. */
  readonly #isKilled = process.platform === 'linux'
  readonly #ofContainer: number
  readonly #kept: number
  readonly #left = new Seldom(() => Math.min(os.freemem(), this.#leftInContainer()))

  constructor(heap = new Heap(), { total, ofContainer } = (known ??= limits())) {
    this.#heap = heap
    this.#ofContainer = ofContainer
    this.#kept = Math.min(reserve, Math.min(ofContainer, total) / 16)
  }

  /** What there is no room for, with so many bytes more at once. */
  lack(more = 0): string | undefined {
    return this.lackForObjects() ?? (this.isMachineFull(more) ? 'the machine has no memory left' : undefined)
  }

  lackForObjects(): string | undefined {
    return this.#heap.isFull() ? 'V8 has no room for more objects' : undefined
  }

  isMachineFull(more = 0): boolean {
    return this.#isKilled && this.#left.ask(more) - more < this.#kept
  }

  /** What the container's files have in memory counts for it, and would be given up; so only what this process takes is known to be taken. */
  #leftInContainer(): number {
    return this.#ofContainer === Infinity ? Infinity : this.#ofContainer - process.memoryUsage.rss()
  }
}
