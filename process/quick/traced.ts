/**
 * The same machine, whose guards, assigns and other functions write down that they were asked. What XState does with an event in a configuration
 * depends on nothing but what they answer: asked in the same order they lead to the same.
 */
import type { AnyEventObject, AnyStateMachine } from 'xstate'
import { nodesOf, type ChartNode } from '../coverage.ts'
import type { Transition } from '../inside.ts'
import { NotNumbered } from '../../explore/breadth/numbered.ts'

export type Kind =
  /** Goes on by whether the answer is true. */
  | 'guard'
  /** Changes the context. */
  | 'assign'
  /** Goes on by the type of the event that is the answer; it may be what is asked about from then on. */
  | 'raise'
  | 'emit'
  /** Of no consequence, unless it throws. */
  | 'run'
  /** Not a function: here it is known which transitions the event takes. */
  | 'chosen'

/** Something that was asked, and what the answer was. */
export interface Asked {
  readonly kind: Kind
  readonly ask: Ask
  readonly event: AnyEventObject
  readonly answer: unknown
  /** The answer is part of the machine, not of a function. */
  readonly isFixed?: boolean
  /** Of an assign that is written field by field. */
  readonly fields?: readonly AskedField[] | undefined
}

export interface AskedField {
  readonly name: string
  readonly ask: Ask
}

/** With whatever parameters the machine gives it. */
export type Ask = (context: unknown, event: AnyEventObject) => unknown

type Written = (...given: readonly any[]) => unknown
type Part = Readonly<Record<string, unknown>>

export interface Traced {
  readonly machine: AnyStateMachine
  /** The transition of the original that it is. */
  readonly original: (transition: Transition) => Transition
  /** What was asked since it was emptied. */
  readonly asked: Asked[]
}

/** Throws NotNumbered where the machine does what takes more than one actor. */
export const traced = (original: AnyStateMachine, isPure: (action: string) => boolean): Traced => {
  // A copy of its own nodes over the same configuration.
  const machine = original.provide({}) as AnyStateMachine
  const asked: Asked[] = []
  const wrapper = new Wrapper(machine, asked, isPure)
  const nodes = [original, machine].map(({ root }) => nodesOf(root as unknown as ChartNode))
  const originals = new Map<Transition, Transition>()
  const [theirs, copies] = nodes.map((each) => each.map(transitionsOf)) as [Transition[][], Transition[][]]
  for (const [index, copied] of copies.entries())
    for (const [at, each] of copied.entries()) originals.set(each, theirs[index]![at]!)
  for (const node of nodes[1]!) wrapper.wrap(node as unknown as Wrapped)
  const choose = machine.getTransitionData.bind(machine)
  machine.getTransitionData = (snapshot, event) => {
    const chosen = choose(snapshot, event)
    const answer = chosen.some(({ target, actions }) => target !== undefined || actions.length > 0)
    asked.push({ kind: 'chosen', ask: () => answer, event, answer })
    return chosen
  }
  return { machine, asked, original: (transition) => originals.get(transition)! }
}

const transitionsOf = ({ transitions, always = [] }: ChartNode): Transition[] => [
  ...[...transitions.values()].flat(),
  ...always,
]

interface Wrapped {
  readonly transitions: ReadonlyMap<string, WrappedTransition[]>
  readonly always?: WrappedTransition[]
  readonly initial?: WrappedTransition
  readonly states: object
  readonly type: string
  readonly invoke: readonly unknown[]
  readonly output?: unknown
  entry: readonly unknown[]
  exit: readonly unknown[]
}

interface WrappedTransition {
  guard?: unknown
  actions: readonly unknown[]
}

class Wrapper {
  readonly #machine: AnyStateMachine
  readonly #asked: Asked[]
  readonly #isPure: (action: string) => boolean

  constructor(machine: AnyStateMachine, asked: Asked[], isPure: (action: string) => boolean) {
    this.#machine = machine
    this.#asked = asked
    this.#isPure = isPure
  }

