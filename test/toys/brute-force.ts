/**
 * The meaning of a System written down once more, as slowly and plainly as possible, to compare the explorer with. It
 * shares no code with explore/: whole states as texts, a Map, a queue.
 */
import type { Component, Message, Property, Send, System } from '../../explore/system.ts'
import { canonical } from './component.ts'

interface State {
  readonly locals: ReadonlyMap<string, unknown>
  /** `from → to` → undelivered, oldest first. Never empty. */
  readonly lanes: ReadonlyMap<string, readonly Send[]>
}

interface Taken {
  readonly state: State
  readonly titles: readonly string[]
  readonly ignored: string | null
  readonly crashed: boolean
}

export interface Verdict {
  readonly verdict: 'holds' | 'violated' | 'seen' | 'unseen'
  readonly vacuous: boolean
  /** Steps of the shortest run that shows it; null for `eventually`, where a run is a loop or a maximal one. */
  readonly depth: number | null
}

export interface BruteForce {
  readonly states: number
  readonly steps: number
  /** States that can only be entered by a crash are not counted: `crashes` are steps. */
  readonly crashes: number
  readonly frontier: readonly number[]
  readonly terminals: number
  readonly deadlocks: number
  /** `kind: title` → steps of the shortest run that shows it. */
  readonly findings: ReadonlyMap<string, number>
  readonly ignored: ReadonlySet<string>
  /** Final states in words: each component's key, then what is left on the lanes. */
  readonly finals: ReadonlySet<string>
  readonly properties: ReadonlyMap<string, Verdict>
}

export const bruteForce = (system: System<any>, properties: readonly Property[] = [], most = 200_000): BruteForce => {
  const byKey = new Map<string, number>()
  const states: State[] = []
  const depths: number[] = []
  const next: number[][] = []
  const ends: boolean[] = []
  const findings = new Map<string, number>()
  const ignored = new Set<string>()
  const finals = new Set<string>()
  let steps = 0
  let crashes = 0
  let deadlocks = 0
  let terminals = 0

  const visit = (state: State, depth: number): number => {
    const key = keyOf(system, state)
    const known = byKey.get(key)
    if (known !== undefined) return known
    if (states.length >= most) throw new Error(`${system.name}: more than ${most} states`)
    byKey.set(key, states.length)
    states.push(state)
    depths.push(depth)
    return states.length - 1
  }
  const found = (title: string, depth: number) => {
    if (!findings.has(title)) findings.set(title, depth)
  }

  visit(initial(system), 0)
  for (let at = 0; at < states.length; at++) {
    const state = states[at]!
    const depth = depths[at]!
    const out: number[] = []
    const lanes = takeable(system, state)
    for (const lane of lanes) {
      const taken = take(system, state, lane)
      steps++
      for (const title of taken.titles) found(title, depth + 1)
      if (taken.ignored !== null) ignored.add(taken.ignored)
      if (taken.crashed) crashes++
      else out.push(visit(taken.state, depth + 1))
    }
    if (lanes.length === 0) {
      terminals++
      finals.add(final(system, state))
    }
    const deadlock = lanes.length === 0 ? deadlockTitle(system, state) : null
    if (deadlock !== null) {
      deadlocks++
      found(`deadlock: ${deadlock}`, depth)
    }
    next.push(out)
    ends.push(lanes.length === 0)
  }

  const views = states.map((state) => system.view((id) => state.locals.get(id)))
  const verdicts = new Map<string, Verdict>()
  for (const property of properties) {
    const verdict = judge(property, views, { depths, next, ends })
    verdicts.set(property.name, verdict)
    if (verdict.verdict === 'violated' && property.finding !== undefined)
      found(`${property.finding}: ${property.name}`, verdict.depth ?? 0)
  }
  const frontier: number[] = []
  for (const depth of depths) frontier[depth] = (frontier[depth] ?? 0) + 1
  return {
    states: states.length,
    steps,
    crashes,
    frontier,
    terminals,
    deadlocks,
    findings,
    ignored,
    finals,
    properties: verdicts,
  }
}

/** What one schedule shows: every finding on the way, and how it ends. */
export interface Run {
  readonly titles: readonly string[]
  readonly end: 'open' | 'finished' | 'deadlock' | 'crashed'
  /** The view before the first step and after every step. */
  readonly views: readonly unknown[]
  readonly keys: readonly string[]
}

export const run = (system: System<any>, schedule: readonly number[]): Run => {
  let state = initial(system)
  let crashed = false
  const titles: string[] = []
  const views: unknown[] = [system.view((id) => state.locals.get(id))]
  const keys = [keyOf(system, state)]
  for (const [step, choice] of schedule.entries()) {
    const lane = crashed ? undefined : takeable(system, state)[choice]
    if (lane === undefined) throw new Error(`step ${step + 1}: there is no choice ${choice}`)
    const taken = take(system, state, lane)
    titles.push(...taken.titles)
    state = taken.state
    crashed = taken.crashed
    const now = state
    views.push(system.view((id) => now.locals.get(id)))
    keys.push(keyOf(system, state))
  }
  if (crashed) return { titles, end: 'crashed', views, keys }
  if (takeable(system, state).length > 0) return { titles, end: 'open', views, keys }
  const deadlock = deadlockTitle(system, state)
  if (deadlock === null) return { titles, end: 'finished', views, keys }
  return { titles: [...titles, `deadlock: ${deadlock}`], end: 'deadlock', views, keys }
}

