/**
 * What a statechart may not do here, though XState would let it: whatever happens beside `emit` and `assign`, or at a time of its own, no
 * search can see, delay, or do again. Each rule is told with the place in the chart where it is broken, and with the right form.
 */
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode, InspectionEvent } from 'xstate'
import { ModelError } from '../../explore/errors.ts'
import type { Message } from '../../explore/system.ts'
import type { Defers } from '../../machines/kernel/defers.ts'
import { nearest, toChooseFrom } from '../../shapes/nearest.ts'

/** What XState calls an action, and the form that is right instead. */
const forbidden: Readonly<Record<string, string>> = {
  'xstate.sendTo': "emit(({ event }) => send('m', 'LOCK', { task: event.task }))",
  'xstate.sendParent': "emit(({ context }) => send(context.caller, 'RETURN', { task: context.task, ret: 0 }))",
  'xstate.forwardTo': "emit(({ event }) => send('other', event.type, { task: event.task }))",
  'xstate.spawnChild': 'an actor of its own in the world, which waits for its first message',
  'xstate.stopChild': 'a message that tells the actor to end, and a state in which it does no more',
  'xstate.log': "emit(() => note('me', 'was here'))",
  'xstate.cancel': 'a message that is answered, or one that comes too late',
}

/** The same of what is enqueued. */
const insteadOf: Readonly<Record<string, string>> = {
  ...forbidden,
  'xstate.raise': 'raise among the actions of the transition itself, without a delay',
}

const allowed = new Set(['xstate.assign', 'xstate.emit', 'xstate.enqueueActions', 'xstate.raise'])

const rule = 'A machine speaks by emit alone, and changes by assign alone: no other thread could see anything else.'

interface Builtin {
  readonly type?: string
  readonly delay?: unknown
  readonly name?: string
}

/** What stands in a chart for an action: a name, a name with parameters, a function, or one of XState's own. */
type Written = string | Builtin | ((...args: never[]) => unknown)

const anActorOfItsOwn = 'an actor of its own in the world, asked by a message'

const obeying = new WeakSet<AnyStateMachine>()

/** Throws a ModelError that names the machine and the state when the chart of actor `id` does what cannot be explored. */
export function mustObey(id: string, machine: AnyStateMachine): void {
  if (obeying.has(machine)) return
  const named = machine.implementations.actions as unknown as Readonly<Record<string, Written>>
  const guards = machine.implementations.guards as Readonly<Record<string, unknown>>
  for (const node of nodesOf(machine.root)) {
    const place = placeOf(id, machine, node)
    if (node.invoke.length > 0) throw broken(place, 'invokes an actor', anActorOfItsOwn)
    if ((node.after as readonly unknown[]).length > 0) {
      throw broken(
        place,
        'waits for a time (after)',
        "a message that may come at any time: { to: 'm', message: { type: 'TIMEOUT', from: 'env' } } among the first",
      )
    }
    if (isInCircle(node)) throw restless(machine.id, place.state)
    for (const action of actionsOf(node)) mustBeAllowed(place, action as unknown as Written, named)
    for (const guard of guardsOf(node)) {
      if (typeof guard === 'string' && !(guard in guards))
        throw broken(
          place,
          `asks a guard "${guard}" that nobody wrote`,
          `guards: { ${guard}: ({ context, event }) => … }`,
        )
    }
  }
  obeying.add(machine)
}

const nodesOf = (node: AnyStateNode): readonly AnyStateNode[] => [
  node,
  ...(Object.values(node.states) as AnyStateNode[]).flatMap(nodesOf),
]

/** Where a state goes on to at once and whatever holds, if it does. */
const goesOnTo = (node: AnyStateNode): AnyStateNode | undefined => {
  const [first] = node.always ?? []
  return first?.guard === undefined ? first?.target?.[0] : undefined
}

