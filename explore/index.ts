/** The checker's door: `explore` a system, `searching` for a search that can be watched and stopped, `replay` for one run. */
import { Cells } from './cells.ts'
import { withoutIdle } from './contexts.ts'
import { findRaces } from './data-races.ts'
import { insist } from '../shapes/insist.ts'
import { firstCaught, judgeInversions, type Judged } from './judging.ts'
import { neverTrue } from './liveness.ts'
import { NotNumbered, NumberedSearch, reportOf, type Numbered } from './numbered.ts'
import { comingFrom } from './origin.ts'
import type { ExploreOptions } from './options.ts'
import { Reduction } from './reduction.ts'
import { Restart } from './restart.ts'
import { replay, scheduleOf } from './replay.ts'
import type { FindingReport, JudgedReport, Progress, PropertyReport, Report, Verdict } from './report.ts'
import { Sample, type Sampling } from './sampling.ts'
import { Search } from './search.ts'
import { lockOrderRuns, shortestRuns, type Run } from './shortest.ts'
import { insistOnSystem, searchShape } from './shapes.ts'
import { causalSlice } from './slice.ts'
import type { Finding, Property, System } from './system.ts'
import { Tables } from './tables.ts'
import { takenIn } from './taken.ts'

export { replay }
export type { ExploreOptions }

/** Explores every interleaving (or samples some), giving way to other work of the process now and then. */
export async function explore<View>(
  system: System<View>,
  properties: readonly Property<View>[] = [],
  options: ExploreOptions = {},
): Promise<Report> {
  const search = searching(system, properties, options)
  for (;;) {
    const step = search.next()
    if (step.done) return step.value
    await new Promise((resume) => setImmediate(resume))
  }
}

/** The same, resumable: yields its progress every few milliseconds, and returns the report. Throws a ModelError when what it is given does not fit. */
export function searching<View>(
  system: System<View>,
  properties: readonly Property<View>[] = [],
  options: ExploreOptions = {},
): Generator<Progress, Report> {
  insist(searchShape, { properties, options }, 'explore()')
  insistOnSystem(system, 'explore(): the system')
  const sampling = samplingOf(options)
  return known(system, sampling ? sample(system, properties, options, sampling) : breadth(system, properties, options))
}

function* known(system: System<any>, found: Generator<Progress, Report>): Generator<Progress, Report> {
  return comingFrom(system, yield* found)
}

/** A system that numbers its own states is searched so, unless it turns out that it cannot. */
function* breadth(
  system: System<any>,
  properties: readonly Property[],
  options: ExploreOptions,
): Generator<Progress, Report> {
  const numbered = options.onFinal || options.onTaken ? undefined : system.numbered?.()
  const report = numbered && (yield* numberedSearch(system, numbered, properties, options))
  return report ?? (yield* search(system, properties, options))
}

function* numberedSearch(
  system: System<any>,
  numbered: Numbered,
  properties: readonly Property[],
  options: ExploreOptions,
): Generator<Progress, Report | undefined> {
  const started = performance.now()
  try {
    const found = new NumberedSearch(numbered, properties, options)
    yield* found.run(started)
    const report = reportOf(system, found, properties, options, started)
    return { ...report, findings: [...report.findings, ...livelocks(report.properties)] }
  } catch (cause) {
    if (cause instanceof NotNumbered) return undefined
    throw cause
  }
}

function* search(
  system: System<any>,
  properties: readonly Property[],
  options: ExploreOptions,
): Generator<Progress, Report> {
  const started = performance.now()
  const cells = new Cells(new Tables(system))
  const { tables } = cells
  const visible = new Set<number>()
  const { found, reduction, off } = yield* reducedSearch(cells, properties, options, visible, started)
  const { within: { ms = Infinity } = {}, signal } = options
  const isLate = (): boolean => signal?.aborted === true || performance.now() > started + ms
  const isComplete = yield* findRaces(found, isLate, () => found.progress(started))
  if (!isComplete) found.late(signal?.aborted ? 'you' : 'ms')
  const runs = yield* shortestRuns(found, reduction, properties, options, visible, started)
  const judged = yield* judgeInversions(found, runs.sightings, isLate, () => found.progress(started))
  if (options.onTaken) takenIn(tables).forEach(options.onTaken)
  const exhaustive = found.stopped === undefined
  const report: Omit<Report, 'seconds'> = {
    ...identity(system),
    strategy: 'breadth',
    inversions: options.inversions ?? 'all',
    exhaustive,
    ...(found.stopped && { stopped: found.stopped }),
    reduction: off !== undefined ? { off } : reduction ? 'on' : 'off',
    states: found.store.count,
    steps: found.steps,
    depth: found.depth,
    bytesPerState: found.bytesPerState,
    frontier: found.frontier,
    properties: properties.map((property, index) =>
      property.kind === 'eventually'
        ? eventually(found, property, index, exhaustive)
        : decided(property, runs.decided.get(index), tables, exhaustive, exhaustive && !found.applied[index]),
    ),
    findings: findings(tables, properties, found.sightings, runs.sightings, runs.decided, judged),
    ignored: [...found.ignored.values()],
    lockOrder: withoutIdle(lockOrderRuns(found), ({ edge }) => edge).map(({ edge, lanes }) => ({
      ...edge,
      schedule: scheduleOf(tables, lanes),
    })),
  }
  return {
    ...report,
    findings: [...report.findings, ...livelocks(report.properties)],
    seconds: (performance.now() - started) / 1000,
  }
}

