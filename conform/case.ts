/** What a line of a case file says, once it has been read and found right. docs/CONFORMANCE.md describes the format. */
import type { Iommu } from '../actors/kernel/iommu.ts'
import type { Op, Result } from '../actors/kernel/system-calls/op.ts'
import type { Problem } from './malformed.ts'

export type { Op, Result }

interface Told {
  readonly name: string
  /** The kernel it is about: a profile or any version; 6.1 unless it says otherwise. */
  readonly profile?: string
  /** Another IOMMU than the one that was recorded: what comes of it is not recorded. */
  readonly iommu?: Iommu
  /** For people. */
  readonly note?: string
  readonly ops: readonly Op[]
}

/** Operations one after the other. Without results it is a question: what would be answered? */
export interface Case extends Told {
  /** A number, or what its generator calls it (`1:15`). */
  readonly seed?: number | string
  /** One for each operation; null where nothing is expected. */
  readonly results?: readonly (Result | null)[]
}

/** Operations (those with `barrier`) of several threads made at once, many times over, and the different outcomes there were. */
export interface Race extends Told {
  readonly reps: number
  readonly outcomes: readonly RaceOutcome[]
}

/** The same as a question: which outcomes are there? */
export interface AskedRace extends Told {
  readonly reps?: never
  readonly outcomes?: never
  readonly results?: never
}

export type AnyRace = Race | AskedRace

export interface RaceOutcome {
  readonly count: number
  readonly results: readonly Result[]
}

export const isRacing = (op: Op): boolean => op['barrier'] !== undefined

export const isRace = (one: Case | AnyRace): one is AnyRace => one.ops.some(isRacing)

/** An operation that relock does not know, the first of its case: nothing of that case is replayed. */
export interface UnknownOp {
  readonly op: string
  readonly index: number
  readonly problem: Problem
}

/** A case and where it stands. One that a program hands over stands nowhere. */
export interface Written {
  readonly one: Case | AnyRace
  readonly file?: string
  readonly line?: number
  readonly unknown?: UnknownOp
}
