/**
 * A system as it is behind a run: local states are what they are there, and what is in flight is on its way at the start. A search of it needs to
 * know no more; what it finds is told from the beginning, as runs of the system itself.
 */
import { livelocks } from '../outcome/reporting.ts'
import type { Report, Schedule } from '../outcome/report.ts'
import type { Component, Send, System } from '../system.ts'
import { tablesOf } from '../states/tables.ts'

/** Its lanes are in the same order, so that a schedule of it goes on where the run has ended. Throws a RangeError when the run is of another system. */
export function systemBehind<View>(system: System<View>, run: Schedule): System<View> {
  const tables = tablesOf(system)
  const state = tables.initial()
  for (const choice of run) {
    const lane = tables.choices(state)[choice]
    if (lane === undefined) throw new RangeError(`There is no choice ${choice}: the run is not one of ${system.name}.`)
    tables.apply(state, lane, tables.entryOf(state, lane)!)
  }
  const start = tables.laneOrder.flatMap((lane): readonly Send[] => {
    const { to, offer } = tables.lanes[lane]!
    if (offer !== undefined) return []
    const waiting = tables.contents[lane]!.all(state[tables.laneBase + lane]!)
    return waiting.map((message) => ({ to, message: tables.message(lane, message) }))
  })
  const components = system.components.map((each, index) =>
    withOther(each, { initial: tables.locals[index]![state[index]!] }),
  )
  const { name, fingerprint } = system
  const order = system.order && { ...system.order, came: state[tables.orderSlot]! }
  // What numbers its states, and knows who is interchangeable, begins at its start.
  return {
    ...{ name, fingerprint, components, start, ...(order && { order }) },
    view: (read, log) => system.view(read, log),
    ...(system.besides && { besides: (report) => system.besides!(report) }),
    ...(system.forEver && { forEver: () => system.forEver!() }),
    ...(system.tell && { tell: (trace) => system.tell!(trace) }),
  }
}

/** The same component, but for these fields. It may be an instance of a class. */
export function withOther(component: Component, other: Partial<Component>): Component {
  const bound = new Map<PropertyKey, unknown>(Object.entries(other))
  return new Proxy(component, {
    get(of, field) {
      if (bound.has(field)) return bound.get(field)
      const value: unknown = Reflect.get(of, field, of)
      if (typeof value !== 'function') return value
      bound.set(field, value.bind(of))
      return bound.get(field)
    },
  })
}

/** What a search behind a run has found, with runs from the beginning. */
export function toldFromTheStart(report: Report, run: Schedule): Report {
  const whole = (schedule: Schedule): Schedule => [...run, ...schedule]
  const longer = (steps: number): number => steps + run.length
  const properties = report.properties.map((property) => ({
    ...property,
    ...(property.schedule && { schedule: whole(property.schedule) }),
    ...(property.depth !== undefined && { depth: longer(property.depth) }),
    ...(property.loopsFrom !== undefined && { loopsFrom: longer(property.loopsFrom) }),
  }))
  const round = livelocks(properties)
  const isRound = (title: string) => round.some((each) => each.title === title)
  const findings = report.findings.map((finding) => ({
    ...finding,
    schedule: whole(finding.schedule),
    depth: longer(finding.depth),
    ...(finding.judged?.verdict === 'confirmed' && {
      judged: { ...finding.judged, schedule: whole(finding.judged.schedule) },
    }),
  }))
  return {
    ...report,
    depth: longer(report.depth),
    properties,
    findings: [...findings.filter(({ kind, title }) => kind !== 'livelock' || !isRound(title)), ...round],
    lockOrder: report.lockOrder.map((edge) => ({ ...edge, schedule: whole(edge.schedule) })),
  }
}
