/** How to explore. Everything has a default: breadth first, reduced, to the end. */
import type { AloneRule } from './reduction.ts'
import type { Inversions } from './report.ts'
import type { Taken } from './taken.ts'

export interface ExploreOptions {
  /** Breadth first finds everything and the shortest way to it; the others only sample. */
  readonly search?:
    | 'breadth'
    | { readonly random: { readonly seed: number; readonly runs: number } }
    | { readonly pct: { readonly seed: number; readonly runs: number; readonly preemptions: number } }
  /** Bounds: stored states, steps in a run, milliseconds. */
  readonly within?: { readonly states?: number; readonly depth?: number; readonly ms?: number }
  /** Take commuting deliveries alone (default true). A function replaces the rule: for tests of the reduction itself. */
  readonly reduction?: boolean | AloneRule
  /** Stop at the first finding or violated property. */
  readonly stopAtFirst?: boolean
  /** Which inversions of the order of locks make a verdict violated: `all` (default), or only those that a run is caught in. */
  readonly inversions?: Inversions
  /** Whether a message that a receiver ignores is only shown, or a finding. */
  readonly ignored?: 'show' | 'fail'
  /** Look for the shortest run to each finding afterwards, within a budget of states (default true). */
  readonly shortest?: boolean
  readonly signal?: AbortSignal
  /** Breadth first only: called with each final state: `actor state` for every component, then what was left on the lanes. */
  readonly onFinal?: (final: readonly string[]) => void
  /** Called at the end with each kind of delivery that was possible in a state that was seen. */
  readonly onTaken?: (taken: Taken) => void
}
