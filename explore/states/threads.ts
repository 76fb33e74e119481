/** Threads by number: who acts for whom. */
import type { Component } from '../system.ts'

/** The thread of objects, and of senders that are no component. */
export const nobody = -1

export class Threads {
  /** Component → number of its thread. */
  readonly of: readonly number[]
  readonly #names: readonly string[]
  readonly #ofSender: ReadonlyMap<string, number>

  constructor(components: readonly Component[]) {
    this.#names = [...new Set(components.flatMap(({ thread }) => thread ?? []))]
    this.of = components.map(({ thread }) => (thread === undefined ? nobody : this.numbered(thread)))
    this.#ofSender = new Map(components.map(({ id }, index) => [id, this.of[index]!]))
  }

  /** By name; a thread that no actor belongs to has a number that no sender has. */
  numbered(name: string): number {
    const number = this.#names.indexOf(name)
    return number < 0 ? nobody - 1 : number
  }

  named(number: number): string {
    return this.#names[number] ?? 'a thread without actors'
  }

  ofSender(id: string): number {
    return this.#ofSender.get(id) ?? nobody
  }
}
