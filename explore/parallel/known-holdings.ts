/** What threads hold, as others have numbered it (hands.ts). */
import type { Collapsed } from '../states/cells.ts'
import type { Hands, Held, Holdings } from '../locks/hands.ts'
import { unknown } from '../states/unknown.ts'

export class KnownHoldings implements Pick<Holdings, 'look' | 'held'> {
  readonly #local: (state: Collapsed, component: number) => number
  /** Components that may be held. */
  readonly #locks: readonly number[]
  /** By lock, then by local state. */
  readonly #held: Held[][]
  readonly #more: number[][] = []
  readonly #several = new Map<string, number>()
  readonly #holds: number[] = []

  constructor(locks: readonly number[], local: (state: Collapsed, component: number) => number) {
    this.#local = local
    this.#locks = locks
    this.#held = locks.map(() => [])
  }

  learnHeld(lock: number, local: number, held: Held): void {
    this.#held[lock]![local] = held
  }

  learnMore(held: number, lock: number, is: number): void {
    ;(this.#more[held] ??= [])[lock] = is
  }

  learnSeveral(held: string, is: number): void {
    this.#several.set(held, is)
  }

  look(state: Collapsed): void {
    this.#holds.fill(0)
    for (let lock = 0; lock < this.#locks.length; lock++) {
      const { threads, how } = this.#held[lock]![this.#local(state, this.#locks[lock]!)] ?? throwUnknown()
      for (const thread of threads)
        this.#holds[thread] = this.#more[this.#holds[thread] ?? 0]?.[2 * lock + how] ?? throwUnknown()
    }
  }

  held({ of }: Hands): number {
    if (of.length === 1) return this.#holds[of[0]!] ?? 0
    return this.#several.get(of.map((thread) => this.#holds[thread] ?? 0).join()) ?? throwUnknown()
  }
}

function throwUnknown(): never {
  throw unknown
}
