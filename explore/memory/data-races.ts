/**
 * The data races of a search: two accesses of one variable by two threads, one of them a write, not both marked, and nothing in the run between
 * them by which the second comes after the first. It is a question about runs, not about states: that a flag was seen to be set orders nothing,
 * though in every run the one access comes after the other. So it is asked of the graph when the search is over, and adds no state to it.
 *
 * From each access that is suspected (race-sites.ts) the graph is followed with those who know of it (happens-before.ts): a node is a state, the
 * access, and who knows. What a delivery does to that depends on the delivery alone, so nodes that are the same have the same future, and all
 * nodes are met. A conflicting access by a thread that does not know is a race, and only so: the node was reached by a run, and who knows at its
 * end is who comes after the access in that run. An access is dropped when all it might race with would come after it. That is a number of
 * nodes that adds up over accesses, where clocks as part of the state would multiply it.
 *
 * The reduced graph shows the same races as the full one. It has, of each run, one that differs in the order of steps that commute, and perhaps
 * goes on; and who comes after whom is the same in both:
 *   - an edge of the order goes through one receiver. Deliveries to different receivers are at most swapped beside it.
 *   - deliveries to one receiver that are taken to commute hand over nothing to each other: commuting.ts asks that, too (orders.ts). What is
 *     taken alone under a lock comes in the order of the lock, or, among its readers, hands nothing over (reduction.ts).
 *   - steps of one thread keep their order.
 * Both accesses of a race are deliveries to one receiver, and may be swapped: then the race is met the other way round, and its name is the same.
 */
import { carried, titleOf, type Access, type HappensBefore } from './happens-before.ts'
import type { Progress } from '../outcome/report.ts'
import { dataRace, RaceWatch, type Race } from './race-watch.ts'
import type { RaceSites } from './race-sites.ts'
import { causalSlice } from '../runs/slice.ts'
import type { Finding } from '../system.ts'
import type { Entry, Tables } from '../states/tables.ts'
import type { Hop } from '../breadth/ways.ts'

/** An access that is followed, and who knows of it: the same number for the same of both. */
type Tag = number
const dropped: Tag = -1

/** How many states are looked at between two looks at the clock. */
const slice = 512
/** More tags than this cannot be told apart beside the number of a state. */
const mostTags = 2 ** 21

/** Where a tag came from: the state and the tag before; `dropped`: the access itself. */
interface Origin {
  readonly state: number
  readonly tag: Tag
}

/** States and steps of a search, as far as it has come. */
export interface Reached {
  readonly tables: Tables
  readonly order: HappensBefore
  readonly races: RaceSites
  /** As many states, the first ones, may have been looked into. */
  readonly expanded: number
  /** To the first state. */
  start(): Hop
  /** From a state to the next ones; none from one that was not looked into. */
  hops(state: number): Iterable<Hop>
  /** Lanes taken from the start to a state. */
  runTo(state: number): readonly number[]
  sightRace(finding: Finding, run: readonly number[]): void
}

/** A race and where it is: behind these entries of a hop from a state that was reached with this tag. */
interface Met {
  readonly earlier: Access
  readonly later: Access
  readonly from: Origin
  readonly lanes: readonly number[]
}

/** Adds what it finds to the sightings of the search. False: it was not done in time, and may not have found all. */
export function* findRaces(
  search: Reached,
  isLate: () => boolean,
  progress: () => Progress,
): Generator<Progress, boolean> {
  const { order, races } = search
  const { suspects } = races
  if (suspects.size === 0) return true
  const pass = new Pass(search, suspects, order)
  for (const _ of pass.run()) {
    if (isLate()) break
    yield progress()
  }
  for (const [title, met] of pass.met) {
    const [first] = met
    const lanes = runTo(search.tables, order, pass.lanesTo(first!), title)
    const others = [...new Set(met.map(({ later }) => later.of))].slice(1)
    const detail = others.length === 0 ? {} : { detail: `the same at ${others.join(', ')}` }
    const finding = { kind: 'data-race', title, fatal: false, object: first!.later.variable, ...detail }
    search.sightRace(finding, lanes)
  }
  return pass.isDone
}

/** What the race depends on; it is the first of its name in that run. */
function runTo(tables: Tables, order: HappensBefore, lanes: readonly number[], title: string): readonly number[] {
  const [race, end] = firstRace(tables, order, lanes, title)
  return causalSlice(tables, lanes.slice(0, end), [race.at - 1, end - 1])
}

function firstRace(
  tables: Tables,
  order: HappensBefore,
  lanes: readonly number[],
  title: string,
): readonly [race: Race, end: number] {
  const watch = new RaceWatch(order)
  const state = tables.initial()
  for (const [index, lane] of lanes.entries()) {
    const entry = tables.entryOf(state, lane)!
    const race = watch.see(entry, index + 1).find((each) => dataRace(each).title === title)
    if (race) return [race, index + 1]
    tables.apply(state, lane, entry)
  }
  throw new RangeError(`${title}: not in the run that it was found in`)
}

class Pass {
  /** By title; of each variable the first. */
  readonly met = new Map<string, Met[]>()
  readonly #search: Reached
  readonly #order: HappensBefore
  readonly #suspects: ReadonlyMap<Access, readonly Access[]>
  readonly #tags: { readonly access: Access; readonly knowing: bigint }[] = []
  readonly #numbers = new Map<string, Tag>()
  readonly #moves = new Map<Entry, Tag[]>()
  /** State and tag, as one number → where it came from. */
  readonly #origins = new Map<number, Origin>()
  /** State → tags that have come to it and were not followed from there. */
  #waiting = new Map<number, Tag[]>()
  isDone = false

