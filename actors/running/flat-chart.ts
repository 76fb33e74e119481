/**
 * Steps a flat statechart directly: one state at a time, guards, `assign`, `emit`, `enqueueActions` and `always`, which is all that our
 * machines use. XState's own step serves charts of every shape and takes several times as long; where a chart is of another shape, it is
 * used. Whatever the checker learns is compared with XState's public `transition()`, so the two cannot drift apart (xstate-kernel.ts).
 *
 * With xstate-kernel.ts the only code that touches XState's inside.
 */
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode } from 'xstate'
import type { Message } from '../../explore/system.ts'
import type { Said } from '../../machines/say.ts'
import { enqueued, patience, restless } from './chart-rules.ts'

export type FlatStep = (
  snapshot: AnyMachineSnapshot,
  message: Message,
) => { readonly snapshot: AnyMachineSnapshot; readonly said: readonly Said[] }

interface Args {
  readonly context: any
  readonly event: Message
}
/** How far a step has come. */
interface Moment {
  node: AnyStateNode
  context: any
  readonly event: Message
  readonly said: Said[]
}
type Expression<T> = T | ((args: any, params?: unknown) => T)
type Named = string | { readonly type: string; readonly params?: Expression<unknown> }
/** What `assign`, `emit` and `enqueueActions` make: functions that carry what was given to them. */
interface Builtin {
  readonly type: string
  readonly assignment?: Expression<object>
  readonly event?: Expression<Said>
  readonly collect?: (args: object, params?: unknown) => void
}
type Action = Named | Builtin

interface Transition {
  readonly target?: readonly AnyStateNode[] | undefined
  readonly guard?: Named | ((args: Args) => boolean) | undefined
  readonly actions: readonly Action[]
  readonly reenter?: boolean
}

/** What else can be enqueued: it is refused, each with its own right form. */
const others = ['cancel', 'raise', 'sendParent', 'sendTo', 'spawnChild', 'stopChild']

const ours = ['xstate.assign', 'xstate.emit', 'xstate.enqueueActions']

/** A step function for the chart, or undefined when it is not flat. */
export function flatStep(machine: AnyStateMachine): FlatStep | undefined {
  const known = steps.get(machine)
  if (known !== undefined) return known ?? undefined
  const step = isFlat(machine) ? stepOf(machine) : null
  steps.set(machine, step)
  return step ?? undefined
}

const steps = new WeakMap<AnyStateMachine, FlatStep | null>()

type MakesContext = (args: object) => unknown

/** Where `first` of a flat chart has begun all others begin, but for their data: neither that nor what the chart does at its start has a say. */
export function beginsAlike({ machine, _nodes }: AnyMachineSnapshot): boolean {
  const [root, node] = _nodes as readonly (AnyStateNode | undefined)[]
  const acts =
    (root?.initial.actions ?? []).length > 0 ||
    // It was only passing by where it began: where it comes from there depends on its data.
    root?.initial.target?.[0] !== node ||
    [root, node].some((each) => each && (each.entry.length > 0 || each.always !== undefined))
  return typeof machine.config.context === 'function' && !acts && flatStep(machine) !== undefined
}

/** `first`, which begins as all do, with the data of this one; undefined where an actor that the chart asks for may have a say in it. */
export function flatStart(first: AnyMachineSnapshot, input: unknown): AnyMachineSnapshot | undefined {
  const context = first.machine.config.context as MakesContext
  let isAsked = false
  const asked = { get: () => ((isAsked = true), undefined) }
  try {
    const made: unknown = context(Object.defineProperties({ input }, { self: asked, spawn: asked }))
    return isAsked ? undefined : ({ ...first, context: made } as AnyMachineSnapshot)
  } catch {
    // XState says what is wrong with it.
    return undefined
  }
}

function isFlat(machine: AnyStateMachine): boolean {
  const { root, implementations } = machine
  const nodes = Object.values(root.states) as AnyStateNode[]
  const all = [root, ...nodes]
  const transitions = all.flatMap((node) => [...node.transitions.values()].flat().concat(node.always ?? []))
  const named = Object.values(implementations.actions as unknown as Record<string, Action>)
  const inline = [
    ...all.flatMap((node) => [...node.entry, ...node.exit]),
    ...transitions.flatMap((each) => each.actions),
  ]
  return (
    root.type === 'compound' &&
    nodes.every((node) => node.type === 'atomic') &&
    all.every((node) => node.invoke.length === 0 && (node.after as readonly unknown[]).length === 0) &&
    all.every((node) => [...node.transitions.keys()].every((type) => type !== '' && !type.includes('*'))) &&
    transitions.every(({ guard }) => typeof guard !== 'function' || !('check' in guard)) &&
    Object.values(implementations.guards).every((guard) => typeof guard === 'function' && !('check' in guard)) &&
    [...named, ...inline.filter((action) => typeof action === 'function')].every((action) =>
      ours.includes((action as Builtin).type),
    )
  )
}

