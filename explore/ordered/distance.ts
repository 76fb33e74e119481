/**
 * How far it is from a state to one that decides a property. Nobody knows; what is told instead is how far each component that the property looks at
 * is from where it would have to be, by the steps of its own that were met so far, as if nobody had to wait for anybody.
 */
import { applies, holds } from '../claims/answer.ts'
import type { Property } from '../system.ts'
import type { Tables } from '../states/tables.ts'

/** By the local state of a component. */
export type Read = (component: number) => number

/** Beyond this many combinations of local states nobody looks for those that would decide it. */
const mostCombined = 20_000
/** No way is known. */
const far = 1_000

export class Distance {
  readonly #tables: Tables
  readonly #goal: Property
  readonly #looksAt: ReadonlySet<number>
  /** So many local states of the components were known, and steps, when it was looked last. */
  #known = ''
  /** For each combination that decides it, by component, by local state: how far. */
  #goals: readonly (readonly (readonly number[])[])[] = []
  #components: readonly number[] = []

  /** `looksAt`: the components that the property has looked at. */
  constructor(tables: Tables, goal: Property, looksAt: ReadonlySet<number>) {
    this.#tables = tables
    this.#goal = goal
    this.#looksAt = looksAt
  }

  /** In steps of the components; 0 where nothing is known. */
  from(read: Read): number {
    this.#learn()
    let least = this.#goals.length === 0 ? 0 : Infinity
    for (const goal of this.#goals) {
      let sum = 0
      for (let at = 0; at < goal.length; at++) sum += goal[at]![read(this.#components[at]!)] ?? far
      if (sum < least) least = sum
    }
    return Math.min(least, far * this.#components.length)
  }

  /** Again when a component was met in a state that is new. */
  #learn(): void {
    const components = [...this.#looksAt]
    const counts = components.map((each) => this.#tables.locals[each]!.length)
    const known = components.join() + counts.join()
    if (known === this.#known) return
    this.#known = known
    this.#components = components
    this.#goals = []
    if (counts.reduce((product, count) => product * count, 1) > mostCombined) return
    const before = components.map((each) => this.#before(each))
    const ways = new Map<string, readonly number[]>()
    const wayTo = (at: number, local: number) => {
      const key = `${at} ${local}`
      const made = ways.get(key) ?? backwards(before[at]!, local)
      ways.set(key, made)
      return made
    }
    this.#goals = [...combinations(counts)]
      .filter((locals) => this.#isGoal(components, locals))
      .map((locals) => locals.map((local, at) => wayTo(at, local)))
  }

  #isGoal(components: readonly number[], locals: readonly number[]): boolean {
    const { system, locals: known } = this.#tables
    try {
      const view = system.view((id) => {
        const at = components.indexOf(this.#tables.indexOf(id))
        // Who has not been looked at is where he begins.
        const component = at < 0 ? this.#tables.indexOf(id) : components[at]!
        return known[component]![at < 0 ? 0 : locals[at]!]
      })
      return decides(this.#goal, view)
    } catch {
      // Not every combination need be one that there is.
      return false
    }
  }

  /** Local state → those from which one step leads there. */
  #before(component: number): readonly (readonly number[])[] {
    const before = this.#tables.locals[component]!.map((): number[] => [])
    for (const entry of this.#tables.entries())
      if (entry.component === component && entry.accepted) before[entry.next]!.push(entry.local)
    return before
  }
}

/** A view in which an `always` is violated, or a `sometimes` is true. */
export const decides = (property: Property, view: unknown): boolean =>
  property.kind === 'always' ? applies(property, view) && !holds(property, view) : holds(property, view)

function* combinations(counts: readonly number[]): Generator<readonly number[]> {
  const [first, ...others] = counts
  if (first === undefined) yield []
  else for (let at = 0; at < first; at++) for (const rest of combinations(others)) yield [at, ...rest]
}

/** How many steps it is from each local state to this one. */
function backwards(before: readonly (readonly number[])[], to: number): readonly number[] {
  const steps: number[] = []
  steps[to] = 0
  const queue = [to]
  for (const at of queue)
    for (const each of before[at]!) {
      if (steps[each] !== undefined) continue
      steps[each] = steps[at]! + 1
      queue.push(each)
    }
  return steps
}