  constructor(search: Reached, suspects: ReadonlyMap<Access, readonly Access[]>, order: HappensBefore) {
    this.#search = search
    this.#suspects = suspects
    this.#order = order
  }

  /** Yields now and then. */
  *run(): Generator<void> {
    const search = this.#search
    this.#follow(-1, search.start(), none, true)
    for (let state = 0; state < search.expanded; state++) {
      if (state % slice === 0) yield
      this.#leave(state, true)
    }
    while (this.#waiting.size > 0) {
      const states = [...this.#waiting.keys()].sort((a, b) => a - b)
      for (const [index, state] of states.entries()) {
        if (index % slice === 0) yield
        this.#leave(state, false)
      }
    }
    this.isDone = true
  }

  /** The run to a race. */
  lanesTo({ from, lanes }: Met): readonly number[] {
    const parts = [lanes]
    let { state, tag } = from
    while (tag !== dropped) {
      const origin = this.#origins.get(keyOf(state, tag))!
      parts.push(this.#hopBetween(origin, state, tag).lanes)
      ;({ state, tag } = origin)
    }
    const start = state < 0 ? [] : this.#search.runTo(state)
    return [...start, ...parts.reverse().flat()]
  }

  #hopBetween(origin: Origin, to: number, tag: Tag): Hop {
    for (const hop of this.#hops(origin.state)) if (hop.to === to && this.#leadsTo(hop, origin.tag, tag)) return hop
    throw new RangeError(`state ${to} does not follow state ${origin.state}`)
  }

  /** Does this hop make the one tag of the other, or of an access on it? */
  #leadsTo({ entries }: Hop, from: Tag, to: Tag): boolean {
    let tags = from === dropped ? [] : [from]
    for (const entry of entries) {
      const { access } = this.#order.of(entry)
      const fresh = from === dropped && access && this.#suspects.has(access) ? [this.#startOf(access)] : []
      tags = [...tags, ...fresh].map((tag) => this.#moved(tag, entry)).filter((tag) => tag !== dropped)
    }
    return tags.includes(to)
  }

  #hops(state: number): Iterable<Hop> {
    return state < 0 ? [this.#search.start()] : this.#search.hops(state)
  }

  #leave(state: number, isFirst: boolean): void {
    const tags = this.#waiting.get(state) ?? none
    this.#waiting.delete(state)
    if (isFirst || tags.length > 0) for (const hop of this.#hops(state)) this.#follow(state, hop, tags, isFirst)
  }

  /** `starts`: accesses on the way are followed from here on. */
  #follow(state: number, { to, lanes, entries }: Hop, tags: readonly Tag[], starts: boolean): void {
    let carriedOn: { readonly from: Tag; readonly tag: Tag }[] = tags.map((tag) => ({ from: tag, tag }))
    for (const [index, entry] of entries.entries()) {
      const { access, effects } = this.#order.of(entry)
      if (!access && (effects.length === 0 || carriedOn.length === 0)) continue
      if (access) {
        for (const { from, tag } of carriedOn) this.#meet(tag, access, { state, tag: from }, lanes.slice(0, index + 1))
        if (starts && this.#suspects.has(access)) carriedOn.push({ from: dropped, tag: this.#startOf(access) })
      }
      carriedOn = carriedOn
        .map(({ from, tag }) => ({ from, tag: this.#moved(tag, entry) }))
        .filter(({ tag }) => tag !== dropped)
    }
    if (to === undefined) return
    for (const { from, tag } of carriedOn) this.#arrive(to, tag, { state, tag: from })
  }

  #arrive(state: number, tag: Tag, from: Origin): void {
    const key = keyOf(state, tag)
    if (this.#origins.has(key)) return
    this.#origins.set(key, from)
    const waiting = this.#waiting.get(state)
    if (waiting) waiting.push(tag)
    else this.#waiting.set(state, [tag])
  }

  #meet(tag: Tag, later: Access, from: Origin, lanes: readonly number[]): void {
    const { access: earlier, knowing } = this.#tags[tag]!
    if (!this.#suspects.get(earlier)!.includes(later) || this.#order.isAfter(knowing, later)) return
    const title = titleOf(earlier, later)
    const met = this.met.get(title) ?? []
    this.met.set(title, met)
    if (!met.some((each) => each.later.of === later.of)) met.push({ earlier, later, from, lanes })
  }

  #startOf(access: Access): Tag {
    return this.#numbered(access, this.#order.start(access))
  }

  #moved(tag: Tag, entry: Entry): Tag {
    const { effects } = this.#order.of(entry)
    if (effects.length === 0) return tag
    const known = this.#moves.get(entry) ?? []
    this.#moves.set(entry, known)
    return (known[tag] ??= this.#move(tag, entry))
  }

  #move(tag: Tag, entry: Entry): Tag {
    const { access, knowing } = this.#tags[tag]!
    const now = carried(knowing, this.#order.of(entry).effects, access)
    return this.#suspects.get(access)!.every((other) => this.#order.isAfter(now, other))
      ? dropped
      : this.#numbered(access, now)
  }

  #numbered(access: Access, knowing: bigint): Tag {
    const key = `${access.number} ${knowing}`
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const made = this.#tags.push({ access, knowing }) - 1
    if (made >= mostTags) throw new RangeError('too many accesses are followed')
    this.#numbers.set(key, made)
    return made
  }
}

const none: readonly Tag[] = []
const keyOf = (state: number, tag: Tag): number => (state + 1) * mostTags + tag
