/** What is looked at before anything is run: a description that does not fit, a guard that cannot work. */
import { not, type AnyStateMachine } from 'xstate'
import { ModelError } from '../explore/errors.ts'
import { insist, shown } from '../shapes/insist.ts'
import { byName, either, flag, listOf, oneOf, optional, record, text, that, whole } from '../shapes/shape.ts'
import { nodesOf, type ChartNode } from './coverage.ts'
import type { Answers, Lane, Outside, Sending, UserEvent } from './describe.ts'
import type { Transition } from './inside.ts'
import { isLogic } from './vocabulary.ts'

const isList = (given: unknown): given is readonly unknown[] => Array.isArray(given)
const values = that<readonly any[]>('a list', isList)

const isRecord = (given: unknown): given is object => typeof given === 'object' && given !== null

const isEvent = (given: unknown): boolean =>
  typeof given === 'string' ? given !== '' : isRecord(given) && 'type' in given && typeof given.type === 'string'

const event = that<any>("an event: 'PAY' or { type: 'PAY', … }", isEvent)

const sending = record<Sending>({ send: event, times: optional(whole(0)), to: optional(text) })

const anyEvent = that<any>("an event: 'PAY', { type: 'PAY', … } or { send: 'PAY', times: 1 }", isEvent)

const userEvent = either<UserEvent>(anyEvent.expected, (given) =>
  isRecord(given) && 'send' in given && !('type' in given) ? sending : anyEvent,
)

const answers = record<Answers>({
  resolves: optional(values),
  rejects: optional(values),
  sends: optional(listOf('a list of events', event)),
  emits: optional(values),
  completes: optional(flag),
  fails: optional(values),
  times: optional(whole(0)),
})

const often = that<boolean | number>(
  'true, or a whole number of 1 or more',
  (given) => typeof given === 'boolean' || (Number.isSafeInteger(given) && Number(given) > 0),
)

const lane = record<Lane>({
  from: optional(text),
  to: optional(text),
  loses: optional(often),
  doubles: optional(often),
  reorders: optional(flag),
})

const outsideShape = record<Outside>({
  name: optional(text),
  input: optional(that('anything', () => true)),
  events: optional(listOf('a list of events', userEvent)),
  answers: optional(byName('answers by the name of a `src`', answers)),
  clock: optional(oneOf(['order', 'any'])),
  semantics: optional(oneOf(['process', 'network'])),
  lanes: optional(listOf('a list of lanes: { from, to, loses, doubles, reorders }', lane)),
  inFlight: optional(whole(1)),
  pure: optional(listOf('a list of names of actions', text)),
  ignores: optional(listOf('a list of types of events', text)),
  listeners: optional(listOf('a list of names of actors', text)),
  actors: optional(whole(1)),
  properties: optional(values),
})

/** What is mostly handed over in place of a machine, and what to do then. */
const inItsPlace = (given: unknown): readonly [what: string, attempt: string] => {
  const machine = 'Hand over the machine, not an actor that was created from it.'
  if (given === undefined) return ['', machine]
  if (typeof given === 'function') return [`: ${shown(given)}`, 'If it makes one, call it.']
  if (given instanceof Promise) return [': a promise', 'Wait for it: system(await …).']
  if (!isRecord(given)) return [`: ${shown(given)}`, machine]
  if ('getSnapshot' in given && 'logic' in given) return [': an actor', machine]
  if ('status' in given && 'context' in given) return [': a snapshot', machine]
  if ('logic' in given && 'outside' in given)
    return [': a system', 'It is one already: what else is to be said goes into the first.']
  if ('states' in given) return [': the configuration of one', 'Make one of it: system(createMachine({ … })).']
  return [`: ${shown(given)}`, machine]
}

/** Throws a ModelError that names what does not fit. */
export const insistOnDescription = (logic: unknown, outside: unknown): void => {
  if (!isLogic(logic)) {
    const [what, attempt] = inItsPlace(logic)
    throw new ModelError(
      'bad-description',
      `system() is given no machine${what}.`,
      [['expected', 'what createMachine() makes, or other actor logic']],
      attempt,
    )
  }
  insist(outsideShape, outside, 'system()')
}

const isAsync = (given: unknown): boolean => typeof given === 'function' && given.constructor.name === 'AsyncFunction'

const looked = new WeakSet<AnyStateMachine>()

