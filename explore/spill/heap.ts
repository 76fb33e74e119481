/** What V8 has for objects. It is bounded by itself, whatever a process may take, and a process that exceeds it ends in the middle of a word. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** From 0.8 on V8 gives up when collecting does not get it far, and what a report is made of needs room, too. */
const most = 0.7
/** What the limit has for objects that are new, of each size that anybody asks for. */
const young = 48 * 2 ** 20

const taken = (): number => {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
  return used / Math.max(limit - young, limit / 2)
}

/** Garbage counts as used until it is collected, and nobody but V8 knows when that will be. */
const collect = (): void => {
  setFlagsFromString('--expose-gc')
  const collecting = runInNewContext('gc') as () => void
  collecting()
}

export class Heap {
  readonly #taken: () => number
  readonly #collect: () => void
  /** Below this nobody needs to look closer. */
  #near = most

  constructor(share = taken, collecting = collect) {
    this.#taken = share
    this.#collect = collecting
  }

  isFull(): boolean {
    if (this.#taken() < this.#near) return false
    this.#collect()
    const left = this.#taken()
    if (left >= most) return true
    // Half of what is free now may be garbage before it is looked for again.
    this.#near = Math.max(most, (left + 1) / 2)
    return false
  }
}
