/**
 * What grows without end: the same things come again and again, every actor is in the same state as before, and a list, a text or a number of a
 * context is larger each time. A search of that has no end, though each of its states is as good as any other.
 */
import { isMachineSnapshot } from './inside.ts'
import type { Coming } from './offers.ts'
import type { Process } from './process.ts'
import type { State } from './state.ts'

/** Something grows where these come again after the run that ends with them. */
export interface Growth {
  /** `log of cart` */
  readonly what: string
  readonly schedule: readonly number[]
  /** The last steps of that run. */
  readonly again: readonly Coming[]
  readonly isShortest: boolean
}

/** So often it has to grow in a row: longer than people count, or keep the last of something. Where it is larger, each step takes longer. */
const rounds: Rounds = { number: 3000, list: 1200 }
/** Of what is known to have no end, whether it begins here. */
const here: Rounds = { number: 160, list: 160 }

interface Rounds {
  readonly number: number
  readonly list: number
}

/** In so many places it is seen whether it goes on, until it is left. */
const tries = 4

/** Steps of XState's, by how many actors there are behind each: on one long way, on which it is plain after some that there is nothing; for shortest runs to what was found; and to see whether it goes on. */
const steps = { deep: 600, idle: 300, wide: 2500, again: 100_000 } as const

/** How long a list is, or how large a number. */
type Size = number | bigint

/** A state that was come to, where everybody is in it, and how large what they hold is. */
interface Place {
  readonly state: State
  readonly before?: Place
  readonly choice: number
  readonly by?: Coming
  readonly depth: number
  readonly where: string
  readonly sizes: ReadonlyMap<string, Size>
}

/** Each list, text and number that grows without end, with one of the shortest runs to it. */
export const growthIn = (process: Process): readonly Growth[] => {
  const looking = new Looking(process)
  const grown = looking.deep()
  if (grown.size === 0) return []
  const found = looking.wide(grown)
  for (const [what, [place, again]] of grown) if (!found.has(what)) found.set(what, growthOf(what, place, again))
  return [...found.values()]
}

/** A place where something is larger than before, and what came since then. */
type Grown = readonly [place: Place, again: readonly Coming[]]

class Looking {
  readonly #process: Process
  /** How often it was seen whether it goes on. */
  readonly #tried = new Map<string, number>()
  /** What is no number that takes as long to count however large it is. */
  readonly #lists = new Set<string>()
  /** Steps that were taken on the way that is gone now, and those that may still be taken to see whether something goes on. */
  #taken = 0
  #left: number = steps.again

  constructor(process: Process) {
    this.#process = process
  }