/** Searches with the reduction; begins again, with more care, whenever one of its claims turns out false. */
function* reducedSearch(
  cells: Cells,
  properties: readonly Property[],
  options: ExploreOptions,
  visible: Set<number>,
  started: number,
): Generator<Progress, { readonly found: Search; readonly reduction?: Reduction; readonly off?: string }> {
  let off: string | undefined
  let reduction: Reduction | undefined
  const rule = typeof options.reduction === 'function' ? options.reduction : undefined
  // Where all that comes, comes from outside, nothing can be taken alone.
  const isReduced = options.reduction !== false && cells.tables.components.some((each) => each.offers === undefined)
  for (;;) {
    try {
      if (isReduced && off === undefined) reduction ??= new Reduction(cells.tables, visible, rule)
      reduction?.begin()
      const found = new Search(cells, properties, options, off === undefined ? reduction : undefined, visible)
      yield* found.run(started)
      return off !== undefined ? { found, off } : { found, ...(reduction && { reduction }) }
    } catch (restart) {
      if (!(restart instanceof Restart)) throw restart
      off = restart.broken
    }
  }
}

function* sample(
  system: System<any>,
  properties: readonly Property[],
  options: ExploreOptions,
  sampling: Sampling,
): Generator<Progress, Report> {
  const started = performance.now()
  const tables = new Tables(system)
  const found = new Sample(tables, properties, sampling, options)
  yield* found.run(started)
  if (options.onTaken) takenIn(tables).forEach(options.onTaken)
  const run = (lanes: readonly number[]): Run => ({ lanes, shortest: false })
  const decidedRuns = new Map([...found.decided].map(([index, lanes]) => [index, run(lanes)]))
  const { seed, preemptions, kind } = sampling
  return {
    ...identity(system),
    strategy: kind,
    inversions: options.inversions ?? 'all',
    exhaustive: false,
    ...(found.stopped && { stopped: found.stopped }),
    sampled: { seed, runs: found.runs, ...(kind === 'pct' && { preemptions }) },
    reduction: 'off',
    states: found.steps,
    steps: found.steps,
    depth: found.depth,
    seconds: (performance.now() - started) / 1000,
    bytesPerState: 0,
    frontier: [],
    properties: properties.map((property, index) => decided(property, decidedRuns.get(index), tables, false, false)),
    findings: findings(
      tables,
      properties,
      found.sightings,
      new Map([...found.sightings].map(([key, each]) => [key, run(each.run)])),
      decidedRuns,
      judgedBySample(tables, found),
    ),
    ignored: [...found.ignored.values()],
    lockOrder: withoutIdle([...found.lockOrder.values()], ({ edge }) => edge).map(({ edge, run: lanes }) => ({
      ...edge,
      schedule: scheduleOf(tables, causalSlice(tables, lanes, [lanes.length - 1])),
    })),
  }
}

/** A sample can confirm an inversion, and never refutes one. */
function judgedBySample(tables: Tables, { sightings }: Sample): ReadonlyMap<string, Judged> {
  const hangs = [...sightings.values()].flatMap(({ finding, run }) => (finding.kind === 'deadlock' ? [run] : []))
  return new Map(
    [...sightings].flatMap(
      ([
        key,
        {
          finding: { cycle },
        },
      ]): (readonly [string, Judged])[] => {
        if (!cycle) return []
        const lanes = firstCaught(tables, hangs, cycle)
        return [[key, lanes ? { verdict: 'confirmed', lanes } : { verdict: 'open' }]]
      },
    ),
  )
}

function samplingOf({ search }: ExploreOptions): Sampling | undefined {
  if (search === undefined || search === 'breadth') return undefined
  if ('random' in search) return { kind: 'random', preemptions: 0, ...search.random }
  return { kind: 'pct', ...search.pct }
}

const identity = ({ name, fingerprint }: System<any>) => ({ system: name, fingerprint })

function decided(
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
  }
}

function eventually(found: Search, { name, kind }: Property, index: number, exhaustive: boolean): PropertyReport {
  if (!exhaustive) return { name, kind, verdict: 'undecided' }
  const lasso = neverTrue({
    isFalse: (state) => !found.judge.judge(found.ways.load(state)).holds[index],
    successors: (state) => found.ways.successors(state),
  })
  if (!lasso) return { name, kind, verdict: 'holds' }
  const { states, loopsFrom } = lasso
  const start = found.ways.to(found.ways.placeOf(states[0]!))
  const hops = states.slice(1).map((state, hop) => found.ways.between(states[hop]!, state))
  const back = loopsFrom === undefined ? [] : found.ways.between(states.at(-1)!, states[loopsFrom]!)
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
const livelocks = (properties: readonly PropertyReport[]): FindingReport[] =>
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

function findings(
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
  { lanes, shortest }: Run,
  judged?: Judged,
): FindingReport {
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
