/** Statecharts as a page carries them: laid out, with their transitions by name. */
import { chartOf, statesIn, type State, type Transition } from '../../report/statecharts/chart.ts'
import { transitionLabel } from '../../report/statecharts/labels.ts'
import { visible } from '../../report/words.ts'
import type { ChartData, TransitionData } from '../data.ts'
import { laidOut } from './layout.ts'

/** What a chart is read from. */
export type Root = Parameters<typeof chartOf>[0]

export interface Chart {
  readonly data: ChartData
  /** What its boxes are called where actors tell their state. */
  readonly names: readonly string[]
}

/** More would hide the boxes. */
const mostWords = 2

const labelOf = (transitions: readonly Transition[]): string => {
  const types = [
    ...new Set(transitions.map(({ trigger }) => (trigger.kind === 'message' ? trigger.type : trigger.kind))),
  ]
  return types.length <= mostWords
    ? types.join(', ')
    : `${types.slice(0, mostWords).join(', ')} +${types.length - mostWords}`
}

export const chartData = (root: Root): Chart => {
  const whole = chartOf(root)
  const [, ...states] = statesIn(whole)
  const places = new Map(states.map(({ name }, at) => [name, at]))
  const names = states.map(({ name }) => name.slice(whole.name.length + 1))
  const within = new Map(
    states.flatMap((state, at) => state.states.map(({ name }) => [places.get(name)!, at] as const)),
  )
  const all = statesIn(whole).flatMap(({ transitions }) => transitions)
  const drawn = new Map<string, Transition[]>()
  const keyOf = ({ source, targets: [target] }: Transition): string | undefined =>
    target === undefined || !places.has(source) || !places.has(target) ? undefined : `${source}\n${target}`
  for (const transition of all) {
    const key = keyOf(transition)
    if (key !== undefined) drawn.set(key, [...(drawn.get(key) ?? []), transition])
  }
  const arrows = [...drawn.keys()]
  return {
    names,
    data: {
      name: visible(whole.name),
      starts: startsOf(whole).flatMap((name) => places.get(name) ?? []),
      graph: laidOut({
        boxes: states.map(({ key, kind }, at) => ({
          name: visible(names[at]!),
          ...(key !== names[at] && { label: visible(key) }),
          ...(within.has(at) && { within: within.get(at)! }),
          ...(kind === 'parallel' && { regions: true }),
        })),
        arrows: [...drawn.values()].map((together) => ({
          from: places.get(together[0]!.source)!,
          to: places.get(together[0]!.targets[0]!)!,
          label: visible(labelOf(together)),
        })),
      }),
      transitions: all.map((transition): TransitionData => {
        const { source, targets, trigger } = transition
        const [from, to] = [places.get(source), targets[0] === undefined ? undefined : places.get(targets[0])]
        const arrow = arrows.indexOf(keyOf(transition) ?? '')
        return {
          words: visible(transitionLabel(transition) || 'at once'),
          ...(trigger.kind === 'message' && { type: trigger.type }),
          ...(from !== undefined && { from }),
          ...(to !== undefined && { to }),
          ...(arrow >= 0 && { arrow }),
        }
      }),
    },
  }
}

/** Where a state begins, and where that begins. */
const startsOf = ({ start, states, kind }: State): readonly string[] => {
  const inside = kind === 'parallel' ? states : states.filter(({ name }) => name === start?.target)
  return inside.flatMap((state) => [state.name, ...startsOf(state)])
}
