/**
 * A lane: the messages on their way from one sender to one receiver, oldest first.
 *
 * It is an RxJS scheduler without a clock. Work given to it waits until somebody takes the lane, and only the oldest can be taken.
 * Its time is the number of the step that runs, so the moment a message was scheduled is the step that sent it.
 */
import { Observable, Subscription } from 'rxjs'
import type { MonoTypeOperatorFunction, SchedulerAction, SchedulerLike } from 'rxjs'
import type { Message } from '../explore/system.ts'

type Work<T> = (this: SchedulerAction<T>, state?: T) => void

export class Lane implements SchedulerLike {
  readonly from: string
  readonly to: string
  /** Number of the step that runs; 0 before the first. */
  readonly now: () => number
  readonly #parcels: Parcel<any>[] = []

  constructor(from: string, to: string, now: () => number) {
    this.from = from
    this.to = to
    this.now = now
  }

  /** Appends; nothing runs before the lane is taken. */
  schedule<T>(work: Work<T>, delay = 0, state?: T): Subscription {
    const parcel = new Parcel(this, work, state)
    return parcel.schedule(state, delay)
  }

  /** The oldest message and the step that sent it. */
  get head(): { readonly message: Message; readonly sentAt: number } | undefined {
    const parcel = this.#parcels[0]
    return parcel && { message: parcel.state as Message, sentAt: parcel.sentAt }
  }

  /** Runs the oldest work. */
  take(): void {
    this.#parcels.shift()?.run()
  }

  append(parcel: Parcel<any>): void {
    this.#parcels.push(parcel)
  }

  /** Nobody waits any more for what this work would bring. */
  giveUp(work: Work<any>): void {
    for (const parcel of this.#parcels.filter((each) => each.brings(work))) parcel.unsubscribe()
  }

  /** For work that was given up: whoever waited for it has unsubscribed. */
  drop(parcel: Parcel<any>): void {
    const at = this.#parcels.indexOf(parcel)
    if (at >= 0) this.#parcels.splice(at, 1)
  }
}

class Parcel<T> extends Subscription implements SchedulerAction<T> {
  readonly #lane: Lane
  readonly #work: Work<T>
  #waits = false
  state: T | undefined
  sentAt = 0

  constructor(lane: Lane, work: Work<T>, state: T | undefined) {
    super(() => lane.drop(this))
    this.#lane = lane
    this.#work = work
    this.state = state
  }

  schedule(state?: T, delay = 0): Subscription {
    if (delay > 0) throw new RangeError('a lane has no clock: a message can wait for other messages, not for time')
    if (this.closed || this.#waits) return this
    this.#waits = true
    this.state = state
    this.sentAt = this.#lane.now()
    this.#lane.append(this)
    return this
  }

  brings(work: Work<T>): boolean {
    return this.#work === work
  }

  run(): void {
    this.#waits = false
    try {
      this.#work(this.state)
    } finally {
      if (!this.#waits) this.unsubscribe()
    }
  }
}

/** Sends every message of a stream through a lane: each comes out when the lane is taken and it is the oldest. */
export const travel =
  (lane: Lane): MonoTypeOperatorFunction<Message> =>
  (messages) =>
    new Observable<Message>((out) => {
      const arrive = (message?: Message): void => out.next(message!)
      out.add(() => lane.giveUp(arrive))
      return messages.subscribe({
        next: (message) => void lane.schedule(arrive, 0, message),
        error: (cause: unknown) => out.error(cause),
      })
    })
