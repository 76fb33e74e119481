/** Random schedules over the tables, chosen as a scheduler says (schedulers.ts). None can say that something never happens. */
import { Bounds } from '../outcome/bounds.ts'
import { Gathered } from '../outcome/gathered.ts'
import { HappensBefore } from '../memory/happens-before.ts'
import { Judge } from '../claims/judge.ts'
import { completedBy, cyclesOf, LockOrder, type Edge } from '../locks/lock-order.ts'
import type { ExploreOptions } from '../options.ts'
import { dataRace, RaceWatch } from '../memory/race-watch.ts'
import { randomFrom } from './random.ts'
import type { Progress } from '../outcome/report.ts'
import { Run } from './run.ts'
import { piece, schedulerOf, type Scheduler } from './schedulers.ts'
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
  readonly #started: number
  readonly #scheduler: Scheduler
  readonly #happensBefore: HappensBefore
  readonly #order: LockOrder
  readonly #walked: Walked
  /** No run is longer. */
  readonly #longest: number
  /** Where all runs begin. */
  #start: Place | undefined
  /** The run that is looked at. */
  readonly #run = new Run()
  #races: RaceWatch
  readonly #state: Int32Array
  /** Undefined where there was no room for what is in `state`. */
  #place: Place | undefined
  /** The run has come to `place`, but what was only followed not to `state` and `order` yet. */
  #isBehind = false
  readonly #followed: (readonly Edge[])[] = []
  /** No edge that was seen is part of anything wrong. */
  #isCalm = true
  /** What is learned from runs is learned in one piece of the sample. */
  #piece = 0
  /** After so many steps it is time to look at the clock. */
  #nextLook = 0

  constructor(
    tables: Tables,
    properties: readonly Property[],
    sampling: Sampling,
    options: ExploreOptions,
    started: number,
    places = mostPlaces,
  ) {
    this.#tables = tables
    this.#walked = new Walked(tables, places)
    this.#state = tables.initial()
    this.#order = new LockOrder(tables)
    this.#happensBefore = new HappensBefore(tables)
    this.#races = new RaceWatch(this.#happensBefore)
    this.#judge = new Judge(tables, properties, new Set())
    this.#sampling = sampling
    this.#started = started
    this.#scheduler = schedulerOf(sampling, tables, new Turns(tables))
    this.#longest = Math.min(options.within?.depth ?? longestRun, longestRun)
    this.bounds = new Bounds(options, started)
    this.found = new Gathered(tables, properties, options, () => {
      if (options.stopAtFirst) this.bounds.stop('first', sampling.runs - this.runs - 1)
    })
  }

  *run(): Generator<Progress> {
    const { seed, runs, first = 0 } = this.#sampling
    for (; this.runs < runs && !this.bounds.isOver; this.runs++) {
      const number = first + this.runs
      this.#piece = Math.floor(number / piece)
      this.#scheduler.begin(randomOf(seed, number), number)
      this.#begin()
      while (!this.#goOn()) {
        this.#nextLook += betweenLooks
        this.bounds.lookAtClock(runs - this.runs)
        yield progressOf(this, runs, this.#started, this.found.sightings)
      }
      this.#scheduler.ended?.(this.#run)
      this.depth = Math.max(this.depth, this.#run.length)
      // A run that did not come to its end waits to be taken.
      if (this.bounds.isInterrupted) break
    }
  }

  #begin(): void {
    this.#run.length = 0
    this.#order.forget()
    this.#followed.length = 0
    if (!this.#races.isIdle) this.#races = new RaceWatch(this.#happensBefore)
    this.#isBehind = this.#start !== undefined
    if (!this.#start) {
      this.#state.set(this.#tables.initial())
      this.#judgeState()
      this.#start = this.#walked.at(this.#state)
    }
    this.#place = this.#start
  }

  /** The run is over; or else it is time to look at the clock. */
  #goOn(): boolean {
    for (;;) {
      const place = this.#place
      const enabled: readonly number[] = place ? place.enabled : this.#tables.enabled(this.#state)
      if (enabled.length === 0) {
        this.#end()
        return true
      }
      if (this.#run.length >= this.#longest) return true
      if (this.steps === this.#nextLook) return false
      if (this.bounds.isOver) return true
      const choice = place ? this.#follow(place) : this.#scheduler.pick(enabled, this.#run.length)
      if (choice !== undefined && this.#isLast(choice, place ? this.#place!.enabled : enabled)) return true
    }
  }

  /** Goes where others have been, as far as a run may be without a look at anything; then what was chosen that has to be looked at. */
  #follow(from: Place): number | undefined {
    const scheduler = this.#scheduler
    const run = this.#run
    const start = run.length
    const until = Math.min(this.#longest, start + this.#nextLook - this.steps)
    let place = from
    let chosen: number | undefined
    while (run.length < until && place.enabled.length > 0) {
      const { enabled, ways } = place
      const choice = scheduler.pick(enabled, run.length)
      const way = ways[choice]
      if (!way || !(way.isPlain || this.#isFollowed(way))) {
        chosen = choice
        break
      }
      const lane = enabled[choice]!
      run.push(lane)
      if (way.edges.length > 0) this.#followed.push(way.edges)
      if (scheduler.took) {
        scheduler.took(lane, way.entry, enabled, way.piece === this.#piece ? undefined : way.to.state)
        way.piece = this.#piece
      }
      place = way.to
    }
    this.#place = place
    this.steps += run.length - start
    if (run.length > start) this.#isBehind = true
    return chosen
  }

  /** Takes a step and looks at it; whether none can come after it. */
  #isLast(choice: number, enabled: readonly number[]): boolean {
    this.#catchUp()
    const tables = this.#tables
    const state = this.#state
    const run = this.#run
    const { found } = this
    const lane = enabled[choice]!
    const place = this.#place
    const way = place?.ways[choice]
    const entry = tables.entryOf(state, lane)!
    const judged = this.#judge.judgeStep(state, entry)
    tables.apply(state, lane, entry)
    run.push(lane)
    if (judged) found.step(judged, run)
    this.steps++
    this.#scheduler.took?.(lane, entry, enabled, state)
    for (const finding of entry.findings) found.finding(finding, run)
    for (const { against: _, ...finding } of this.#races.see(entry, run.length).map(dataRace))
      found.finding(finding, run)
    const edges = this.#order.edgesOf(state, entry)
    const fresh = this.#order.see(edges)
    for (const edge of fresh) this.#edge(edge)
    for (const finding of completedBy(this.#order, fresh, entry)) found.finding(finding, run)
    if (entry.ignored) found.ignore(entry, run)
    if (entry.fatal) return true
    this.#judgeState()
    const to: Place | undefined = place && (way?.to ?? this.#walked.at(state))
    if (place && to && !way) place.ways[choice] = this.#wayTo(to, entry, edges)
    this.#place = to
    return false
  }

  #catchUp(): void {
    if (!this.#isBehind || !this.#place) return
    this.#goTo(this.#place)
    for (const edges of this.#followed.splice(0)) this.#order.see(edges)
    this.#isBehind = false
  }

  #goTo(place: Place): void {
    this.#state.fill(0)
    this.#state.set(place.state)
  }

  #wayTo(to: Place, entry: Entry, edges: readonly Edge[]): Way {
    const { access, effects } = this.#happensBefore.of(entry)
    const isQuiet = entry.findings.length === 0 && !entry.ignored && access === undefined
    const isStill = effects.length === 0
    const isPlain = isQuiet && isStill && edges.length === 0
    return { entry, to, edges, isQuiet, isStill, isPlain, piece: this.#piece }
  }

  /** Nothing that has not been said would come of looking at it again. */
  #isFollowed({ isQuiet, isStill, edges }: Way): boolean {
    return isQuiet && (isStill || this.#races.isIdle) && (edges.length === 0 || this.#isCalm)
  }

  /** Where an edge is in a circle, or one should not wait there, it matters which run it is seen in. */
  #edge(edge: Edge): void {
    const { lockOrder } = this.found
    const before = lockOrder.size
    this.found.edge(edge, this.#run)
    if (lockOrder.size === before) return
    const edges = [...lockOrder.values()].map((each) => each.edge)
    this.#isCalm = cyclesOf(edges).length === 0 && !edges.some((each) => this.#order.waitsTooLong(each))
  }

  #end(): void {
    const place = this.#place
    if (!place?.end) this.#catchUp()
    const end = place?.end ?? this.found.endOf(this.#state)
    if (place) place.end = end
    for (const finding of end) this.found.finding(finding, this.#run)
  }

  #judgeState(): void {
    if (this.#judge.properties.length > 0) this.found.state(this.#judge.judge(this.#state), this.#run)
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
