/** Random schedules over the tables, chosen as a scheduler says (schedulers.ts). None can say that something never happens. */
import { Bounds } from '../outcome/bounds.ts'
import { Gathered, type Here } from '../outcome/gathered.ts'
import { HappensBefore } from '../memory/happens-before.ts'
import { Judge } from '../claims/judge.ts'
import { completedBy, cyclesOf, LockOrder, type Edge } from '../locks/lock-order.ts'
import type { ExploreOptions } from '../options.ts'
import { dataRace, RaceWatch } from '../memory/race-watch.ts'
import { randomFrom } from './random.ts'
import type { Progress } from '../outcome/report.ts'
import { piece, schedulingOf, type Scheduler, type Scheduling } from './schedulers.ts'
import type { Property } from '../system.ts'
import type { Entry, Tables } from '../states/tables.ts'
import { Turns } from './turns.ts'
import { mostPlaces, Walked, type Place, type Way } from './walked.ts'

export interface Sampling {
  readonly kind: 'random' | 'pct' | 'pos' | 'coverage'
  readonly seed: number
  readonly runs: number
  readonly preemptions: number
  readonly first?: number
}

/** A walk that is longer than this is cut: it may go round for ever. */
export const longestRun = 100_000

/** Every few thousand steps: is it time to stop, or to show how far it got? */
export const betweenLooks = 4096

export class Sample {
  readonly found: Gathered
  steps = 0
  depth = 0
  runs = 0
  readonly bounds: Bounds
  readonly #tables: Tables
  readonly #judge: Judge
  readonly #sampling: Sampling
  readonly #options: ExploreOptions
  readonly #started: number
  readonly #scheduling: Scheduling
  readonly #happensBefore: HappensBefore
  readonly #order: LockOrder
  #walked: Walked
  readonly #places: number
  /** Where all runs begin. */
  #start: Place | undefined
  /** Where the run is that is looked at. */
  readonly #state: Int32Array
  /** No edge that was seen is part of anything wrong. */
  #isCalm = true

  constructor(
    tables: Tables,
    properties: readonly Property[],
    sampling: Sampling,
    options: ExploreOptions,
    started: number,
    places = mostPlaces,
  ) {
    this.#tables = tables
    this.#places = places
    this.#walked = new Walked(tables, places)
    this.#state = tables.initial()
    this.#order = new LockOrder(tables)
    this.#happensBefore = new HappensBefore(tables)
    this.#judge = new Judge(tables, properties, new Set())
    this.#sampling = sampling
    this.#options = options
    this.#started = started
    this.#scheduling = schedulingOf(sampling, tables, new Turns(tables))
    this.bounds = new Bounds(options, started)
    this.found = new Gathered(tables, properties, options, () => {
      if (options.stopAtFirst) this.bounds.stop('first', sampling.runs - this.runs - 1)
    })
  }

  *run(): Generator<Progress> {
    const { seed, runs, first = 0 } = this.#sampling
    for (; this.runs < runs && !this.bounds.isOver; this.runs++) {
      const number = first + this.runs
      if (number % piece === 0) this.#forget()
      yield* this.#once(this.#scheduling(randomOf(seed, number), number))
    }
  }

  /** To what is learned from runs, each step is new once in a piece. */
  #forget(): void {
    if (this.#sampling.kind !== 'coverage') return
    this.#walked = new Walked(this.#tables, this.#places)
    this.#start = undefined
  }

