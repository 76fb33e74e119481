/** The document of `relock conform --json`: the report as it is, with everything named by file, line and case. */
import type { Result } from '../../conform/case.ts'
import type { ConformReport, Disagreement, Subject } from '../../conform/report.ts'
import { version } from '../json.ts'
import { raceAddress } from './races.ts'

const place = ({ name, file, line, profile, iommu }: Subject) => ({ case: name, file, line, profile, iommu })

/** A field whose value is worth nothing is left out, so that what is printed can be expected. */
const plain = ({ unknown = [], ...result }: Result): Result =>
  Object.fromEntries(Object.entries(result).filter(([field]) => !unknown.includes(field)))

const disagreement = ({ of, index, op, recorded, said, differences, before, objects }: Disagreement) => ({
  ...place(of),
  index,
  op,
  recorded,
  said,
  fields: differences.map(({ field }) => field),
  before,
  objects,
})

export const conformDocument = (what: readonly string[], report: ConformReport) => ({
  version,
  what,
  verdict: report.verdict,
  stopped: report.stopped,
  seconds: report.seconds,
  steps: report.steps,
  cases: report.cases,
  ops: report.ops,
  fields: report.fields,
  byOp: report.byOp,
  groups: report.groups.map(({ op, how, first, later, cases, shortest }) => ({
    op,
    how,
    first,
    later,
    cases,
    shortest: { ...place(shortest.of), index: shortest.index },
  })),
  disagreements: report.disagreements.map(disagreement),
  notCompared: report.notCompared,
  unknown: report.unknown.map(({ of, ...unknown }) => ({ ...place(of), ...unknown })),
  answered: report.answered.map(({ of, results, notRecorded }) => ({
    ...place(of),
    results: results.map(plain),
    notRecorded,
  })),
  races: report.races.map((raced) => ({
    ...place(raced.of),
    states: raced.states,
    exhaustive: raced.exhaustive,
    reps: raced.reps,
    possible: raced.possible.map(({ results, count, schedule }) => ({
      results: results.map(plain),
      count,
      address: raceAddress(raced, schedule),
    })),
    impossible: raced.impossible,
    findings: raced.findings.map(({ title, schedule }) => ({ title, address: raceAddress(raced, schedule) })),
  })),
  noticed: report.noticed.map(({ of, kind, title }) => ({ ...place(of), kind, title })),
  failures: report.failures.map(({ of, error }) => ({ ...place(of), error: error.message })),
})
