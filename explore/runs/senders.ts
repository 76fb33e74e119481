/** Remembers, along a run, which step sent each message that is in flight. */
import type { Entry, Tables } from '../states/tables.ts'

/** Stands for messages that were in flight at the start. */
export const atTheStart = 0

export class Senders {
  readonly #tables: Tables
  readonly #inFlight: Map<number, number[]>

  constructor(tables: Tables, initial: Int32Array) {
    this.#tables = tables
    const waiting = (lane: number) => tables.contents[lane]!.all(initial[tables.laneBase + lane]!)
    this.#inFlight = new Map(tables.laneOrder.map((lane) => [lane, waiting(lane).map(() => atTheStart)]))
  }

  /** Step `number` (from 1) delivers the head of this lane; returns the step that sent it. */
  deliver(lane: number, entry: Entry, number: number): number {
    // What is offered from outside was sent by no step.
    const sentAt = this.#inFlight.get(lane)?.shift() ?? atTheStart
    for (const target of entry.lanes) this.#inFlight.set(target, [...(this.#inFlight.get(target) ?? []), number])
    return sentAt
  }

  /** Which step sent the message at the head of a lane. */
  head(from: string, to: string): number {
    const lane = this.#tables.lanes.findIndex((each) => each.from === from && each.to === to)
    return this.#inFlight.get(lane)?.[0] ?? atTheStart
  }
}
