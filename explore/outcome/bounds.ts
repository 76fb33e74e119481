/** What ends a search that decides for itself where to go on: what was set, whoever started it, or want of memory. */
import { NoRoom } from '../states/columns.ts'
import { Room } from '../spill/room.ts'
import type { ExploreOptions } from '../options.ts'
import type { Stopped, StoppedBy } from './report.ts'

/** How many steps of a search lie between two looks at the clock. */
const slice = 512

export class Bounds {
  stopped: Stopped | undefined
  readonly #options: ExploreOptions
  readonly #started: number
  readonly #room = new Room()
  #looks = 0

  constructor(options: ExploreOptions, started: number) {
    this.#options = options
    this.#started = started
  }

  get isOver(): boolean {
    return this.stopped !== undefined
  }

  /** In the middle of something: what was found ends nothing before its end. */
  get isInterrupted(): boolean {
    return this.stopped !== undefined && this.stopped.by !== 'first'
  }

  stop(by: StoppedBy, waiting: number, bound?: number, why?: string): void {
    this.stopped ??= { by, waiting, ...(bound !== undefined && { bound }), ...(why && { why }) }
  }

  /** Now and then it is time to look at the clock. */
  isTimeToLook(waiting: number): boolean {
    if (this.#looks++ % slice !== 0) return false
    this.lookAtClock(waiting)
    return true
  }

  /** And at whether anybody has had enough, or there is room to go on. */
  lookAtClock(waiting: number): void {
    const { signal, within: { ms } = {} } = this.#options
    if (signal?.aborted) this.stop('you', waiting)
    else if (ms !== undefined && performance.now() - this.#started >= ms) this.stop('ms', waiting, ms)
    else {
      const lack = this.#room.lack()
      if (lack !== undefined) this.stop('memory', waiting, undefined, lack)
    }
  }

  /** For what is done when nothing waits any more. */
  get isLate(): boolean {
    const { signal, within: { ms = Infinity } = {} } = this.#options
    return signal?.aborted === true || performance.now() > this.#started + ms
  }

  /** So many states are stored, and some of them wait. */
  look(states: number, waiting: number): void {
    const bound = this.#options.within?.states
    if (bound !== undefined && states >= bound && waiting > 0) this.stop('states', waiting, bound)
  }

  /** What there is no room for is not done. */
  orStop(waiting: () => number, search: () => void): void {
    try {
      search()
    } catch (cause) {
      if (!(cause instanceof NoRoom)) throw cause
      this.stop('memory', waiting())
    }
  }
}
