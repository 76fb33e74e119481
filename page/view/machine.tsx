/** The statechart of an actor: where it is, which transition it took, what it never does. */
import type { ChartData, TransitionData } from '../data.ts'
import { activeIn } from '../walk/chart.ts'
import { nameOf } from '../walk/rows.ts'
import { stateAfter, type Run } from '../walk/run.ts'
import { StepLink } from './detail.tsx'
import { Graph } from './graph.tsx'
import { go, page, view } from './state.ts'

/** The transitions that may have been taken from a state to another by a message. */
const takenBy = (
  { transitions }: ChartData,
  before: readonly number[],
  type: string,
  after: readonly number[],
): readonly number[] =>
  transitions.flatMap(({ from, to, type: own }, at) => {
    const isFrom = from === undefined || before.includes(from)
    const isTo = to === undefined ? before.join() === after.join() : after.includes(to)
    return own === type && isFrom && isTo ? [at] : []
  })

const namesOf = ({ graph }: ChartData): readonly string[] => graph.boxes.map(({ name }) => name)

/** A transition in a line. */
export const said = (chart: ChartData, { from, to, words }: TransitionData): string => {
  const names = namesOf(chart)
  return `${from === undefined ? 'anywhere' : names[from]!}: ${words}${to === undefined ? '' : ` → ${names[to]!}`}`
}

export const MachineView = ({ run }: { readonly run: Run }) => {
  const { actors, charts, covered, locals, messages } = run.machine.model
  const names = actors.map((_, index) => nameOf(page, run, index))
  const number = Math.min(view.value.step, run.steps.length)
  const asked = view.value.actor === undefined ? -1 : names.indexOf(view.value.actor)
  const index = asked >= 0 ? asked : (run.steps[number - 1]?.to ?? actors.findIndex(({ chart }) => chart !== undefined))
  const chart = charts[actors[index]?.chart ?? -1]
  const cover = covered?.[actors[index]?.chart ?? -1]
  const state = stateAfter(run, number)
  const last = run.steps.slice(0, number).findLast(({ to }) => to === index)
  const stateIn = (of: typeof state): string => page.texts[locals[index]![of.locals[index]!]!.state]!
  const boxes = chart ? namesOf(chart) : []
  const now = activeIn(boxes, stateIn(state))
  const before = last ? activeIn(boxes, stateIn(stateAfter(run, last.number - 1))) : []
  const taken = chart && last ? takenBy(chart, before, page.texts[messages[last.entry.message]!.type]!, now) : []
  const never = chart?.transitions.filter((_, at) => cover && !cover.transitions.includes(at)) ?? []
  const arrowOf = (at: number): string => {
    if (taken.some((each) => chart!.transitions[each]!.arrow === at)) return 'taken'
    const own = chart!.transitions.flatMap(({ arrow }, each) => (arrow === at ? [each] : []))
    return cover && own.every((each) => !cover.transitions.includes(each)) ? 'never' : ''
  }
  return (
    <main class="verdicts machine" id="main" tabIndex={-1}>
      <div>
        <h2>
          <label>
            <span class="unseen">Actor</span>
            <select value={names[index]} onChange={(event) => go({ actor: event.currentTarget.value })}>
              {names.map((name, at) => actors[at]!.chart !== undefined && <option key={name}>{name}</option>)}
            </select>
          </label>{' '}
          {chart && <span class="mono dim">{chart.name}</span>}
        </h2>
        <p>
          {number === 0 ? 'At the start' : `After step ${number}`} it is in{' '}
          <strong class="mono">{stateIn(state)}</strong>.
          {last && (
            <>
              {' '}
              Its last step is <StepLink step={last.number} />: {last.words}
            </>
          )}
        </p>
      </div>
      {chart ? (
        <div class="wide" tabIndex={0} role="group" aria-label="Picture of the machine">
          <Graph
            graph={chart.graph}
            name={`Statechart ${chart.name}; the list below says the same.`}
            box={(at) => (now.includes(at) ? 'now' : cover && !cover.states.includes(at) ? 'never' : '')}
            arrow={arrowOf}
          />
        </div>
      ) : (
        <p>It is no statechart.</p>
      )}
      {chart && (
        <section aria-label="Transitions">
          <h3>
            {cover
              ? `${cover.transitions.length} of ${chart.transitions.length} transitions were possible in some state that was seen; those that differ in guard or actions alone cannot be told apart`
              : `${chart.transitions.length} transitions`}
          </h3>
          <ul class="mono">
            {chart.transitions.map((each, at) => (
              <li key={at} class={taken.includes(at) ? 'self' : ''}>
                {said(chart, each)}
                {never.includes(each) && <span class="dim"> (never)</span>}
                {taken.includes(at) && (
                  <span class="dim">
                    {' '}
                    ({taken.length > 1 ? 'one of these was taken' : 'taken'} by step {last!.number})
                  </span>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
    </main>
  )
}
