/** The clock of a process: XState's scheduler over timers that fire when the search lets them. */
import type { AnyEventObject } from 'xstate'
import type { Live, Scheduler } from './inside.ts'

export interface Timer {
  readonly key: string
  readonly source: Live
  readonly target: Live
  readonly event: AnyEventObject
  readonly delay: number
  /** Milliseconds from now. */
  readonly left: number
}

export interface ArmedTimers {
  /** By deadline; those with the same one in the order in which they were armed. */
  readonly timers: readonly Timer[]
  /** What XState would cancel under this name: the last that was armed under it. */
  readonly byKey: ReadonlyMap<string, Timer>
}

export const noTimers: ArmedTimers = { timers: [], byKey: new Map() }

/** Told of a timer that is armed under a name in use. */
export type OnTwice = (source: Live, id: string) => void

export class Timers implements Scheduler {
  armed = noTimers
  readonly #onTwice: OnTwice
  readonly #inOrder: boolean

  constructor(inOrder: boolean, onTwice: OnTwice) {
    this.#inOrder = inOrder
    this.#onTwice = onTwice
  }

  schedule(source: Live, target: Live, event: AnyEventObject, delay: number, id?: string): void {
    const known = Math.max(delay, 0)
    const { timers, byKey } = this.armed
    const key = `${source.sessionId}.${id ?? freeName(byKey, source)}`
    if (id !== undefined && byKey.has(key)) this.#onTwice(source, id)
    const timer: Timer = { key, source, target, event, delay: known, left: this.#inOrder ? known : 0 }
    const behind = timers.findIndex(({ left }) => left > timer.left)
    this.armed = {
      timers: behind < 0 ? [...timers, timer] : timers.toSpliced(behind, 0, timer),
      byKey: new Map([...byKey, [key, timer]]),
    }
  }

  /** The first that was armed under this name goes on if there are two: XState has forgotten it. */
  cancel(source: Live, id: string): void {
    this.#forget(`${source.sessionId}.${id}`, this.armed.byKey.get(`${source.sessionId}.${id}`))
  }

  cancelAll(source: Live): void {
    for (const [key, timer] of this.armed.byKey) if (timer.source === source) this.#forget(key, timer)
  }

  /** It is time for this one: those that are left have less to wait. */
  fire(timer: Timer): void {
    this.#forget(timer.key, timer)
    if (!this.#inOrder) return
    const sooner = (each: Timer): Timer => ({ ...each, left: each.left - timer.left })
    const { timers, byKey } = this.armed
    const now = new Map(timers.map((each) => [each, sooner(each)]))
    this.armed = {
      timers: timers.map((each) => now.get(each)!),
      byKey: new Map([...byKey].map(([key, each]) => [key, now.get(each)!])),
    }
  }

  #forget(key: string, timer: Timer | undefined): void {
    const byKey = new Map(this.armed.byKey)
    byKey.delete(key)
    this.armed = { timers: this.armed.timers.filter((each) => each !== timer), byKey }
  }
}

/** Nobody can cancel a timer without a name; it only must not take another's. */
const freeName = (byKey: ReadonlyMap<string, Timer>, source: Live): string => {
  for (let at = 0; ; at++) if (!byKey.has(`${source.sessionId}.~${at}`)) return `~${at}`
}
