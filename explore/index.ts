/** The checker's door: `explore` a system, `searching` for a search that can be watched and stopped, `replay` for one run. */
import { Bounds } from './outcome/bounds.ts'
import { aboutSearch, Keeper, otherCheckpoint, type Checkpoint } from './several/checkpoint.ts'
import { Cells } from './states/cells.ts'
import { NoRoom } from './states/columns.ts'
import { ModelError } from './errors.ts'
import { withoutIdle } from './locks/contexts.ts'
import { findRaces } from './memory/data-races.ts'
import { Estimates, type Thinning } from './breadth/estimate.ts'
import { dpor } from './stateless/dpor.ts'
import { FoundSymmetry, noneForStates } from './symmetry/found-symmetry.ts'
import { insistingOn, unfolded } from './symmetry/folding.ts'
import { insist } from '../shapes/insist.ts'
import { Judge } from './claims/judge.ts'
import { judgeInversions } from './locks/judging.ts'
import { NotNumbered, NumberedSearch, reportOf, type Numbered } from './breadth/numbered.ts'
import { NumberedSample, sampleReport } from './sampling/numbered-sample.ts'
import { comingFrom } from './runs/origin.ts'
import { untilEndless } from './outcome/endless.ts'
import { waitsForEver } from './outcome/for-ever.ts'
import { memoryOf, memoryReport, type MemoryBound } from './spill/bound.ts'
import { helpOf } from './parallel/crew.ts'
import { Otherwise } from './several/otherwise.ts'
import { strategyOf, type ExploreOptions, type OrderedSearch, type SampledSearch, type SearchFor } from './options.ts'
import { tellsWho, type Order } from './runs/held.ts'
import { inOrder, orderReport } from './runs/order.ts'
import { ordered as orderedSearch } from './ordered/ordered.ts'
import { portfolio } from './several/portfolio.ts'
import { toldFromTheStart } from './runs/behind.ts'
import { begunWith, type Begun } from './runs/prefix.ts'
import { Reduction } from './reduction/reduction.ts'
import { Restart } from './breadth/restart.ts'
import { replay, scheduleOf } from './runs/replay.ts'
import { claims, findings, identity, livelocks } from './outcome/reporting.ts'
import type { Progress, Report, StrategyName } from './outcome/report.ts'
import { isSampled, sampled } from './sampling/sampled.ts'
import { Search, type Keeping } from './breadth/search.ts'
import { lockOrderRuns, shortestRuns } from './breadth/shortest.ts'
import { insistOnSystem, searchShape } from './shapes.ts'
import type { Property, System } from './system.ts'
import { Thinned } from './breadth/thinned.ts'
import { Tables } from './states/tables.ts'
import { takenIn } from './outcome/taken.ts'

export { replay }
export type { ExploreOptions, SearchFor }

/** Explores every interleaving (or some), giving way to other work of the process now and then. */
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
  const { checkpoint, after, order, search: wanted = 'breadth' } = options
  const ordered = order === undefined && !system.order ? system : inOrder(system, order ?? [])
  const keeper = checkpoint && new Keeper(checkpoint, aboutSearch(ordered, properties, options))
  const found =
    after === undefined
      ? untilEndless(ordered, options, (until) => foldedSearch(ordered, properties, until, wanted, keeper))
      : afterwards(begunWith(ordered, after), properties, options, wanted, keeper)
  const whole = known(system, ordered.order ? inThisOrder(ordered.order, found) : found, keeper !== undefined)
  return keeper ? ending(keeper, whole) : whole
}

function* ending(keeper: Keeper, found: Generator<Progress, Report>): Generator<Progress, Report> {
  try {
    return yield* found
  } finally {
    keeper.end()
  }
}

function* inThisOrder(order: Order, found: Generator<Progress, Report>): Generator<Progress, Report> {
  const report = yield* found
  return { ...report, order: orderReport(order) }
}

function* afterwards(
  { system, after }: Begun,
  properties: readonly Property[],
  options: ExploreOptions,
  wanted: SearchFor,
  keeper: Keeper | undefined,
): Generator<Progress, Report> {
  return { ...toldFromTheStart(yield* foldedSearch(system, properties, options, wanted, keeper), after), after }
}

