/** The meaning of a System, as slowly and plainly as possible: whole states as texts, lanes as lists in a Map. */
import type { Component, Message, Outcome, Send, System } from '../../explore/system.ts'
import { canonical } from './component.ts'

export interface State {
  readonly locals: ReadonlyMap<string, unknown>
  /** `from → to` → undelivered, oldest first. Never empty. */
  readonly lanes: ReadonlyMap<string, readonly Send[]>
}

export interface Taken {
  readonly state: State
  readonly sends: readonly Send[]
  readonly titles: readonly string[]
  readonly ignored: string | null
  readonly crashed: boolean
}

export const initial = (system: System<any>): State => ({
  locals: new Map(system.components.map(({ id, initial: local }) => [id, local])),
  lanes: append(new Map(), system.start),
})

/** Texts never hold a line break, so that lines keep them apart. */
export const keyOf = (system: System<any>, { locals, lanes }: State): string =>
  [
    ...system.components.map((component) => stateText(component, locals.get(component.id))),
    ...[...lanes.values()].map((sends) => sends.map(textOf).join()).toSorted(),
  ].join('\n')

const texts = new WeakMap<object, string>()
const textOf = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return canonical(value)
  const known = texts.get(value) ?? canonical(value)
  texts.set(value, known)
  return known
}

/** As the component tells its states apart: what statecharts of XState are in goes round in circles. */
const stateText = ({ key }: Component, local: unknown): string => {
  if (typeof local !== 'object' || local === null) return key(local)
  const known = states.get(local) ?? key(local)
  states.set(local, known)
  return known
}
const states = new WeakMap<object, string>()

const append = (lanes: State['lanes'], sends: readonly Send[]): State['lanes'] => {
  const result = new Map(lanes)
  for (const send of sends) {
    const lane = `${send.message.from} → ${send.to}`
    result.set(lane, [...(result.get(lane) ?? []), send])
  }
  return result
}

/** In canonical order: senders as the components are listed, the environment first; then receivers, then names. */
export const takeable = (system: System<any>, { locals, lanes }: State): readonly string[] => {
  const place = (id: string) => placesOf(system).get(id) ?? -1
  return [...[...lanes].map(([lane, [head]]) => [lane, head!] as const), ...offered(system, locals)]
    .map(([lane, { to, message }]) => ({ lane, to, message }))
    .filter(({ to, message }) => receiver(system, to).accepts(locals.get(to), message))
    .toSorted(
      (a, b) =>
        place(a.message.from) - place(b.message.from) ||
        place(a.to) - place(b.to) ||
        inOrder(a.message.from, b.message.from) ||
        inOrder(a.message.type, b.message.type),
    )
    .map(({ lane }) => lane)
}

const inOrder = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

/** What may come from outside, each by a name that no lane has. */
const offered = (system: System<any>, locals: State['locals']): ReadonlyMap<string, Send> =>
  new Map(
    system.components.flatMap(({ id, offers }) =>
      (offers?.(locals.get(id)) ?? []).map(
        (message) => [`${message.from} → ${id} offers ${message.type}`, { to: id, message }] as const,
      ),
    ),
  )

export const take = (system: System<any>, { locals, lanes }: State, lane: string): Taken => {
  const [head, ...rest] = lanes.get(lane) ?? [offered(system, locals).get(lane)!]
  const { to, message } = head!
  const component = receiver(system, to)
  const local = locals.get(to)
  const outcome = outcomeOf(component, local, message)
  const left = new Map(lanes)
  if (rest.length > 0) left.set(lane, rest)
  else left.delete(lane)
  return {
    state: { locals: new Map(locals).set(to, outcome.local), lanes: append(left, outcome.sends) },
    sends: outcome.sends,
    titles: outcome.findings.map(({ kind, title }) => `${kind}: ${title}`),
    ignored: outcome.ignored ? ignoredName(component, local, message) : null,
    crashed: outcome.findings.some(({ fatal }) => fatal),
  }
}

/** Remembered, which makes equal texts the same object: each has to be written only once. */
const outcomeOf = (component: Component, local: unknown, message: Message): Outcome => {
  const known = outcomes.get(component) ?? new Map<string, Outcome>()
  outcomes.set(component, known)
  const question = `${stateText(component, local)}\n${textOf(message)}`
  const outcome = known.get(question) ?? component.receive(local, message)
  known.set(question, outcome)
  return outcome
}
const outcomes = new WeakMap<Component, Map<string, Outcome>>()

const placesOf = (system: System<any>): ReadonlyMap<string, number> => {
  const known = places.get(system) ?? new Map(system.components.map(({ id }, index) => [id, index]))
  places.set(system, known)
  return known
}
const places = new WeakMap<System<any>, ReadonlyMap<string, number>>()

const receiver = (system: System<any>, to: string): Component => {
  const component = system.components[placesOf(system).get(to) ?? -1]
  if (component === undefined) throw new Error(`there is no component ${to}`)
  return component
}

const ignoredName = (component: Component, local: unknown, message: Message): string =>
  `${component.id} ${component.show(local).state} ${message.type}`

/** A thread by the name of one of its components; what belongs to no thread goes by its own name. */
export const threadOf = (system: System<any>, id: string): string =>
  system.components.find((each) => each.id === id)?.thread ?? id

/** A final state in words. */
export const final = (system: System<any>, { locals, lanes }: State): string => {
  const left = [...lanes].flatMap(([lane, sends]) => sends.map(({ message }) => `${lane} ${message.type}`))
  return [...system.components.map(({ id, key }) => `${id} ${key(locals.get(id))}`), ...left.toSorted()].join('\n')
}
