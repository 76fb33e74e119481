/**
 * The one file that touches XState's inside: it runs a machine's transition without an actor.
 *
 * The public `transition()` builds a throw-away actor on every call; here one scope serves for ever. Every step is still compared with the
 * public function (Component.confirm), which costs little because a step is only asked for once (the checker remembers the answer).
 */
import { createActor, transition, type AnyActor, type AnyMachineSnapshot, type AnyStateMachine } from 'xstate'
import { canonical, deepFreeze } from '../../explore/states/canonical.ts'
import { ModelError } from '../../explore/errors.ts'
import type { Message, Shown } from '../../explore/system.ts'
import { nondeterministic } from '../../explore/claims/distrust.ts'
import type { Defers } from '../../machines/kernel/defers.ts'
import type { Said } from '../../machines/say.ts'
import { comingToRest, enqueued, mustKnow, mustObey, stateOf, threw } from './chart-rules.ts'
import { beginsAlike, flatStart, flatStep, type FlatStep } from './flat-chart.ts'
import { mustBeSayable } from './sayable.ts'

export interface Step {
  readonly snapshot: AnyMachineSnapshot
  readonly said: readonly Said[]
  /** Neither handled nor deferred. */
  readonly ignored: boolean
}

export interface Kernel {
  readonly initial: AnyMachineSnapshot
  step(snapshot: AnyMachineSnapshot, message: Message): Step
  /** The same without looking after the machine: nothing is frozen, the clock and the dice are there. For charts that were checked. */
  readonly stepFast: FlatStep
  /** The same by XState's public `transition()`. */
  publicStep(snapshot: AnyMachineSnapshot, message: Message): Step
}

interface Action {
  readonly type: string
  readonly params?: { readonly event?: Said; readonly delay?: number }
}

/** Makes a machine runnable step by step. `id` is the actor's name, for error messages; `resumed` where it goes on from. */
export function kernelOf(id: string, machine: AnyStateMachine, input: unknown, resumed?: AnyMachineSnapshot): Kernel {
  mustObey(id, machine)
  const actor = inertOf(machine, input)
  const heard: Action[] = []
  const rest = comingToRest(machine.id)
  const scope = {
    self: actor,
    id: '',
    sessionId: '',
    logger: () => {},
    defer: () => {},
    emit: () => {},
    stopChild: () => {},
    // What is told to inspectors is told here: XState asks nobody else whether a machine comes to rest.
    system: Object.create(actor.system, { _sendInspectionEvent: { value: rest.goesOn } }) as typeof actor.system,
    actionExecutor: (action: Action) => heard.push(action),
  }
  const fresh = (): AnyMachineSnapshot => machine.getInitialSnapshot(scope as never, input as never)
  const initial = resumed ?? startOf(machine, input, fresh)
  // XState keeps what goes wrong at the start in a state that hears nothing.
  if (initial.status === 'error') throw threw(id, machine, initial, undefined, initial.error)
  if (heard.length > 0) {
    throw new ModelError(
      'speaks-at-start',
      `${id} speaks before it was spoken to: its initial state emits.`,
      [],
      'Let it wait for a message first.',
    )
  }
  deepFreeze(initial.context)
  // `transition()` starts the machine anew on every call, without its input; this one is started already.
  const started: AnyStateMachine = Object.create(machine, { getInitialSnapshot: { value: () => initial } })
  const slowly: FlatStep = (snapshot, message) => {
    heard.length = 0
    rest.begins()
    const next = machine.transition(snapshot, message, scope as never) as AnyMachineSnapshot
    return { snapshot: next, said: heard.map((action) => saidBy(machine, snapshot, action)) }
  }
  const run = flatStep(machine) ?? slowly
  const attempt: FlatStep = (snapshot, message) => {
    try {
      return run(snapshot, message)
    } catch (error) {
      throw threw(id, machine, snapshot, message.type, error)
    }
  }
  const step = (snapshot: AnyMachineSnapshot, message: Message): Step => {
    const { snapshot: next, said } = withoutClockOrDice(id, message, () => attempt(snapshot, message))
    deepFreeze(next.context)
    for (const each of said) mustBeSayable({ id, machine, at: snapshot }, each)
    const ignored = next === snapshot && said.length === 0
    if (ignored) mustKnow(id, machine, snapshot, message)
    return { snapshot: next, said, ignored }
  }
  return {
    initial,
    step,
    stepFast: run,
    publicStep(snapshot, message) {
      const [next, actions] = transition(started, snapshot as never, message as never) as unknown as [
        AnyMachineSnapshot,
        readonly Action[],
      ]
      const said = actions.map((action) => saidBy(machine, snapshot, action))
      return { snapshot: next, said, ignored: next === snapshot && said.length === 0 }
    },
  }
}

