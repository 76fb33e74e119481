/** A run written down: what each step delivered and what it changed. Built by replaying a schedule; the same live and explored. */
import type {
  Finding,
  Holders,
  Interruption,
  Memory,
  Message,
  Nesting,
  Note,
  Send,
  Shown,
  WaitTypes,
} from '../system.ts'

export interface TraceStep {
  /** 1-based. */
  readonly number: number
  /** Which of the lanes that could be taken was taken: an index into `possible`. */
  readonly choice: number
  readonly from: string
  readonly to: string
  readonly message: Message
  /** Step that sent the message; 0 when it was in flight at the start. */
  readonly sentAt: number
  /** Every lane that could be taken before this step, in canonical order, as `from → to TYPE`. */
  readonly possible: readonly string[]
  /** The receiver before and after. */
  readonly before: Shown
  readonly after: Shown
  readonly sends: readonly Send[]
  readonly findings: readonly Finding[]
  readonly notes: readonly Note[]
  /** Absent: none. */
  readonly memory?: readonly Memory[]
  readonly ignored: boolean
  /** In a run as it is told: the step of the run that this is part of. */
  readonly of?: number
  /** In a run as it is told: which way the receiver went in its statechart (`charts`). */
  readonly chart?: ChartStep
  /** In a run as it is told: claims that this breaks, by name. */
  readonly breaks?: readonly string[]
}

/** Somebody to whom nothing came in a run. */
export interface Other {
  readonly is: Shown
  readonly chart?: ChartStep
}

/** A state of a statechart, and what leads on from it. */
export interface ChartState {
  /** Keys from the root on; of the root itself, none. */
  readonly path: readonly string[]
  readonly ways: readonly ChartWay[]
}

export interface ChartWay {
  /** What sets it off, in words. */
  readonly on: string
  readonly guard?: string
  /** Paths; none: it stays. */
  readonly to: readonly string[]
}

/** Numbers are places in the chart. */
export interface ChartStep {
  /** What came, in the words of the chart. */
  readonly on: string
  /** States without states in them that were active, and are. */
  readonly before: readonly number[]
  readonly after: readonly number[]
  readonly taken: readonly (readonly [state: number, way: number])[]
  /** Nothing there is set off by what came, though a machine was to hear it. */
  readonly fellThrough?: true
}

/** `thread` waits at component `at` for the threads in `on`: its message `type`, from its actor `from`, is not accepted or not answered yet. */
export interface WaitEdge {
  readonly thread: string
  readonly from: string
  readonly at: string
  readonly type: string
  readonly sentAt: number
  readonly on: readonly string[]
  /** Set when it is no lock that is waited for: is one of `on` enough, or does it take all of them? */
  readonly awaited?: 'any' | 'all'
  /** Threads that could have ended the wait, and have nothing left to do. */
  readonly through?: readonly string[]
}

/** It waits in this state for what nobody will say. */
export interface Stopped {
  readonly id: string
  readonly state: string
}

/** A lock that somebody spoke to in this run, or held when it began. */
export interface TracedLock {
  /** As lockdep's. */
  readonly lockClass: string
  /** The message types that ask for it. */
  readonly acquires: readonly string[]
  readonly nest?: Nesting
  /** How long one waits for it, and how long under it. */
  readonly waitType?: WaitTypes
  /** It is no lock, but waited for as if it were one. */
  readonly awaited?: 'any' | 'all'
  /** Who holds it from which step on: 0 is the start. One entry for each change. */
  readonly held: readonly (Holders & { readonly since: number })[]
}

export interface Trace {
  readonly system: string
  readonly fingerprint: string
  /** Component id → local state at the start. */
  readonly initial: Readonly<Record<string, Shown>>
  readonly steps: readonly TraceStep[]
  /** open: more could happen · finished: nothing left, nobody waits · deadlock · crashed: a fatal finding. */
  readonly end: 'open' | 'finished' | 'deadlock' | 'crashed'
  /** Who waits for whom at the end (only when `end` is deadlock); a cycle if there is one, in order. */
  readonly waiting: readonly WaitEdge[]
  /** Who stopped in the middle of something (only when `end` is deadlock, and nobody waits for anybody). */
  readonly stopped?: readonly Stopped[]
  /** What has leaked at the end (only when `end` is finished). */
  readonly leaks?: readonly Finding[]
  /** Component id → its thread, for tasks and calls. */
  readonly threads: Readonly<Record<string, string>>
  /** Thread → what it interrupts others as, if it does. */
  readonly interruptions?: Readonly<Record<string, Interruption>>
  /** Component id → what became of it, for locks. */
  readonly locks: Readonly<Record<string, TracedLock>>
  /** In a run as it is told: statecharts of those who hear something, by name. */
  readonly charts?: Readonly<Record<string, readonly ChartState[]>>
  /** In a run as it is told: who is there at the end though no step tells of him, and where he is in his statechart, by name. */
  readonly others?: Readonly<Record<string, Other>>
  /** The same run as it is told to people, where more happens in a step than its delivery. Its steps are no choices. */
  readonly told?: Trace
}

/** The schedule that makes a run again: the choice at each of its steps. */
export const choicesOf = ({ steps }: Pick<Trace, 'steps'>): readonly number[] => steps.map(({ choice }) => choice)
