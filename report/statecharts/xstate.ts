/** A machine as XState's own JSON, for `createMachine` and Stately's tools: implementations are left out, their names are not. */
import type { State, Transition, Trigger } from './chart.ts'

type Json = Readonly<Record<string, unknown>>

/** Fields that say nothing are left out. */
const brief = (fields: Json): Json =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) =>
        value !== undefined &&
        value !== false &&
        !(typeof value === 'object' && value !== null && Object.keys(value).length === 0),
    ),
  )

const transition = ({ guard, actions, targets, reenter }: Transition): Json =>
  brief({ guard, target: targets.map((name) => `#${name}`), actions, reenter })

const kept = (of: Trigger['kind'], transitions: readonly Transition[]): readonly Json[] =>
  transitions.filter(({ trigger }) => trigger.kind === of).map(transition)

/** By type, delay or actor, in the order in which they are tried. */
const grouped = (transitions: readonly Transition[], key: (trigger: Trigger) => string | undefined): Json => {
  const groups = new Map<string, Json[]>()
  for (const each of transitions) {
    const name = key(each.trigger)
    if (name !== undefined) groups.set(name, [...(groups.get(name) ?? []), transition(each)])
  }
  return Object.fromEntries(groups)
}

const ofActor =
  (kind: Trigger['kind']) =>
  (trigger: Trigger): string | undefined =>
    trigger.kind === kind && 'actor' in trigger ? trigger.actor : undefined

const types: Readonly<Record<State['kind'], Json>> = {
  atomic: {},
  compound: {},
  parallel: { type: 'parallel' },
  final: { type: 'final' },
  'shallow history': { type: 'history', history: 'shallow' },
  'deep history': { type: 'history', history: 'deep' },
}

const stateOf = (state: State): Json => {
  const { transitions, start, invokes } = state
  const child = state.states.find(({ name }) => name === start?.target)
  const returned = grouped(transitions, ofActor('returned'))
  const failed = grouped(transitions, ofActor('failed'))
  const changed = grouped(transitions, ofActor('changed'))
  return brief({
    ...types[state.kind],
    initial: child && (start!.actions.length > 0 ? { target: child.key, actions: start!.actions } : child.key),
    meta: state.meta,
    entry: state.entry,
    exit: state.exit,
    invoke: invokes.map(({ id, src }) =>
      brief({ id, src, onDone: returned[id], onError: failed[id], onSnapshot: changed[id] }),
    ),
    on: grouped(transitions, (trigger) => (trigger.kind === 'message' ? trigger.type : undefined)),
    always: kept('always', transitions),
    after: grouped(transitions, (trigger) => (trigger.kind === 'after' ? trigger.delay : undefined)),
    onDone: kept('done', transitions),
    target: state.otherwise.length > 0 ? state.otherwise.map((name) => `#${name}`) : undefined,
    states: Object.fromEntries(state.states.map((each) => [each.key, stateOf(each)])),
  })
}

/** What `createMachine` takes. */
export const machineJson = (chart: State): Json => ({ id: chart.key, ...stateOf(chart) })
