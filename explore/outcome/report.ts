/** What an exploration says in the end. A report never claims more than was searched. */
import type { MemoryReport } from '../spill/bound.ts'
import type { Two } from '../symmetry/words-apart.ts'

export type Verdict = 'holds' | 'violated' | 'seen' | 'unseen' | 'undecided'

/** A bound that was set, runs that have no end (where each is followed to its end), whoever started it, the first finding, a goal that was reached; or there was no room for more states. */
export type StoppedBy =
  | 'states'
  | 'depth'
  | 'preemptions'
  | 'delays'
  | 'runs'
  | 'endless'
  | 'ms'
  | 'you'
  | 'first'
  | 'goal'
  | 'memory'
  | 'hashes'

export interface Stopped {
  readonly by: StoppedBy
  readonly bound?: number
  readonly waiting: number
  /** Of memory: what stood against going on. */
  readonly why?: string
  /** Of hashes: all was searched, but two states may have been taken for one by their hashes; how probable that is at most. */
  readonly omission?: number
}

/** How a search goes about it. */
export type StrategyName =
  | 'breadth'
  | 'depth'
  | 'deepening'
  | 'preemptions'
  | 'delays'
  | 'directed'
  | 'dpor'
  | 'random'
  | 'pct'
  | 'pos'
  | 'coverage'
  | 'portfolio'

/** Every run with at most so many of these was looked at. */
export interface UpTo {
  readonly what: 'steps' | 'preemptions' | 'delays'
  readonly count: number
}

/** One of the searches of a portfolio, as far as it came. */
export interface Member {
  readonly strategy: StrategyName
  readonly states: number
  readonly steps: number
  readonly runs?: number
}

/** One of the jobs of a search that was made by many machines: which, and what came of it. */
export interface Shard {
  /** `random, seed 3`, `behind 0.2.1`, `the first 4 steps`. */
  readonly of: string
  /** Nothing, where it has no report: `why` says so. */
  readonly states?: number
  readonly steps?: number
  readonly findings?: number
  readonly exhaustive?: boolean
  readonly why?: string
}

/** Lane choices, one per step: indices into the lanes that could be taken. */
export type Schedule = readonly number[]

export interface PropertyReport {
  readonly name: string
  readonly kind: 'always' | 'sometimes' | 'eventually'
  readonly verdict: Verdict
  /** A claim about steps; otherwise about states. */
  readonly of?: 'steps'
  /** `always` that never had anything to be false about. */
  readonly vacuous?: boolean
  /** The same of a search that is not complete: so far it had nothing to be false about. */
  readonly untried?: true
  /** The run that shows it: the counterexample, or the example of a `sometimes`. */
  readonly schedule?: Schedule
  /** Steps in that run. */
  readonly depth?: number
  /** Preemptions or delays in that run: with fewer, nothing shows it. */
  readonly needs?: number
  /** `eventually` only: the run goes round for ever from this step (1-based) on: the state before it is the state at the end. */
  readonly loopsFrom?: number
}

/** What becomes of an inversion of the order of locks: judging.ts says what the words mean. A confirmed one has a run that hangs. */
export type JudgedReport =
  | { readonly verdict: 'confirmed'; readonly schedule: Schedule }
  | { readonly verdict: 'refuted' | 'open' }

/** Which inversions make a verdict violated. */
export type Inversions = 'all' | 'confirmed'

export interface FindingReport {
  readonly kind: string
  readonly title: string
  readonly schedule: Schedule
  readonly depth: number
  /** True when no shorter run shows it (a complete breadth-first search up to this depth was made). */
  readonly shortest: boolean
  /** Preemptions or delays in the run: with fewer, nothing shows it. Only of searches that count them. */
  readonly needs?: number
  /** Threads that took part, and objects it is about. */
  readonly actors: readonly string[]
  readonly objects: readonly string[]
  readonly detail?: string
  /** Lock order only. */
  readonly judged?: JudgedReport
}

/** Somebody asked for a lock of class `to` while holding one of class `from`, and the run that shows it ends there. */
export interface LockOrderReport {
  readonly from: string
  readonly to: string
  readonly schedule: Schedule
}

/** A message that its receiver neither handled nor deferred. */
export interface IgnoredReport {
  readonly component: string
  readonly state: string
  readonly type: string
}

/** Which states and transitions of a chart a search has come by. */
export interface MachineCoverage {
  readonly machine: string
  readonly states: number
  readonly transitions: number
  /** Never entered, by id. */
  readonly unreached: readonly string[]
  /** Never taken: `paying on CANCEL → idle`. */
  readonly untaken: readonly string[]
}

/** What a system has to say of a search of it. */
export interface Besides {
  /** Of every chart that had an actor. */
  readonly coverage: readonly MachineCoverage[]
  /** In words. */
  readonly remarks: readonly string[]
}

