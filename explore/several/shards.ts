/**
 * One report out of those of many searches of the same system. It is put together in the order of the searches, so it does not depend on which of
 * them was over first.
 */
import { orderIn } from './orders.ts'
import { edgeKey, findingKey, ignoredKey } from '../outcome/keys.ts'
import { cyclesOf, inversion } from '../locks/lock-order.ts'
import { byDepth } from '../outcome/reporting.ts'
import type {
  FindingReport,
  IgnoredReport,
  JudgedReport,
  LockOrderReport,
  MachineCoverage,
  Member,
  PropertyReport,
  Report,
  Shard,
  Verdict,
} from '../outcome/report.ts'

/** One of the searches: of what, and its report; or why there is none. */
export interface Part {
  readonly of: string
  readonly report?: Report
  readonly why?: string
}

/** `whole`: each of them has searched everything, in another way. `cut`: the first one the beginning of all runs, each of the others a part of what comes behind. */
export type Sharing = 'whole' | 'cut'

/** Undefined where none has a report. */
export function merged(parts: readonly Part[], sharing: Sharing): Report | undefined {
  const reports = parts.flatMap(({ report }) => report ?? [])
  const [first] = reports
  if (!first) return undefined
  const isMissing = reports.length < parts.length
  const all = sharing === 'whole' ? ofWholes(reports) : ofParts(reports, isMissing)
  return {
    ...all,
    ...coveredBy(reports, sharing),
    depth: Math.max(...reports.map(({ depth }) => depth)),
    bytesPerState: Math.max(...reports.map(({ bytesPerState }) => bytesPerState)),
    ignored: ignoredIn(reports),
    lockOrder: orderOf(reports),
    ...(first.order && { order: first.order.map((each, at) => orderIn(each, reports, at)) }),
    shards: parts.map(shardOf),
    seconds: 0,
  }
}

const shardOf = ({ of, report, why }: Part): Shard =>
  report
    ? {
        of,
        states: report.states,
        steps: report.steps,
        findings: report.findings.length,
        exhaustive: report.exhaustive,
      }
    : { of, why: why ?? 'not searched' }

const isAtFirst = (reports: readonly Report[]): boolean => reports.some(({ stopped }) => stopped?.by === 'first')

export const sumOf = (reports: readonly Report[], what: 'states' | 'steps'): number =>
  reports.reduce((sum, each) => sum + each[what], 0)

/** The first that has seen everything speaks for all. */
function ofWholes(reports: readonly Report[]): Report {
  const complete = reports.find(({ exhaustive }) => exhaustive)
  const base = complete ?? reports[0]!
  const sampled = complete ? undefined : sampledIn(reports)
  const { sampled: _, seed, classes, ...rest } = base
  const isOne = new Set(reports.map(({ strategy }) => strategy)).size === 1
  return {
    ...rest,
    ...(seed !== undefined && reports.length === 1 && { seed }),
    ...(classes && (complete || reports.length === 1) && { classes }),
    ...(!isOne && { members: reports.map(memberOf) }),
    ...(sampled && { sampled }),
    ...(!complete && isAtFirst(reports) && { stopped: { by: 'first', waiting: 0 } }),
    ...(!complete && reports.length > 1 && { addedUp: true }),
    states: complete ? base.states : sumOf(reports, 'states'),
    steps: complete ? base.steps : sumOf(reports, 'steps'),
    properties: base.properties.map((each, index) =>
      propertyOf(
        each,
        reports.map(({ properties }) => properties[index]!),
        complete !== undefined,
      ),
    ),
    findings: findingsIn(reports, ({ shortest }) => shortest),
  }
}

const memberOf = ({ strategy, states, steps, sampled }: Report): Member => ({
  strategy,
  states,
  steps,
  ...(sampled && { runs: sampled.runs }),
})

function sampledIn(reports: readonly Report[]): Report['sampled'] {
  const all = reports.flatMap(({ sampled }) => sampled ?? [])
  if (all.length < reports.length) return undefined
  const [first] = all
  return { ...first!, runs: all.reduce((sum, { runs }) => sum + runs, 0), ...(all.length > 1 && { seeds: all.length }) }
}

/** Complete if all of them are, or the beginning of all runs is all there is. */
function ofParts(reports: readonly Report[], isMissing: boolean): Report {
  const [trunk, ...behind] = reports
  const isComplete =
    !isMissing && behind.every(({ exhaustive }) => exhaustive) && (behind.length > 0 || trunk!.exhaustive)
  const stopped = (behind.find((each) => each.stopped) ?? trunk!).stopped
  const { stopped: _, upTo: __, symmetry: ___, ...rest } = behind[0] ?? trunk!
  return {
    ...rest,
    exhaustive: isComplete,
    ...(!isComplete && stopped && { stopped: isAtFirst(reports) ? { by: 'first', waiting: 0 } : stopped }),
    addedUp: true,
    frontier: [],
    states: sumOf(reports, 'states'),
    steps: sumOf(reports, 'steps'),
    properties: trunk!.properties.map((each, index) =>
      propertyOf(
        isComplete && each.verdict === 'undecided' ? { ...each, verdict: endOf(each) } : each,
        reports.map(({ properties }) => properties[index]!),
        isComplete,
      ),
    ),
    // Whoever leads past the cut leads through one of the states at it, by a shortest run to there.
    findings: [
      ...findingsIn(reports, ({ shortest }) => isComplete && shortest).map(withoutRefusal),
      ...roundIn(reports),
    ].toSorted(byDepth),
  }
}

