/** What an export needs of a statechart: the part of xstate's `machine.definition` that a picture shows. */

export interface TransitionLike {
  readonly target?: readonly (string | { readonly id: string })[] | undefined
  readonly guard?: unknown
  readonly actions?: readonly unknown[]
}

export interface StateLike {
  readonly id: string
  readonly key: string
  readonly type: string
  readonly initial?: TransitionLike | undefined
  readonly states: Readonly<Record<string, StateLike>>
  readonly on: Readonly<Record<string, readonly TransitionLike[]>>
  readonly entry?: readonly unknown[]
  readonly meta?: unknown
}

/** Guards and actions are named; what is not shows as `?`. */
export const nameOf = (x: unknown): string => {
  if (typeof x === 'string') return x
  if (typeof x === 'object' && x !== null && 'type' in x && typeof x.type === 'string') return x.type
  return typeof x === 'function' && x.name !== '' ? x.name : '?'
}

const idOf = (target: string | { readonly id: string }): string =>
  (typeof target === 'string' ? target : target.id).replace(/^#/, '')

export interface Edge {
  readonly from: string
  readonly to: string
  readonly event: string
  readonly guard: string | undefined
  readonly actions: readonly string[]
  /** Without a target the state stays. */
  readonly stays: boolean
}

export const edgesOf = (state: StateLike): readonly Edge[] => [
  ...Object.entries(state.on).flatMap(([event, transitions]) =>
    transitions.flatMap(({ target, guard, actions = [] }): Edge[] => {
      const edge = {
        from: state.id,
        event,
        guard: guard === undefined ? undefined : nameOf(guard),
        actions: actions.map(nameOf),
      }
      return target === undefined || target.length === 0
        ? [{ ...edge, to: state.id, stays: true }]
        : target.map((t) => ({ ...edge, to: idOf(t), stays: false }))
    }),
  ),
  ...Object.values(state.states).flatMap(edgesOf),
]

export const edgeLabel = ({ event, guard, actions }: Edge): string =>
  event + (guard === undefined ? '' : ` [${guard}]`) + (actions.length === 0 ? '' : ` / ${actions.join(', ')}`)

export const initialOf = (state: StateLike): string | undefined => {
  const target = state.initial?.target?.[0]
  return target === undefined ? undefined : idOf(target)
}

/** Message types that stay at the head of their lane in this state. */
export const deferredIn = ({ meta }: StateLike): readonly string[] =>
  typeof meta === 'object' && meta !== null && 'defers' in meta && Array.isArray(meta.defers)
    ? meta.defers.map(String)
    : []
