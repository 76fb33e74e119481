/** What came of comparing: counts, and every disagreement with its place. Plain data; report/ prints it. */
import type { SeenObject } from '../actors/kernel/system-calls/replay.ts'
import type { Iommu } from '../actors/kernel/iommu.ts'
import type { ProfileName } from '../machines/profile.ts'
import type { Op, Result } from './case.ts'
import type { Difference } from './compare.ts'
import type { ExploredRace } from './race.ts'

export type { SeenObject }

/** `all` is the sum of the others. */
export interface Tally {
  readonly all: number
  readonly agreed: number
  readonly disagreed: number
  readonly notCompared: number
}

/** A case by its name, its place, and the kernel it was replayed as. */
export interface Subject {
  readonly name: string
  readonly file?: string
  readonly line?: number
  readonly profile: ProfileName
  /** An IOMMU that can do more than the one that was recorded. */
  readonly iommu?: Iommu
}

export interface Disagreement {
  readonly of: Subject
  /** Of the operation in its case, from 0 on. */
  readonly index: number
  /** Operations in the case. */
  readonly ops: number
  readonly op: Op
  readonly recorded: Result
  readonly said: Result
  readonly differences: readonly Difference[]
  /** Operations of the same case that disagreed before this one, which may be their consequence; and after it. */
  readonly before: number
  readonly after: number
  /** The objects the operation touched, as relock has them after it: of those that are told in full. */
  readonly objects?: readonly SeenObject[]
}

/** Disagreements of one kind: the same operation, and the same way to disagree. */
export interface Group {
  readonly op: string
  readonly how: string
  /** The first of its kind by length of the run that leads to it. */
  readonly shortest: Disagreement
  /** The first disagreement of their case; and those that come later in theirs. */
  readonly first: number
  readonly later: number
  readonly cases: number
}

export interface NotCompared {
  readonly op: string
  /** Missing when it is the whole operation. */
  readonly field?: string
  readonly reason: string
  readonly times: number
}

/** A case without results, or with some missing: what relock says. */
export interface Answered {
  readonly of: Subject
  readonly ops: readonly Op[]
  readonly results: readonly Result[]
  /** Which of them would be otherwise behind the IOMMU that was recorded. */
  readonly notRecorded?: readonly number[]
  readonly expected?: readonly (Result | null)[]
}

/** A case with an operation that relock does not know: it was not replayed. */
export interface UnknownIn {
  readonly of: Subject
  readonly op: string
  readonly index: number
  /** One that relock knows, and that has nearly this name. */
  readonly meant?: string
}

/** A case relock could not replay to its end. */
export interface Failure {
  readonly of: Subject
  readonly error: Error
}

/** Something wrong that the actors noticed while a case was replayed. */
export interface Noticed {
  readonly of: Subject
  readonly kind: string
  readonly title: string
}

/** A race whose every order was explored: what was recorded, and whether it is possible. */
export interface Raced extends ExploredRace {
  readonly of: Subject
  /** What the addresses of its runs begin with; one without a file has none. */
  readonly subject?: string
  readonly ops: readonly Op[]
  /** How often it was tried on the kernel; missing: nobody did, and it is asked which outcomes there are. */
  readonly reps?: number
  /** The operations whose results tell its outcomes apart. */
  readonly telling: readonly number[]
}

/** `unsafe`: nothing disagrees, and something goes wrong on the way, or may: a use after free, a deadlock, a warning. */
export type Verdict = 'agrees' | 'disagrees' | 'unsafe' | 'undecided' | 'failed'

export interface ConformReport {
  readonly verdict: Verdict
  readonly cases: Tally
  readonly ops: Tally
  readonly fields: Tally
  readonly byOp: Readonly<Record<string, { readonly ops: Tally; readonly fields: Tally }>>
  /** In the order of the cases. */
  readonly disagreements: readonly Disagreement[]
  /** The same by kind; first what comes first in most cases. */
  readonly groups: readonly Group[]
  readonly notCompared: readonly NotCompared[]
  readonly unknown: readonly UnknownIn[]
  readonly answered: readonly Answered[]
  readonly races: readonly Raced[]
  readonly noticed: readonly Noticed[]
  readonly failures: readonly Failure[]
  /** Cases that were not looked at any more. */
  readonly stopped?: { readonly by: 'you'; readonly waiting: number }
  readonly steps: number
  readonly seconds: number
}

/** How far it is. */
export interface ConformProgress {
  readonly cases: number
  readonly ofCases: number
  readonly ops: number
  readonly disagreed: number
  readonly seconds: number
}
