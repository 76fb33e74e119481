/**
 * A statechart as every picture of it needs it: read once from XState's `machine.root`, with all that it holds, and written by one file for
 * each format. States know each other by name, so a chart is plain data.
 */
import { delayOf, deferredIn, isTimer, namesOf, nameOf, triggerOf } from './names.ts'
import { pathsOf, type Node } from './node.ts'

export type Trigger =
  /** A message of this type; `*` is any, `mouse.*` any of a kind. */
  | { readonly kind: 'message'; readonly type: string }
  /** Taken as soon as its guard holds. */
  | { readonly kind: 'always' }
  /** Milliseconds since the state was entered, or the name of a delay. */
  | { readonly kind: 'after'; readonly delay: string }
  /** The state itself has come to its end. */
  | { readonly kind: 'done' }
  /** An actor that the state invokes has returned, failed, or changed. */
  | { readonly kind: 'returned' | 'failed' | 'changed'; readonly actor: string }

export interface Transition {
  readonly source: string
  readonly trigger: Trigger
  readonly guard: string | undefined
  readonly actions: readonly string[]
  /** Several are entered together, in regions beside each other. None: the state stays, and is neither left nor entered. */
  readonly targets: readonly string[]
  /** The source is left and entered again, also where the target lies within it. */
  readonly reenter: boolean
}

/** How a state with children begins. */
export interface Start {
  readonly target: string
  readonly actions: readonly string[]
}

export interface Invocation {
  readonly id: string
  readonly src: string
}

export interface State {
  /** The keys from the root, joined by dots; a dot or backslash in a key has a backslash before it. So it is unique, and what XState calls it after a `#`. */
  readonly name: string
  readonly key: string
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final' | 'shallow history' | 'deep history'
  readonly start: Start | undefined
  readonly states: readonly State[]
  readonly entry: readonly string[]
  readonly exit: readonly string[]
  /** Messages that stay at the head of their lane in this state: `LOCK`, or `LOCK unless isFree`. */
  readonly defers: readonly string[]
  readonly invokes: readonly Invocation[]
  readonly transitions: readonly Transition[]
  /** Where a history state leads when there is nothing to remember. */
  readonly otherwise: readonly string[]
  readonly meta: unknown
}

/** The chart of a machine, from its root. */
export const chartOf = (root: Node): State => {
  const paths = pathsOf(root)
  const nameAt = (node: Node): string => paths.name(node)

  const transitionsOf = (node: Node): Transition[] => {
    const messages = [...node.transitions].flatMap(([type, all]) =>
      all.map((transition) => ({ transition, trigger: triggerOf(type, node.id) })),
    )
    const always = (node.always ?? []).map((transition) => ({ transition, trigger: { kind: 'always' } as const }))
    return [...messages, ...always].map(({ transition, trigger }) => ({
      source: nameAt(node),
      trigger: trigger.kind === 'after' ? { ...trigger, delay: delayOf(transition) ?? trigger.delay } : trigger,
      guard: transition.guard === undefined ? undefined : nameOf(transition.guard),
      actions: namesOf(transition.actions),
      targets: (transition.target ?? []).map(nameAt),
      reenter: transition.reenter,
    }))
  }

  const startOf = (node: Node): Start | undefined => {
    const first = node.type === 'compound' ? node.initial.target?.[0] : undefined
    return first && { target: nameAt(first), actions: namesOf(node.initial.actions) }
  }

  const otherwiseOf = (node: Node, parent: Node | undefined): readonly string[] => {
    if (node.type !== 'history' || !parent) return []
    const written = paths.written(parent, node.config.target)
    if (written.length > 0) return written.map(nameAt)
    return (parent.type === 'parallel' ? Object.values(parent.states) : (parent.initial.target ?? []))
      .filter(({ type }) => type !== 'history')
      .map(nameAt)
  }

  const stateOf = (node: Node, parent: Node | undefined): State => ({
    name: nameAt(node),
    key: node.key,
    kind: node.type === 'history' ? (node.history === 'deep' ? 'deep history' : 'shallow history') : node.type,
    start: startOf(node),
    states: Object.values(node.states).map((child) => stateOf(child, node)),
    entry: namesOf(node.entry.filter((action) => !isTimer(action))),
    exit: namesOf(node.exit.filter((action) => !isTimer(action))),
    defers: deferredIn(node.meta),
    invokes: node.invoke.map(({ id, src }) => ({ id, src: nameOf(src) })),
    transitions: node.type === 'history' ? [] : transitionsOf(node),
    otherwise: otherwiseOf(node, parent),
    meta: node.meta,
  })

  return stateOf(root, undefined)
}

/** A state and all that are in it, parents first. */
export const statesIn = (state: State): readonly State[] => [state, ...state.states.flatMap(statesIn)]

/** The source is not left, wherever in it the transition leads. */
export const staysIn = ({ source, targets, reenter }: Transition): boolean =>
  !reenter && targets.every((target) => target === source || target.startsWith(`${source}.`))

export const isHistory = ({ kind }: State): boolean => kind === 'shallow history' || kind === 'deep history'