/** Searches to which it is all the same who of those that are interchangeable goes on. */
const foldable: readonly StrategyName[] = ['breadth', 'depth', 'deepening', 'directed']

/** Over states that stand for others, where that is declared; begins again without, where it turns out not to be so. */
function* foldedSearch(
  system: System<any>,
  properties: readonly Property[],
  options: ExploreOptions,
  wanted: SearchFor,
  keeper: Keeper | undefined,
): Generator<Progress, Report> {
  const folded = options.symmetry === false ? undefined : system.folded?.()
  if (!folded) return yield* searchFor(system, properties, options, wanted, keeper)
  const strategy = strategyOf(wanted)
  let off = foldable.includes(strategy) ? keeper?.symmetryOff : `the search "${strategy}" looks at who goes on`
  off ??= noneForStates(properties) ?? (system.order && tellsWho)
  if (off === undefined) {
    try {
      const { system: over } = folded
      const insisted = insistingOn(folded, properties)
      return unfolded(system, folded, yield* searchFor(over, insisted, options, wanted, keeper))
    } catch (cause) {
      off = folded.symmetry.broken
      if (off === undefined) throw cause
    }
  }
  if (keeper) keeper.symmetryOff = off
  return { ...(yield* searchFor(system, properties, options, wanted, keeper)), symmetry: { off } }
}

function searchFor(
  system: System<any>,
  properties: readonly Property[],
  options: ExploreOptions,
  wanted: SearchFor,
  keeper?: Keeper,
): Generator<Progress, Report> {
  // What a system has numbered by itself is nothing that can be kept, or put on a disk.
  if (keeper || options.memory !== undefined) return search(system, properties, options, keeper)
  if (wanted === 'breadth')
    return numberedFirst(
      system,
      properties,
      options,
      (each) => numberedSearch(system, each, properties, options),
      () => search(system, properties, options),
    )
  if (isSampled(wanted))
    return numberedFirst(
      system,
      properties,
      options,
      (each) => numberedSample(system, each, properties, options, wanted),
      () => sampled(system, properties, options, wanted),
    )
  if (wanted === 'dpor') return dpor(system, properties, options)
  if (typeof wanted === 'string') return orderedSearch(system, properties, options, { [wanted]: {} } as OrderedSearch)
  if ('dpor' in wanted) return dpor(system, properties, options, wanted.dpor.runs)
  if (!('portfolio' in wanted)) return orderedSearch(system, properties, options, wanted)
  const racers = wanted.portfolio.map((each) => ({
    strategy: strategyOf(each),
    search: searchFor(system, properties, { ...options, stopAtFirst: true }, each),
  }))
  return portfolio(racers)
}

function* known(system: System<any>, found: Generator<Progress, Report>, isKept: boolean): Generator<Progress, Report> {
  const report = yield* found
  return comingFrom(system, { ...report, ...system.besides?.(report, isKept) })
}

/** Throws NotNumbered where it turns out that it cannot be had. */
type Searched = Generator<Progress, Report>

/** A system that numbers its own states is searched so, unless it turns out that it cannot. */
function* numberedFirst(
  system: System<any>,
  properties: readonly Property[],
  { onFinal, onTaken }: ExploreOptions,
  searched: (numbered: Numbered) => Searched,
  otherwise: () => Generator<Progress, Report>,
): Generator<Progress, Report> {
  const isNumbered = !onFinal && !onTaken && !properties.some(({ step }) => step)
  for (const each of (isNumbered && system.numbered?.()) || []) {
    try {
      return yield* searched(each)
    } catch (cause) {
      if (!(cause instanceof NotNumbered)) throw cause
    }
  }
  return yield* otherwise()
}

function* numberedSearch(
  system: System<any>,
  numbered: Numbered,
  properties: readonly Property[],
  options: ExploreOptions,
): Searched {
  const started = performance.now()
  const found = new NumberedSearch(numbered, properties, options, started)
  yield* found.run()
  const report = reportOf(system, found, properties, options, started)
  return { ...report, findings: [...report.findings, ...livelocks(report.properties)] }
}

