/** The statechart of the actor that a finding is about: where it was, which way it went, where it is now. */
import type { ChartState, ChartWay, Trace, TraceStep } from '../explore/runs/trace.ts'
import type { Page } from './style.ts'
import { clip, counted } from './words.ts'

/** Of a larger chart only what is around the step is told. */
const mostLines = 20

/** Keys are cut where they would leave no room for what leads on. */
const widestKey = 28

interface Chart {
  readonly states: readonly ChartState[]
  readonly name: string
  readonly step: TraceStep & { readonly chart: NonNullable<TraceStep['chart']> }
}

const isWithin = (inner: readonly string[], outer: readonly string[]): boolean =>
  outer.length <= inner.length && outer.every((key, at) => inner[at] === key)

const wayWords = ({ on, guard, to }: ChartWay, page: Page): string =>
  [
    on,
    ...(guard === undefined ? [] : [`[${guard}]`]),
    ...(to.length === 0 ? [] : [page.glyphs.arrow, to.join(', ')]),
  ].join(' ')

/** What is told of a state: the ways that lead on from it, the one that was taken with its mark. */
const waysOf = ({ states, step }: Chart, at: number, page: Page): readonly string[] => {
  const { on, before, taken, fellThrough } = step.chart
  const own = states[at]!.ways.map((way, nth) => {
    const isTaken = taken.some(([state, number]) => state === at && number === nth)
    return `${wayWords(way, page)}${isTaken ? `  ${page.glyphs.now}` : ''}`
  })
  // Of several regions the first says it for all.
  return fellThrough && before[0] === at ? [...own, `${on}: no way on from here  ${page.glyphs.now}`] : own
}

/** States that say what the step was about: where it was and is, what they lie in, and who hears the same event. */
const around = ({ states, step }: Chart): ReadonlySet<number> => {
  const { on, before, after } = step.chart
  const active = [...before, ...after].map((at) => states[at]!.path)
  const hears = ({ ways }: ChartState): boolean => ways.some((way) => way.on === on)
  return new Set(
    states.flatMap((state, at) => (hears(state) || active.some((path) => isWithin(path, state.path)) ? [at] : [])),
  )
}

const linesOf = (chart: Chart, shown: (at: number) => boolean, page: Page): string[] => {
  const { states, name, step } = chart
  const { before, after } = step.chart
  // A root that hears nothing itself goes without saying.
  const isRootTold = states[0]!.ways.length > 0
  const keyOf = ({ path }: ChartState): string =>
    path.length === 0 ? name : `${'  '.repeat(path.length - (isRootTold ? 0 : 1))}${path.at(-1)!}`
  const told = [...states.keys()].filter((at) => (at > 0 || isRootTold) && shown(at))
  const width = Math.min(widestKey, Math.max(...told.map((at) => keyOf(states[at]!).length)))
  const lines = told.flatMap((at) => {
    const signs = `${before.includes(at) ? page.glyphs.dot : ' '}${after.includes(at) ? page.glyphs.right : ' '}`
    const [first = '', ...rest] = waysOf(chart, at, page)
    const key = clip(keyOf(states[at]!), width, page.glyphs.more).padEnd(width)
    return [`  ${signs} ${key}  ${first}`, ...rest.map((way) => `${' '.repeat(width + 7)}${way}`)]
  })
  return lines.map((line) => clip(line.trimEnd(), page.columns, page.glyphs.more))
}

/** Nothing where there is nothing to draw: no machine, or one without states. */
export const chartLines = (trace: Trace, step: TraceStep | undefined, page: Page): string[] => {
  const states = step && trace.charts?.[step.to]
  if (!states || !step.chart || states.length < 2) return []
  const chart = { states, name: step.to, step: { ...step, chart: step.chart } }
  const { dot, right, many } = page.glyphs
  const head = `Statechart of ${step.to} (${dot} before step ${step.number}, ${right} after it):`
  const whole = linesOf(chart, () => true, page)
  if (whole.length <= mostLines) return [head, ...whole]
  const near = around(chart)
  const left = states.length - 1 - [...near].filter((at) => at > 0).length
  return [
    head,
    ...linesOf(chart, (at) => near.has(at), page),
    ...(left === 0 ? [] : [`  ${many}  ${counted(left, 'more state')}`]),
  ]
}
