/**
 * The shortest run to each finding. The reduced search finds everything, but not by the shortest way; so afterwards a full search, breadth
 * first and within a budget of states, looks for something shorter than the causal slice of what was found.
 */
import type { ExploreOptions } from './options.ts'
import { Search, type Sighting } from './search.ts'
import { causalSlice } from './slice.ts'
import type { Property } from './system.ts'

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
const budget = 150_000

/** Runs to everything a search has found, as short as can be had. */
export function shortestRuns(search: Search, reduced: boolean, properties: readonly Property[], options: ExploreOptions, visible: ReadonlySet<number>): Runs {
  const sightings = new Map([...search.sightings].map(([key, sighting]) => [key, slicedRun(search, sighting)]))
  const decided = new Map([...search.decided].map(([index, state]) => [index, causalSlice(search.tables, search.wayTo(state), visible)]))
  const longest = Math.max(0, ...[...sightings.values(), ...decided.values()].map((lanes) => lanes.length))
  const known = (lanes: readonly number[], shortest: boolean): Run => ({ lanes, shortest })
  if (!reduced || longest === 0 || options.shortest === false) {
    const shortest = !reduced && search.stopped?.by !== 'depth'
    return {
      sightings: new Map([...sightings].map(([key, lanes]) => [key, known(lanes, shortest)])),
      decided: new Map([...decided].map(([index, lanes]) => [index, known(lanes, shortest)])),
    }
  }
  const { signal, ignored } = options
  const within = { states: budget, depth: longest }
  const full = new Search(search.tables, properties, { within, ...(signal && { signal }), ...(ignored && { ignored }) }, undefined, new Set(visible))
  for (const _ of full.run(performance.now())) {
    if ([...sightings.keys()].every((key) => full.sightings.has(key)) && [...decided.keys()].every((index) => full.decided.has(index))) break
  }
  const complete = full.completeTo
  const shorter = (sliced: readonly number[], found: readonly number[] | undefined): Run =>
    found && found.length <= sliced.length ? known(found, true) : known(sliced, complete + 1 >= sliced.length)
  return {
    sightings: new Map(
      [...sightings].map(([key, lanes]) => {
        const found = full.sightings.get(key)
        return [key, shorter(lanes, found && full.wayToPlace(found.place))]
      }),
    ),
    decided: new Map(
      [...decided].map(([index, lanes]) => {
        const state = full.decided.get(index)
        return [index, shorter(lanes, state === undefined ? undefined : full.wayTo(state))]
      }),
    ),
  }
}

function slicedRun(search: Search, { place, about }: Sighting): number[] {
  const lanes = search.wayToPlace(place)
  return about === 'step' ? causalSlice(search.tables, lanes, 'last step') : lanes
}
