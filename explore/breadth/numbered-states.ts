/** The states of a system that numbers its own, as far as they were come to, and who waits in them for what cannot come any more. */
import type { Gone, Numbered } from './numbered.ts'
import { Store } from '../states/store.ts'
import type { Finding } from '../system.ts'

const nobody: readonly string[] = []
const nothing: readonly Finding[] = []

export class NumberedStates {
  readonly #numbered: Numbered
  readonly #store = new Store()
  /** By number of the state, where somebody does. */
  readonly #waits = new Map<number, readonly string[]>()
  #looked = 0
  /** To the state that is looked at. */
  readonly #wayToIt = () => this.#store.wayTo(this.#looked)

  constructor(numbered: Numbered) {
    this.#numbered = numbered
  }

  get count(): number {
    return this.#store.count
  }

  get bytes(): number {
    return this.#store.bytes
  }

  wayTo(state: number): readonly Gone[] {
    return this.#store.wayTo(state)
  }

  /** Writes a state into `state`. */
  load(state: number): void {
    this.#store.load(state, this.#numbered.state, this.#numbered.width)
  }

  /** Looks at a state: how many steps lead on. */
  look(state: number): number {
    const numbered = this.#numbered
    this.load(state)
    this.#looked = state
    return numbered.look(state, this.#wayToIt)
  }

  /** Stores what is in `after`, come to by this choice: its number, or -(number + 1) when it was known. */
  add(from: number, choice: number): number {
    const numbered = this.#numbered
    const { after, width, changed, changes } = numbered
    const added =
      from < 0 || changes < 0
        ? this.#store.add(after, width, from, choice)
        : this.#store.addChanged(from, after, width, changed, changes, choice)
    if (added < 0) return added
    numbered.kept(added)
    const waits = numbered.waits()
    if (waits.length > 0) this.#waits.set(added, waits)
    return added
  }

  /** Who waits there, and has not waited in the state before. */
  hangs(from: number, to: number): readonly Finding[] {
    const waits = this.#waits.get(to)
    if (!waits) return nothing
    const before = this.#waits.get(from) ?? nobody
    return waits.filter((title) => !before.includes(title)).map((title) => ({ kind: 'deadlock', title, fatal: false }))
  }
}

/** Whatever `add` answers. */
export const numberOf = (added: number): number => (added < 0 ? -added - 1 : added)