  *#once(scheduler: Scheduler): Generator<Progress> {
    const tables = this.#tables
    const { found } = this
    const state = this.#state
    const order = this.#order
    order.forget()
    const races = new RaceWatch(this.#happensBefore)
    const run: number[] = []
    const here: Here = {
      get length() {
        return run.length
      },
      lanes: () => run,
    }
    const longest = Math.min(this.#options.within?.depth ?? longestRun, longestRun)
    let place = this.#start
    /** What was only followed has not come to `state` and `order` yet. */
    let isBehind = true
    if (!place) {
      state.set(tables.initial())
      this.#judgeState(state, here)
      place = this.#start = this.#walked.at(state)
      isBehind = false
    }
    const followed: (readonly Edge[])[] = []
    for (;;) {
      const enabled: readonly number[] = place ? place.enabled : tables.enabled(state)
      if (enabled.length === 0) {
        if (place && isBehind) this.#goTo(place)
        this.#end(place, state, here)
        break
      }
      if (run.length >= longest) break
      if (this.steps % betweenLooks === 0) {
        this.bounds.lookAtClock(this.#sampling.runs - this.runs)
        yield progressOf(this, this.#sampling.runs, this.#started, this.found.sightings)
      }
      if (this.bounds.isOver) break
      const choice = scheduler.pick(enabled, run.length)
      const lane = enabled[choice]!
      const way = place?.ways[choice]
      if (way && this.#isFollowed(way, races)) {
        run.push(lane)
        this.steps++
        if (way.edges.length > 0) followed.push(way.edges)
        scheduler.took?.(lane, way.entry, enabled)
        place = way.to
        isBehind = true
        continue
      }
      if (place && isBehind) {
        this.#goTo(place)
        for (const edges of followed.splice(0)) order.see(edges)
        isBehind = false
      }
      const entry = tables.entryOf(state, lane)!
      const judged = this.#judge.judgeStep(state, entry)
      tables.apply(state, lane, entry)
      run.push(lane)
      if (judged) found.step(judged, here)
      this.steps++
      scheduler.took?.(lane, entry, enabled, state)
      for (const finding of entry.findings) found.finding(finding, here)
      for (const { against: _, ...finding } of races.see(entry, run.length).map(dataRace)) found.finding(finding, here)
      const edges = order.edgesOf(state, entry)
      const fresh = order.see(edges)
      for (const edge of fresh) this.#edge(edge, here)
      for (const finding of completedBy(order, fresh, entry)) found.finding(finding, here)
      if (entry.ignored) found.ignore(entry, here)
      if (entry.fatal) break
      this.#judgeState(state, here)
      const to: Place | undefined = place && (way?.to ?? this.#walked.at(state))
      if (place && to && !way) place.ways[choice] = this.#wayTo(to, entry, edges)
      place = to
    }
    scheduler.ended?.(run)
    this.depth = Math.max(this.depth, run.length)
  }

  #goTo(place: Place): void {
    this.#state.fill(0)
    this.#state.set(place.state)
  }

  #wayTo(to: Place, entry: Entry, edges: readonly Edge[]): Way {
    const { access, effects } = this.#happensBefore.of(entry)
    const isQuiet = entry.findings.length === 0 && !entry.ignored && access === undefined
    return { entry, to, edges, isQuiet, isStill: effects.length === 0 }
  }

  /** Nothing that has not been said would come of looking at it again. */
  #isFollowed({ isQuiet, isStill, edges }: Way, races: RaceWatch): boolean {
    return isQuiet && (isStill || races.isIdle) && (edges.length === 0 || this.#isCalm)
  }

  /** Where an edge is in a circle, or one should not wait there, it matters which run it is seen in. */
  #edge(edge: Edge, here: Here): void {
    const { lockOrder } = this.found
    const before = lockOrder.size
    this.found.edge(edge, here)
    if (lockOrder.size === before) return
    const edges = [...lockOrder.values()].map((each) => each.edge)
    this.#isCalm = cyclesOf(edges).length === 0 && !edges.some((each) => this.#order.waitsTooLong(each))
  }

  #end(place: Place | undefined, state: Int32Array, here: Here): void {
    const end = place?.end ?? this.found.endOf(state)
    if (place) place.end = end
    for (const finding of end) this.found.finding(finding, here)
  }

  #judgeState(state: Int32Array, here: Here): void {
    if (this.#judge.properties.length > 0) this.found.state(this.#judge.judge(state), here)
  }
}

/** Each run has a seed of its own. */
export const randomOf = (seed: number, run: number): (() => number) => randomFrom(seed + Math.imul(run, 0x9e3779b1))

/** How far a sample has come. Passed states are counted each time. */
export const progressOf = (
  { steps, depth, runs }: { readonly steps: number; readonly depth: number; readonly runs: number },
  ofRuns: number,
  started: number,
  sightings: ReadonlyMap<string, unknown>,
): Progress => ({
  ...{ states: steps, steps, depth, seconds: (performance.now() - started) / 1000, frontier: [], runs, ofRuns },
  findings: [...sightings.keys()],
})
