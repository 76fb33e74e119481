/** Whether a property holds over a whole graph of states. */
import type { Property } from '../../explore/system.ts'

export interface Verdict {
  readonly verdict: 'holds' | 'violated' | 'seen' | 'unseen'
  readonly vacuous: boolean
  /** Steps of the shortest run that shows it; null for `eventually`, where a run is a loop or a maximal one. */
  readonly depth: number | null
  /** A violated `eventually` that no run ends without: it is only ever missed by going round for ever. */
  readonly livelock: boolean
}

interface Graph {
  readonly depths: readonly number[]
  readonly next: readonly (readonly number[])[]
  readonly ends: readonly boolean[]
}

export const judge = (property: Property, views: readonly unknown[], graph: Graph): Verdict => {
  const { kind, when = () => true, holds } = property
  if (kind === 'always') {
    const applies = views.map((view, at) => ({ view, at })).filter(({ view }) => when(view))
    const bad = applies.find(({ view }) => !holds(view))
    return {
      verdict: bad === undefined ? 'holds' : 'violated',
      vacuous: applies.length === 0,
      depth: bad === undefined ? null : graph.depths[bad.at]!,
      livelock: false,
    }
  }
  if (kind === 'sometimes') {
    const good = views.findIndex((view) => holds(view))
    return {
      verdict: good < 0 ? 'unseen' : 'seen',
      vacuous: false,
      depth: good < 0 ? null : graph.depths[good]!,
      livelock: false,
    }
  }
  const without = views.map((view) => !holds(view))
  const missed = howToMiss(without, graph)
  return {
    verdict: missed === null ? 'holds' : 'violated',
    vacuous: false,
    depth: null,
    livelock: missed === 'goes round',
  }
}

/** Is there a maximal run through `without` only: one that ends there, or at least one that comes back? */
const howToMiss = (without: readonly boolean[], { next, ends }: Graph): 'ends' | 'goes round' | null => {
  const reached = new Set<number>(without[0] ? [0] : [])
  for (const at of reached) for (const to of next[at]!) if (without[to]) reached.add(to)
  if ([...reached].some((at) => ends[at])) return 'ends'
  // No end: take away what nothing leads to, again and again. What is left is a cycle.
  const into = new Map([...reached].map((at) => [at, 0]))
  for (const at of reached) for (const to of next[at]!) if (into.has(to)) into.set(to, into.get(to)! + 1)
  const free = [...reached].filter((at) => into.get(at) === 0)
  let gone = 0
  for (let at = free.pop(); at !== undefined; at = free.pop()) {
    gone++
    for (const to of next[at]!) {
      if (!into.has(to)) continue
      into.set(to, into.get(to)! - 1)
      if (into.get(to) === 0) free.push(to)
    }
  }
  return gone < reached.size ? 'goes round' : null
}
