/** The statechart of an actor: where it is, which transition it took, what it never does. */
import type { ChartData, TransitionData } from '../data.ts'
import { activeIn } from '../walk/chart.ts'
import { nameOf, toldAs } from '../walk/rows.ts'
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

/** In words, of an actor or of somebody inside one; undefined: he is not there. */
const stateOf = (
  { texts }: typeof page,
  { actors, inner = [], locals }: Run['machine']['model'],
  { locals: at }: ReturnType<typeof stateAfter>,
  index: number,
): string | undefined => {
  if (index < actors.length) return texts[locals[index]![at[index]!]!.state]
  const name = inner[index - actors.length]![0]
  for (const [actor, local] of actors.map((_, each) => [each, at[each]!] as const)) {
    const pairs = locals[actor]![local]!.inner ?? []
    const place = pairs.findIndex((text, each) => each % 2 === 0 && text === name)
    if (place >= 0) return texts[pairs[place + 1]!]
  }
  return undefined
}

export const MachineView = ({ run }: { readonly run: Run }) => {
  const { actors, inner = [], charts, covered, messages } = run.machine.model
  const own = actors.map((_, index) => nameOf(page, run, index))
  const names = [...own, ...inner.map(([name]) => page.texts[name]!)]
  const chartOf = (at: number): number => actors[at]?.chart ?? inner[at - actors.length]?.[1] ?? -1
  const number = Math.min(view.value.step, run.steps.length)
  const state = stateAfter(run, number)
  const textIn = (of: typeof state, at: number): string | undefined => stateOf(page, run.machine.model, of, at)
  const concerned = (): number => {
    const to = run.steps[number - 1]?.to ?? actors.findIndex(({ chart }) => chart !== undefined)
    if (number === 0) return to
    const was = stateAfter(run, number - 1)
    const moved = names.findIndex((_, at) => chartOf(at) >= 0 && textIn(was, at) !== textIn(state, at))
    return inner.length > 0 && moved >= 0 ? moved : to
  }
  const asked = view.value.actor === undefined ? -1 : names.indexOf(view.value.actor)
  const index = asked >= 0 ? asked : concerned()
  const chart = charts[chartOf(index)]
  const cover = index < actors.length ? covered?.[chartOf(index)] : undefined
  const isInner = index >= actors.length
  // Behind the recorded run nobody has told what those inside hear from each other.
  const recorded = run.detour?.after ?? run.steps.length
  const heard = run.data.heard?.filter(({ to, step }) => step <= recorded && page.texts[to] === names[index])
  const last = run.steps.slice(0, number).findLast(({ to, number: at }) => {
    if (heard && at <= recorded) return heard.some(({ step }) => step === at)
    return isInner ? textIn(stateAfter(run, at - 1), index) !== textIn(stateAfter(run, at), index) : to === index
  })
  const stateIn = (of: typeof state): string => textIn(of, index) ?? 'nothing: it is not there'
  const boxes = chart ? namesOf(chart) : []
  const now = activeIn(boxes, stateIn(state))
  const before = last ? activeIn(boxes, stateIn(stateAfter(run, last.number - 1))) : []
  // Without it what those inside hear is no message of the run: where one got is seen, not by what.
  const told = heard?.filter(({ step }) => step === last?.number) ?? []
  const taken =
    told.length > 0
      ? told.flatMap((each) => each.taken)
      : chart && last && !isInner
        ? takenBy(chart, before, page.texts[messages[last.entry.message]!.type]!, now)
        : []
  const never = chart?.transitions.filter((_, at) => cover && !cover.transitions.includes(at)) ?? []
  const arrowOf = (at: number): string => {
    if (taken.some((each) => chart!.transitions[each]!.arrow === at)) return 'taken'
    const drawn = chart!.transitions.flatMap(({ arrow }, each) => (arrow === at ? [each] : []))
    return cover && drawn.every((each) => !cover.transitions.includes(each)) ? 'never' : ''
  }
  return (
    <main class="verdicts machine" id="main" tabIndex={-1}>
      <div>
        <h2>
          <label>
            <span class="unseen">Actor</span>
            <select value={names[index]} onChange={(event) => go({ actor: event.currentTarget.value })}>
              {names.map((name, at) => chartOf(at) >= 0 && <option key={name}>{name}</option>)}
            </select>
          </label>{' '}
          {chart && <span class="mono dim">{chart.name}</span>}
        </h2>
        <p>
          {number === 0 ? 'At the start' : `After step ${toldAs(run, number)}`} it is in{' '}
          <strong class="mono">{stateIn(state)}</strong>.
          {last && (
            <>
              {' '}
              Its last step is <StepLink step={last.number} />:{' '}
              {told.length > 0 ? told.map(({ words }) => page.texts[words]).join('; ') : last.words}
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
                    ({taken.length > 1 ? 'one of these was taken' : 'taken'} by step {toldAs(run, last!.number)})
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
