/**
 * A search that is cut: the runs up to a depth are one search, and what comes behind each state at that depth is another. All of them together
 * see every state and every step that the whole search sees. What is asked of whole runs, and not of states and steps, none of them can tell.
 */
import type { Report, Schedule } from './report.ts'
import type { Component, System } from './system.ts'
import { Tables } from './tables.ts'

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
      for (const [choice, lane] of tables.enabled(state).entries()) {
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
 * The same system, as it is behind a run. Its lanes are in the same order, so a schedule of it goes on where the run has ended. `touched` is called
 * when somebody touches memory there: whether that races with what the run has touched is a question about whole runs.
 */
export function systemBehind<View>(system: System<View>, run: Schedule, touched: () => void): System<View> {
  const tables = new Tables(system)
  const state = tables.initial()
  for (const choice of run) {
    const lane = tables.enabled(state)[choice]
    if (lane === undefined) throw new RangeError(`There is no choice ${choice}: the run is not one of ${system.name}.`)
    tables.apply(state, lane, tables.entryOf(state, lane)!)
  }
  const components = system.components.map((each, index): Component => {
    const copy = copyOf(each)
    return {
      ...copy,
      initial: tables.locals[index]![state[index]!],
      receive(local, message) {
        const outcome = copy.receive(local, message)
        if (outcome.memory?.some(({ bytes }) => bytes !== undefined)) touched()
        return outcome
      },
    }
  })
  const start = tables.laneOrder
    .filter((lane) => tables.lanes[lane]!.offer === undefined)
    .flatMap((lane) =>
      tables.contents[lane]!.all(state[tables.laneBase + lane]!).map((number) => ({
        to: tables.lanes[lane]!.to,
        message: tables.message(lane, number),
      })),
    )
  // What numbers its states, and knows who is interchangeable, begins at its start.
  return {
    ...{ name: system.name, fingerprint: system.fingerprint, components, start },
    view: (read) => system.view(read),
    ...(system.besides && { besides: (report) => system.besides!(report) }),
    ...(system.tell && { tell: (trace) => system.tell!(trace) }),
  }
}

/** An instance of a class has its functions elsewhere. */
const copyOf = (component: Component): Component => {
  const copy: Record<string, unknown> = {}
  for (let at: object = component; at !== Object.prototype && at !== null; at = Object.getPrototypeOf(at) as object)
    for (const name of Object.getOwnPropertyNames(at)) {
      const value: unknown = component[name as keyof Component]
      if (!Object.hasOwn(copy, name)) copy[name] = typeof value === 'function' ? value.bind(component) : value
    }
  return copy as unknown as Component
}

/** What a search behind a run has found, as runs of the whole. */
export const reportFrom = (run: Schedule, report: Report): Report => {
  const whole = (schedule: Schedule): Schedule => [...run, ...schedule]
  const deeper = (depth: number): number => depth + run.length
  return {
    ...report,
    depth: deeper(report.depth),
    properties: report.properties.map((each) => ({
      ...each,
      ...(each.schedule && { schedule: whole(each.schedule) }),
      ...(each.depth !== undefined && { depth: deeper(each.depth) }),
    })),
    findings: report.findings.map((each) => ({
      ...each,
      schedule: whole(each.schedule),
      depth: deeper(each.depth),
      ...(each.judged?.verdict === 'confirmed' && {
        judged: { ...each.judged, schedule: whole(each.judged.schedule) },
      }),
    })),
    lockOrder: report.lockOrder.map((each) => ({ ...each, schedule: whole(each.schedule) })),
  }
}
