/** Which inversions threads are really caught in, told by all circles of who waits for whom. */
import type { System } from '../../explore/system.ts'
import type { Edge } from './lock-order.ts'
import type { State } from './meaning.ts'
import { whoWaits, type Wait } from './wait-for.ts'

/** All circles of waits, each from its first wait on. */
const circlesOf = (waits: readonly Wait[]): readonly (readonly Wait[])[] => {
  const found: (readonly Wait[])[] = []
  const walk = (way: readonly Wait[]): void => {
    for (const next of waits.filter(({ thread }) => way.at(-1)!.on.includes(thread))) {
      if (next === way[0]) found.push(way)
      else if (!way.includes(next) && waits.indexOf(next) > waits.indexOf(way[0]!)) walk([...way, next])
    }
  }
  for (const wait of waits) walk([wait])
  return found
}

/** Whoever holds what the one before waits for adds an edge; whoever only stands before him in the queue adds none. */
const edgesOf = (system: System<any>, { locals }: State, circle: readonly Wait[]): readonly string[] => {
  const called = (id: string) => system.components.find((each) => each.id === id)!
  return circle.flatMap(({ at }, index) => {
    const next = circle[(index + 1) % circle.length]!
    const holds = called(at).holders?.(locals.get(at)).threads.includes(next.thread) ?? false
    return holds ? [`${called(at).lockClass} → ${called(next.at).lockClass}`] : []
  })
}

/** In this state, somebody waits in a circle whose edges are those of the inversion, in order, once or several times over. */
export const isCaught = (system: System<any>, state: State, inversion: readonly Edge[]): boolean => {
  const wanted = inversion.map(([held, asked]) => `${held} → ${asked}`)
  return circlesOf(whoWaits(system, state)).some((circle) => {
    const edges = edgesOf(system, state, circle)
    const from = wanted.indexOf(edges[0] ?? '')
    if (from < 0 || edges.length % wanted.length !== 0) return false
    return edges.every((edge, index) => edge === wanted[(from + index) % wanted.length])
  })
}

/** Is there a state in which somebody is caught, and from which no step leads to one in which nobody is? A crash frees everybody. */
export const isEverCaught = (
  caught: readonly boolean[],
  moves: readonly (readonly { readonly to: number | null }[])[],
): boolean => {
  const inside = new Set([...caught.keys()].filter((state) => caught[state]))
  for (let before = -1; before !== inside.size;) {
    before = inside.size
    for (const state of inside) if (moves[state]!.some(({ to }) => to === null || !inside.has(to))) inside.delete(state)
  }
  return inside.size > 0
}
