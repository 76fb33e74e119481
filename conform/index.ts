/**
 * Does relock answer as a kernel did? Replays cases (recorded, or written by hand) on the actors and compares every field of every answer.
 *
 *     const report = await conform('test/recordings')
 *     report.verdict // 'agrees'
 */
import { defer, from, lastValueFrom, type Observable } from 'rxjs'
import { insist } from '../shapes/insist.ts'
import { replayCase } from '../actors/kernel/system-calls/replay.ts'
import type { Written } from './case.ts'
import { casesLike } from './pick.ts'
import { exploreRace } from './race.ts'
import { readCases, type Source } from './read.ts'
import type { ConformReport } from './report.ts'
import { conformingShape } from './shapes.ts'
import { suite, type Conforming, type Engines, type SuiteOptions } from './suite.ts'

export type { AskedRace, Case, Op, Race, Result, Written } from './case.ts'
export { MalformedCase, NoCases } from './malformed.ts'
export { readCases, type Source } from './read.ts'
export type { ConformReport, Disagreement } from './report.ts'
export type { Conforming } from './suite.ts'

export interface ConformOptions extends SuiteOptions {
  /** Only cases with this in their name; `*` stands for anything. */
  readonly cases?: string
}

/** In this thread. */
export const ours: Engines = { replay: replayCase, race: exploreRace }

/**
 * Cases as a stream: progress, and in the end the report. Unsubscribing ends it without one; aborting `signal` ends it with one of what is
 * known.
 */
export const conforming = (
  cases: readonly Written[],
  options: ConformOptions = {},
  engines: Engines = ours,
): Observable<Conforming> =>
  defer(() => {
    insist(conformingShape, { cases, options }, 'conforming()')
    return from(suite(options.cases === undefined ? cases : casesLike(cases, options.cases), engines, options))
  })

/** The report of all cases, by path or by value. */
export const conform = async (
  sources: Source | readonly Source[],
  options: ConformOptions = {},
): Promise<ConformReport> => {
  const last = await lastValueFrom(conforming(readCases(sources), options))
  if (last.type !== 'report') throw new Error('the cases ended without a report')
  return last.report
}
