/** Who waits for whom at the end of a run, and what a deadlock is called after. */
import type { System } from '../../explore/system.ts'
import { threadOf, type State } from './meaning.ts'

/** `thread` waits at `at` until one of `on` does something. */
export interface Wait {
  readonly thread: string
  readonly at: string
  readonly on: readonly string[]
}

/** Null when nobody waits for an answer. Only for states in which nothing can be delivered. */
export const deadlockTitle = (system: System<any>, state: State): string | null => {
  if (!system.components.some(({ id, waits }) => waits?.(state.locals.get(id)))) return null
  const waits = waitsOf(system, state)
  if (waits.length === 0) return 'deadlock: nothing is in flight'
  const cycle = cycleOf(waits)
  const places = new Set((cycle.length > 0 ? cycle : waits).map(({ at }) => at))
  return `deadlock at ${[...places].toSorted().join(' and ')}`
}

/** Everybody who waits: the first cycle, in order, then the others by name of thread. */
export const whoWaits = (system: System<any>, state: State): readonly Wait[] => {
  const waits = waitsOf(system, state)
  const cycle = cycleOf(waits)
  return [...cycle, ...waits.filter((each) => !cycle.includes(each))]
}

/** A thread waits where its message is deferred, or taken and not answered yet. By name of thread. */
const waitsOf = (system: System<any>, state: State): readonly Wait[] => {
  const { locals, lanes } = state
  const place = (id: string) => system.components.findIndex((each) => each.id === id)
  const heads = [...lanes.values()]
    .map(([head]) => ({ from: head!.message.from, to: head!.to }))
    .toSorted((a, b) => place(a.from) - place(b.from) || place(a.to) - place(b.to))
  const owed = (id: string) => system.components[place(id)]!.owes?.(locals.get(id)) ?? []
  const held = (id: string) => system.components[place(id)]!.holders?.(locals.get(id)).threads
  /** Whoever could end a wait, and has something to do; the one who waits is nobody to wait for, unless it takes everybody. */
  const enders = (id: string, waiter: string): readonly string[] => {
    const busy = held(id)!.filter((each) => isBusy(system, state, each))
    const others = busy.filter((each) => each !== waiter)
    return system.components[place(id)]!.awaited === 'any' && others.length > 0 ? others : busy
  }
  const holders = (id: string, waiter: string) =>
    system.components[place(id)]!.awaited === undefined ? held(id) : enders(id, waiter)
  /** Behind those who are owed an answer; else for those who hold it; a call is busy with its own thread. */
  const blockers = (id: string, waiter: string): readonly string[] => {
    const isLock = system.components[place(id)]!.awaited === undefined
    if (isLock && owed(id).length > 0) return owed(id).map((each) => threadOf(system, each))
    const own = system.components[place(id)]!.thread
    return holders(id, waiter) ?? (own === undefined ? [] : [own])
  }
  /** Who asks for something and waits for nothing: a worker before an empty queue. */
  const isAtRest = (id: string) => system.components[place(id)]?.waits?.(locals.get(id)) === false
  const deferred = heads
    .filter(({ from }) => !isAtRest(from))
    .map(({ from, to }) => {
      const waiter = threadOf(system, from)
      return { thread: waiter, at: to, on: blockers(to, waiter) }
    })
  const queued = system.components.flatMap(({ id }) =>
    owed(id).map((each) => {
      const waiter = threadOf(system, each)
      return { thread: waiter, at: id, on: holders(id, waiter) ?? [] }
    }),
  )
  return [...deferred, ...queued].toSorted((a, b) => (a.thread < b.thread ? -1 : a.thread > b.thread ? 1 : 0))
}

const isBusy = (system: System<any>, { locals, lanes }: State, who: string): boolean =>
  system.components.some(({ id, thread, waits }) => thread === who && waits?.(locals.get(id))) ||
  [...lanes.values()].flat().some(({ to }) => threadOf(system, to) === who)

/**
 * The first cycle by name of thread, or nothing. Whoever waits for nobody that waits is taken away until nothing
 * changes; from the first that is left, always going on to the first, one must come back.
 */
const cycleOf = (waits: readonly Wait[]): readonly Wait[] => {
  let left = waits
  for (let before = -1; before !== left.length;) {
    before = left.length
    const waiting = new Set(left.map(({ thread }) => thread))
    left = left.filter(({ on }) => on.some((each) => waiting.has(each)))
  }
  const way: Wait[] = []
  for (let at = left[0]; at !== undefined;) {
    const { thread, on } = at
    const met = way.findIndex((each) => each.thread === thread)
    if (met >= 0) return way.slice(met)
    way.push(at)
    at = left.find((each) => on.includes(each.thread))
  }
  return []
}