function stepOf(machine: AnyStateMachine): FlatStep {
  const { root } = machine
  const guards = machine.implementations.guards as Record<string, (args: Args, params?: unknown) => boolean>
  const actions = machine.implementations.actions as unknown as Record<string, Builtin>
  const standing = new Map(
    (Object.values(root.states) as AnyStateNode[]).map((node) => [
      node,
      { value: node.key, _nodes: [root, node], tags: new Set(node.tags) },
    ]),
  )

  // What stands in a chart is a name or the thing itself.
  const builtinOf = (action: Action): Builtin =>
    typeof action === 'string' ? actions[action]! : (actions[action.type] ?? (action as Builtin))

  function passes({ guard }: Transition, now: Moment): boolean {
    if (guard === undefined) return true
    if (typeof guard === 'function') return guard(argsOf(now))
    return guards[typeof guard === 'string' ? guard : guard.type]!(argsOf(now), paramsOf(guard, now))
  }

  function choose(among: readonly unknown[] | undefined, now: Moment): Transition | undefined {
    if (among !== undefined) for (const each of among as readonly Transition[]) if (passes(each, now)) return each
    return undefined
  }

  function perform(action: Action, now: Moment): void {
    const builtin = builtinOf(action)
    const params = paramsOf(action, now)
    if (builtin.type === 'xstate.emit') now.said.push(valueOf(builtin.event!, argsOf(now), params))
    else if (builtin.type === 'xstate.assign')
      now.context = { ...now.context, ...assigned(builtin.assignment!, argsOf(now), params) }
    else if (builtin.type === 'xstate.enqueueActions')
      for (const each of collected(builtin, now, params)) perform(each, now)
    else throw enqueued(root.machine.id, now.node.key, builtin.type ?? '')
  }

  let list: Action[] = []
  const enqueue = Object.assign((action: Action) => void list.push(action), {
    ...Object.fromEntries(others.map((name) => [name, () => void list.push({ type: `xstate.${name}` })])),
    assign: (assignment: Expression<object>) => void list.push({ type: 'xstate.assign', assignment }),
    emit: (event: Expression<Said>) => void list.push({ type: 'xstate.emit', event }),
  })

  /** What is collected is done afterwards, so one list serves at a time. */
  function collected({ collect }: Builtin, now: Moment, params: unknown): readonly Action[] {
    list = []
    const check = (guard: NonNullable<Transition['guard']>): boolean => passes({ guard, actions: [] }, now)
    const { context, event } = now
    collect!({ context, event, enqueue, check }, params)
    return list
  }

  function take({ target: targets, actions: own, reenter }: Transition, now: Moment): void {
    const target = targets?.[0]
    const leaves = target !== undefined && (target !== now.node || reenter === true)
    if (leaves) for (const action of now.node.exit) perform(action as unknown as Action, now)
    for (const action of own) perform(action, now)
    if (!leaves) return
    now.node = target
    for (const action of target.entry) perform(action as unknown as Action, now)
  }

  return (snapshot, message) => {
    const from = snapshot._nodes.at(-1) as AnyStateNode
    const now: Moment = { node: from, context: snapshot.context, event: message, said: [] }
    const heard = choose(from.transitions.get(message.type), now) ?? choose(root.transitions.get(message.type), now)
    if (heard === undefined) return { snapshot, said: now.said }
    take(heard, now)
    let moves = 0
    for (let next = choose(now.node.always, now); next !== undefined; next = choose(now.node.always, now)) {
      if (++moves > patience) throw restless(root.machine.id, now.node.key)
      take(next, now)
    }
    const { node, context, said } = now
    if (node === from && context === snapshot.context) return { snapshot, said }
    if (node === from) return { snapshot: { ...snapshot, context } as AnyMachineSnapshot, said }
    const { value, _nodes, tags } = standing.get(node)!
    return { snapshot: { ...snapshot, value, _nodes, tags, context } as AnyMachineSnapshot, said }
  }
}

const argsOf = ({ context, event }: Moment): Args => ({ context, event })

const paramsOf = (named: Action | Named, now: Moment): unknown => {
  const params = typeof named === 'object' ? (named as { params?: Expression<unknown> }).params : undefined
  return typeof params === 'function' ? (params as (args: Args) => unknown)(argsOf(now)) : params
}

const valueOf = <T>(expression: Expression<T>, args: Args, params: unknown): T =>
  typeof expression === 'function' ? (expression as (args: Args, params: unknown) => T)(args, params) : expression

/** `assign` takes a function of everything, or one for each field. */
const assigned = (assignment: Expression<object>, args: Args, params: unknown): object =>
  typeof assignment === 'function'
    ? (assignment as (args: Args, params: unknown) => object)(args, params)
    : Object.fromEntries(
        Object.entries(assignment).map(([name, each]) => [name, valueOf(each as Expression<unknown>, args, params)]),
      )
