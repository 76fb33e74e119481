/**
 * `eventually`: on every maximal run the property is true at some point. A run breaks it by ending without, or by going round for ever
 * without: both are looked for among the states where it is false. No fairness is assumed.
 */

/** States by number, the start first, and what follows what. */
export interface Graph {
  readonly isFalse: (state: number) => boolean
  readonly successors: (state: number) => { readonly next: readonly number[]; readonly crashed: boolean }
}

export interface Lasso {
  /** Stored states along the run; the last one ends it, or leads back. */
  readonly states: readonly number[]
  /** Index into `states` where it goes round from. */
  readonly loopsFrom?: number
}

/** A run on which the property never becomes true; undefined if there is none. Needs a complete search. */
export function neverTrue(graph: Graph): Lasso | undefined {
  return graph.isFalse(0) ? (endsWithout(graph) ?? goesRoundWithout(graph)) : undefined
}

/** Breadth first, so that the run is short. */
function endsWithout({ isFalse, successors }: Graph): Lasso | undefined {
  const parents = new Map<number, number>([[0, -1]])
  for (const state of parents.keys()) {
    const { next, crashed } = successors(state)
    if (next.length === 0 && !crashed) return { states: wayBack(parents, state) }
    for (const each of next) if (!parents.has(each) && isFalse(each)) parents.set(each, state)
  }
  return undefined
}

function wayBack(parents: ReadonlyMap<number, number>, end: number): number[] {
  const way: number[] = []
  for (let at = end; at >= 0; at = parents.get(at)!) way.unshift(at)
  return way
}

/** Depth first without recursion; a state met again while it is on the way closes a cycle. */
function goesRoundWithout({ isFalse, successors }: Graph): Lasso | undefined {
  const onWay = new Map<number, number>()
  const finished = new Set<number>()
  const way: { readonly state: number; readonly next: readonly number[]; at: number }[] = []
  const enter = (state: number) => {
    onWay.set(state, way.length)
    way.push({ state, next: successors(state).next, at: 0 })
  }
  enter(0)
  while (way.length > 0) {
    const top = way.at(-1)!
    const next = top.next[top.at++]
    if (next === undefined) {
      onWay.delete(top.state)
      finished.add(top.state)
      way.pop()
    } else if (onWay.has(next)) {
      return { states: way.map(({ state }) => state), loopsFrom: onWay.get(next)! }
    } else if (!finished.has(next) && isFalse(next)) enter(next)
  }
  return undefined
}