function* numberedSample(
  system: System<any>,
  numbered: Numbered,
  properties: readonly Property[],
  options: ExploreOptions,
  search: SampledSearch,
): Searched {
  // Whose turn it is, and what was seen before, have no numbers.
  if (!('random' in search)) throw new NotNumbered()
  const started = performance.now()
  const found = new NumberedSample(numbered, properties, search.random, options, started)
  yield* found.run()
  return sampleReport(system, found, properties, search.random, options, started)
}

function* search(
  system: System<any>,
  properties: readonly Property[],
  options: ExploreOptions,
  keeper?: Keeper,
): Generator<Progress, Report> {
  const memory = options.memory === undefined ? undefined : memoryOf(options.memory)
  try {
    return yield* searchIn(memory, system, properties, options, keeper)
  } catch (cause) {
    throw cause instanceof NoRoom && memory ? badDisk(cause) : cause
  } finally {
    memory?.files.removeAll()
  }
}

/** A search ends with what is known; but not even that can be told. */
const badDisk = ({ cause, message }: NoRoom): ModelError =>
  new ModelError(
    'bad-disk',
    'The states of a search cannot be read any more.',
    [['because', cause instanceof Error ? cause.message : message]],
    'Nothing was found out. Put them on another disk, or give the search more memory.',
  )

function* searchIn(
  memory: MemoryBound | undefined,
  system: System<any>,
  properties: readonly Property[],
  options: ExploreOptions,
  keeper: Keeper | undefined,
): Generator<Progress, Report> {
  const kept = keeper?.take()
  const started = performance.now() - (kept?.seconds ?? 0) * 1000
  const cells = new Cells(new Tables(system))
  const { tables } = cells
  const visible = new Set<number>(kept?.visible)
  const symmetry = new FoundSymmetry(cells, properties, options, keeper)
  const means = { symmetry, keeper, kept, memory }
  const search = reducedSearch(cells, properties, options, visible, started, means)
  const isEstimated = options.estimate === true && options.within?.depth === undefined
  const searched = yield* isEstimated
    ? withEstimates(search, (most) => thinning(system, properties, options, most))
    : search
  const { found, reduction, off } = searched
  const bounds = new Bounds(options, started)
  const isLate = (): boolean => bounds.isLate
  // Where they would be looked for in states on the disk, the search has ended (search.ts).
  const isComplete = found.store.spilled || (yield* findRaces(found, isLate, () => found.progress(started)))
  if (!isComplete) found.late(options.signal?.aborted ? 'you' : 'ms')
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
    ...symmetry.report,
    states: found.store.count,
    steps: found.steps,
    depth: found.depth,
    bytesPerState: found.bytesPerState,
    ...(memory && { memory: memoryReport(memory) }),
    frontier: found.frontier,
    properties: claims(found, properties, runs.decided, found.applied, exhaustive),
    findings: findings(tables, properties, found.sightings, runs.sightings, runs.decided, judged),
    ignored: [...found.ignored.values()],
    lockOrder: withoutIdle(lockOrderRuns(found), ({ edge }) => edge).map(({ edge, lanes }) => ({
      ...edge,
      schedule: scheduleOf(tables, lanes),
    })),
  }
  return {
    ...report,
    findings: [...waitsForEver(system, found, report, true), ...livelocks(report.properties)],
    seconds: (performance.now() - started) / 1000,
  }
}

function* withEstimates<Result>(
  search: Generator<Progress, Result>,
  begin: (most: number) => Thinning,
): Generator<Progress, Result> {
  const estimates = new Estimates(begin)
  for (;;) {
    const { done, value } = search.next()
    if (done) return value
    yield estimates.along(value)
  }
}

