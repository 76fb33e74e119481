/**
 * One sample that was taken in pieces, each by itself and wherever there was room. A run is what its number and the seed make of it, so the report is
 * that of the sample in one go, whoever took which piece, but for one thing: which run it is that confirms an inversion.
 */
import { orderIn } from './orders.ts'
import { edgeKey, findingKey, ignoredKey } from '../outcome/keys.ts'
import { byDepth } from '../outcome/reporting.ts'
import type { FindingReport, PropertyReport, Report, Stopped } from '../outcome/report.ts'
import type { Property } from '../system.ts'
import { coveredBy, judgedBy, sumOf } from './shards.ts'

/** What the sample was to be. */
export interface Whole {
  readonly properties: readonly Property[]
  readonly runs: number
  readonly ms?: number | undefined
}

/** `reports`: those of the pieces that were taken, in the order of their runs; at least one. */
export function inOneSample(reports: readonly Report[], whole: Whole): Report {
  const [first] = reports
  if (!first?.sampled) throw new Error('a sample without a piece')
  const taken = reports.reduce((sum, { sampled }) => sum + sampled!.runs, 0)
  const stopped = stoppedIn(reports, whole, taken)
  const { stopped: _, ...rest } = first
  return {
    ...rest,
    ...(stopped && { stopped }),
    sampled: { ...first.sampled, runs: taken },
    ...coveredBy(reports, 'whole'),
    states: sumOf(reports, 'states'),
    steps: sumOf(reports, 'steps'),
    depth: Math.max(...reports.map(({ depth }) => depth)),
    seconds: Math.max(...reports.map(({ seconds }) => seconds)),
    ...(first.order && { order: first.order.map((each, at) => orderIn(each, reports, at)) }),
    properties: first.properties.map((each, at) => decidedBy(each, reports, at)),
    findings: findingsIn(reports, whole.properties),
    ignored: firstOf(
      reports.flatMap(({ ignored }) => ignored),
      ignoredKey,
    ),
    lockOrder: firstOf(
      reports.flatMap(({ lockOrder }) => lockOrder),
      edgeKey,
    ),
  }
}

/** What ended the first of those that were ended early; a piece that was lost had no room. */
const stoppedIn = (reports: readonly Report[], { runs, ms }: Whole, taken: number): Stopped | undefined => {
  if (taken === runs) return undefined
  const { by } = reports.find(({ stopped }) => stopped)?.stopped ?? { by: ms === undefined ? 'memory' : 'ms' }
  return { by, waiting: runs - taken, ...(by === 'ms' && { bound: ms! }) }
}

/** The first run that decides it does. */
const decidedBy = (open: PropertyReport, reports: readonly Report[], at: number): PropertyReport =>
  reports.map(({ properties }) => properties[at]!).find(({ schedule }) => schedule !== undefined) ?? open

/** By the shortest run, of those as short by the first one; what breaks a claim, by the first run that breaks it. */
function findingsIn(reports: readonly Report[], properties: readonly Property[]): FindingReport[] {
  const claims = new Set(
    properties.flatMap(({ finding, name }) =>
      finding === undefined ? [] : findingKey({ kind: finding, title: name }),
    ),
  )
  const found = new Map<string, FindingReport>()
  for (const finding of reports.flatMap(({ findings }) => findings)) {
    const key = findingKey(finding)
    const before = found.get(key)
    const kept = before && (claims.has(key) || before.depth <= finding.depth) ? before : finding
    const judged = judgedBy(before?.judged, finding.judged)
    found.set(key, { ...kept, ...(judged && { judged }) })
  }
  return [...found.values()].toSorted(byDepth)
}

/** Each once: the first of its kind. */
const firstOf = <Each>(all: readonly Each[], keyOf: (each: Each) => string): readonly Each[] => {
  const found = new Map<string, Each>()
  for (const each of all) if (!found.has(keyOf(each))) found.set(keyOf(each), each)
  return [...found.values()]
}
