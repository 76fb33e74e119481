/** Who waits for whom, read off the lanes: a deferred message waits for whoever holds its receiver, a queued request likewise. */
import type { Tables } from './tables.ts'
import type { WaitEdge } from './trace.ts'

/** Stands for the type of a request that its receiver has taken already: whoever knows the run knows what it was. */
export const queued = 'queued'

/** True when some component waits for an answer: with nothing deliverable, that is a deadlock. */
export const somebodyWaits = (tables: Tables, state: Int32Array): boolean =>
  tables.components.some((each, index) => each.waits?.(tables.locals[index]![state[index]!]))

/** All wait-for edges of a state; the edges of a cycle come first, in order. `sentAt` is filled in by whoever knows the run. */
export function waitEdges(tables: Tables, state: Int32Array): WaitEdge[] {
  const edges = [...deferred(tables, state), ...taken(tables, state)].sort((a, b) => (a.thread < b.thread ? -1 : 1))
  return cycleFirst(edges)
}

/** An actor's thread; one that has none, and whoever is no component, goes by its own name. */
const threadOf = (tables: Tables, id: string): string => tables.components.find((each) => each.id === id)?.thread ?? id

/** Somebody who has nothing to do, and asks for something: a worker before an empty queue. That is no part of a deadlock. */
function isAtRest(tables: Tables, state: Int32Array, sender: number): boolean {
  const component = tables.components[sender]
  return component?.waits !== undefined && !component.waits(tables.locals[sender]![state[sender]!])
}

function* deferred(tables: Tables, state: Int32Array): Generator<WaitEdge> {
  for (const number of tables.laneOrder) {
    const entry = tables.entryOf(state, number)
    if (!entry || entry.accepted) continue
    const lane = tables.lanes[number]!
    if (isAtRest(tables, state, lane.sender)) continue
    const { type } = tables.message(number, entry.message)
    yield {
      thread: threadOf(tables, lane.from),
      from: lane.from,
      at: lane.to,
      type,
      sentAt: 0,
      on: blockers(tables, state, lane.receiver),
    }
  }
}

function* taken(tables: Tables, state: Int32Array): Generator<WaitEdge> {
  for (const [index, component] of tables.components.entries()) {
    const local = tables.locals[index]![state[index]!]
    for (const id of component.owes?.(local) ?? []) {
      yield {
        thread: threadOf(tables, id),
        from: id,
        at: component.id,
        type: queued,
        sentAt: 0,
        on: component.holders?.(local).threads ?? [],
      }
    }
  }
}

/** Behind a queued request one waits for the queue (a fair lock); otherwise for the holders. */
function blockers(tables: Tables, state: Int32Array, receiver: number): readonly string[] {
  const component = tables.components[receiver]!
  const local = tables.locals[receiver]![state[receiver]!]
  const owed = component.owes?.(local) ?? []
  if (owed.length > 0) return owed.map((id) => threadOf(tables, id))
  if (component.holders) return component.holders(local).threads
  return component.thread === undefined ? [] : [component.thread]
}

function cycleFirst(edges: readonly WaitEdge[]): WaitEdge[] {
  const cycle = cycleOf(edges) ?? []
  return [...cycle, ...edges.filter((edge) => !cycle.includes(edge))]
}

function cycleOf(edges: readonly WaitEdge[]): readonly WaitEdge[] | undefined {
  for (const start of edges) {
    const cycle = follow(edges, start, [])
    if (cycle) return cycle
  }
  return undefined
}

function follow(edges: readonly WaitEdge[], edge: WaitEdge, way: readonly WaitEdge[]): WaitEdge[] | undefined {
  const met = way.findIndex((each) => each.thread === edge.thread)
  if (met >= 0) return way.slice(met)
  for (const next of edges) {
    if (!edge.on.includes(next.thread)) continue
    const found = follow(edges, next, [...way, edge])
    if (found) return found
  }
  return undefined
}

/** The same text for the same deadlock, whichever tasks are in it: what those in the cycle wait at, or all if there is no cycle. */
export function deadlockTitle(edges: readonly WaitEdge[]): string {
  if (edges.length === 0) return 'deadlock: nothing is in flight'
  const cycle = cycleOf(edges) ?? edges
  return `deadlock at ${[...new Set(cycle.map(({ at }) => at))].sort().join(' and ')}`
}
