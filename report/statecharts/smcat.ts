/**
 * state-machine-cat. Every state says what it is, or the reader would guess it from the name: `initialized` would be where the chart begins.
 * Names are unique in the whole chart, for the reader knows only one of each.
 */
import { aliasesOf, longName } from './aliases.ts'
import { isHistory, staysIn, type State, type Transition } from './chart.ts'
import { escaped, quoted } from './escapes.ts'
import { notesOf, startLabel, transitionLabel } from './labels.ts'

const types: Readonly<Record<State['kind'], string>> = {
  atomic: 'regular',
  compound: 'regular',
  parallel: 'parallel',
  final: 'final',
  'shallow history': 'history',
  'deep history': 'deephistory',
}

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`)

/** The statechart of a machine, for state-machine-cat. */
export const smcat = (chart: State): string => {
  const alias = aliasesOf(chart, longName)
  let forks = 0

  const arrow = (from: string, to: string, label: string, type = ''): string =>
    `${from} => ${to}${type}${label === '' ? '' : `: ${quoted('smcat', label)}`};`

  interface Drawn {
    readonly states: readonly string[]
    readonly arrows: readonly string[]
  }
  const drawnArrows = (from: string, targets: readonly string[], label: string, type = ''): Drawn => {
    if (targets.length <= 1) {
      const to = targets[0] === undefined ? from : alias(targets[0])
      return { states: [], arrows: [arrow(from, to, label, type)] }
    }
    const fork = `fork_${++forks}`
    return {
      states: [`${fork} [type=fork]`],
      arrows: [arrow(from, fork, label, type), ...targets.map((target) => arrow(fork, alias(target), ''))],
    }
  }
  const transition = (each: Transition): Drawn =>
    drawnArrows(alias(each.source), each.targets, transitionLabel(each), staysIn(each) ? ' [type=internal]' : '')

  /** A state, with the arrows that begin in it beside it. */
  const drawn = (state: State): Drawn => {
    const name = alias(state.name)
    const own = state.transitions.map(transition)
    const history = isHistory(state) ? [drawnArrows(name, state.otherwise, '')] : []
    const all = [...own, ...history]
    const notes = notesOf(state)
    const head = [
      `${name} [type=${types[state.kind]} label=${quoted('smcat', state.key)}]`,
      ...(notes.length === 0 ? [] : [`: "${notes.map((note) => escaped('smcat', note)).join('\n')}"`]),
    ].join('')
    const inner = inside(state)
    return {
      states: [
        inner.length === 0 ? head : `${head} {\n${indented(inner).join('\n')}\n}`,
        ...all.flatMap(({ states }) => states),
      ],
      arrows: all.flatMap(({ arrows }) => arrows),
    }
  }

  const inside = ({ name, start, states }: State): string[] => {
    const begin = `${alias(name)}_start`
    const children = states.map(drawn)
    const heads = [...(start ? [`${begin} [type=initial]`] : []), ...children.flatMap((child) => child.states)]
    if (heads.length === 0) return []
    return [
      ...`${heads.join(',\n')};`.split('\n'),
      ...(start ? [arrow(begin, alias(start.target), startLabel(start.actions))] : []),
      ...children.flatMap(({ arrows }) => arrows),
    ]
  }

  const root = drawn(chart)
  return `${root.states.join(',\n')};\n${root.arrows.map((line) => `${line}\n`).join('')}`
}