/** In tables of its own: what it asks, and in which order, is nothing to the search that is estimated. */
export function thinning(
  system: System<any>,
  properties: readonly Property[],
  { reduction = true, symmetry = true, ignored = 'show' }: ExploreOptions,
  most: number,
): Thinning {
  const options = { reduction, symmetry, ignored }
  const cells = new Cells(new Tables(system))
  let thinned: Thinned | undefined
  const thin = (): Thinned => (thinned = new Thinned(most))
  const none = { keeper: undefined, kept: undefined, memory: undefined }
  const means = { symmetry: new FoundSymmetry(cells, properties, options, undefined), ...none, thin }
  return {
    run: reducedSearch(cells, properties, options, new Set(), performance.now(), means),
    get thinned() {
      return thinned
    },
  }
}

/** What a search may count once, where it is kept and goes on from, and how much room it has. */
interface Means {
  readonly symmetry: FoundSymmetry
  readonly keeper: Keeper | undefined
  readonly kept: Checkpoint | undefined
  readonly memory: MemoryBound | undefined
  /** For a search that is to go on from some states only. */
  readonly thin?: () => Thinned
}

/** Searches with the reduction; begins again, with more care, whenever one of its claims turns out false. */
function* reducedSearch(
  cells: Cells,
  properties: readonly Property[],
  options: ExploreOptions,
  visible: Set<number>,
  started: number,
  { symmetry, keeper, kept, memory, thin }: Means,
): Generator<Progress, { readonly found: Search; readonly reduction?: Reduction; readonly off?: string }> {
  let off = kept?.reductionOff
  let left = kept
  let reduction: Reduction | undefined
  // What properties say of a state does not change with how the search goes on.
  const judge = new Judge(cells.tables, properties, visible)
  const rule = typeof options.reduction === 'function' ? options.reduction : undefined
  // Where all that comes, comes from outside, nothing can be taken alone.
  const isReduced = options.reduction !== false && cells.tables.components.some((each) => each.offers === undefined)
  for (;;) {
    try {
      if (isReduced && off === undefined) reduction ??= new Reduction(cells.tables, visible, rule)
      reduction?.begin()
      const used = off === undefined ? reduction : undefined
      const { orbits } = symmetry
      memory?.files.removeAll()
      const help = helpOf(options.workers ?? 1)
      const found = new Search(cells, judge, options, used, { help, orbits, memory, thinned: thin?.() })
      if (left) goOn(found, left, used)
      left = undefined
      yield* found.run(started, keeper && keepingOf(keeper, found, { off, reduction: used, visible, started }))
      return off !== undefined ? { found, off } : { found, ...(reduction && { reduction }) }
    } catch (restart) {
      if (symmetry.isBrokenBy(restart)) continue
      if (!(restart instanceof Restart)) throw restart
      off = restart.broken
    }
  }
}

interface Now {
  readonly off: string | undefined
  readonly reduction: Reduction | undefined
  readonly visible: ReadonlySet<number>
  readonly started: number
}

const keepingOf = (keeper: Keeper, found: Search, { off, reduction, visible, started }: Now): Keeping => {
  const { order } = found.tables.system
  return {
    isDue: (expanded) => keeper.isDue(expanded),
    keep: () =>
      keeper.write(() => ({
        seconds: (performance.now() - started) / 1000,
        reductionOff: off,
        visible: [...visible],
        tables: found.tables.kept,
        cells: found.cells.kept,
        reduction: reduction?.kept,
        search: found.kept,
        states: found.store.kept,
        depths: found.keptDepths,
        ...(order && { order: order.seen }),
      })),
    get trouble() {
      return keeper.trouble
    },
  }
}

/** A search that was only begun goes on from where another one was. */
function goOn(
  found: Search,
  { tables, cells, reduction, search: kept, states, depths, order = [] }: Checkpoint,
  used?: Reduction,
): void {
  try {
    const entries = found.tables.relearn(tables)
    found.cells.restore(cells)
    if (reduction) used?.restore(reduction)
    found.restore(kept, states, depths, entries)
    for (const [rule, seen] of order.entries()) Object.assign(found.tables.system.order!.seen[rule]!, seen)
  } catch (cause) {
    if (cause instanceof Otherwise) throw otherCheckpoint([['differs', cause.message]])
    throw cause
  }
}
