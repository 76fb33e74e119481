/** The same claims for any runner: each throws an Error that tells the run. */
import type { ConformReport } from '../conform/index.ts'
import type { Report } from '../explore/outcome/report.ts'
import type { Shown } from '../explore/system.ts'
import type { Trace } from '../explore/runs/trace.ts'
import type { Followed } from '../explore/runs/follow.ts'
import {
  conforms,
  deadlocks,
  explored,
  holds,
  isIn,
  reaches,
  violates,
  type Explored,
  type Judgement,
} from './judgements.ts'

const insistOn = ({ pass, message }: Judgement): void => {
  if (!pass) throw new Error(message())
}

const insistOnNot = ({ pass, isUnknown, message }: Judgement): void => {
  if (pass || isUnknown) throw new Error(message())
}

/**
 * Throws unless the search was complete, every property holds or was seen, and nothing was found (of inversions: none that counts). With a
 * name: unless that property holds, or was seen.
 */
export const assertHolds = (report: Report, name?: string): void => insistOn(holds(report, name, 'assertHolds()'))

/**
 * Throws unless this property is violated, or a finding of this kind or title was made; of a run, also of one that was followed: unless it shows
 * such a finding.
 */
export const assertViolates = (of: Report | Trace | Followed, name: string): void =>
  insistOn(violates(of, name, 'assertViolates()'))

/** Throws if it is or does; also if a run that was followed is not found any more, and nobody knows that there is none. */
export const assertDoesNotViolate = (of: Report | Trace | Followed, name: string): void =>
  insistOnNot(violates(of, name, 'assertDoesNotViolate()'))

/** Throws unless the `sometimes` of this name was seen. */
export const assertReaches = (report: Report, name: string): void => insistOn(reaches(report, name, 'assertReaches()'))

/** Throws unless exactly so many states were stored, and all there are or not. */
export const assertExplored = (report: Report, wanted: Explored): void =>
  insistOn(explored(report, wanted, 'assertExplored()'))

/** Throws unless somebody waits for ever: in some run of a search, or in this one. */
export const assertDeadlocks = (of: Report | Trace): void => insistOn(deadlocks(of, 'assertDeadlocks()'))

/** Throws unless the actor (`run.actor(id)`) is in this state. */
export const assertIn = (actor: Shown, state: string): void => insistOn(isIn(actor, state, 'assertIn()'))

/** Throws unless every case was looked at, and relock answers as they say. */
export const assertConforms = (report: ConformReport): void => insistOn(conforms(report, 'assertConforms()'))
