/** Searches that store states and go on from them in an order of their own: depth first, cheapest first, nearest first. */
import { Bounds } from '../outcome/bounds.ts'
import { Cells, type Step } from '../states/cells.ts'
import { CheapestFirst, type Prices } from './cheapest-first.ts'
import { findRaces } from '../memory/data-races.ts'
import { DepthFirst, type Arrange } from './depth-first.ts'
import { decides, Distance } from './distance.ts'
import { Gathered } from '../outcome/gathered.ts'
import { Graph, type TurnOf } from './graph.ts'
import { NearestFirst } from './nearest-first.ts'
import { ModelError } from '../errors.ts'
import { shown } from '../../shapes/insist.ts'
import type { Directed, ExploreOptions, OrderedSearch, Raised } from '../options.ts'
import { randomFrom } from '../sampling/random.ts'
import { waitsForEver } from '../outcome/for-ever.ts'
import { claims, gatheredReport, identity, livelocks } from '../outcome/reporting.ts'
import type { Progress, Report, StrategyName, UpTo } from '../outcome/report.ts'
import { delays, preemptions } from './switching.ts'
import type { Property, System } from '../system.ts'
import { Tables } from '../states/tables.ts'
import { takenIn } from '../outcome/taken.ts'
import { nobodyYet, Turns } from '../sampling/turns.ts'

/** A search over a graph. */
interface Engine {
  readonly waiting: number
  run(): Generator<void>
}

class Ordered {
  readonly strategy: StrategyName
  readonly bounds: Bounds
  readonly found: Gathered
  graph: Graph
  upTo: UpTo | undefined
  /** Of all rounds. */
  steps = 0
  readonly #cells: Cells
  readonly #properties: readonly Property[]
  readonly #options: ExploreOptions
  readonly #search: OrderedSearch
  readonly #started: number
  readonly #turns: Turns
  /** While it goes on. */
  #engine: Engine | undefined

  constructor(
    system: System<any>,
    properties: readonly Property[],
    options: ExploreOptions,
    search: OrderedSearch,
    started: number,
  ) {
    const tables = new Tables(system)
    this.strategy = Object.keys(search)[0] as StrategyName
    this.#cells = new Cells(tables)
    this.#properties = properties
    this.#options = options
    this.#search = search
    this.#started = started
    this.#turns = new Turns(tables)
    this.bounds = new Bounds(options, started)
    this.found = new Gathered(tables, properties, options, () => {
      if (options.stopAtFirst && this.#engine) this.bounds.stop('first', this.#engine.waiting)
    })
    this.graph = this.#graphOf(nobody)
  }

  *run(): Generator<Progress> {
    const search = this.#search
    if ('depth' in search) yield* this.#depthFirst(this.#deepest, arranged(search.depth.seed))
    else if ('deepening' in search) yield* this.#deepening(arranged(search.deepening.seed))
    else if ('preemptions' in search) yield* this.#cheapest('preemptions', preemptions(this.#turns), search.preemptions)
    else if ('delays' in search) yield* this.#cheapest('delays', delays(this.#turns), search.delays)
    else yield* this.#nearest(search.directed)
    // What is told of all runs together has no price.
    this.found.price = undefined
    this.graph.sightInversions()
    const isLate = (): boolean => this.bounds.isLate
    if (!(yield* findRaces(this.graph, isLate, () => this.progress()))) this.bounds.lookAtClock(0)
  }

  progress(): Progress {
    const { graph, steps, found } = this
    return {
      states: graph.count,
      steps: steps + graph.steps,
      depth: graph.depth,
      seconds: (performance.now() - this.#started) / 1000,
      frontier: [],
      findings: [...found.sightings.keys()],
    }
  }

  get #deepest(): number {
    return this.#options.within?.depth ?? Infinity
  }

  #graphOf(turnOf: TurnOf): Graph {
    return new Graph(this.#cells, this.#properties, this.found, turnOf)
  }

  *#watched(engine: Engine): Generator<Progress> {
    this.#engine = engine
    for (const _ of engine.run()) yield this.progress()
    this.#engine = undefined
  }

  *#depthFirst(deepest: number, arrange: Arrange): Generator<Progress, boolean> {
    const engine = new DepthFirst(this.graph, this.bounds, deepest, arrange)
    yield* this.#watched(engine)
    if (this.bounds.isOver) return false
    if (engine.cut > 0) this.upTo = { what: 'steps', count: deepest }
    if (engine.cut > 0 && deepest === this.#deepest) this.bounds.stop('depth', engine.cut, deepest)
    return engine.cut > 0
  }

