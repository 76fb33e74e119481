/** What else could have happened, and where that leads: taken here, without asking anybody. */
import { signal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { lookAhead } from '../walk/ahead.ts'
import type { State, Turn } from '../walk/machine.ts'
import { endOf, type Run, type Step } from '../walk/run.ts'
import { saidOf } from '../walk/said.ts'
import { go, page, view } from './state.ts'
import { stepWords } from './words.ts'

/** The choices that lead to the state before this step. */
const choicesTo = (run: Run, number: number): { after: number; choices: readonly number[] } => {
  const recorded = run.detour?.after ?? run.data.lanes.length
  const before = number - 1
  if (before <= recorded) return { after: before, choices: [] }
  return { after: recorded, choices: (run.detour?.choices ?? []).slice(0, before - recorded) }
}

const take = (run: Run, number: number, way: readonly number[]): void => {
  const { after, choices } = choicesTo(run, number)
  go({ detour: { after, choices: [...choices, ...way] }, step: number + way.length - 1 })
}

/** What it does to its receiver, in a line. */
const effect = ({ entry }: Turn): string => {
  const { changes = [], notes = [], findings = [] } = entry
  if (findings.length > 0) return `✗ ${findings.map((text) => page.texts[text]!).join(', ')}`
  if (entry.ignored) return 'is ignored'
  const said = [
    ...notes.map((text) => page.texts[text]!),
    ...changes.flatMap((path, at) => (at % 2 === 0 ? [`${page.texts[path]!} ${page.texts[changes[at + 1]!]!}`] : [])),
  ]
  if (said.length === 0) return 'changes nothing'
  return said.slice(0, 2).join(', ') + (said.length > 2 ? `, ${said.length - 2} more` : '')
}

interface Choice {
  readonly turn: Turn
  readonly choice: number
}

/** Where somebody has looked ahead from: a run, and a step of it. */
const looked = signal('')

/** Where a turn leads, once somebody asks. */
const Leads = ({ run, state, number, turn, choice }: Choice & { run: Run; state: State; number: number }) => {
  const { states, whole, wrong } = useMemo(
    () => lookAhead(run.machine, run.machine.take(state, turn, number)),
    [run, state, turn],
  )
  if (turn.entry.fatal) return null
  if (!wrong)
    return (
      <span class="dim">
        {' '}
        · leads to nothing wrong in {whole
          ? `any of the ${states} states`
          : `the ${states} states that were looked at`}{' '}
        after it
      </span>
    )
  const what = wrong.findings.length === 0 ? 'a deadlock' : wrong.findings.map((text) => page.texts[text]).join(', ')
  const way = [choice, ...wrong.choices]
  return (
    <span>
      {' '}
      · leads to{' '}
      <button type="button" class="link" onClick={() => take(run, number, way)}>
        ✗ {what}
      </button>{' '}
      {wrong.choices.length === 0 ? 'at once' : `${stepWords(wrong.choices.length)} later`}
    </span>
  )
}

const List = ({ run, state, number, turns }: { run: Run; state: State; number: number; turns: readonly Choice[] }) => {
  const here = `${run.data.address} ${number} ${run.detour?.choices.join('.') ?? ''}`
  return (
    <>
      <ul>
        {turns.map(({ turn, choice }) => (
          <li key={turn.lane}>
            <button type="button" class="link" onClick={() => take(run, number, [choice])}>
              {saidOf(page, run.machine, turn, run.steps.slice(0, number - 1))}
            </button>{' '}
            <span class={turn.entry.findings ? 'found' : 'dim'}>{effect(turn)}</span>
            {looked.value === here && <Leads {...{ run, state, number, turn, choice }} />}
          </li>
        ))}
      </ul>
      {turns.length > 0 && looked.value !== here && (
        <p>
          <button type="button" onClick={() => (looked.value = here)}>
            Where does that lead?
          </button>
        </p>
      )}
    </>
  )
}

/** Instead of a step. */
export const Turns = ({ run, state, step }: { readonly run: Run; readonly state: State; readonly step: Step }) => {
  const turns = (run.machine.turns(state) ?? []).map((turn, choice) => ({ turn, choice }))
  const others = turns.filter(({ turn }) => turn.lane !== step.lane)
  return (
    <section class="turns" aria-label="What else could have happened">
      <h3>Instead of it could have come</h3>
      {others.length === 0 ? (
        <p class="dim">nothing else</p>
      ) : (
        <List run={run} state={state} number={step.number} turns={others} />
      )}
    </section>
  )
}

const ends = {
  open: 'It could go on from here.',
  finished: 'Nothing is left to be done, and nobody waits.',
  deadlock: 'Nothing can be delivered any more, and somebody waits.',
  crashed: 'The kernel would have crashed here.',
  unknown: 'What can come next is more than this file carries.',
} as const

/** After the last step. */
export const End = ({ run }: { readonly run: Run }) => {
  const turns = (run.next ?? []).map((turn, choice) => ({ turn, choice }))
  return (
    <section class="turns" aria-label="What could come next">
      <h3>Then</h3>
      <p>{endOf(run) === 'crashed' && run.data.heard ? 'With that it is over.' : ends[endOf(run)]}</p>
      {run.broken && <p class="found">The turns in the address do not fit this run; this is as far as they do.</p>}
      <List run={run} state={run.last} number={run.steps.length + 1} turns={turns} />
      {run.detour && (
        <p>
          <button type="button" onClick={() => go({ detour: undefined, step: view.value.detour?.after ?? 0 })}>
            Back to the recorded run
          </button>
        </p>
      )}
    </section>
  )
}
