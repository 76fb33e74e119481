/** What the encodings of published examples share: a world of variables that all its processes change, and how it is counted. */
import { fromCommands, type Command } from '../../explore/commands/commands.ts'
import type { Symmetric } from '../../explore/symmetry/symmetry.ts'
import { explore } from '../../explore/index.ts'
import type { Property, System } from '../../explore/system.ts'

export type Commands<State> = Readonly<Record<string, Command<State>>>
export type World<State> = System<{ readonly world: State }>

/** A list of starts: any of them. Where a run ends is no matter of the published numbers. */
export const world = <State extends object>(
  name: string,
  start: State | readonly State[],
  processes: Readonly<Record<string, Commands<State>>>,
  symmetric?: Symmetric,
): World<State> =>
  fromCommands({ name, components: { world: { start, processes, mayEnd: true, ...(symmetric && { symmetric }) } } })

/** `p0`, `p1`, …: any of them is as good as any other. */
export const alike = (count: number, told: Omit<Symmetric, 'processes'>): Symmetric => ({
  processes: upTo(count).map((index) => `p${index}`),
  ...told,
})

/** How many states there are that differ in more than in who is who. */
export const orbits = async (system: System<any>): Promise<number> => {
  const { exhaustive, states, symmetry } = await explore(system, [], { reduction: false, shortest: false })
  if (!exhaustive || typeof symmetry !== 'string') throw new Error(`${system.name}: ${JSON.stringify(symmetry)}`)
  return states
}

/** `p0`, `p1`, … */
export const processes = <State>(count: number, of: (index: number) => Commands<State>) =>
  named(upTo(count).map((index) => [`p${index}`, of(index)]))

export const named = <T>(pairs: readonly (readonly [name: string, what: T])[]): Readonly<Record<string, T>> =>
  Object.fromEntries(pairs)

/** 0, 1, …, without `count`. */
export const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index)

export const times = <T>(count: number, value: T): readonly T[] => Array.from({ length: count }, () => value)

/** The list with one element changed. */
export const put = <T>(list: readonly T[], at: number, value: T): readonly T[] =>
  list.map((each, index) => (index === at ? value : each))

export const without = <T>(list: readonly T[], at: number): readonly T[] => list.filter((_, index) => index !== at)

/** A set is a list in order. */
export const including = <T>(set: readonly T[], one: T): readonly T[] =>
  set.some((each) => isEqual(each, one))
    ? set
    : [...set, one].toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

export const isEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** All lists of `length` values, each one of these. */
export const lists = <T>(length: number, values: readonly T[]): readonly (readonly T[])[] =>
  length === 0 ? [[]] : lists(length - 1, values).flatMap((rest) => values.map((value) => [...rest, value]))

/** As model checkers count: states, transitions (those that change nothing, too), levels of breadth-first search. */
export interface Counts {
  readonly states: number
  readonly transitions: number
  readonly levels: number
}

/**
 * Of a complete search without reduction. Where there are several starts, the state before them is one that nobody else counts, and
 * so are the level that it is on and the transitions to the starts.
 */
export async function counts(system: System<any>): Promise<Counts> {
  const { exhaustive, states, steps, frontier } = await explore(system, [], {
    reduction: false,
    shortest: false,
    symmetry: false,
  })
  if (!exhaustive) throw new Error(`${system.name} was not explored to its end`)
  const starts = startsOf(system)
  return starts === 1
    ? { states, transitions: steps, levels: frontier.length }
    : { states: states - 1, transitions: steps - starts, levels: frontier.length - 1 }
}

/** As TLC counts: distinct states; states generated, which are the starts and where each enabled action leads; depth. */
export async function tlc(system: System<any>): Promise<readonly [distinct: number, generated: number, depth: number]> {
  const { states, transitions, levels } = await counts(system)
  return [states, transitions + startsOf(system), levels]
}

export const startsOf = ({ components }: System<any>): number =>
  Math.max(
    1,
    ...components.map(({ initial, offers }) => offers!(initial).filter(({ from }) => from === 'start').length),
  )

/** Steps of the shortest run in which it comes true. */
export async function shortestTo(system: System<any>, property: Property): Promise<number | undefined> {
  const { properties } = await explore(system, [property], { reduction: false })
  return properties[0]!.depth
}
