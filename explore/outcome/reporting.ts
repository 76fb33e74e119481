/** The parts of a report that searches of all kinds share. */
import { firstCaught, type Judged } from '../locks/judging.ts'
import type { Judge } from '../claims/judge.ts'
import { neverTrue, type Lasso } from '../breadth/liveness.ts'
import { withoutIdle } from '../locks/contexts.ts'
import type { Gathered } from './gathered.ts'
import { scheduleOf } from '../runs/replay.ts'
import type { FindingReport, JudgedReport, PropertyReport, Report, Schedule, Verdict } from './report.ts'
import type { Run } from '../breadth/shortest.ts'
import { causalSlice } from '../runs/slice.ts'
import type { Finding, Property, System } from '../system.ts'
import type { Tables } from '../states/tables.ts'

export const identity = ({ name, fingerprint }: System<any>) => ({ system: name, fingerprint })

/** A run as a report has it. */
export interface Told {
  readonly schedule: Schedule
  readonly needs?: number
}

export const told = (tables: Tables, run: Run): Told => ({
  schedule: scheduleOf(tables, run.lanes),
  ...(run.needs !== undefined && { needs: run.needs }),
})

export function decided(
  { name, kind, step }: Property,
  run: Told | undefined,
  exhaustive: boolean,
  untried: boolean,
): PropertyReport {
  const of = step && ({ of: 'steps' } as const)
  const otherwise: Verdict = !exhaustive ? 'undecided' : kind === 'always' ? 'holds' : 'unseen'
  const never = exhaustive ? { vacuous: true } : { untried: true as const }
  if (!run) return { name, kind, ...of, verdict: otherwise, ...(kind === 'always' && untried && never) }
  const verdict = kind === 'always' ? 'violated' : 'seen'
  return { name, kind, ...of, verdict, ...run, depth: run.schedule.length }
}

/** States and steps of a search that is complete. */
export interface Whole extends Ways {
  readonly judge: Judge
  readonly tables: Tables
  load(state: number): Int32Array
  /** Where the steps from a state lead; a crash leads nowhere. */
  successors(state: number): { readonly next: readonly number[]; readonly crashed: boolean }
}

interface Ways {
  /** What is taken from the start to a state. */
  runTo(state: number): readonly number[]
  /** What is taken on the way between two states, one a successor of the other. */
  between(from: number, to: number): readonly number[]
}

function eventually(found: Whole, property: Property, index: number, exhaustive: boolean): PropertyReport {
  if (!exhaustive) return open(property)
  const lasso = neverTrue({
    isFalse: (state) => !found.judge.judge(found.load(state)).holds[index],
    // A run that is cut is not at its end.
    successors: (state) => {
      const { next, crashed } = found.successors(state)
      return { next, crashed: crashed || (next.length === 0 && found.tables.isCut(found.load(state))) }
    },
  })
  return promised(property, lasso, found, (lanes) => scheduleOf(found.tables, lanes))
}

/** What became of each property in a search that stores states. `applied`: by number, whether it was ever about anything. */
export const claims = (
  found: Whole,
  properties: readonly Property[],
  runs: ReadonlyMap<number, Run>,
  applied: readonly boolean[],
  exhaustive: boolean,
): PropertyReport[] =>
  properties.map((property, index) => {
    if (property.kind === 'eventually') return eventually(found, property, index, exhaustive)
    const run = runs.get(index)
    return decided(property, run && told(found.tables, run), exhaustive, !applied[index])
  })

export const open = ({ name, kind }: Property): PropertyReport => ({ name, kind, verdict: 'undecided' })

/** `lasso`: a run on which it never comes. */
export function promised(
  { name, kind }: Property,
  lasso: Lasso | undefined,
  ways: Ways,
  asSchedule: (run: readonly number[]) => Schedule = (run) => run,
): PropertyReport {
  if (!lasso) return { name, kind, verdict: 'holds' }
  const { states, loopsFrom } = lasso
  const start = ways.runTo(states[0]!)
  const hops = states.slice(1).map((state, hop) => ways.between(states[hop]!, state))
  const back = loopsFrom === undefined ? [] : ways.between(states.at(-1)!, states[loopsFrom]!)
  const run = [...start, ...hops.flat(), ...back]
  const stepsBefore = (hop: number) => start.length + hops.slice(0, hop).flat().length
  return {
    ...{ name, kind, verdict: 'violated', schedule: asSchedule(run), depth: run.length },
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
  const seen = [...sightings].map(([key, { finding }]) => foundBy(tables, finding, runs.get(key)!, judged.get(key)))
  return withBroken(seen, properties, (finding, index) => {
    const run = decidedRuns.get(index)
    return run && foundBy(tables, finding, run)
  })
}

/** The order in which every report has its findings. */
export const byDepth = (a: FindingReport, b: FindingReport): number => a.depth - b.depth || (a.title < b.title ? -1 : 1)

/** What was seen, and what breaks a claim that says what it is then; those with the shortest runs first. */
export function withBroken(
  seen: readonly FindingReport[],
  properties: readonly Property[],
  broken: (finding: Finding, index: number) => FindingReport | undefined,
): FindingReport[] {
  const claims = properties.flatMap(({ kind, name, finding }, index) =>
    kind === 'always' && finding !== undefined
      ? (broken({ kind: finding, title: name, fatal: false }, index) ?? [])
      : [],
  )
  return [...seen, ...claims].sort(byDepth)
}

function foundBy(tables: Tables, finding: Finding, run: Run, judged?: Judged): FindingReport {
  const threads = run.lanes.flatMap((lane) => {
    const { sender, receiver } = tables.lanes[lane]!
    return [tables.components[sender]?.thread, tables.components[receiver]!.thread].filter((each) => each !== undefined)
  })
  return {
    ...findingReport(finding, told(tables, run), run.shortest, [...new Set(threads)].sort()),
    ...(judged && { judged: judgedReport(tables, judged) }),
  }
}

export const findingReport = (
  { kind, title, object, detail }: Finding,
  run: Told,
  shortest: boolean,
  actors: readonly string[] = [],
): FindingReport => ({
  ...{ kind, title, ...run, depth: run.schedule.length, shortest, actors },
  objects: object === undefined ? [] : [object],
  ...(detail !== undefined && { detail }),
})

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
