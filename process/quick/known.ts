/** What came of something where those whom it looked at were so: a tree that asks for one of them after the other. */
import type { Finding } from '../../explore/system.ts'

export interface Outcome {
  /** Slot, value. */
  readonly writes: readonly number[]
  readonly removed: readonly number[]
  readonly emitted: readonly string[]
  readonly lost: readonly string[]
  /** What was sent, where it is counted. */
  readonly count: number
  readonly findings: readonly Finding[]
  /** Slots of those who took a transition, or came to an end. */
  readonly doers: readonly number[]
  readonly fatal: boolean
  readonly ignored: boolean
}

interface Look {
  readonly slot: number
  readonly by: (Look | Outcome | undefined)[]
}

const isOutcome = (given: Look | Outcome): given is Outcome => 'writes' in given

export class Known {
  /** By number of what came. */
  #begins: (Look | Outcome | undefined)[] = []

  find(coming: number, state: Int32Array): Outcome | undefined {
    let at = this.#begins[coming]
    while (at !== undefined && !isOutcome(at)) at = at.by[state[at.slot]!]
    return at
  }

  /** `looks`: whom it looked at, in the order in which it did. */
  learn(coming: number, state: Int32Array, looks: readonly number[], outcome: Outcome): void {
    const left = new Set(looks)
    let put = (made: Look | Outcome): void => void (this.#begins[coming] = made)
    let at = this.#begins[coming]
    for (;;) {
      // Not to be kept: somebody else knew of who was forgotten.
      if (at !== undefined && isOutcome(at)) return
      if (at === undefined) {
        const [slot] = left
        if (slot === undefined) return put(outcome)
        at = { slot, by: [] }
        put(at)
      }
      const { slot, by }: Look = at
      left.delete(slot)
      const value = state[slot]!
      put = (made) => void (by[value] = made)
      at = by[value]
    }
  }

  forget(): void {
    this.#begins = []
  }
}
