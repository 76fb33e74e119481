/**
 * Orbits by brute force, from the meaning of a System alone: a state becomes another by other names when the run to it does, step by step, in all
 * orders of the names. It shares no code with explore/.
 */
import type { System } from '../../explore/system.ts'
import { initial, keyOf, take, takeable, type State } from './meaning.ts'

export interface Orbits {
  readonly states: number
  readonly orbits: number
}

export const ordersOf = (names: readonly string[]): readonly (readonly string[])[] =>
  names.length === 0
    ? [[]]
    : names.flatMap((first) => ordersOf(names.filter((each) => each !== first)).map((rest) => [first, ...rest]))

/** Of a lane, as `from → to` names it. */
export const renaming =
  (names: readonly string[], order: readonly string[]) =>
  (lane: string): string =>
    lane.replace(/\w+/g, (word) => order[names.indexOf(word)] ?? word)

/** How many states there are, and how many of them differ in more than who of these is who; undefined: more than `most`. Throws where they are not alike. */
export const orbitsOf = (system: System<any>, names: readonly string[], most: number): Orbits | undefined => {
  const called = ordersOf(names).map((order) => renaming(names, order))
  const start = initial(system)
  const known = new Set([keyOf(system, start)])
  // Each state, and what it is by other names: the end of the run that takes the lanes which are called so.
  const all: (readonly State[])[] = [called.map(() => start)]
  const orbits = new Set<string>()
  for (const images of all) {
    if (all.length > most) return undefined
    orbits.add(images.map((each) => keyOf(system, each)).toSorted()[0]!)
    for (const lane of takeable(system, images[0]!)) {
      const next = images.map((each, at) => take(system, each, called[at]!(lane)))
      const key = keyOf(system, next[0]!.state)
      if (next[0]!.crashed || known.has(key)) continue
      known.add(key)
      all.push(next.map(({ state }) => state))
    }
  }
  return { states: all.length, orbits: orbits.size }
}