/** Of two steps, the first comes before the other; and what the search has seen of that. */
export interface OrderReport {
  readonly first: string
  readonly second: string
  /** The first has come. Otherwise the other one never could: what is said is said of runs without it. */
  readonly came: boolean
  /** A run was cut: nothing but the order stands in its way. */
  readonly cut: boolean
  /** Nothing by the name of the second could be taken wherever the search was, so it held nothing back: it may be misspelt. */
  readonly unmet?: true
}

export interface Report extends Partial<Besides> {
  readonly system: string
  readonly fingerprint: string
  readonly strategy: StrategyName
  /** Which inversions count as violations. */
  readonly inversions: Inversions
  /** Every reachable state was seen (states that differ only in the order of commuting steps count once under reduction). */
  readonly exhaustive: boolean
  /** What ended the search early. */
  readonly stopped?: Stopped
  /** Not exhaustive, and yet complete so far. */
  readonly upTo?: UpTo
  /** By which the steps from a state were put in another order. */
  readonly seed?: number
  /** Only of a portfolio: what each search did; the report is that of the one that decided, or of the first. */
  readonly members?: readonly Member[]
  /** Only of a search by many machines, in the order of the jobs. `seconds` is 0 then: how long it took depends on how many there were. */
  readonly shards?: readonly Shard[]
  /** `states` and `steps` are those of all shards together: a state that several of them have come by counts for each. */
  readonly addedUp?: true
  /** Only for random, pct, pos and coverage. `seeds`: so many of them, from this one on, by many machines. */
  readonly sampled?: {
    readonly seed: number
    readonly runs: number
    readonly preemptions?: number
    readonly seeds?: number
  }
  /**
   * Only for dpor: classes of runs, each of which was run once, to its end if the search is complete; and runs that were given up because all of
   * them was known, of which there are none.
   */
  readonly classes?: { readonly runs: number; readonly blocked: number }
  /** Only what comes after this run was looked at. */
  readonly after?: Schedule
  /** Only runs in this order were looked at. */
  readonly order?: readonly OrderReport[]
  readonly reduction: 'on' | 'off' | { readonly off: string }
  /**
   * Where interchangeable processes are declared: states count once that differ only in who is who, or why not. `sampled`: there are so many of them
   * that it was only tried on some of their places whether anything tells them apart.
   */
  readonly symmetry?: 'on' | 'sampled' | { readonly off: string }
  /**
   * Threads that are interchangeable, where nobody has declared it: who of a class is who makes no other state. Components, where there are no threads.
   */
  readonly alike?: readonly (readonly string[])[]
  /** What changes places along with two of them, two by two: a device of each, say. */
  readonly along?: readonly { readonly of: Two; readonly names: readonly Two[] }[]
  /** What tells others apart that are described alike. */
  readonly apart?: readonly string[]
  /** States stored; when sampled and for dpor, states passed through, counted every time. */
  readonly states: number
  readonly steps: number
  /** The longest run looked at, in steps. */
  readonly depth: number
  readonly seconds: number
  readonly bytesPerState: number
  /** Only of a search within so much memory. */
  readonly memory?: MemoryReport
  /** States at each breadth-first level. */
  readonly frontier: readonly number[]
  readonly properties: readonly PropertyReport[]
  /** By length of the run that shows them. An `eventually` that goes round for ever is among them, as a livelock. */
  readonly findings: readonly FindingReport[]
  readonly ignored: readonly IgnoredReport[]
  /** The order of locks, by class, in which they were seen: every edge once. `lockdepOf` makes more of it. */
  readonly lockOrder: readonly LockOrderReport[]
}

/**
 * Why one thread searches where more were asked for: what stands for states that count once, what an order holds back, and what claims say of steps
 * only one of them knows; and a system that numbers its own states is one thread's.
 */
export type Alone = 'symmetry' | 'order' | 'steps' | 'numbered'

export interface Progress {
  readonly states: number
  readonly steps: number
  readonly depth: number
  readonly seconds: number
  readonly frontier: readonly number[]
  /** Samples only. */
  readonly runs?: number
  readonly ofRuns?: number
  /** Kinds and titles found so far. */
  readonly findings: readonly string[]
  /** States are on the disk, for want of memory. */
  readonly spilled?: true
  /** Why the last checkpoint could not be kept. */
  readonly trouble?: string
  /** Others were to look ahead, and cannot: what it is that one thread alone can tell. */
  readonly alone?: Alone
  /** Breadth first only: of the states, so many were looked into. */
  readonly expanded?: number
  /** How many states there will be, and in how many seconds from now: about so, within a factor of two in most worlds. */
  readonly estimate?: { readonly states: number; readonly seconds: number }
}