const initial = (system: System<any>): State => ({
  locals: new Map(system.components.map(({ id, initial: local }) => [id, local])),
  lanes: append(new Map(), system.start),
})

const keyOf = (system: System<any>, { locals, lanes }: State): string =>
  JSON.stringify([
    system.components.map((component) => textOf(locals.get(component.id))),
    [...lanes.values()].map((sends) => sends.map(textOf).join()).toSorted(),
  ])

const texts = new WeakMap<object, string>()
const textOf = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return canonical(value)
  const known = texts.get(value) ?? canonical(value)
  texts.set(value, known)
  return known
}

const append = (lanes: State['lanes'], sends: readonly Send[]): State['lanes'] => {
  const result = new Map(lanes)
  for (const send of sends) {
    const lane = `${send.message.from} → ${send.to}`
    result.set(lane, [...(result.get(lane) ?? []), send])
  }
  return result
}

/** In canonical order: senders as the components are listed, the environment first; then receivers. */
const takeable = (system: System<any>, { locals, lanes }: State): readonly string[] => {
  const order = new Map(system.components.map(({ id }, index) => [id, index]))
  const place = (id: string) => order.get(id) ?? -1
  return [...lanes]
    .map(([lane, [head]]) => ({ lane, to: head!.to, message: head!.message }))
    .filter(({ to, message }) => receiver(system, to).accepts(locals.get(to), message))
    .toSorted((a, b) => place(a.message.from) - place(b.message.from) || place(a.to) - place(b.to))
    .map(({ lane }) => lane)
}

const take = (system: System<any>, { locals, lanes }: State, lane: string): Taken => {
  const [head, ...rest] = lanes.get(lane)!
  const { to, message } = head!
  const component = receiver(system, to)
  const local = locals.get(to)
  const outcome = component.receive(local, message)
  const left = new Map(lanes)
  if (rest.length > 0) left.set(lane, rest)
  else left.delete(lane)
  return {
    state: { locals: new Map(locals).set(to, outcome.local), lanes: append(left, outcome.sends) },
    titles: outcome.findings.map(({ kind, title }) => `${kind}: ${title}`),
    ignored: outcome.ignored ? ignoredName(component, local, message) : null,
    crashed: outcome.findings.some(({ fatal }) => fatal),
  }
}

const receiver = (system: System<any>, to: string): Component => {
  const component = system.components.find(({ id }) => id === to)
  if (component === undefined) throw new Error(`there is no component ${to}`)
  return component
}

const ignoredName = (component: Component, local: unknown, message: Message): string =>
  `${component.id} ${component.show(local).state} ${message.type}`

/** Null when nobody waits. A thread waits where its message is deferred, or taken and not answered yet. */
const deadlockTitle = (system: System<any>, { locals, lanes }: State): string | null => {
  if (!system.components.some(({ id, waits }) => waits?.(locals.get(id)))) return null
  const threadOf = (id: string) => system.components.find((each) => each.id === id)?.thread ?? id
  const deferred = [...lanes.values()].map(([head]) => `${threadOf(head!.message.from)} at ${head!.to}`)
  const queued = system.components.flatMap(({ id, owes }) =>
    (owes?.(locals.get(id)) ?? []).map((owed) => `${threadOf(owed)} at ${id}`),
  )
  return `deadlock: ${[...deferred, ...queued].toSorted().join(', ')}`
}

const final = (system: System<any>, { locals, lanes }: State): string => {
  const left = [...lanes].flatMap(([lane, sends]) => sends.map(({ message }) => `${lane} ${message.type}`))
  return [...system.components.map(({ id, key }) => `${id} ${key(locals.get(id))}`), ...left.toSorted()].join('\n')
}

interface Graph {
  readonly depths: readonly number[]
  readonly next: readonly (readonly number[])[]
  readonly ends: readonly boolean[]
}

const judge = (property: Property, views: readonly unknown[], graph: Graph): Verdict => {
  const { kind, when = () => true, holds } = property
  if (kind === 'always') {
    const applies = views.map((view, at) => ({ view, at })).filter(({ view }) => when(view))
    const bad = applies.find(({ view }) => !holds(view))
    return {
      verdict: bad === undefined ? 'holds' : 'violated',
      vacuous: applies.length === 0,
      depth: bad === undefined ? null : graph.depths[bad.at]!,
    }
  }
  if (kind === 'sometimes') {
    const good = views.findIndex((view) => holds(view))
    return { verdict: good < 0 ? 'unseen' : 'seen', vacuous: false, depth: good < 0 ? null : graph.depths[good]! }
  }
  const without = views.map((view) => !holds(view))
  return { verdict: canGoOnWithout(without, graph) ? 'violated' : 'holds', vacuous: false, depth: null }
}

/** Is there a maximal run through `without` only: one that ends there, or one that comes back? */
const canGoOnWithout = (without: readonly boolean[], { next, ends }: Graph): boolean => {
  const reached = new Set<number>(without[0] ? [0] : [])
  for (const at of reached) for (const to of next[at]!) if (without[to]) reached.add(to)
  if ([...reached].some((at) => ends[at])) return true
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
  return gone < reached.size
}
