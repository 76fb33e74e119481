/**
 * What becomes of an inversion. An order of locks is about classes and about what happened once; whether anybody can be caught in it is a
 * question about runs, and a search that was complete has an answer:
 *
 *   confirmed   a run comes to a state in which threads wait for each other in just this order, and always will
 *   refuted     the search is complete, and there is no such state
 *   open        neither is known
 *
 * Mostly that state is one in which nobody goes on. Where somebody else does for ever, it is one of those from which no step leads out of
 * the circle: a wait that a signal ends is none.
 */
import { caughtComponents, isCaughtIn } from './caught.ts'
import type { Cycle } from './lock-order.ts'
import type { Progress } from '../outcome/report.ts'
import type { Search } from '../breadth/search.ts'
import { causalSlice, lastStepsAt } from '../runs/slice.ts'
import type { Tables } from '../states/tables.ts'

/** A run as the lanes it takes, or none. */
export type Judged =
  | { readonly verdict: 'confirmed'; readonly lanes: readonly number[] }
  | { readonly verdict: 'refuted' | 'open' }

const open: Judged = { verdict: 'open' }

/** How many states are looked at between two looks at the clock. */
const slice = 4096

/** By the key of its sighting. `runs` are those to everything that was found, deadlocks among them, as short as they could be had. */
export function* judgeInversions(
  search: Search,
  runs: ReadonlyMap<string, { readonly lanes: readonly number[] }>,
  isLate: () => boolean,
  progress: () => Progress,
): Generator<Progress, ReadonlyMap<string, Judged>> {
  const judged = new Map<string, Judged>()
  const unknown: { readonly key: string; readonly cycle: Cycle; readonly caught: number[] }[] = []
  const hangs = [...search.sightings].flatMap(([key, { finding }]) =>
    finding.kind === 'deadlock' ? [runs.get(key)!.lanes] : [],
  )
  for (const [key, { cycle }] of search.sightings) {
    if (!cycle) continue
    const lanes = firstCaught(search.tables, hangs, cycle)
    if (lanes) judged.set(key, { verdict: 'confirmed', lanes })
    else unknown.push({ key, cycle, caught: [] })
  }
  const state = search.tables.initial()
  for (let number = 0; unknown.length > 0 && number < search.expanded; number++) {
    if (number % slice === 0) {
      if (isLate()) break
      yield progress()
    }
    search.ways.load(number, state)
    for (const each of unknown) if (isCaughtIn(search.tables, state, each.cycle)) each.caught.push(number)
  }
  for (const { key, cycle, caught } of unknown) {
    const place = whereForGood(search, cycle, caught)
    if (place !== undefined) judged.set(key, { verdict: 'confirmed', lanes: runTo(search, place, cycle) })
    else judged.set(key, search.stopped || isLate() || isCutAmong(search, caught) ? open : { verdict: 'refuted' })
  }
  return judged
}

/** What would become of them is not looked at. */
const isCutAmong = ({ tables, ways }: Search, caught: readonly number[]): boolean =>
  caught.some((state) => isCutIn(tables, ways.load(state)))

const isCutIn = (tables: Tables, state: Int32Array): boolean =>
  tables.enabled(state).length === 0 && tables.choices(state).length > 0

/** Where somebody else goes on for ever, it is left out what he did. */
function runTo({ tables, ways }: Search, place: number, cycle: Cycle): readonly number[] {
  const lanes = ways.to(ways.placeOf(place))
  const state = ways.load(place)
  if (tables.enabled(state).length === 0) return lanes
  const sliced = causalSlice(tables, lanes, lastStepsAt(tables, lanes, caughtComponents(tables, state, cycle)))
  return firstCaught(tables, [sliced], cycle) ?? lanes
}

/** The first of these runs at whose end threads are caught. */
export function firstCaught(
  tables: Tables,
  runs: readonly (readonly number[])[],
  cycle: Cycle,
): readonly number[] | undefined {
  return runs.find((lanes) => {
    const state = tables.initial()
    for (const lane of lanes) tables.apply(state, lane, tables.entryOf(state, lane)!)
    return isCaughtIn(tables, state, cycle)
  })
}

/**
 * The first of the states in which threads are caught where nobody goes on; else, of a complete search, the first from which no step leads out
 * of them.
 */
function whereForGood(search: Search, cycle: Cycle, caught: readonly number[]): number | undefined {
  const isOver = (state: number): boolean => search.tables.choices(search.ways.load(state)).length === 0
  const over = caught.find(isOver)
  if (over !== undefined || search.stopped) return over
  const left = new Set(caught)
  for (let before = -1; before !== left.size;) {
    before = left.size
    for (const state of left) if (leadsOut(search, cycle, state, left)) left.delete(state)
  }
  return caught.find((state) => left.has(state))
}

function leadsOut(search: Search, cycle: Cycle, from: number, inside: ReadonlySet<number>): boolean {
  const { next, crashed } = search.ways.successors(from)
  return (
    crashed ||
    isCutIn(search.tables, search.ways.load(from)) ||
    next.some((to) => !inside.has(to) || comesFree(search, cycle, from, to))
  )
}

/** On the way from one stored state to the next there may be others. */
function comesFree({ tables, ways }: Search, cycle: Cycle, from: number, to: number): boolean {
  const state = ways.load(from)
  return ways.between(from, to).some((lane) => {
    tables.apply(state, lane, tables.entryOf(state, lane)!)
    return !isCaughtIn(tables, state, cycle)
  })
}