  /** What grows without end, somewhere on one long way. */
  deep(): ReadonlyMap<string, Grown> {
    const grown = new Map<string, Grown>()
    for (const place of this.#places((waiting) => waiting.pop())) {
      const { what, again } = grownAt(place)
      const isNew = what.filter((each) => !grown.has(each) && this.#mayGoOn(each))
      for (const each of this.#goesOn(place, again, isNew, rounds)) grown.set(each, [place, again])
      if (this.#taken > (grown.size === 0 ? steps.idle : steps.deep)) break
    }
    return grown
  }

  /** The same by shortest runs, as far as those are no longer than the ones that are known. */
  wide(grown: ReadonlyMap<string, Grown>): Map<string, Growth> {
    const found = new Map<string, Growth>()
    const deepest = Math.max(...[...grown.values()].map(([place]) => place.depth))
    for (const place of this.#places((waiting) => waiting.shift())) {
      if (this.#taken > steps.wide || place.depth > deepest || found.size === grown.size) break
      const { what, again } = grownAt(place)
      const isNew = what.filter((each) => grown.has(each) && !found.has(each))
      for (const each of this.#goesOn(place, again, isNew, here))
        found.set(each, { ...growthOf(each, place, again), isShortest: true })
    }
    return found
  }

  /** Wherever one looks again, what has an end has one. */
  #mayGoOn(what: string): boolean {
    const times = (this.#tried.get(what) ?? 0) + 1
    this.#tried.set(what, times)
    return times <= tries
  }

  /** All places behind the start, each once. */
  *#places(next: (waiting: Place[]) => Place | undefined): Generator<Place> {
    const { state } = this.#process.begun
    this.#taken = 0
    const waiting: Place[] = [{ state, choice: -1, depth: 0, ...this.#measured(state) }]
    const known = new Set([state.key])
    for (let place = next(waiting); place; place = next(waiting))
      for (const behind of this.#behind(place)) {
        if (known.has(behind.state.key)) continue
        known.add(behind.state.key)
        waiting.push(behind)
        yield behind
      }
  }

  /** On a way that goes deep whatever is offered has its turn again and again. */
  *#behind(place: Place): Generator<Place> {
    const offers = this.#process.offers(place.state)
    for (let nth = 0; nth < offers.length; nth++) {
      const choice = (nth + place.depth) % offers.length
      const { from, type } = offers[choice]!
      const { state, findings } = this.#process.take(place.state, { from, type })!
      this.#taken += state.held.length
      if (findings.some(({ fatal }) => fatal)) continue
      const depth = place.depth + 1
      yield { state, before: place, choice, by: { from, type }, depth, ...this.#measured(state) }
    }
  }

  /** Of these: what is larger each time. */
  #goesOn(
    { state, where, sizes }: Place,
    again: readonly Coming[],
    grown: readonly string[],
    times: Rounds,
  ): readonly string[] {
    let [now, before, still] = [state, sizes, grown]
    const growsForEver: string[] = []
    for (let round = 1; still.length > 0; round++) {
      for (const each of again) {
        this.#left -= now.held.length
        const taken = this.#left > 0 ? this.#process.take(now, each) : undefined
        if (!taken || taken.findings.some(({ fatal }) => fatal)) return []
        now = taken.state
      }
      const measured = this.#measured(now)
      if (measured.where !== where) return []
      const growing = new Set(larger(before, measured.sizes))
      still = still.filter((what) => growing.has(what))
      before = measured.sizes
      const isSo = (what: string): boolean => round >= (this.#lists.has(what) ? times.list : times.number)
      growsForEver.push(...still.filter(isSo))
      still = still.filter((what) => !isSo(what))
    }
    return growsForEver
  }

  #measured(state: State): Pick<Place, 'where' | 'sizes'> {
    const where: unknown[] = [state.armed.timers.length, state.flying.length]
    const sizes = new Map<string, Size>()
    for (const [actor, name] of this.#process.names(state)) {
      const { _snapshot: snapshot } = actor
      where.push(name, snapshot.status, isMachineSnapshot(snapshot) ? snapshot.value : '')
      if ('context' in snapshot) measure({ sizes, lists: this.#lists }, snapshot.context, [], name)
    }
    return { where: JSON.stringify(where), sizes }
  }
}

const growthOf = (what: string, place: Place, again: readonly Coming[]): Growth => ({
  ...{ what, schedule: scheduleTo(place), again, isShortest: false },
})

/** What is larger than it was the last time that everybody was in the same state, and all that came since then. */
function grownAt(place: Place): { readonly what: readonly string[]; readonly again: readonly Coming[] } {
  const again: Coming[] = []
  for (let earlier = place; earlier.before;) {
    again.unshift(earlier.by!)
    earlier = earlier.before
    const what = earlier.where === place.where ? larger(earlier.sizes, place.sizes) : []
    if (what.length > 0) return { what, again }
  }
  return { what: [], again }
}

const scheduleTo = (place: Place): number[] => (place.before ? [...scheduleTo(place.before), place.choice] : [])

const larger = (before: ReadonlyMap<string, Size>, after: ReadonlyMap<string, Size>): string[] =>
  [...after].flatMap(([what, size]) => (size > (before.get(what) ?? Infinity) ? [what] : []))

/** Fields lie that deep in a context at most. */
const deepestField = 3

/** By the name that a report has for it: `log of cart`, `stats.moves of game`. */
const measure = (to: Measured, value: unknown, path: readonly string[], name: string): void => {
  const size = sizeOf(value)
  if (size !== undefined) {
    const what = `${path.join('.') || 'context'} of ${name}`
    to.sizes.set(what, size)
    if (typeof value !== 'number') to.lists.add(what)
  } else if (isPlain(value) && path.length < deepestField)
    for (const [field, each] of Object.entries(value)) measure(to, each, [...path, field], name)
}

interface Measured {
  readonly sizes: Map<string, Size>
  readonly lists: Set<string>
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

const sizeOf = (value: unknown): Size | undefined => {
  if (typeof value === 'bigint') return value < 0n ? -value : value
  if (typeof value === 'number') return Number.isFinite(value) ? Math.abs(value) : undefined
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  if (value instanceof Map || value instanceof Set) return value.size
  return undefined
}

/** A finding of a search that nothing bounds, which shows the run. */
export const growthTitle = ({ what, schedule, again }: Growth): string => {
  const [first, last] = [schedule.length - again.length + 1, schedule.length]
  const each = first === last ? `step ${last} comes` : `steps ${first} to ${last} come`
  return `growth: ${what} grows each time ${each} again`
}

/** The same where no run is shown. */
export const growthRemark = ({ what, again }: Growth): string => {
  const some = again.slice(0, 4).map(({ from, type }) => `${from}: ${type}`)
  const more = again.length > some.length ? ` and ${again.length - some.length} more` : ''
  return `${what} grows each time this comes again: ${some.join(', ')}${more}. A search of it has no end.`
}
