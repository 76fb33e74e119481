/**
 * The shortest run to each finding. The reduced search finds everything, but not by the shortest way; so afterwards a full search, breadth
 * first and within a budget of states, looks for something shorter than the causal slice of what was found.
 */
import { edgesOfCycle, LockOrder, type Cycle, type Edge } from './lock-order.ts'
import type { ExploreOptions } from './options.ts'
import type { Reduction } from './reduction.ts'
import { Search, type Sighting } from './search.ts'
import { causalSlice, lastStepsAt } from './slice.ts'
import type { Property } from './system.ts'
import type { Tables } from './tables.ts'

export interface Run {
  readonly lanes: readonly number[]
  /** No shorter run shows it. */
  readonly shortest: boolean
}

export interface Runs {
  readonly sightings: ReadonlyMap<string, Run>
  readonly decided: ReadonlyMap<number, Run>
}

/** States the full search may store before it gives up being shortest. */
const budget = 100_000

/** Runs to everything a search has found, as short as can be had. */
export function shortestRuns(
  search: Search,
  reduction: Reduction | undefined,
  properties: readonly Property[],
  options: ExploreOptions,
  visible: ReadonlySet<number>,
): Runs {
  const isFullSearch = !reduction && search.stopped?.by !== 'depth'
  const sightings = new Map(
    [...search.sightings].map(([key, sighting]): [string, Run] => {
      const lanes = slicedRun(search, reduction, sighting)
      return [key, { lanes, shortest: isFullSearch && !sighting.cycle }]
    }),
  )
  const decided = new Map(
    [...search.decided].map(([index, state]): [number, Run] => [
      index,
      { lanes: slicedToState(search, state, visible), shortest: isFullSearch },
    ]),
  )
  if (!reduction || options.shortest === false) return { sightings, decided }
  // An inversion is a matter of whole runs: a search that stores states cannot say which is the shortest.
  const wanted = [...search.sightings].flatMap(([key, { cycle }]) => (cycle ? [] : [key]))
  // An example need not be the shortest: it shows that something happens, not that something breaks.
  const violated = [...decided.keys()].filter((index) => properties[index]!.kind === 'always')
  const longest = Math.max(
    0,
    ...wanted.map((key) => sightings.get(key)!.lanes.length),
    ...violated.map((index) => decided.get(index)!.lanes.length),
  )
  if (longest === 0) return { sightings, decided }
  const { signal, ignored } = options
  const within = { states: budget, depth: longest }
  const full = new Search(
    search.tables,
    properties,
    { within, ...(signal && { signal }), ...(ignored && { ignored }) },
    undefined,
    new Set(visible),
  )
  for (const _ of full.run(performance.now())) {
    if (wanted.every((key) => full.sightings.has(key)) && violated.every((index) => full.decided.has(index)))
      break
  }
  const shorter = (sliced: Run, found: readonly number[] | undefined): Run =>
    found && found.length <= sliced.lanes.length
      ? { lanes: found, shortest: true }
      : { lanes: sliced.lanes, shortest: full.completeTo + 1 >= sliced.lanes.length }
  for (const key of wanted) {
    const found = full.sightings.get(key)
    sightings.set(key, shorter(sightings.get(key)!, found && full.wayToPlace(found.place)))
  }
  for (const index of violated) {
    const state = full.decided.get(index)
    decided.set(index, shorter(decided.get(index)!, state === undefined ? undefined : full.wayTo(state)))
  }
  return { sightings, decided }
}

function slicedToState(search: Search, state: number, visible: ReadonlySet<number>): readonly number[] {
  const lanes = search.wayTo(state)
  return causalSlice(search.tables, lanes, lastStepsAt(search.tables, lanes, visible))
}

function slicedRun(
  search: Search,
  reduction: Reduction | undefined,
  { place, about, cycle }: Sighting,
): readonly number[] {
  const { tables } = search
  if (cycle) return inversionRun(tables, reduction, cycle) ?? search.wayToPlace(place)
  const lanes = search.wayToPlace(place)
  return about === 'step' ? causalSlice(tables, lanes, [lanes.length - 1]) : lanes
}

/** One run in which every edge of an inversion is seen; undefined when each needs a run of its own, or none is found within the budget. */
function inversionRun(tables: Tables, reduction: Reduction | undefined, cycle: Cycle): readonly number[] | undefined {
  const edges = edgesOfCycle(cycle)
  const search = new Search(tables, [], { within: { states: budget } }, reduction, new Set(), { edges })
  for (const _ of search.run(performance.now()));
  if (!search.watched) return undefined
  const lanes = search.wayToPlace(search.watched)
  return causalSlice(tables, lanes, stepsThatAdd(tables, lanes, edges))
}

/** Indices of the steps of a run that first show each of these edges. */
function stepsThatAdd(tables: Tables, lanes: readonly number[], edges: readonly Edge[]): number[] {
  const state = tables.initial()
  const order = new LockOrder(tables)
  return [...lanes.keys()].filter((index) => {
    const entry = tables.entryOf(state, lanes[index]!)!
    tables.apply(state, lanes[index]!, entry)
    return order
      .newEdges(state, entry)
      .some(({ from, to }) => edges.some((edge) => edge.from === from && edge.to === to))
  })
}
