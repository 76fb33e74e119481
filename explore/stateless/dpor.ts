/** The stateless search: one run of each class, for systems whose states are too many to be stored. */
import { Bounds } from '../outcome/bounds.ts'
import { Dependence } from './dependence.ts'
import { Gathered } from '../outcome/gathered.ts'
import { inWords } from '../states/in-words.ts'
import { Observing } from './observing.ts'
import type { ExploreOptions } from '../options.ts'
import { randomFrom } from '../sampling/random.ts'
import { decided, gatheredReport, identity, open, told } from '../outcome/reporting.ts'
import type { Progress, PropertyReport, Report } from '../outcome/report.ts'
import { Stateless } from './stateless.ts'
import type { Property, System } from '../system.ts'
import { Tables } from '../states/tables.ts'
import { takenIn } from '../outcome/taken.ts'

/** A run that is longer is cut, unless something else was said: it may go round for ever. */
const longestRun = 2000

/** Where runs have no end, no class of them is ever done with: so many steps more, unless something else was said. */
const mostOfEndless = 10_000

/** So many random runs teach what is dependent before the search begins: most of it, so that it seldom has to begin again. */
const warmUps = 50

export class Dpor {
  readonly search: Stateless
  readonly observing: Observing
  readonly bounds: Bounds
  readonly #longest: number
  readonly #most: number
  readonly #options: ExploreOptions
  readonly #started: number
  #steps = 0
  /** Steps after which a search of runs without end is over. */
  #enough = Infinity

  constructor(
    system: System<any>,
    properties: readonly Property[],
    options: ExploreOptions,
    most: number,
    started = performance.now(),
  ) {
    this.#options = options
    this.#started = started
    this.#most = most
    this.#longest = options.within?.depth ?? longestRun
    this.bounds = new Bounds(options, started)
    const tables = new Tables(system)
    const dependence = new Dependence(tables)
    const found = new Gathered(tables, properties, options, () => {
      if (options.stopAtFirst) this.bounds.stop('first', this.search.waiting)
    })
    this.observing = new Observing(tables, properties, found, dependence)
    this.search = new Stateless(tables, dependence, this.#longest)
  }

  *run(): Generator<Progress> {
    const { search, bounds, observing } = this
    const options = this.#options
    for (let seed = 0; seed < warmUps; seed++) this.#warmUp(randomFrom(seed))
    this.#begin()
    while (!bounds.isOver) {
      search.follow()
      this.#observe()
      if (options.stopAtFirst && observing.missed.size > 0) bounds.stop('first', search.waiting)
      const isMore = search.turn()
      if (search.dependence.takeBroken()) this.#begin()
      else if (!isMore) break
      if (search.runs >= this.#most && search.waiting > 0) bounds.stop('runs', search.waiting, this.#most)
      if (this.#isEnough()) bounds.stop('endless', search.waiting)
      if (bounds.isTimeToLook(search.waiting)) yield this.progress()
    }
    if (search.goesRound) bounds.stop('endless', 0)
    if (search.cut > 0) bounds.stop('depth', search.cut, this.#longest)
    observing.sightInversions()
  }

  get steps(): number {
    return this.#steps + this.search.steps
  }

  progress(): Progress {
    const { search, observing } = this
    const seconds = (performance.now() - this.#started) / 1000
    return {
      ...{ states: search.steps, steps: search.steps, depth: search.depth, seconds, frontier: [], runs: search.runs },
      findings: [...observing.found.sightings.keys()],
    }
  }

  /** Of runs without end, where nobody has bounded the search. */
  #isEnough(): boolean {
    const { search } = this
    const { within: { ms, depth } = {} } = this.#options
    if (ms !== undefined || depth !== undefined || this.#most !== Infinity) return false
    if (this.#enough === Infinity && (search.goesRound || search.cut > 0)) this.#enough = search.steps + mostOfEndless
    return search.steps > this.#enough && search.waiting > 0
  }

  /** What is found in a run that is looked at was found, whatever becomes of the search. */
  #begin(): void {
    this.search.dependence.takeBroken()
    this.search.begin()
  }

  #warmUp(random: () => number): void {
    const { tables } = this.search
    const state = tables.initial()
    for (let taken = 0; taken < this.#longest; taken++) {
      const enabled = tables.enabled(state)
      const lane = enabled[Math.floor(random() * enabled.length)]
      if (lane === undefined) return
      const entry = tables.entryOf(state, lane)!
      if (entry.fatal) return
      tables.apply(state, lane, entry)
    }
  }

  /** Nothing depends on a crash, so it may come last; of several, each in a run of its own. */
  #observe(): void {
    const { search, observing } = this
    const calm = search.run.flatMap(({ lane, entry }) => (entry.fatal ? [] : [lane]))
    const crashes = search.run.flatMap(({ lane, entry }) => (entry.fatal ? [lane] : []))
    if (crashes.length === 0) {
      const { isAtEnd } = search
      observing.see(calm, isAtEnd)
      if (isAtEnd && !search.tables.isCut(search.state)) this.#options.onFinal?.(inWords(search.tables, search.state))
    }
    for (const lane of crashes) observing.see([...calm, lane], false)
  }
}

export function* dpor(
  system: System<any>,
  properties: readonly Property[],
  options: ExploreOptions,
  most = Infinity,
): Generator<Progress, Report> {
  const started = performance.now()
  const made = new Dpor(system, properties, options, most, started)
  yield* made.run()
  const { search, observing, bounds } = made
  const { tables } = search
  if (options.onTaken) takenIn(tables).forEach(options.onTaken)
  const exhaustive = bounds.stopped === undefined
  const { decided: runs, ...found } = gatheredReport(tables, properties, observing.found)
  const claim = (property: Property, number: number): PropertyReport => {
    if (property.kind === 'eventually') {
      const lanes = observing.missed.get(number)
      if (lanes) {
        const { schedule } = told(tables, { lanes, shortest: false })
        return { ...open(property), verdict: 'violated', schedule, depth: schedule.length }
      }
      return exhaustive ? { ...open(property), verdict: 'holds' } : open(property)
    }
    const run = runs.get(number)
    return decided(property, run && told(tables, run), exhaustive, exhaustive && !observing.found.applied[number])
  }
  return {
    ...identity(system),
    strategy: 'dpor',
    inversions: options.inversions ?? 'all',
    exhaustive,
    ...(bounds.stopped && { stopped: bounds.stopped }),
    classes: { runs: search.runs, blocked: search.blocked },
    reduction: 'off',
    states: made.steps,
    steps: made.steps,
    depth: search.depth,
    seconds: (performance.now() - started) / 1000,
    bytesPerState: 0,
    frontier: [],
    properties: properties.map(claim),
    ...found,
  }
}
