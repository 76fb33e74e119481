/** What a chart says, as a list of lines: from a machine itself, and by each reader from what was written. Both must be the same list. */
import type { AnyStateMachine, AnyStateNode } from 'xstate'
import type { Defers } from '../../machines/kernel/defers.ts'

export interface Said {
  /** `root/a kind`, and its notes. */
  readonly states: readonly string[]
  /** `root/a --LOCK [isFree] / take--> root/b`. */
  readonly transitions: readonly string[]
  /** Where a state begins, and where a history state leads at first. */
  readonly starts: readonly string[]
}

export const sorted = ({ states, transitions, starts }: Said): Said => ({
  states: states.toSorted(),
  transitions: transitions.toSorted(),
  starts: starts.toSorted(),
})

export const arrow = (source: string, label: string, targets: readonly string[], how = ''): string =>
  `${source} --${label}--> ${targets.toSorted().join(' & ')}${how}`

/** The keys from the root, as the format writes them. */
export const pathOf = (node: AnyStateNode, key: (node: AnyStateNode) => string = ({ key }) => key): string =>
  node.parent ? `${pathOf(node.parent, key)}/${key(node)}` : key(node)

export const nodesIn = (node: AnyStateNode): readonly AnyStateNode[] => [
  node,
  ...(Object.values(node.states) as AnyStateNode[]).flatMap(nodesIn),
]

type Held = AnyStateNode['initial'] | NonNullable<AnyStateNode['always']>[number]

const name = (thing: unknown): string =>
  typeof thing === 'string' ? thing : ((thing as { type?: string; name?: string }).type ?? '?')
export const names = (things: readonly unknown[]): readonly string[] => things.map(name)

/** What XState added for a timer. */
const own = (actions: readonly unknown[]): readonly unknown[] =>
  actions.filter((action) => !/^xstate\.(raise|cancel)$/.test(name(action)))

/** What XState calls the events that are no messages, in words. */
const wordsOf = (type: string, node: AnyStateNode): string =>
  type
    .replace(`xstate.done.state.${node.id}`, 'done')
    .replace(/^xstate\.after\.(.*)$/s, (_, rest: string) => `after ${rest.slice(0, -node.id.length - 1)}`)
    .replace(/^xstate\.done\.actor\.(.*)$/s, '$1 returned')
    .replace(/^xstate\.error\.actor\.(.*)$/s, '$1 failed')
    .replace(/^xstate\.snapshot\.(.*)$/s, '$1 changed')

export const label = (event: string, guard: string | undefined, actions: readonly string[]): string =>
  [event, guard === undefined ? '' : `[${guard}]`, actions.length > 0 ? `/ ${actions.join(', ')}` : '']
    .filter((part) => part !== '')
    .join(' ')

export const notes = (node: AnyStateNode): readonly string[] => {
  const [entry, exit] = [names(own(node.entry)), names(own(node.exit))]
  const defers = ((node.meta as { defers?: Defers } | undefined)?.defers ?? []).map((each) =>
    typeof each === 'string' ? each : `${each.type} unless ${each.unless}`,
  )
  return [
    ...(entry.length > 0 ? [`entry / ${entry.join(', ')}`] : []),
    ...(exit.length > 0 ? [`exit / ${exit.join(', ')}`] : []),
    ...(defers.length > 0 ? [`defers ${defers.join(', ')}`] : []),
    ...node.invoke.map(({ id, src }) => (id === src ? `invokes ${src}` : `invokes ${src as string} as ${id}`)),
  ]
}

export interface Ways {
  /** What the format can say of a state. */
  readonly state: (node: AnyStateNode, path: string) => string
  /** How a state is called, if not by its key. */
  readonly key?: (node: AnyStateNode) => string
  /** Whether it tells a state that stays from one that goes to itself, and one that is entered again. */
  readonly how?: (node: AnyStateNode, transition: Held) => string
  readonly targets?: (node: AnyStateNode, transition: Held) => readonly AnyStateNode[]
}

/** Without a target, a picture has an arrow back to the state itself. */
const drawnTargets = (node: AnyStateNode, { target }: Held): readonly AnyStateNode[] =>
  target === undefined || target.length === 0 ? [node] : target

/** What `machine.root` holds. */
export const heldBy = (
  { root }: AnyStateMachine,
  { state, key, how = () => '', targets = drawnTargets }: Ways,
): Said => {
  const nodes = nodesIn(root)
  const path = (node: AnyStateNode): string => pathOf(node, key)
  return sorted({
    states: nodes.map((node) => state(node, path(node))),
    transitions: nodes.flatMap((node) =>
      [...[...node.transitions].flatMap(([type, all]) => all.map((one) => ({ type, one }))), ...always(node)].map(
        ({ type, one }) =>
          arrow(
            path(node),
            label(wordsOf(type, node), one.guard === undefined ? undefined : name(one.guard), names(one.actions)),
            targets(node, one).map(path),
            how(node, one),
          ),
      ),
    ),
    starts: nodes.flatMap((node) => {
      if (node.type === 'history') return [arrow(path(node), '', firstOf(node).map(path))]
      const { target, actions } = node.initial
      return node.type === 'compound' && target.length > 0
        ? [arrow(`${path(node)} begins`, label('', undefined, names(actions)), target.map(path))]
        : []
    }),
  })
}

const always = (node: AnyStateNode) => (node.always ?? []).map((one) => ({ type: '', one }))

/** The source is not left, wherever in it the transition leads. */
export const staying = (node: AnyStateNode, { target = [], reenter }: Held): boolean => {
  const within = (each: AnyStateNode | undefined): boolean =>
    each !== undefined && (each === node || within(each.parent))
  return !reenter && target.every(within)
}

/** Where a history state leads at first: what it says, or where its parent begins. */
const firstOf = (node: AnyStateNode): readonly AnyStateNode[] => {
  const parent = node.parent!
  const written = [(node.config as { target?: string | readonly string[] }).target ?? []].flat()
  if (written.length > 0) return written.map((id) => node.machine.getStateNodeById(id))
  return parent.type === 'parallel'
    ? (Object.values(parent.states) as AnyStateNode[]).filter(({ type }) => type !== 'history')
    : parent.initial.target
}
