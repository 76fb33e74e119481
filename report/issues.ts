/** What is wrong, by a report: each with the run that shows it, in the order in which it is told. */
import type { FindingReport, JudgedReport, PropertyReport, Report, Schedule } from '../explore/outcome/report.ts'
import { isViolation, violationsIn } from '../explore/claims/violations.ts'

/** Something violated, and the run that shows it. */
export interface Issue {
  readonly kind: string
  readonly title: string
  readonly schedule: Schedule
  readonly depth: number
  readonly shortest: boolean
  /** Preemptions or delays, where they are counted. */
  readonly needs?: number
  readonly who: readonly string[]
  readonly property: PropertyReport | undefined
  /** Of an inversion of the order of locks. */
  readonly judged?: JudgedReport
}

/** What a search of this kind finds in a state, it finds by a shortest run; level by level, without leaving anything out, it does so wherever it ends. */
export const findsShortest = ({ strategy, exhaustive, reduction }: Report): boolean =>
  strategy === 'breadth' ? exhaustive || reduction === 'off' : exhaustive && strategy === 'deepening'

/** What a livelock is titled: the promise that is never kept. */
const neverTitle = (name: string): string => `never: ${name}`

const issueOfFinding = (finding: FindingReport, properties: readonly PropertyReport[]): Issue => ({
  ...finding,
  who: [...finding.actors, ...finding.objects],
  property: properties.find(({ name }) => name === finding.title || neverTitle(name) === finding.title),
})

/** A crash is told before a hang, a hang before a wrong answer, and an order of locks that may still be harmless last. */
const gravity = (kind: string): number => {
  if (['use-after-free', 'double-free', 'bug'].includes(kind)) return 0
  if (['deadlock', 'livelock'].includes(kind)) return 1
  return kind === 'lock-order' ? 3 : 2
}

/** Findings that count, and violated properties that are not findings themselves: the gravest first, then by length of the run. */
export const issuesOf = (report: Report): readonly Issue[] =>
  unsorted(report).toSorted((a, b) => gravity(a.kind) - gravity(b.kind) || a.depth - b.depth)

/** Inversions that make nothing violated, where only those that are confirmed do. */
export const uncounted = (report: Report): readonly Issue[] =>
  report.findings
    .filter((finding) => !isViolation(report, finding))
    .map((finding) => issueOfFinding(finding, report.properties))

const unsorted = (report: Report): readonly Issue[] => [
  ...violationsIn(report).map((finding) => issueOfFinding(finding, report.properties)),
  ...report.properties
    .filter(
      ({ verdict, schedule, name }) =>
        verdict === 'violated' &&
        schedule &&
        !report.findings.some(({ title }) => title === name || title === neverTitle(name)),
    )
    .map((property) => ({
      kind: property.kind === 'eventually' ? 'never' : 'violated',
      title: property.name,
      schedule: property.schedule ?? [],
      depth: property.depth ?? 0,
      shortest: property.kind !== 'eventually' && findsShortest(report),
      ...(property.needs !== undefined && { needs: property.needs }),
      who: [],
      property,
    })),
]

/** Steps of the run that shows the gravest of them. */
export const shortestOf = (report: Report): number | undefined => issuesOf(report)[0]?.depth
