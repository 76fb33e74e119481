/** A run as people are told of it: not only what came from outside, but every event that one actor heard from another because of it. */
import { isDeepStrictEqual } from 'node:util'
import { applies, holds, holdsOfStep } from '../explore/claims/answer.ts'
import type { Message, Property, StepView } from '../explore/system.ts'
import type { ChartState, Other, Trace, TraceStep } from '../explore/runs/trace.ts'
import { chartOf, chartStep } from './chart.ts'
import { isMachineSnapshot, type Live } from './inside.ts'
import { ownName } from './names.ts'
import type { Process, Taken } from './process.ts'
import { shownSnapshot } from './shown.ts'
import type { State } from './state.ts'
import { viewIn } from './view-in.ts'
import type { ActorsView } from './view.ts'
import type { Hop } from './watch.ts'

/** The start, where it is a step of a run. */
export const starting = { from: 'outside', type: 'starts' } as const

export const toldBy = (process: Process, trace: Trace, properties: readonly Property[]): Trace => {
  const steps: TraceStep[] = []
  const sent = new Map<string, number>()
  const charts: Record<string, readonly ChartState[]> = {}
  let { state } = process.begun
  for (const { number, from, to, message, findings, ignored } of trace.steps) {
    const isStart = from === starting.from && message.type === starting.type
    const taken = isStart ? process.begun : process.take(state, { from, type: message.type })
    if (!taken) break
    const told = hopsOf(taken)
    const breaks = brokenBy(
      process,
      { taken, before: state, told, step: { from, to, type: message.type, message } },
      properties,
    )
    const blamed = blamedIn(told, findings)
    for (const [at, hop] of told.entries()) {
      if (hop.machine) charts[hop.to] ??= chartOf(hop.machine)
      const own =
        at === blamed
          ? findings.filter(({ title }) => !told.some((hop) => hop.findings.some((each) => each.title === title)))
          : []
      steps.push(
        stepOf(
          hop,
          steps.length + 1,
          number,
          sent.get(hop.from ?? '') ?? 0,
          [...hop.findings, ...own],
          ignored,
          breaks.get(at),
        ),
      )
      sent.set(hop.to, steps.length)
    }
    sent.clear()
    state = taken.state
  }
  const others = othersIn(process, state, new Set(steps.map(({ to }) => to)), charts)
  const people = steps.some(({ from, to }) => from === user || to === user) ? 'outside' : user
  return {
    ...trace,
    steps: steps.map((step) => fromPeople(step, people)),
    charts,
    ...others,
    threads: { [people]: people },
  }
}

/** Who is alive at the end, and was told of by no step. */
const othersIn = (
  process: Process,
  state: State,
  told: ReadonlySet<string>,
  charts: Record<string, readonly ChartState[]>,
): Pick<Trace, 'others'> => {
  const names = process.names(state)
  const name = (actor: Live): string => names.get(actor) ?? ownName(actor)
  const others: Record<string, Other> = {}
  for (const [actor, called] of names) {
    if (told.has(called) || state.alive.get(actor.sessionId) !== actor) continue
    const { _snapshot: snapshot } = actor
    const is = shownSnapshot(snapshot, name)
    if (!isMachineSnapshot(snapshot)) {
      others[called] = { is }
      continue
    }
    charts[called] ??= chartOf(snapshot.machine)
    others[called] = { is, chart: chartStep('', snapshot, snapshot, [], false) }
  }
  return Object.keys(others).length > 0 ? { others } : {}
}

/** Who sends what comes from outside; an actor may be called so, too. */
const user = 'user'

const fromPeople = (step: TraceStep, people: string): TraceStep =>
  step.from === '' ? { ...step, from: people, message: { ...step.message, from: people } } : step

interface Told {
  readonly taken: Taken
  readonly before: State
  readonly told: readonly Hop[]
  readonly step: StepView
}

/** Claims that a step breaks, by the event that is to blame: the last that changed somebody whom the claim looks at. */
const brokenBy = (
  process: Process,
  { taken: { state }, before, told, step }: Told,
  properties: readonly Property[],
): ReadonlyMap<number, readonly string[]> => {
  const broken = new Map<number, readonly string[]>()
  for (const property of properties) {
    if (property.kind !== 'always') continue
    const looked = new Set<string>()
    const view = (of: State): ActorsView => viewIn(process, of, (name) => looked.add(name))
    const isBroken = property.step
      ? !holdsOfStep(property, view(before), view(state), step)
      : !isKept(property, view(state)) && isKept(property, viewIn(process, before))
    if (!isBroken) continue
    const at = told.findLastIndex((hop) => looked.has(hop.to) && !isDeepStrictEqual(hop.before, hop.after))
    if (at >= 0) broken.set(at, [...(broken.get(at) ?? []), property.name])
  }
  return broken
}

const isKept = (property: Property, view: unknown): boolean => !applies(property, view) || holds(property, view)

/** What is found in a step as a whole is found at its end; an error where it was thrown. */
const blamedIn = (told: readonly Hop[], findings: TraceStep['findings']): number => {
  const isUncaught = findings.some(({ kind }) => kind === 'uncaught')
  const thrown = isUncaught
    ? told.findIndex(({ before, after }) => before.state !== 'error' && after.state === 'error')
    : -1
  return thrown < 0 ? told.length - 1 : thrown
}

/** That a promise tells itself of its answer is no news beside the answer. */
const hopsOf = (taken: Taken): readonly Hop[] => {
  const hops = taken.hops()
  const news = hops.filter(({ event }) => !event.type.startsWith('xstate.promise.'))
  return news.length > 0 ? news : hops
}

const stepOf = (
  { from = '', to, event, before, after, fate, calls, chart }: Hop,
  number: number,
  of: number,
  sentAt: number,
  findings: TraceStep['findings'],
  ignored: boolean,
  breaks: readonly string[] = [],
): TraceStep => ({
  ...{ number, of, choice: 0, from, to, sentAt, possible: [], before, after, sends: [], findings },
  message: { ...worded(event), from },
  notes: calls.map((what) => ({ object: to, what })),
  ignored: fate !== 'handled' || (ignored && from === ''),
  ...(chart && { chart }),
  ...(breaks.length > 0 && { breaks }),
})

/** XState's own events in words. A field may be called as what a message says of itself. */
const worded = ({ type, ...fields }: Hop['event']): Omit<Message, 'from'> & Pick<Message, 'type'> => {
  const [, what, of = ''] =
    /^xstate\.(init|stop|done\.actor|error\.actor|after|snapshot|observable|promise\.resolve|promise\.reject)\.?(.*)$/s.exec(
      type,
    ) ?? []
  const { from: field, ...others } = fields
  const { output, error, data, input } = fields as Readonly<Record<string, unknown>>
  switch (what) {
    case 'init':
      return { type: 'starts', ...(input !== undefined && { input }) }
    case 'stop':
      return { type: 'stops' }
    case 'done.actor':
      return { type: 'done', ...(output !== undefined && { output }) }
    case 'error.actor':
      return { type: 'error', error }
    case 'promise.resolve':
      return { type: 'resolves', ...(data !== undefined && { data }) }
    case 'promise.reject':
      return { type: 'is rejected', error: data }
    case 'after':
      return { type: `after ${of.split('.')[0]} ms` }
    case 'snapshot':
      return { type: 'snapshot' }
    case 'observable':
      return { type: of, ...(data !== undefined && { data }) }
    default:
      return { ...others, ...(field !== undefined && { 'event.from': field }), type }
  }
}
