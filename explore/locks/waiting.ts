/**
 * Who waits for whom, read off the lanes: a deferred message waits for whoever holds its receiver, a queued request likewise; where it is no
 * lock that is waited for, for whoever could end the wait and still has something to do.
 */
import type { Tables } from '../states/tables.ts'
import type { Stopped, WaitEdge } from '../runs/trace.ts'

/** Stands for the type of a request that its receiver has taken already: whoever knows the run knows what it was. */
export const queued = 'queued'

/** True when somebody waits for an answer, or to be heard: with nothing deliverable, that is a deadlock. */
export const somebodyWaits = (tables: Tables, state: Int32Array): boolean =>
  tables.components.some((each, index) => each.waits?.(tables.locals[index]![state[index]!])) ||
  tables.laneOrder.some((lane) => isMissed(tables, state, lane))

/** A request of an actor of no thread that its receiver does not take. */
function isMissed(tables: Tables, state: Int32Array, lane: number): boolean {
  const { sender } = tables.lanes[lane]!
  const component = tables.components[sender]
  if (component?.rests === undefined || component.rests(tables.locals[sender]![state[sender]!])) return false
  return tables.entryOf(state, lane)?.accepted === false
}

/** Who stops in the middle of something when nothing is in flight any more: he waits for what nobody will say. */
export const stoppedIn = (tables: Tables, state: Int32Array): readonly Stopped[] =>
  tables.components.flatMap((each, index) => {
    const local = tables.locals[index]![state[index]!]
    return each.waits?.(local) ? [{ id: each.id, state: each.show(local).state }] : []
  })

/** All wait-for edges of a state; the edges of a cycle come first, in order. `sentAt` is filled in by whoever knows the run. */
export function waitEdges(tables: Tables, state: Int32Array): WaitEdge[] {
  return cycleFirst(waitsAmong(tables, state, () => true).sort((a, b) => (a.thread < b.thread ? -1 : 1)))
}

/** Those at some components, by number. */
export const waitsAmong = (tables: Tables, state: Int32Array, at: (component: number) => boolean): WaitEdge[] => [
  ...deferred(tables, state, at),
  ...taken(tables, state, at),
]

/** An actor's thread; one that has none, and whoever is no component, goes by its own name. */
const threadOf = (tables: Tables, id: string): string => tables.components.find((each) => each.id === id)?.thread ?? id

/** Somebody who has nothing to do, and asks for something: a worker before an empty queue. That is no part of a deadlock. */
function isAtRest(tables: Tables, state: Int32Array, sender: number): boolean {
  const component = tables.components[sender]
  const local = tables.locals[sender]?.[state[sender]!]
  if (component?.rests) return component.rests(local)
  return component?.waits !== undefined && !component.waits(local)
}

function* deferred(tables: Tables, state: Int32Array, at: (component: number) => boolean): Generator<WaitEdge> {
  for (const number of tables.laneOrder) {
    const lane = tables.lanes[number]!
    if (state[tables.laneBase + number] === 0 || !at(lane.receiver)) continue
    const entry = tables.entryOf(state, number)
    if (!entry || entry.accepted) continue
    if (isAtRest(tables, state, lane.sender)) continue
    const { type } = tables.message(number, entry.message)
    const thread = threadOf(tables, lane.from)
    const on = blockers(tables, state, lane.receiver, lane.from)
    yield { thread, from: lane.from, at: lane.to, type, sentAt: 0, ...on }
  }
}

function* taken(tables: Tables, state: Int32Array, at: (component: number) => boolean): Generator<WaitEdge> {
  for (const [index, component] of tables.components.entries()) {
    if (!component.owes || !at(index)) continue
    const local = tables.locals[index]![state[index]!]
    for (const id of component.owes(local)) {
      const thread = threadOf(tables, id)
      yield { thread, from: id, at: component.id, type: queued, sentAt: 0, ...holders(tables, state, index, id) }
    }
  }
}

type On = Pick<WaitEdge, 'on' | 'awaited' | 'through'>

/** Behind a queued request one waits for the queue (a fair lock); otherwise for the holders. */
function blockers(tables: Tables, state: Int32Array, receiver: number, waiter: string): On {
  const component = tables.components[receiver]!
  const owed = component.awaited ? [] : (component.owes?.(localOf(tables, state, receiver)) ?? [])
  if (owed.length > 0) return { on: owed.map((id) => threadOf(tables, id)) }
  if (component.holders) return holders(tables, state, receiver, waiter)
  return { on: component.thread === undefined ? [] : [component.thread] }
}

/** Who holds a lock, or could end a wait: whoever waits himself will not, unless it takes all of them. */
function holders(tables: Tables, state: Int32Array, at: number, waiter: string): On {
  const component = tables.components[at]!
  const { awaited } = component
  const local = localOf(tables, state, at)
  const threads = component.endedBy?.(local, waiter) ?? component.holders?.(local).threads ?? []
  if (awaited === undefined) return { on: threads }
  const isBusy = (thread: string): boolean => hasWork(tables, state, thread)
  const busy = threads.filter(isBusy)
  const others = busy.filter((thread) => thread !== threadOf(tables, waiter))
  const through = threads.filter((thread) => !isBusy(thread))
  const on = awaited === 'any' && others.length > 0 ? others : busy
  return { on, awaited, ...(through.length > 0 && { through }) }
}

/** A thread that waits for an answer, or that somebody has told to begin. */
const hasWork = (tables: Tables, state: Int32Array, thread: string): boolean =>
  tables.components.some((each, index) => each.thread === thread && each.waits?.(localOf(tables, state, index))) ||
  tables.laneOrder.some(
    (lane) => state[tables.laneBase + lane] !== 0 && tables.components[tables.lanes[lane]!.receiver]!.thread === thread,
  )

const localOf = (tables: Tables, state: Int32Array, component: number): unknown =>
  tables.locals[component]![state[component]!]

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
