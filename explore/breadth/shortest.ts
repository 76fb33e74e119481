/**
 * The shortest run to each finding. The reduced search finds everything, but not by the shortest way; so afterwards a full search, breadth
 * first and within a budget of states, looks for something shorter than the causal slice of what was found.
 */
import { edgesOfCycle, isSame, LockOrder, type Cycle, type Edge } from '../locks/lock-order.ts'
import type { ExploreOptions } from '../options.ts'
import type { Reduction } from '../reduction/reduction.ts'
import type { Progress } from '../outcome/report.ts'
import { Search, type Sighting } from './search.ts'
import { causalSlice, lastStepsAt } from '../runs/slice.ts'
import type { Property } from '../system.ts'
import { Judge } from '../claims/judge.ts'
import type { Tables } from '../states/tables.ts'
import type { Place } from './ways.ts'

export interface Run {
  readonly lanes: readonly number[]
  /** No shorter run shows it. */
  readonly shortest: boolean
  /** What it costs, where runs have a price. */
  readonly needs?: number
}

export interface Runs {
  readonly sightings: ReadonlyMap<string, Run>
  readonly decided: ReadonlyMap<number, Run>
}

/** States the full search may store before it gives up being shortest. */
const budget = 100_000

/** Watched edges are bits of one slot. */
const mostWatched = 30

/** Runs to everything a search has found, as short as can be had. */
export function* shortestRuns(
  search: Search,
  reduction: Reduction | undefined,
  properties: readonly Property[],
  options: ExploreOptions,
  visible: ReadonlySet<number>,
  started: number,
): Generator<Progress, Runs> {
  // Stopped for want of time or memory: no more searching.
  const goOn = !['ms', 'you', 'memory'].includes(search.stopped?.by ?? '')
  const more = moreOptions(options, started)
  // What a full search finds, breadth first, it finds by the shortest way first; bounds only cut off what is longer.
  const isFullSearch = !reduction && !search.store.spilled?.isHashed
  const sightings = new Map<string, Run>()
  for (const [key, sighting] of search.sightings) {
    if (sighting.run) {
      sightings.set(key, { lanes: sighting.run, shortest: false })
      continue
    }
    const single =
      sighting.cycle && goOn ? yield* inversionRun(search, reduction, sighting.cycle, more, started) : undefined
    sightings.set(key, { lanes: single ?? slicedRun(search, sighting), shortest: isFullSearch && !sighting.cycle })
  }
  const decided = new Map(
    [...search.decided].map(([index, place]): [number, Run] => [
      index,
      { lanes: slicedToPlace(search, place, visible), shortest: isFullSearch },
    ]),
  )
  if (!reduction || !goOn || options.shortest === false) return { sightings, decided }
  // An inversion, as a data race, is a matter of whole runs: a search that stores states cannot say which is the shortest.
  const wanted = [...search.sightings].flatMap(([key, { cycle, run }]) => (cycle || run ? [] : [key]))
  // An example need not be the shortest: it shows that something happens, not that something breaks.
  const violated = [...decided.keys()].filter((index) => properties[index]!.kind === 'always')
  const longest = Math.max(
    0,
    ...wanted.map((key) => sightings.get(key)!.lanes.length),
    ...violated.map((index) => decided.get(index)!.lanes.length),
  )
  if (longest === 0) return { sightings, decided }
  const within = { ...more.within, depth: longest }
  const full = new Search(search.cells, search.judge, { ...more, within }, undefined)
  for (const _ of full.run(performance.now())) {
    const lengths = [
      ...wanted.flatMap((key) => (full.sightings.has(key) ? [] : sightings.get(key)!.lanes.length)),
      ...violated.flatMap((index) => (full.decided.has(index) ? [] : decided.get(index)!.lanes.length)),
    ]
    if (lengths.length === 0 || isHopeless(full, Math.min(...lengths))) break
    yield search.progress(started)
  }
  const shorter = (sliced: Run, found: readonly number[] | undefined): Run =>
    found && found.length <= sliced.lanes.length
      ? { lanes: found, shortest: true }
      : { lanes: sliced.lanes, shortest: full.completeTo + 1 >= sliced.lanes.length }
  for (const key of wanted) {
    const found = full.sightings.get(key)
    sightings.set(key, shorter(sightings.get(key)!, found && full.ways.to(found.place)))
  }
  for (const index of violated) {
    const place = full.decided.get(index)
    decided.set(index, shorter(decided.get(index)!, place && full.ways.to(place)))
  }
  return { sightings, decided }
}

/** Levels only get wider: what is out of reach at the present rate is out of reach. */
const isHopeless = ({ store, depth }: Search, length: number): boolean =>
  store.count > 5000 && (store.count / depth) * length > budget

function slicedToPlace(search: Search, place: Place, visible: ReadonlySet<number>): readonly number[] {
  const lanes = search.ways.to(place)
  return causalSlice(search.tables, lanes, lastStepsAt(search.tables, lanes, visible))
}

function slicedRun(search: Search, { place, about, cycle }: Sighting): readonly number[] {
  const lanes = search.ways.to(place)
  return about === 'step' && !cycle ? causalSlice(search.tables, lanes, [lanes.length - 1]) : lanes
}

/** A run to each edge of the lock order, without the steps that it does not depend on. */
export const lockOrderRuns = (search: Search): readonly { readonly edge: Edge; readonly lanes: readonly number[] }[] =>
  search.edgePlaces.map(({ edge, place }) => {
    const lanes = search.ways.to(place)
    return { edge, lanes: causalSlice(search.tables, lanes, [lanes.length - 1]) }
  })

/** What an afterthought may cost: a budget of states, and what is left of the time that was given. */
function moreOptions({ signal, ignored, within }: ExploreOptions, started: number): ExploreOptions {
  const ms = within?.ms === undefined ? {} : { ms: Math.max(0, within.ms - (performance.now() - started)) }
  return { within: { states: budget, ...ms }, ...(signal && { signal }), ...(ignored && { ignored }) }
}

/** One run in which every edge of an inversion is seen; undefined when each needs a run of its own, or none is found within the budget. */
function* inversionRun(
  found: Search,
  reduction: Reduction | undefined,
  cycle: Cycle,
  options: ExploreOptions,
  started: number,
): Generator<Progress, readonly number[] | undefined> {
  const { tables } = found
  const edges = edgesOfCycle(cycle)
  if (edges.length > mostWatched) return undefined
  // A search that was stopped has not checked all claims of the reduction; this one might get further.
  const nothing = new Judge(tables, [], new Set())
  const search = new Search(found.cells, nothing, options, found.stopped ? undefined : reduction, { watch: { edges } })
  for (const _ of search.run(performance.now())) yield found.progress(started)
  if (!search.watched) return undefined
  const lanes = search.ways.to(search.watched)
  return causalSlice(tables, lanes, stepsThatAdd(tables, lanes, edges))
}

/** Indices of the steps of a run that first show each of these edges. */
function stepsThatAdd(tables: Tables, lanes: readonly number[], edges: readonly Edge[]): number[] {
  const state = tables.initial()
  const order = new LockOrder(tables)
  return [...lanes.keys()].filter((index) => {
    const entry = tables.entryOf(state, lanes[index]!)!
    tables.apply(state, lanes[index]!, entry)
    return order.newEdges(state, entry).some((edge) => edges.some((each) => isSame(each, edge)))
  })
}
