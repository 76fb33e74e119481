/**
 * Orbits by brute force, from the meaning of a System alone: a state becomes another by other names when the run to it does, step by step, in all
 * orders of the names. It shares no code with explore/.
 */
import type { System } from '../../explore/system.ts'
import { initial, keyOf, take, takeable, type State } from './meaning.ts'
import { alsoCame, isOutOfOrder, noneCame, type Came, type Two } from './order.ts'

export interface Orbits {
  readonly states: number
  readonly orbits: number
}

/** Names that move together: of a thread, or of a thread and what is its own. */
export type Member = readonly string[]

export const ordersOf = <Each>(names: readonly Each[]): readonly (readonly Each[])[] =>
  names.length === 0
    ? [[]]
    : names.flatMap((first) => ordersOf(names.filter((each) => each !== first)).map((rest) => [first, ...rest]))

/** Those of each class, with those of each other. */
const ordersOfAll = ([first, ...classes]: readonly (readonly Member[])[]): readonly (readonly Member[])[] =>
  first ? ordersOf(first).flatMap((order) => ordersOfAll(classes).map((rest) => [...order, ...rest])) : [[]]

/** Of a lane, as `from → to` names it. */
export const renaming =
  (members: readonly Member[], order: readonly Member[]) =>
  (lane: string): string =>
    lane.replace(/\w+/g, (word) => order.flat()[members.flat().indexOf(word)] ?? word)

/**
 * How many states there are, and how many of them differ in more than who of a class is who; undefined: more than `most`. Throws where they are not alike.
 * `order`: only runs in it; it names none of these.
 */
export const orbitsOf = (
  system: System<any>,
  classes: readonly (readonly Member[])[],
  most: number,
  order: readonly Two[] = [],
): Orbits | undefined => {
  const called = ordersOfAll(classes).map((order) => renaming(classes.flat(), order))
  const start = initial(system)
  const keyWith = (state: State, came: Came): string => `${keyOf(system, state)}\n${JSON.stringify(came)}`
  const known = new Set([keyWith(start, noneCame(order))])
  // Each state, and what it is by other names: the end of the run that takes the lanes which are called so.
  const all: { readonly images: readonly State[]; readonly came: Came }[] = [
    { images: called.map(() => start), came: noneCame(order) },
  ]
  const orbits = new Set<string>()
  for (const { images, came } of all) {
    if (all.length > most) return undefined
    orbits.add(images.map((each) => keyWith(each, came)).toSorted()[0]!)
    for (const lane of takeable(system, images[0]!)) {
      if (isOutOfOrder(order, came, images[0]!, lane)) continue
      const next = images.map((each, at) => take(system, each, called[at]!(lane)))
      const also = alsoCame(order, came, images[0]!, lane)
      const key = keyWith(next[0]!.state, also)
      if (next[0]!.crashed || known.has(key)) continue
      known.add(key)
      all.push({ images: next.map(({ state }) => state), came: also })
    }
  }
  return { states: all.length, orbits: orbits.size }
}