/** Throws a ModelError for a name that leads nowhere, and for a guard that answers with a promise, which is always true. */
export const insistOnMachine = (machine: AnyStateMachine): void => {
  if (looked.has(machine)) return
  looked.add(machine)
  const { guards, delays, actors } = machine.implementations
  for (const { id, transitions, always = [], after, invoke } of nodesOf(machine.root as unknown as ChartNode)) {
    for (const { guard: whole, eventType } of [...[...transitions.values()].flat(), ...always])
      for (const guard of guardsIn(whole)) {
        const name = nameIn(guard)
        const where = `on ${eventType === '' ? 'always' : eventType}`
        if (name !== undefined && !(name in guards)) throw unresolved(id, where, 'guard', name)
        if (isAsync(guard) || (name !== undefined && isAsync(guards[name]))) throw asyncGuard(id, where, name)
      }
    for (const { delay } of after)
      if (typeof delay === 'string' && !(delay in delays)) throw unresolved(id, 'after', 'delay', delay)
    for (const { src } of invoke)
      if (typeof src === 'string' && !src.startsWith('xstate.invoke.') && !(src in actors))
        throw unresolved(id, 'invoke', 'actor', src)
  }
}

/** What a guard is asked about. */
export interface GuardArgs {
  readonly context: unknown
  readonly event: unknown
  readonly self: unknown
  readonly system: unknown
}

/**
 * Throws a ModelError where a guard of a transition answers with a promise: of one that was taken it was taken for true, and under a `not` it kept
 * one from being taken.
 */
export const insistOnAnswer = (
  machine: AnyStateMachine,
  transition: Transition,
  args: GuardArgs,
  isTaken: boolean,
): void => {
  const ask = (guard: unknown, counts: boolean): void => {
    const name = nameIn(guard)
    const given = name === undefined ? guard : machine.implementations.guards[name]
    if (isMade(given)) for (const each of given.guards) ask(each, counts || isNot(given))
    else if (given !== guard && isNamed(given)) ask(given, counts)
    else if (counts && isPromise(answerOf(given, guard, args)))
      throw asyncGuard(
        transition.source.id,
        `on ${transition.eventType === '' ? 'always' : transition.eventType}`,
        name,
      )
  }
  ask(transition.guard, isTaken)
}

const negating = new WeakMap<AnyStateMachine, readonly Transition[]>()

/** Transitions whose guards say `not` somewhere. */
export const negatingIn = (machine: AnyStateMachine): readonly Transition[] => {
  const known = negating.get(machine)
  if (known) return known
  const says = (guard: unknown): boolean => {
    const name = nameIn(guard)
    const given = name === undefined ? guard : machine.implementations.guards[name]
    return isMade(given) ? isNot(given) || given.guards.some(says) : given !== guard && isNamed(given) && says(given)
  }
  const found = nodesOf(machine.root as unknown as ChartNode).flatMap(({ transitions, always = [] }) =>
    [...[...transitions.values()].flat(), ...always].filter(({ guard }) => guard !== undefined && says(guard)),
  )
  negating.set(machine, found)
  return found
}

interface Made {
  readonly check: unknown
  readonly guards: readonly unknown[]
}

const isMade = (guard: unknown): guard is Made =>
  typeof guard === 'function' && 'check' in guard && 'guards' in guard && Array.isArray(guard.guards)

const isNamed = (guard: unknown): boolean => nameIn(guard) !== undefined

/** All that `not` makes are checked alike. */
const isNot = ({ check }: Made): boolean => check === (not(() => true) as unknown as Made).check

/** `stateIn` is made by XState, and answers itself. */
const answerOf = (guard: unknown, reference: unknown, args: GuardArgs): unknown => {
  if (typeof guard !== 'function' || 'check' in guard) return undefined
  try {
    const { params } = Object(reference) as { readonly params?: unknown }
    return guard(args, typeof params === 'function' ? params(args) : params) as unknown
  } catch {
    return undefined
  }
}

const isPromise = (given: unknown): boolean =>
  typeof given === 'object' && given !== null && 'then' in given && typeof given.then === 'function'

/** `and(['isOpen', not('isPaid')])` is made of others. */
const guardsIn = (guard: unknown): readonly unknown[] =>
  typeof guard === 'function' && 'guards' in guard && Array.isArray(guard.guards)
    ? guard.guards.flatMap(guardsIn)
    : [guard]

/** A guard may be a name, a name with parameters, or a function. */
const nameIn = (guard: unknown): string | undefined => {
  if (typeof guard === 'string') return guard
  return typeof guard === 'object' && guard !== null && 'type' in guard ? String(guard.type) : undefined
}

const unresolved = (state: string, where: string, what: string, name: string): ModelError =>
  new ModelError(
    'bad-machine',
    `${state} speaks of ${what === 'actor' ? 'an' : 'a'} ${what} that is not there: ${name}.`,
    [['where', where]],
    `Give it: setup({ ${what}s: { ${name}: … } }), or machine.provide({ ${what}s: { … } }).`,
  )

const asyncGuard = (state: string, where: string, name: string | undefined): ModelError =>
  new ModelError(
    'bad-machine',
    `A guard in ${state} answers with a promise${name === undefined ? '' : `: ${name}`}.`,
    [
      ['where', where],
      ['so', 'XState takes it for true, whatever becomes of it'],
    ],
    'Invoke a promise, and guard the transition that takes its answer.',
  )
