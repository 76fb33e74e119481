/**
 * Processes that are interchangeable: a state that differs from another only in who of them is who counts once. Who they are is declared, and which
 * variables tell of them; how a state looks when they change places follows from that.
 *
 * Of the states that become each other so, one stands for all: the one in which they stand in the order of what each of them is like (its elements
 * of lists, and where its number occurs), and, where some are alike in that, the first of all in which they can stand. So it is the same
 * for all of these states, and for no others: what is counted are orbits.
 */
import { canonical } from '../states/canonical.ts'

export interface Symmetric {
  /** Names of processes of this component, in the order in which lists have them. */
  readonly processes: readonly string[]
  /** Variables that are lists with one element for each of them: `managers`, `said.prepared`. */
  readonly lists?: readonly string[]
  /** Variables that may be the number of one of them, in that order from 0: `owner`; `queue.*` for each element of a list. */
  readonly numbers?: readonly string[]
}

/** By number of a process: the number that it gets. */
export type Places = readonly number[]

/** More than that have too many places: only some of them are tried when commands and properties are put to the test. */
const mostTried = 5
/** So many of those. */
const drawn = 8

export class Symmetry {
  readonly #count: number
  readonly #names: readonly string[]
  readonly #lists: readonly (readonly string[])[]
  /** Of lists of lists. */
  readonly #deepestFirst: readonly (readonly string[])[]
  readonly #numbers: readonly (readonly string[])[]
  /** What they are put to the test with; without the places that change nothing. */
  readonly tried: readonly Places[]
  /** That is every place there is; else it is a sample, and no proof. */
  readonly isProved: boolean
  /** Why it is none, as soon as that is known. */
  broken: string | undefined

  constructor({ processes, lists = [], numbers = [] }: Symmetric) {
    this.#count = processes.length
    this.#names = processes
    this.#lists = lists.map(segments)
    this.#deepestFirst = this.#lists.toSorted((a, b) => b.length - a.length)
    this.#numbers = numbers.map(segments)
    const identity = processes.map((_, index) => index)
    this.isProved = this.#count <= mostTried
    this.tried = this.isProved ? orders(identity).slice(1) : someOf(identity)
  }

  /** The state in which process number i is called `to[i]`. */
  renamed<State>(state: State, to: Places): State {
    const numbered = this.#numbers.reduce<unknown>((so, path) => at(so, path, (one) => moved(one, to)), state)
    const listed = this.#lists.reduce((so, path) => at(so, path, (list) => reordered(list, to)), numbered)
    return listed as State
  }

  /** The state that stands for this one, and how it comes of it. */
  canonical<State>(state: State): { readonly state: State; readonly to: Places } {
    const signs = this.#names.map((_, member) => this.#signOf(state, member))
    const order = signs.map((_, member) => member).sort((a, b) => inOrder(signs[a]!, signs[b]!))
    if (this.#numbers.length === 0 || order.every((member, at) => at === 0 || signs[order[at - 1]!] !== signs[member]))
      return this.#placed(state, order)
    let best: { readonly state: State; readonly to: Places } | undefined
    let first = ''
    for (const each of ordersWithin(order, signs)) {
      const placed = this.#placed(state, each)
      const text = canonical(placed.state)
      if (best && inOrder(text, first) >= 0) continue
      best = placed
      first = text
    }
    return best!
  }

  /** A name of a process, or of a command that is called after one: `hears p1`. */
  renamedName(name: string, to: Places): string {
    return name
      .split(' ')
      .map((word) => {
        const member = this.#names.indexOf(word)
        return member < 0 ? word : this.#names[to[member]!]!
      })
      .join(' ')
  }

  /** In words: `p0 and p1`. */
  whoMoves(to: Places): string {
    return this.#names.filter((_, member) => to[member] !== member).join(' and ')
  }

  /** `order`: who stands where. */
  #placed<State>(state: State, order: readonly number[]): { readonly state: State; readonly to: Places } {
    const to: number[] = []
    for (const [place, member] of order.entries()) to[member] = place
    return { state: this.renamed(state, to), to }
  }

  /** What one of them is like, without who the others are. */
  #signOf(state: unknown, member: number): string {
    const isMember = (value: unknown) => typeof value === 'number' && value >= 0 && value < this.#count
    const marked = this.#numbers.reduce(
      (so, path) => at(so, path, (one) => (isMember(one) ? (one === member ? 'this one' : 'another') : one)),
      state,
    )
    const own = (list: unknown) => (Array.isArray(list) ? (list as readonly unknown[])[member] : list)
    return canonical(this.#deepestFirst.reduce((so, path) => at(so, path, own), marked))
  }
}

export const inverse = (to: Places): Places => {
  const from: number[] = []
  for (const [member, place] of to.entries()) from[place] = member
  return from
}

const segments = (path: string): readonly string[] => path.split('.')

/** The same with something else at a path; where there is nothing, nothing changes. */
function at(value: unknown, [first, ...rest]: readonly string[], change: (part: unknown) => unknown): unknown {
  if (first === undefined) return change(value)
  if (typeof value !== 'object' || value === null) return value
  if (first === '*')
    return Array.isArray(value)
      ? value.map((each) => at(each, rest, change))
      : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, at(each, rest, change)]))
  return first in value ? { ...value, [first]: at((value as Record<string, unknown>)[first], rest, change) } : value
}

const moved = (value: unknown, to: Places): unknown => (typeof value === 'number' ? (to[value] ?? value) : value)

const reordered = (list: unknown, to: Places): unknown =>
  Array.isArray(list) ? inverse(to).map((member) => (list as readonly unknown[])[member]) : list

const inOrder = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

/** All orders of these, as they stand first. */
const orders = (all: readonly number[]): readonly (readonly number[])[] =>
  all.length === 0
    ? [[]]
    : all.flatMap((first) => orders(all.filter((each) => each !== first)).map((rest) => [first, ...rest]))

/** Neighbours that change places, and a few that are as good as drawn by chance. */
function someOf(identity: readonly number[]): readonly Places[] {
  const neighbours = identity
    .slice(1)
    .map((right) => identity.map((each) => (each === right ? right - 1 : each === right - 1 ? right : each)))
  const turned = Array.from({ length: drawn }, (_, turn) =>
    identity.toSorted(
      (a, b) => ((a * 7 + turn * 3) % identity.length) - ((b * 7 + turn * 3) % identity.length) || a - b,
    ),
  )
  return [...neighbours, ...turned]
}

/** All orders in which only those change places that have the same sign. */
function* ordersWithin(order: readonly number[], signs: readonly string[]): Generator<readonly number[]> {
  if (order.length === 0) {
    yield []
    return
  }
  const same = order.filter((each) => signs[each] === signs[order[0]!])
  const others = order.slice(same.length)
  for (const first of orders(same)) for (const rest of ordersWithin(others, signs)) yield [...first, ...rest]
}