/** By nothing but `always` it comes back to where it was, and would for ever: no engine would ever hear of it again. */
const isInCircle = (node: AnyStateNode): boolean => {
  const seen = new Set([node])
  for (let next = goesOnTo(node); next !== undefined; next = goesOnTo(next)) {
    if (next === node) return seen.size > 1
    if (seen.has(next)) return false
    seen.add(next)
  }
  return false
}

const transitionsOf = (node: AnyStateNode) => [...node.transitions.values()].flat().concat(node.always ?? [])

const actionsOf = (node: AnyStateNode) => [
  ...node.entry,
  ...node.exit,
  ...transitionsOf(node).flatMap(({ actions }) => actions),
]

const guardsOf = (node: AnyStateNode): readonly unknown[] => [
  ...transitionsOf(node).map(({ guard }) =>
    typeof guard === 'object' && guard !== null ? (guard as { readonly type?: unknown }).type : guard,
  ),
  ...defersOf(node).flatMap((each) => (typeof each === 'string' ? [] : [each.unless])),
]

const defersOf = ({ meta }: AnyStateNode): Defers => (meta as { readonly defers?: Defers } | undefined)?.defers ?? []

function mustBeAllowed(place: Place, written: Written, named: Readonly<Record<string, Written>>): void {
  const name = typeof written === 'string' ? written : typeof written === 'object' ? written.type : undefined
  if (name !== undefined && !name.startsWith('xstate.')) {
    const meant = named[name]
    if (meant === undefined)
      throw broken(place, `names an action "${name}" that nobody wrote`, `actions: { ${name}: emit(…) }`)
    mustBeBuiltin(place, meant as Builtin, `its action "${name}"`)
  } else mustBeBuiltin(place, written as Builtin, 'one of its actions')
}

function mustBeBuiltin(place: Place, action: Builtin, which: string): void {
  const { type = '' } = action
  if (type === 'xstate.raise' && action.delay !== undefined)
    throw broken(place, `raises an event later, in ${which}`, 'raise without a delay, or a message of its own')
  if (allowed.has(type)) return
  if (type in forbidden) throw broken(place, `uses ${type.slice('xstate.'.length)} in ${which}`, forbidden[type]!)
  throw broken(
    place,
    `runs a function of its own in ${which}`,
    "emit(() => send('m', 'LOCK', { task: 't' })), or assign({ … })",
  )
}

/** What is enqueued while the machine runs cannot be looked at before. */
export const enqueued = (machine: string, state: string, action: string): ModelError =>
  new ModelError(
    'bad-machine',
    `Machine ${machine} enqueues ${action ? action.replace('xstate.', '') : 'a function of its own'}, which the checker cannot see.`,
    [
      ['machine', machine],
      ['state', state],
      ['rule', rule],
    ],
    `Instead: ${insteadOf[action] ?? 'enqueue.emit(send(…)), or enqueue.assign({ … })'}.`,
  )

/** A chart that never comes to rest hears nothing any more. */
export const restless = (machine: string, state: string): ModelError =>
  new ModelError(
    'bad-machine',
    `Machine ${machine} goes on by itself (always) without an end.`,
    [
      ['machine', machine],
      ['state', state],
      ['rule', 'What a machine does when it hears a message ends: it comes to a state that waits for the next.'],
    ],
    'Give each circle of `always` a guard that fails at last, or let it wait for a message.',
  )

const restlessOnes = new WeakMap<AnyStateMachine, boolean>()

/** One message may lead to any number of transitions: by `always`, by what the machine tells itself, or by what ends in it. */
export const goesOnByItself = (machine: AnyStateMachine): boolean => {
  const known = restlessOnes.get(machine)
  if (known !== undefined) return known
  const named = machine.implementations.actions as unknown as Readonly<Record<string, Written>>
  const talks = (action: unknown): boolean => {
    const { type = '' } = (typeof action === 'string' ? { type: action } : action) as Builtin
    const { type: meant } = (Object.hasOwn(named, type) ? named[type] : action) as Builtin
    return meant === 'xstate.raise' || meant === 'xstate.enqueueActions'
  }
  const goesOn = nodesOf(machine.root).some(
    (node) =>
      (node.always ?? []).length > 0 ||
      actionsOf(node).some(talks) ||
      [...node.transitions.keys()].some((type) => type.startsWith('xstate.done.state.')),
  )
  restlessOnes.set(machine, goesOn)
  return goesOn
}

