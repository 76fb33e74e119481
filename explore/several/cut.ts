/**
 * A search that is cut: the runs up to a depth are one search, and what comes behind each state at that depth is another. All of them together
 * see every state and every step that the whole search sees. What is asked of whole runs, and not of states and steps, none of them can tell.
 */
import { systemBehind, withOther } from '../runs/behind.ts'
import type { Schedule } from '../outcome/report.ts'
import type { Component, System } from '../system.ts'
import { Tables } from '../states/tables.ts'

/** The states at exactly this depth (no shorter run leads there), each by the first run that does. Undefined: they are more than `most`. */
export function frontierOf(system: System<any>, depth: number, most: number): readonly Schedule[] | undefined {
  const tables = new Tables(system)
  const seen = new Set<string>()
  /** Lanes come into being on the way: what is not used says nothing. */
  const keyOf = (state: Int32Array): string =>
    state
      .subarray(0, tables.slots)
      .join()
      .replace(/(?:,0)+$/, '')
  let level: (readonly [state: Int32Array, run: Schedule])[] = [[tables.initial(), []]]
  seen.add(keyOf(tables.initial()))
  for (let at = 0; at < depth; at++) {
    const next: typeof level = []
    for (const [state, run] of level)
      for (const [choice, lane] of tables.choices(state).entries()) {
        if (tables.isHeld(state, lane)) continue
        const entry = tables.entryOf(state, lane)!
        if (entry.fatal) continue
        const after = state.slice()
        tables.apply(after, lane, entry)
        const key = keyOf(after)
        if (seen.has(key)) continue
        seen.add(key)
        next.push([after, [...run, choice]])
        if (next.length > most) return undefined
      }
    level = next
  }
  return level.map(([, run]) => run)
}

/**
 * What comes behind a run, as a system. `touched` is called when somebody touches memory there: whether that races with what the run has touched is
 * a question about whole runs.
 */
export function pieceBehind<View>(system: System<View>, run: Schedule, touched: () => void): System<View> {
  const behind = systemBehind(system, run)
  const watched = (component: Component): Component =>
    withOther(component, {
      receive(local, message) {
        const outcome = component.receive(local, message)
        if (outcome.memory?.some(({ bytes }) => bytes !== undefined)) touched()
        return outcome
      },
    })
  return { ...behind, components: behind.components.map(watched) }
}
