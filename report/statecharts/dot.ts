/**
 * Graphviz. A state with children is a cluster; Graphviz draws no edge to a cluster, so each has one small node that stands for it, and the
 * edge is cut at the frame where it comes from outside.
 */
import { isHistory, statesIn, type State, type Transition } from './chart.ts'
import { escaped, quoted } from './escapes.ts'
import { notesOf, startLabel, transitionLabel } from './labels.ts'

const lines = (...texts: readonly string[]): string => `"${texts.map((each) => escaped('dot', each)).join('\\n')}"`

const shapes: Readonly<Record<State['kind'], string>> = {
  atomic: 'shape=box, style=rounded',
  compound: 'shape=plaintext, fontsize=10',
  parallel: 'shape=plaintext, fontsize=10',
  final: 'shape=box, style=rounded, peripheries=2',
  'shallow history': 'shape=circle',
  'deep history': 'shape=circle',
}

/** Where a state begins with one of its own. */
const pointOf = (state: string): string => `start ${state}`

const isCluster = ({ states }: State): boolean => states.length > 0

const labelOf = (state: State): string => {
  if (state.kind === 'deep history') return lines('H*', state.key)
  return lines(...(isHistory(state) ? ['H'] : []), state.key, ...(isCluster(state) ? [] : notesOf(state)))
}

/** The statechart of a machine, for `dot`. */
export const machineDot = (chart: State): string => {
  const within = new Map(statesIn(chart).map((state) => [state.name, new Set(statesIn(state).map(({ name }) => name))]))
  const clusters = new Map(
    statesIn(chart)
      .filter(isCluster)
      .map(({ name }, i) => [name, `cluster_${i}`]),
  )

  const edge = (from: string, to: string, label: string): string => {
    // Graphviz cuts an edge at a frame only if its other end lies beyond it.
    const cut = (side: string, name: string, other: string): string =>
      clusters.has(name) && !within.get(name)!.has(other) ? `, ${side}=${clusters.get(name)}` : ''
    const cuts = `${cut('ltail', from, to)}${cut('lhead', to, from)}`
    return `${quoted('dot', from)} -> ${quoted('dot', to)} [label=${quoted('dot', label)}${cuts}];`
  }

  let forks = 0
  const arrows = (from: string, targets: readonly string[], label: string): string[] => {
    if (targets.length <= 1) return [edge(from, targets[0] ?? from, label)]
    const fork = `fork ${++forks}`
    return [
      `${quoted('dot', fork)} [shape=box, style=filled, fillcolor=black, height=0.05, label=""];`,
      edge(from, fork, label),
      ...targets.map((target) => edge(fork, target, '')),
    ]
  }
  const transition = (each: Transition): string[] => arrows(each.source, each.targets, transitionLabel(each))

  const drawn = (state: State): string[] => {
    const node = `${quoted('dot', state.name)} [${shapes[state.kind]}, label=${labelOf(state)}];`
    if (!isCluster(state)) return [node]
    const frame = state.kind === 'parallel' ? 'rounded,dashed' : 'rounded'
    return [
      `subgraph ${clusters.get(state.name)} {`,
      ...[`label=${lines('', ...notesOf(state))}; style="${frame}";`, node].map((line) => `  ${line}`),
      ...(state.start ? [`  ${quoted('dot', pointOf(state.name))} [shape=point, label=""];`] : []),
      ...state.states.flatMap(drawn).map((line) => `  ${line}`),
      '}',
    ]
  }

  /** An edge from the point where it begins. Like all edges it stands outside of clusters: some readers overlook those inside. */
  const started = ({ name, start }: State): string[] =>
    start ? [edge(pointOf(name), start.target, startLabel(start.actions))] : []

  return [
    `digraph ${quoted('dot', chart.key)} {`,
    '  rankdir=LR; compound=true; node [fontname="Helvetica"]; edge [fontname="Helvetica", fontsize=10]; fontname="Helvetica"; fontsize=10;',
    ...drawn(chart).map((line) => `  ${line}`),
    ...statesIn(chart)
      .flatMap((state) => [
        ...started(state),
        ...state.transitions.flatMap(transition),
        ...(isHistory(state) ? arrows(state.name, state.otherwise, '') : []),
      ])
      .map((line) => `  ${line}`),
    '}',
    '',
  ].join('\n')
}