/** So many transitions nobody makes between two messages who means to stop. */
export const patience = 100_000

/** Is told what XState tells inspectors, and throws when a machine goes on by itself for ever: XState would go with it. */
export const comingToRest = (machine: string) => {
  let moves = 0
  return {
    begins: (): void => void (moves = 0),
    goesOn: (event: InspectionEvent): void => {
      if (event.type !== '@xstate.microstep' || ++moves <= patience) return
      throw restless(machine, stateOf(event.snapshot as AnyMachineSnapshot))
    },
  }
}

/** What goes wrong in a machine's own functions is told with its place, and with what went wrong; `heard` nothing: as it starts. */
export function threw(
  id: string,
  machine: AnyStateMachine,
  at: AnyMachineSnapshot,
  heard: string | undefined,
  cause: unknown,
): ModelError {
  if (cause instanceof ModelError) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  const place = { id, machine: machine.id, state: stateOf(at) }
  if (why === 'spawn is not a function') return broken(place, 'spawns an actor', anActorOfItsOwn)
  // XState looks for the other one before anybody sees what was enqueued.
  if (why.startsWith('Unable to send event to actor ')) return enqueued(machine.id, stateOf(at), 'xstate.sendTo')
  return new ModelError(
    'bad-machine',
    `The machine of ${id} threw ${heard === undefined ? 'as it started' : `when it heard ${heard}`}: ${why}`,
    [
      ['machine', machine.id],
      ['state', stateOf(at)],
      ['rule', 'Guards and actions are functions of context and event, and change neither.'],
    ],
    heard === undefined
      ? 'Look at its context, and at the guards and actions of the states it begins in.'
      : 'Look at the guards and actions of that state for this message.',
    { cause },
  )
}

/** The message is one that the machine hears in no state at all: most often it is misspelt. */
export function mustKnow(id: string, machine: AnyStateMachine, at: AnyMachineSnapshot, { type, from }: Message): void {
  const known = knownTo(machine)
  if (known.some((each) => each === type || each.includes('*'))) return
  const guess = nearest(type, known)
  throw new ModelError(
    'unknown-message',
    `${from} sends ${type} to ${id}, whose machine knows no such message.${guess === undefined ? '' : ` Did you mean ${guess}?`}`,
    [
      ['machine', machine.id],
      ['state', stateOf(at)],
      ['known', toChooseFrom(known, type) || 'none'],
    ],
    `Send one of those, or let the machine hear it: on: { ${type}: … }.`,
  )
}

/** What a machine hears in some state, as its chart has it: a name may have a `*` in it. */
export const knownTo = (machine: AnyStateMachine): readonly string[] => [
  ...new Set(nodesOf(machine.root).flatMap((node) => [...node.transitions.keys(), ...deferredIn(node)])),
]

const deferredIn = (node: AnyStateNode): readonly string[] =>
  defersOf(node).map((each) => (typeof each === 'string' ? each : each.type))

export const stateOf = ({ value }: AnyMachineSnapshot): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

interface Place {
  readonly id: string
  readonly machine: string
  readonly state: string
}

const placeOf = (id: string, { id: machine }: AnyStateMachine, node: AnyStateNode): Place => ({
  id,
  machine,
  state: node.path.length === 0 ? 'any' : node.path.join('.'),
})

const broken = ({ id, machine, state }: Place, what: string, right: string): ModelError =>
  new ModelError(
    'bad-machine',
    `The machine of ${id} ${what}.`,
    [
      ['machine', machine],
      ['state', state],
      ['rule', rule],
    ],
    `Instead: ${right}.`,
  )
