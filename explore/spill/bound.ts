/** How much memory a search may take, and what it does where that comes near. */
import { SpillFolder, type SpillFiles } from './files.ts'
import { Room } from './room.ts'
import { Seldom } from './seldom.ts'

export interface MemoryBound {
  /** So many bytes. */
  readonly bytes: number
  /** After so many states somebody looks. */
  readonly every: number
  /** So many states are in memory in any case. */
  readonly fewest: number
  /** With so many bytes more it would be too much, before long. */
  isShort(more: number): boolean
  /** It is too much, or would be with so many bytes more at once. */
  isFull(more?: number): boolean
  /** The most that there were so far, since somebody asked first. */
  peak(): number
  /** States are known by hashes of so many bits then. Otherwise by what they are. */
  readonly hashBits?: number
  /** Where states go then. */
  readonly files: SpillFiles
}

/** What came of a bound, in bytes. */
export interface MemoryReport {
  readonly within: number
  /** The most that the process took. */
  readonly peak: number
  /** The most that lay on the disk: 0, all states had room in memory. */
  readonly disk: number
}

export interface MemoryOptions {
  /** The folder for what there is no memory for; otherwise that of the system for what is temporary. */
  readonly spill?: string
  /** States on the disk are known by their hashes: one may be left out, and the report says how probable that is. */
  readonly compact?: boolean
}

/** What is not the search's own comes and goes: of that, too, there is to be room. */
const [near, over] = [0.85, 1.05]

class OfProcess implements MemoryBound {
  readonly every = 512
  readonly fewest = 1 << 14
  readonly bytes: number
  readonly files: SpillFiles
  readonly hashBits?: number
  readonly #room = new Room()
  readonly #taken = new Seldom(() => process.memoryUsage.rss())
  #peak = 0
  /** Of all that the process did before; what was less since then, nobody can ask. */
  readonly #before = process.resourceUsage().maxRSS

  constructor(bytes: number, files: SpillFiles, isCompact: boolean) {
    if (isCompact) this.hashBits = 64
    this.bytes = bytes
    this.files = files
  }

  isShort(more: number): boolean {
    return this.#look(more) + more > this.bytes * near || this.#room.isMachineFull(more)
  }

  isFull(more = 0): boolean {
    return this.#look(more) + more > this.bytes * over || this.#room.isMachineFull(more)
  }

  peak(): number {
    const { maxRSS } = process.resourceUsage()
    return maxRSS > this.#before ? maxRSS * 1024 : Math.max(this.#peak, process.memoryUsage.rss())
  }

  #look(more: number): number {
    const bytes = this.#taken.ask(more)
    this.#peak = Math.max(this.#peak, bytes)
    return bytes
  }
}

/**
 * A process takes no more than so many bytes for a search: `explore(system, properties, { memory: memoryWithin(2 ** 31, { spill: './states' }) })`.
 * What is on the disk is gone when the search ends, however it does.
 */
export const memoryWithin = (bytes: number, { spill, compact = false }: MemoryOptions = {}): MemoryBound =>
  new OfProcess(bytes, new SpillFolder(spill), compact)

export const memoryOf = (memory: number | MemoryBound): MemoryBound =>
  typeof memory === 'number' ? memoryWithin(memory) : memory

export const memoryReport = (memory: MemoryBound): MemoryReport => ({
  within: memory.bytes,
  peak: memory.peak(),
  disk: memory.files.most,
})
