/**
 * Mermaid, `stateDiagram-v2`: GitHub, GitLab and editors draw it. The machine is the outermost state, so that what it hears in every state has
 * somewhere to begin. What Mermaid has no sign for: a history state is a state called H (H* if it is deep), and several targets are a fork.
 */
import { visible } from '../words.ts'
import { aliasesOf, longName } from './aliases.ts'
import { isHistory, statesIn, type State, type Transition } from './chart.ts'
import { escaped } from './escapes.ts'
import { notesOf, startLabel, transitionLabel } from './labels.ts'

const text = (words: string): string => escaped('mermaid', words.replace(/\s+/g, ' ').trim())

const labelled = (arrow: string, label: string): string => (label === '' ? arrow : `${arrow} : ${text(label)}`)

const headOf = (state: State): string => {
  if (!isHistory(state)) return text(state.key)
  return text(`${state.kind === 'deep history' ? 'H*' : 'H'} ${state.key}`)
}

/** The statechart of a machine, as text that Mermaid draws. */
export const stateDiagram = (chart: State): string => {
  const alias = aliasesOf(chart, longName)
  let forks = 0

  const arrow = (from: string, targets: readonly string[], label: string): string[] => {
    const [to, ...others] = targets
    if (to === undefined) return [labelled(`${from} --> ${from}`, label)]
    if (others.length === 0) return [labelled(`${from} --> ${alias(to)}`, label)]
    const fork = `fork_${++forks}`
    return [
      `state ${fork} <<fork>>`,
      labelled(`${from} --> ${fork}`, label),
      ...targets.map((each) => `${fork} --> ${alias(each)}`),
    ]
  }

  const transition = (each: Transition): string[] => arrow(alias(each.source), each.targets, transitionLabel(each))

  const drawn = (state: State): string[] => {
    const name = alias(state.name)
    const head = `state "${headOf(state)}" as ${name}`
    const start = state.start ? [labelled(`[*] --> ${alias(state.start.target)}`, startLabel(state.start.actions))] : []
    const regions = state.states.map(drawn)
    const inner = [...start, ...(state.kind === 'parallel' ? divided(regions) : regions.flat())]
    return [
      ...(inner.length === 0 ? [head] : [`${head} {`, ...inner.map((line) => `  ${line}`), '}']),
      ...noted(name, notesOf(state), inner.length > 0),
      ...(state.kind === 'final' ? [`${name} --> [*]`] : []),
    ]
  }

  return [
    ...['---', `title: ${JSON.stringify(visible(chart.key))}`, '---', 'stateDiagram-v2'],
    ...drawn(chart).map((line) => `  ${line}`),
    // Within a state, an arrow to one outside would draw that one into it.
    ...statesIn(chart)
      .flatMap((state) => [
        ...state.transitions.flatMap(transition),
        ...(isHistory(state) ? arrow(alias(state.name), state.otherwise, '') : []),
      ])
      .map((line) => `  ${line}`),
    '',
  ].join('\n')
}

/** A state with others in it has a note; Mermaid refuses any description of it beyond its name. */
const noted = (name: string, notes: readonly string[], isGroup: boolean): string[] => {
  if (!isGroup) return notes.map((note) => `${name} : ${text(note)}`)
  return notes.length === 0 ? [] : [`note right of ${name} : ${text(notes.join(' | '))}`]
}

const divided = (regions: readonly (readonly string[])[]): string[] =>
  regions.flatMap((region, i) => (i === 0 ? region : ['--', ...region]))
