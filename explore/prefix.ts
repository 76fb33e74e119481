/**
 * What may come after a run that is given. The system begins where the run ends: local states are what they are there, and what is in flight is on
 * its way at the start. A search of it needs to know no more; its runs are told from the beginning, so that they are runs of the system itself.
 */
import { ModelError } from './errors.ts'
import { livelocks } from './reporting.ts'
import { replay } from './replay.ts'
import type { Report, Schedule } from './report.ts'
import type { Component, Send, System } from './system.ts'
import { tablesOf } from './tables.ts'

export interface Begun {
  readonly system: System<any>
  /** The run that was given, as choices. */
  readonly after: Schedule
}

/** Throws a ModelError when the run does not fit, or nothing can come after it. */
export function begunWith(system: System<any>, given: Schedule | readonly string[]): Begun {
  const run = replay(system, given)
  if (run.end !== 'open')
    throw new ModelError(
      'bad-schedule',
      `Nothing comes after the run that is given: it has ${run.end === 'deadlock' ? 'come to a deadlock' : run.end}.`,
      [['steps', `${run.steps.length}`]],
      'Give fewer of its steps.',
    )
  const after = run.steps.map(({ choice }) => choice)
  const tables = tablesOf(system)
  const state = tables.initial()
  for (const choice of after) {
    const lane = tables.enabled(state)[choice]!
    tables.apply(state, lane, tables.entryOf(state, lane)!)
  }
  const start = tables.laneOrder.flatMap((lane): readonly Send[] => {
    const { to, offer } = tables.lanes[lane]!
    if (offer !== undefined) return []
    const waiting = tables.contents[lane]!.all(state[tables.laneBase + lane]!)
    return waiting.map((message) => ({ to, message: tables.message(lane, message) }))
  })
  const components = system.components.map((each, index) => from(each, tables.locals[index]![state[index]!]))
  const { name, fingerprint } = system
  return { system: { name, fingerprint, components, start, view: (read) => system.view(read) }, after }
}

/** The same component, which begins in another state. It may be an instance of a class. */
function from(component: Component, initial: unknown): Component {
  const bound = new Map<PropertyKey, unknown>()
  return new Proxy(component, {
    get(of, field) {
      if (field === 'initial') return initial
      const value: unknown = Reflect.get(of, field, of)
      if (typeof value !== 'function') return value
      if (!bound.has(field)) bound.set(field, value.bind(of))
      return bound.get(field)
    },
  })
}

/** What a search from there has found, with runs from the beginning. */
export function toldFromTheStart(report: Report, after: Schedule): Report {
  const whole = (schedule: Schedule): Schedule => [...after, ...schedule]
  const longer = (steps: number): number => steps + after.length
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
    after,
    depth: longer(report.depth),
    properties,
    findings: [...findings.filter(({ kind, title }) => kind !== 'livelock' || !isRound(title)), ...round],
    lockOrder: report.lockOrder.map((edge) => ({ ...edge, schedule: whole(edge.schedule) })),
  }
}