const endOf = ({ kind }: PropertyReport): Verdict => (kind === 'sometimes' ? 'unseen' : 'holds')

/** That no run is caught in it is known of no part alone. */
const withoutRefusal = (finding: FindingReport): FindingReport =>
  finding.judged?.verdict === 'refuted' ? { ...finding, judged: { verdict: 'open' } } : finding

/** Inversions whose edges no search has all seen. */
function roundIn(reports: readonly Report[]): readonly FindingReport[] {
  const known = new Set(reports.flatMap(({ findings }) => findings.map(findingKey)))
  const order = orderOf(reports)
  return cyclesOf(order)
    .map((cycle) => ({ cycle, finding: inversion(cycle) }))
    .filter(({ finding }) => !known.has(findingKey(finding)))
    .map(({ cycle, finding: { kind, title } }) => {
      const edges = order.filter(({ from, to }) => cycle.includes(from) && cycle.includes(to))
      const { schedule } = edges.toSorted((a, b) => b.schedule.length - a.schedule.length)[0]!
      return {
        ...{ kind, title, schedule, depth: schedule.length, shortest: false, actors: [], objects: [...cycle] },
        judged: { verdict: 'open' },
      }
    })
}

/** What any of them has seen is seen; that it never is, only a search that is complete can say. */
function propertyOf(base: PropertyReport, all: readonly PropertyReport[], isComplete: boolean): PropertyReport {
  const shown = all
    .filter(({ verdict, schedule }) => (verdict === 'violated' || verdict === 'seen') && schedule)
    .toSorted((a, b) => a.depth! - b.depth!)[0]
  if (shown) return shown
  const { vacuous: _, untried: __, ...rest } = base
  const isUntried = all.every(({ vacuous, untried }) => vacuous || untried)
  return { ...rest, ...(isUntried && (isComplete ? { vacuous: true } : { untried: true as const })) }
}

/** Each once, by the shortest run; of those as short, by that of the first. */
function findingsIn(reports: readonly Report[], isShortest: (finding: FindingReport) => boolean): FindingReport[] {
  const found = new Map<string, FindingReport>()
  for (const { findings } of reports)
    for (const finding of findings) {
      const key = findingKey(finding)
      const before = found.get(key)
      const [kept, other] = before && before.depth <= finding.depth ? [before, finding] : [finding, before]
      const judged = judgedBy(kept.judged, other?.judged)
      found.set(key, { ...kept, ...(judged && { judged }) })
    }
  return [...found.values()].map((finding) => ({ ...finding, shortest: isShortest(finding) })).toSorted(byDepth)
}

const weight = { confirmed: 2, refuted: 1, open: 0 }

export const judgedBy = (one: JudgedReport | undefined, other: JudgedReport | undefined): JudgedReport | undefined =>
  one && other ? (weight[other.verdict] > weight[one.verdict] ? other : one) : (one ?? other)

const ignoredIn = (reports: readonly Report[]): readonly IgnoredReport[] => [
  ...new Map(reports.flatMap(({ ignored }) => ignored.map((each) => [ignoredKey(each), each] as const))).values(),
]

function orderOf(reports: readonly Report[]): readonly LockOrderReport[] {
  const found = new Map<string, LockOrderReport>()
  for (const edge of reports.flatMap(({ lockOrder }) => lockOrder)) {
    const key = edgeKey(edge)
    const before = found.get(key)
    if (!before || edge.schedule.length < before.schedule.length) found.set(key, edge)
  }
  return [...found.values()]
}

/** What none of them has come by. */
export function coveredBy(reports: readonly Report[], sharing: Sharing): Pick<Report, 'coverage' | 'remarks'> {
  const coverage = new Map<string, MachineCoverage>()
  for (const each of reports.flatMap((report) => report.coverage ?? [])) {
    const before = coverage.get(each.machine)
    const both = (one: readonly string[], other: readonly string[]) => one.filter((id) => other.includes(id))
    coverage.set(
      each.machine,
      before
        ? {
            ...each,
            unreached: both(before.unreached, each.unreached),
            untaken: both(before.untaken, each.untaken),
          }
        : each,
    )
  }
  // What a part says of itself need not be so of the whole.
  const isSaid = (remark: string): boolean =>
    sharing === 'whole' || reports.every((report) => report.remarks?.includes(remark))
  const remarks = [...new Set(reports.flatMap((report) => report.remarks ?? []))].filter(isSaid)
  return {
    ...(coverage.size > 0 && { coverage: [...coverage.values()] }),
    ...(reports.some((report) => report.remarks) && { remarks }),
  }
}
