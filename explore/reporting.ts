/** The parts of a report that searches of all kinds share. */
import { firstCaught, type Judged } from './judging.ts'
import type { Judge } from './judge.ts'
import { neverTrue } from './liveness.ts'
import { withoutIdle } from './contexts.ts'
import type { Gathered } from './gathered.ts'
import { scheduleOf } from './replay.ts'
import type { FindingReport, JudgedReport, PropertyReport, Report, Verdict } from './report.ts'
import type { Run } from './shortest.ts'
import { causalSlice } from './slice.ts'
import type { Finding, Property, System } from './system.ts'
import type { Tables } from './tables.ts'

export const identity = ({ name, fingerprint }: System<any>) => ({ system: name, fingerprint })

export function decided(
  property: Property,
  run: Run | undefined,
  tables: Tables,
  exhaustive: boolean,
  vacuous: boolean,
): PropertyReport {
  const { name, kind } = property
  const otherwise: Verdict = !exhaustive ? 'undecided' : kind === 'always' ? 'holds' : 'unseen'
  if (!run) return { name, kind, verdict: otherwise, ...(kind === 'always' && vacuous && { vacuous }) }
  return {
    name,
    kind,
    verdict: kind === 'always' ? 'violated' : 'seen',
    schedule: scheduleOf(tables, run.lanes),
    depth: run.lanes.length,
    ...needed(run),
  }
}

const needed = ({ needs }: Run): Pick<FindingReport, 'needs'> => (needs === undefined ? {} : { needs })

/** States and steps of a search that is complete. */
export interface Whole {
  readonly judge: Judge
  readonly tables: Tables
  load(state: number): Int32Array
  /** Where the steps from a state lead; a crash leads nowhere. */
  successors(state: number): { readonly next: readonly number[]; readonly crashed: boolean }
  /** Lanes taken from the start to a state. */
  runTo(state: number): readonly number[]
  /** Lanes taken on the way between two states, one a successor of the other. */
  between(from: number, to: number): readonly number[]
}

export function eventually(found: Whole, { name, kind }: Property, index: number, exhaustive: boolean): PropertyReport {
  if (!exhaustive) return { name, kind, verdict: 'undecided' }
  const lasso = neverTrue({
    isFalse: (state) => !found.judge.judge(found.load(state)).holds[index],
    successors: (state) => found.successors(state),
  })
  if (!lasso) return { name, kind, verdict: 'holds' }
  const { states, loopsFrom } = lasso
  const start = found.runTo(states[0]!)
  const hops = states.slice(1).map((state, hop) => found.between(states[hop]!, state))
  const back = loopsFrom === undefined ? [] : found.between(states.at(-1)!, states[loopsFrom]!)
  const lanes = [...start, ...hops.flat(), ...back]
  const stepsBefore = (hop: number) => start.length + hops.slice(0, hop).flat().length
  return {
    name,
    kind,
    verdict: 'violated',
    schedule: scheduleOf(found.tables, lanes),
    depth: lanes.length,
    ...(loopsFrom !== undefined && { loopsFrom: stepsBefore(loopsFrom) + 1 }),
  }
}

/** A run that goes round for ever without what was promised is a livelock. */
export const livelocks = (properties: readonly PropertyReport[]): FindingReport[] =>
  properties.flatMap(({ name, schedule, loopsFrom }) =>
    schedule && loopsFrom !== undefined
      ? [
          {
            kind: 'livelock',
            title: `never: ${name}`,
            schedule,
            depth: schedule.length,
            shortest: false,
            actors: [],
            objects: [],
            detail: `steps ${loopsFrom} to ${schedule.length} repeat for ever`,
          },
        ]
      : [],
  )

export function findings(
  tables: Tables,
  properties: readonly Property[],
  sightings: ReadonlyMap<string, { readonly finding: Finding }>,
  runs: ReadonlyMap<string, Run>,
  decidedRuns: ReadonlyMap<number, Run>,
  judged: ReadonlyMap<string, Judged>,
): FindingReport[] {
  const seen = [...sightings].map(([key, { finding }]) =>
    findingReport(tables, finding, runs.get(key)!, judged.get(key)),
  )
  const violated = properties.flatMap((property, index) => {
    const run = decidedRuns.get(index)
    if (!run || property.kind !== 'always' || property.finding === undefined) return []
    return [findingReport(tables, { kind: property.finding, title: property.name, fatal: false }, run)]
  })
  return [...seen, ...violated].sort((a, b) => a.depth - b.depth || (a.title < b.title ? -1 : 1))
}

function findingReport(
  tables: Tables,
  { kind, title, object, detail }: Finding,
  run: Run,
  judged?: Judged,
): FindingReport {
  const { lanes, shortest } = run
  const threads = lanes.flatMap((lane) => {
    const { sender, receiver } = tables.lanes[lane]!
    return [tables.components[sender]?.thread, tables.components[receiver]!.thread].filter((each) => each !== undefined)
  })
  return {
    kind,
    title,
    schedule: scheduleOf(tables, lanes),
    depth: lanes.length,
    shortest,
    ...needed(run),
    actors: [...new Set(threads)].sort(),
    objects: object === undefined ? [] : [object],
    ...(detail !== undefined && { detail }),
    ...(judged && { judged: judgedReport(tables, judged) }),
  }
}

const judgedReport = (tables: Tables, judged: Judged): JudgedReport =>
  judged.verdict === 'confirmed'
    ? { verdict: 'confirmed', schedule: scheduleOf(tables, judged.lanes) }
    : { verdict: judged.verdict }

/** What a search that goes through single steps has gathered. `isShortest`: of the runs to what states or steps show, none is shorter. */
export function gatheredReport(
  tables: Tables,
  properties: readonly Property[],
  found: Gathered,
  isShortest = false,
): Pick<Report, 'findings' | 'ignored' | 'lockOrder'> & { readonly decided: ReadonlyMap<number, Run> } {
  const runs = new Map(
    [...found.sightings].map(([key, { finding, run, needs }]): [string, Run] => [
      key,
      {
        lanes: run,
        shortest: isShortest && !finding.cycle && finding.kind !== 'data-race',
        ...(needs !== undefined && { needs }),
      },
    ]),
  )
  const decidedRuns = new Map(
    [...found.decided].map(([index, { run, needs }]): [number, Run] => [
      index,
      { lanes: run, shortest: isShortest, ...(needs !== undefined && { needs }) },
    ]),
  )
  return {
    decided: decidedRuns,
    findings: findings(tables, properties, found.sightings, runs, decidedRuns, judgedByRuns(tables, found)),
    ignored: [...found.ignored.values()],
    lockOrder: withoutIdle([...found.lockOrder.values()], ({ edge }) => edge).map(({ edge, run: lanes }) => ({
      ...edge,
      schedule: scheduleOf(tables, causalSlice(tables, lanes, [lanes.length - 1])),
    })),
  }
}

/** Single runs can confirm an inversion, and never refute one. */
function judgedByRuns(tables: Tables, { sightings }: Gathered): ReadonlyMap<string, Judged> {
  const hangs = [...sightings.values()].flatMap(({ finding, run }) => (finding.kind === 'deadlock' ? [run] : []))
  const judged = new Map<string, Judged>()
  for (const [key, { finding }] of sightings) {
    if (!finding.cycle) continue
    const lanes = firstCaught(tables, hangs, finding.cycle)
    judged.set(key, lanes ? { verdict: 'confirmed', lanes } : { verdict: 'open' })
  }
  return judged
}
