/** How to explore. Everything has a default: breadth first, reduced, to the end. */
import type { Checkpoints } from './several/checkpoint.ts'
import type { AloneRule } from './reduction/reduction.ts'
import type { MemoryBound } from './spill/bound.ts'
import type { Help } from './parallel/crew.ts'
import type { Sequence } from './runs/order.ts'
import type { Inversions, Schedule, StrategyName } from './outcome/report.ts'
import type { Taken } from './outcome/taken.ts'

/** With a seed, the steps from a state are tried in another order. */
export interface Seeded {
  readonly seed?: number
}

/** The name of a property, and how far a view is from deciding it: a number, 0 or more. */
export interface Directed extends Seeded {
  readonly goal: string
  readonly distance?: (view: any) => number
}

/** So many random runs. */
export interface Sampled {
  readonly seed: number
  readonly runs: number
}

/** Each run is what its number and the seed make of it, so a sample can be taken in pieces (of `pct` and `coverage`, which learn from run to run, of whole 2,000s); `first` is the number of the first run (0). */
export interface SampledByNumber extends Sampled {
  readonly first?: number
}

/** One run of each class; no more than so many, if it is said. */
export interface Stateless {
  readonly runs?: number
}

/** Raised step by step, up to this if it is said. */
export interface Raised extends Seeded {
  readonly most?: number
}

/**
 * A way to search. The first ones store states, and are complete within their bounds; `random`, `pct`, `pos` and `coverage` sample runs; a
 * `portfolio` has several take turns until one of them has found something or seen everything.
 *
 *   - `breadth`: the shortest run to each finding, with the reduction. The only one that can refute an inversion of locks.
 *   - `depth`: depth first; `within.depth` is kept to.
 *   - `deepening`: depth first, up to 1, 2, 3, … steps.
 *   - `preemptions`, `delays`: runs with 0, 1, 2, … of these.
 *   - `dpor`: one run of each class of runs that differ in the order of independent deliveries alone, and no states. `within.depth` cuts runs.
 *   - `coverage`: guided by pairs of components in states in which they were never seen together; nothing to do with the `coverage` of a report.
 *   - `directed`: nearest first to a state that decides a property, and only until then. `distance`, of the view: how far it is.
 */
export type SearchFor = SingleSearch | { readonly portfolio: readonly SingleSearch[] }
export type SingleSearch = 'breadth' | BareSearch | OrderedSearch | SampledSearch | StatelessSearch
/** The same without anything said of it: `'depth'` is `{ depth: {} }`. */
export type BareSearch = (typeof bareSearches)[number]

export type OrderedSearch =
  | { readonly depth: Seeded }
  | { readonly deepening: Seeded }
  | { readonly preemptions: Raised }
  | { readonly delays: Raised }
  | { readonly directed: Directed }

export type StatelessSearch = { readonly dpor: Stateless }

export type SampledSearch =
  | { readonly random: SampledByNumber }
  | { readonly pct: SampledByNumber & { readonly preemptions: number } }
  | { readonly pos: SampledByNumber }
  | { readonly coverage: SampledByNumber }

export const bareSearches = ['depth', 'deepening', 'preemptions', 'delays', 'dpor'] as const

/** A search goes by the name of its only field. */
export const strategyOf = (search: SearchFor): StrategyName =>
  typeof search === 'string' ? search : (Object.keys(search)[0] as StrategyName)

export interface ExploreOptions {
  /** Breadth first, unless said, which finds everything and the shortest way to it. */
  readonly search?: SearchFor
  /** Only what comes after this run, by its choices or the names of its steps. Bounds count from there. */
  readonly after?: Schedule | readonly string[]
  /**
   * Only runs in this order, all the rest is free: lists of steps by name (`from → to TYPE`, the second time `from → to TYPE #2`), of which each comes
   * before the next.
   */
  readonly order?: readonly Sequence[]
  /** Bounds: stored states, steps in a run, milliseconds. */
  readonly within?: { readonly states?: number; readonly depth?: number; readonly ms?: number }
  /** Take commuting deliveries alone (default true). A function replaces the rule: for tests of the reduction itself. */
  readonly reduction?: boolean | AloneRule
  /** Count states once that differ only in who is who, where a system declares it (default true). */
  readonly symmetry?: boolean
  /** Stop at the first finding or violated property. */
  readonly stopAtFirst?: boolean
  /** Which inversions of the order of locks make a verdict violated: `all` (default), or only those that a run is caught in. */
  readonly inversions?: Inversions
  /** Whether a message that a receiver ignores is only shown, or a finding. */
  readonly ignored?: 'show' | 'fail'
  /** Look for the shortest run to each finding afterwards, within a budget of states (default true). */
  readonly shortest?: boolean
  readonly signal?: AbortSignal
  /**
   * Breadth first only: so many threads, of which all but one look ahead; that saves time where a search is large and changes nothing else (default 1).
   */
  readonly workers?: number | Help
  /**
   * Breadth first only: of the memory of the process, so many bytes at most (or `memoryWithin(bytes, { spill })`). Where that comes near, states go
   * to the disk; where nothing helps, the search ends with what is known.
   */
  readonly memory?: number | MemoryBound
  /** Breadth first only: goes on from what was kept of it (`checkpointIn`), and keeps it now and then. */
  readonly checkpoint?: Checkpoints
  /** Breadth first only: its progress says how many states there will be (default false). That takes a little of the time, and changes nothing else. */
  readonly estimate?: boolean
  /** Breadth first and `dpor` only: called with each final state: `actor state` for every component, then what was left on the lanes. */
  readonly onFinal?: (final: readonly string[]) => void
  /** Called at the end with each kind of delivery that was possible in a state that was seen. */
  readonly onTaken?: (taken: Taken) => void
}
