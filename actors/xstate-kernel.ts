/**
 * The one file that touches XState's inside: it runs a machine's transition without an actor.
 *
 * The public `transition()` builds a throw-away actor on every call; here one scope serves for ever. Every step is still compared with the
 * public function, which costs little because a step is only asked for once (the checker remembers the answer).
 */
import { createActor, transition, type AnyMachineSnapshot, type AnyStateMachine } from 'xstate'
import { canonical, deepFreeze, firstDifference } from '../explore/canonical.ts'
import { ModelError } from '../explore/errors.ts'
import type { Message, Shown } from '../explore/system.ts'
import { nondeterministic } from '../explore/tables.ts'
import type { Said } from '../machines/say.ts'
import { flatStep, type FlatStep } from './flat-chart.ts'

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
  /** Compares a step with XState's public `transition()`; throws a ModelError when they differ. */
  confirm(snapshot: AnyMachineSnapshot, message: Message): void
}

interface Action {
  readonly type: string
  readonly params?: { readonly event?: Said; readonly delay?: number }
}

/** Makes a machine runnable step by step. `id` is the actor's name, for error messages; `resumed` where it goes on from. */
export function kernelOf(id: string, machine: AnyStateMachine, input: unknown, resumed?: AnyMachineSnapshot): Kernel {
  const actor = createActor(machine, { input })
  const heard: Action[] = []
  const scope = {
    self: actor,
    id: '',
    sessionId: '',
    logger: () => {},
    defer: () => {},
    emit: () => {},
    stopChild: () => {},
    system: actor.system,
    actionExecutor: (action: Action) => heard.push(action),
  }
  const fresh = (): AnyMachineSnapshot => machine.getInitialSnapshot(scope as never, input as never)
  const initial = resumed ?? fresh()
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
    const next = machine.transition(snapshot, message, scope as never) as AnyMachineSnapshot
    return { snapshot: next, said: heard.map((action) => saidBy(id, action)) }
  }
  const run = flatStep(machine) ?? slowly
  const step = (snapshot: AnyMachineSnapshot, message: Message): Step => {
    const { snapshot: next, said } = withoutClockOrDice(id, message, () => run(snapshot, message))
    deepFreeze(next.context)
    return { snapshot: next, said, ignored: next === snapshot && said.length === 0 }
  }
  return {
    initial,
    step,
    stepFast: run,
    confirm(snapshot, message) {
      const { snapshot: next, said } = step(snapshot, message)
      const [publicNext, actions] = transition(started, snapshot as never, message as never) as unknown as [
        AnyMachineSnapshot,
        readonly Action[],
      ]
      const publicSaid = actions.map((action) => saidBy(id, action))
      if (keyOf(publicNext) === keyOf(next) && canonical(publicSaid) === canonical(said)) return
      const difference = firstDifference(show(next), show(publicNext)) ?? firstDifference(said, publicSaid)
      throw nondeterministic(id, message, difference ?? 'what it says')
    },
  }
}

function saidBy(id: string, action: Action): Said {
  if (action.type === 'xstate.emit' && action.params?.event) return action.params.event
  throw new ModelError(
    'not-json-like',
    `${id} uses ${action.type}, which the checker cannot see.`,
    [],
    'A machine communicates by emit alone: no sendTo, raise with a delay, invoke, spawn or log.',
  )
}

/** Everything that can influence what the machine does next. `_nodes` keeps entry order, which XState can observe. */
export const keyOf = (snapshot: AnyMachineSnapshot): string =>
  canonical([snapshot.status, snapshot._nodes.map((node) => node.order), snapshot.context, snapshot.historyValue])

export const show = (snapshot: AnyMachineSnapshot): Shown => ({
  state: typeof snapshot.value === 'string' ? snapshot.value : canonical(snapshot.value),
  data: snapshot.context as Record<string, unknown>,
})

/** A state may defer messages (UML): `meta: { defers: ['LOCK'] }`. A deferred message waits at the head of its lane. */
export const accepts = (snapshot: AnyMachineSnapshot, message: Message): boolean =>
  !snapshot._nodes.some((node) =>
    (node.meta as { defers?: readonly string[] } | undefined)?.defers?.includes(message.type),
  )

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