/** XState starts one of a chart; where the others begin alike, they begin from there. */
function startOf(machine: AnyStateMachine, input: unknown, fresh: () => AnyMachineSnapshot): AnyMachineSnapshot {
  const first = firsts.get(machine)
  if (first) return flatStart(first, input) ?? fresh()
  const made = fresh()
  if (first === undefined && made.status === 'active') firsts.set(machine, beginsAlike(made) ? made : null)
  return made
}

/** By chart; null: each begins by itself. */
const firsts = new WeakMap<AnyStateMachine, AnyMachineSnapshot | null>()

/** Never started, and the same for all who are of one chart: a step wants somebody to be the one who takes it, and asks him nothing. */
const inertOf = (machine: AnyStateMachine, input: unknown): AnyActor => {
  const inert = inerts.get(machine) ?? createActor(machine, { input, inspect: comingToRest(machine.id).goesOn })
  inerts.set(machine, inert)
  return inert
}

const inerts = new WeakMap<AnyStateMachine, AnyActor>()

/** Only what is enqueued while the machine runs comes here unseen: what stands in the chart was looked at before. */
function saidBy(machine: AnyStateMachine, at: AnyMachineSnapshot, action: Action): Said {
  if (action.type === 'xstate.emit') return action.params?.event as Said
  throw enqueued(machine.id, stateOf(at), action.type)
}

/** Everything that can influence what the machine does next. `_nodes` keeps entry order, which XState can observe. */
export const keyOf = (snapshot: AnyMachineSnapshot): string =>
  canonical([snapshot.status, snapshot._nodes.map((node) => node.order), snapshot.context, snapshot.historyValue])

export const show = (snapshot: AnyMachineSnapshot): Shown => ({
  state: typeof snapshot.value === 'string' ? snapshot.value : canonical(snapshot.value),
  data: snapshot.context as Record<string, unknown>,
})

/**
 * A state may defer messages (UML): `meta: { defers: ['LOCK'] }`, or only as long as a guard of the machine does not hold for the message:
 * `{ type: 'LOCK', unless: 'isKilled' }`. A deferred message waits at the head of its lane.
 */
export const accepts = (snapshot: AnyMachineSnapshot, message: Message): boolean =>
  !snapshot._nodes.some((node) => {
    const { defers } = (node.meta ?? {}) as { readonly defers?: Defers }
    return defers?.some((each) =>
      typeof each === 'string'
        ? each === message.type
        : each.type === message.type && !holds(snapshot, each.unless, message),
    )
  })

const holds = ({ machine, context }: AnyMachineSnapshot, guard: string, event: Message): boolean =>
  (machine.implementations.guards[guard] as unknown as (now: object) => boolean)({ context, event })

/** The step that runs now, for whoever has to say where a machine looked at the clock. */
let running: { readonly id: string; readonly message: Message } | undefined

const refusing = (what: string) => (): never => {
  throw nondeterministic(running!.id, running!.message, `what it read from ${what}`)
}
const noClock = refusing('Date.now')
const noDice = refusing('Math.random')

/** Machines must not look at the clock or throw dice: the same step would not be the same step again. */
function withoutClockOrDice<T>(id: string, message: Message, run: () => T): T {
  const { now } = Date
  const { random } = Math
  running = { id, message }
  Date.now = noClock
  Math.random = noDice
  try {
    return run()
  } finally {
    Date.now = now
    Math.random = random
  }
}
