/** States, guards and actions of a chart while it is made, each under a name of its own that a picture can show. */
import type { Now } from './actions.ts'
import { free, type State } from './fragments.ts'

export class ChartParts {
  readonly states = new Map<string, State>()
  readonly guards: Record<string, (now: Now) => boolean> = {}
  readonly actions: Record<string, unknown> = {}
  readonly #reserved: readonly string[]

  /** `reserved`: names of states that no step has. */
  constructor(...reserved: readonly string[]) {
    this.#reserved = reserved
  }

  guard(words: string, guard: (now: Now) => boolean): string {
    const name = free(words, (each) => each in this.guards)
    this.guards[name] = guard
    return name
  }

  action(words: string, action: unknown): string {
    const name = free(words, (each) => each in this.actions)
    this.actions[name] = action
    return name
  }

  /** The name of a state, which is reserved now: steps inside are compiled before this one is complete. */
  fresh(says: string): string {
    const name = free(says, (each) => this.states.has(each) || this.#reserved.includes(each))
    this.states.set(name, {})
    return name
  }
}
