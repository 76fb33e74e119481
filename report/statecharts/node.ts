/** The part of XState's `machine.root` that a chart is read from. */

export interface WrittenTransition {
  readonly target?: readonly Node[] | undefined
  readonly guard?: unknown
  readonly actions: readonly unknown[]
  readonly reenter: boolean
}

export interface Node {
  readonly id: string
  readonly key: string
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history'
  readonly history: false | 'shallow' | 'deep'
  readonly initial: WrittenTransition
  readonly states: Readonly<Record<string, Node>>
  /** By type of message, with those of timers, ends and invoked actors. */
  readonly transitions: ReadonlyMap<string, readonly WrittenTransition[]>
  readonly always?: readonly WrittenTransition[] | undefined
  readonly entry: readonly unknown[]
  readonly exit: readonly unknown[]
  readonly invoke: readonly { readonly id: string; readonly src: unknown }[]
  readonly meta?: unknown
  /** Where a history state leads at first is kept nowhere else. */
  readonly config: { readonly target?: unknown }
}

const escaped = (key: string): string => key.replace(/[.\\]/g, '\\$&')

/** `a.b\.c`: a and b.c. */
const split = (path: string): readonly string[] =>
  [...path.matchAll(/(?:\\.|[^.\\])+/gs)].map(([key]) => key.replace(/\\(.)/gs, '$1'))

export interface Paths {
  name(node: Node): string
  /** The states that a target written as text means, seen from a child of `from`. */
  written(from: Node, target: unknown): readonly Node[]
}

/** What every state of a machine is called. */
export const pathsOf = (root: Node): Paths => {
  const names = new Map<Node, string>()
  const byId = new Map<string, Node>()
  const visit = (node: Node, name: string): void => {
    names.set(node, name)
    byId.set(node.id, node)
    for (const child of Object.values(node.states)) visit(child, `${name}.${escaped(child.key)}`)
  }
  visit(root, escaped(root.id))

  const find = (from: Node, text: string): Node | undefined => {
    const [first = '', ...rest] = split(text.replace(/^#/, ''))
    const whole = text.startsWith('#') ? byId.get(text.slice(1)) : undefined
    if (whole) return whole
    const begin = text.startsWith('#') ? byId.get(first) : from.states[first]
    return rest.reduce<Node | undefined>((node, key) => node?.states[key], begin)
  }
  return {
    name: (node) => names.get(node)!,
    written: (from, target) =>
      [target]
        .flat()
        .filter((text) => typeof text === 'string')
        .flatMap((text) => find(from, text) ?? []),
  }
}