  *#deepening(arrange: Arrange): Generator<Progress> {
    for (let deepest = Math.min(1, this.#deepest); yield* this.#depthFirst(deepest, arrange); deepest++) {
      if (deepest === this.#deepest) return
      this.steps += this.graph.steps
      this.graph = this.#graphOf(nobody)
    }
    if (!this.bounds.isOver) this.upTo = undefined
  }

  *#cheapest(what: 'preemptions' | 'delays', prices: Prices, { most = Infinity, seed }: Raised): Generator<Progress> {
    this.graph = this.#graphOf((lane) => this.#turns.of(lane))
    const engine = new CheapestFirst(this.graph, this.bounds, arranged(seed), prices, most)
    yield* this.#watched(engine)
    if (engine.complete >= 0 && engine.complete < Infinity) this.upTo = { what, count: engine.complete }
    if (engine.complete < Infinity && !this.bounds.isOver) this.bounds.stop(what, engine.waiting, most)
  }

  *#nearest({ goal: name, distance, seed }: Directed): Generator<Progress> {
    const { tables } = this.#cells
    const index = this.#properties.findIndex((each) => each.name === name)
    // What the goal looks at, and nothing else.
    const looksAt = new Set<number>()
    const view = (read: (component: number) => unknown) =>
      tables.system.view((id) => {
        const component = tables.indexOf(id)
        looksAt.add(component)
        return read(component)
      })
    const graph = this.graph
    const localOf = (component: number) => tables.locals[component]![graph.localBehind(component)]
    const guessed = new Distance(tables, this.#properties[index]!, looksAt)
    const far = (): number => {
      if (distance) return asPrice(distance(view(localOf)))
      decides(this.#properties[index]!, view(localOf))
      return guessed.from((component) => graph.localBehind(component))
    }
    const isReached = () => this.found.decided.has(index)
    yield* this.#watched(new NearestFirst(graph, this.bounds, arranged(seed), far, isReached))
  }
}

const nobody: TurnOf = () => nobodyYet

/** Beyond this, all is as far. */
const farthest = 100_000

function asPrice(distance: number): number {
  if (typeof distance === 'number' && distance >= 0) return Math.min(farthest, Math.ceil(distance))
  throw new ModelError('bad-component', 'search.directed.distance answers what it cannot.', [
    ['answered', shown(distance)],
    ['expected', 'a number, 0 or more'],
  ])
}

/** As they come, or by chance. */
function arranged(seed: number | undefined): Arrange {
  if (seed === undefined) return (steps) => steps
  const random = randomFrom(seed)
  return (steps) => shuffled(steps, random)
}

function shuffled(steps: readonly Step[], random: () => number): readonly Step[] {
  const all = [...steps]
  for (let last = all.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[all[last], all[other]] = [all[other]!, all[last]!]
  }
  return all
}

export function* ordered(
  system: System<any>,
  properties: readonly Property[],
  options: ExploreOptions,
  search: OrderedSearch,
): Generator<Progress, Report> {
  const started = performance.now()
  const made = new Ordered(system, properties, options, search, started)
  yield* made.run()
  const { graph, found, bounds, upTo, strategy } = made
  const { tables } = graph
  if (options.onTaken) takenIn(tables).forEach(options.onTaken)
  const { stopped } = bounds
  const exhaustive = stopped === undefined
  const { decided: runs, findings, ...rest } = gatheredReport(tables, properties, found, strategy === 'deepening')
  const all = claims(graph, properties, runs, found.applied, exhaustive)
  const told = waitsForEver(system, graph, { exhaustive, findings }, strategy === 'deepening')
  const { seed } = Object.values(search)[0] as { readonly seed?: number }
  return {
    ...identity(system),
    strategy,
    inversions: options.inversions ?? 'all',
    exhaustive,
    ...(stopped && { stopped }),
    ...(!exhaustive && upTo && { upTo }),
    ...(seed !== undefined && { seed }),
    reduction: 'off',
    states: graph.count,
    steps: made.steps + graph.steps,
    depth: graph.depth,
    bytesPerState: graph.bytesPerState,
    frontier: [],
    properties: all,
    ...rest,
    findings: [...told, ...livelocks(all)],
    seconds: (performance.now() - started) / 1000,
  }
}