  wrap(node: Wrapped): void {
    if (node.invoke.length > 0 || typeof node.output === 'function') throw new NotNumbered()
    const initial = node.type === 'compound' ? [node.initial!] : []
    for (const each of [...[...node.transitions.values()].flat(), ...(node.always ?? []), ...initial]) {
      if (each.guard !== undefined) each.guard = this.#guard(each.guard)
      each.actions = each.actions.map((action) => this.#action(action))
    }
    node.entry = node.entry.map((action) => this.#action(action))
    node.exit = node.exit.map((action) => this.#action(action))
  }

  #guard(guard: unknown, depth = 0): unknown {
    if (depth > 100) throw new NotNumbered()
    if (typeof guard !== 'function') {
      const [resolved, params] = this.#named(guard, 'guards')
      if (typeof resolved !== 'function') {
        if (resolved === undefined) throw new NotNumbered()
        return this.#guard(resolved, depth + 1)
      }
      return 'check' in resolved ? this.#guard(resolved, depth + 1) : this.#leaf(resolved as Written, params)
    }
    if (!('check' in guard)) return this.#leaf(guard as Written, undefined)
    if ('stateValue' in guard) return guard
    if (!('guards' in guard && Array.isArray(guard.guards))) throw new NotNumbered()
    return like(guard as unknown as Written, { guards: guard.guards.map((each) => this.#guard(each, depth + 1)) })
  }

  #leaf(guard: Written, params: unknown): Written {
    const ask: Ask =
      typeof params === 'function'
        ? (context, event) => guard({ context, event }, params({ context, event }))
        : (context, event) => guard({ context, event }, params)
    return ({ context, event }) => this.#ask('guard', ask, context, event)
  }

  #action(action: unknown): unknown {
    const [resolved, params] = typeof action === 'function' ? [action, undefined] : this.#named(action, 'actions')
    if (typeof resolved !== 'function' || !('resolve' in resolved)) return this.#custom(action, params)
    const { type } = resolved as unknown as Part
    switch (type) {
      case 'xstate.assign':
        return this.#builtIn('assign', resolved as unknown as Written, 'assignment', params)
      case 'xstate.raise':
        if ((resolved as unknown as Part)['delay'] !== undefined) throw new NotNumbered()
        return this.#builtIn('raise', resolved as unknown as Written, 'event', params)
      case 'xstate.emit':
        return this.#builtIn('emit', resolved as unknown as Written, 'event', params)
      case 'xstate.log':
        return this.#builtIn('run', resolved as unknown as Written, 'value', params)
      default:
        throw new NotNumbered()
    }
  }

  /** It is not run; the function of its parameters is. */
  #custom(action: unknown, params: unknown): unknown {
    const name =
      typeof action === 'function' ? action.name : typeof action === 'string' ? action : (action as Part)['type']
    if (this.#isPure(String(name))) throw new NotNumbered()
    if (typeof params !== 'function') return action
    const ask: Ask = (context, event) => (params as Written)({ context, event })
    return {
      ...(action as object),
      params: ({ context, event }: Part) => this.#ask('run', ask, context, event as AnyEventObject),
    }
  }

  #builtIn(kind: Kind, action: Written, field: string, params: unknown): unknown {
    const written = (action as unknown as Part)[field]
    const asking = (evaluate: Evaluate): Ask =>
      typeof params === 'function'
        ? (context, event) => evaluate(given(context, event), params({ context, event }))
        : (context, event) => evaluate(given(context, event), params)
    const isByField = kind === 'assign' && typeof written !== 'function'
    const fields = isByField
      ? Object.entries(written as object).map(([name, each]) => ({ name, ask: asking(evaluating(each)) }))
      : undefined
    const ask: Ask = fields
      ? (context, event) => Object.fromEntries(fields.map(({ name, ask: each }) => [name, each(context, event)]))
      : asking(evaluating(written))
    const more = { fields, isFixed: kind !== 'assign' && typeof written !== 'function' }
    return like(action, {
      [field]: ({ context, event }: Part) => this.#ask(kind, ask, context, event as AnyEventObject, more),
    })
  }

  #named(reference: unknown, kind: 'guards' | 'actions'): readonly [resolved: unknown, params: unknown] {
    const type = typeof reference === 'string' ? reference : (reference as Part)['type']
    const implementations = this.#machine.implementations[kind] as Part
    return [implementations[String(type)], typeof reference === 'string' ? undefined : (reference as Part)['params']]
  }

  #ask(kind: Kind, ask: Ask, context: unknown, event: AnyEventObject, more: Partial<Asked> = {}): unknown {
    const answer = ask(context, event)
    // Real actors tell of a guard that answers with a promise.
    if (kind === 'guard' && typeof answer === 'object' && answer !== null) refuse()
    this.#asked.push({ kind, ask, event, answer, ...more })
    return answer
  }
}

type Evaluate = (args: object, params: unknown) => unknown

const evaluating = (written: unknown): Evaluate =>
  typeof written === 'function' ? (written as Evaluate) : () => written

const given = (context: unknown, event: AnyEventObject): object => ({
  context,
  event,
  self: nobody,
  system: nobody,
  spawn: nobody,
})

/** The same built-in guard or action with another field. */
const like = (original: Written, fields: object): unknown => Object.assign(() => false, original, fields)

/** Whoever looks at the actor itself, or makes another one, is not alone. */
let wasAsked = false

const refuse = (): never => {
  wasAsked = true
  throw new NotNumbered()
}

const nobody: unknown = new Proxy(() => {}, {
  apply: refuse,
  get: refuse,
  has: refuse,
  ownKeys: refuse,
  getPrototypeOf: refuse,
})

/** Somebody looked at it since this was asked last, even if he caught what came of it. */
export const lookedAtActors = (): boolean => {
  const before = wasAsked
  wasAsked = false
  return before
}
