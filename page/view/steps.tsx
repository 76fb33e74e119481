/** The rows as a list: what the lanes show, to be read and heard. */
import type { Row } from '../walk/rows.ts'
import { chosenIn, toldAs } from '../walk/rows.ts'
import type { Run } from '../walk/run.ts'
import { go, page, related, view } from './state.ts'

export const rowHeight = 34

const signOf = { self: ' ', past: '↰', future: '↳', beside: '∥' } as const
const wordOf = { self: '', past: 'before it', future: 'after it', beside: 'beside it' } as const

const numbers = (run: Run, { steps, again, heard }: Row): string => {
  if (heard) return `${run.data.heard!.indexOf(heard) + 1}`
  if (run.data.heard) return toldAs(run, steps[0]!.number)
  const first = steps[0]!.number
  const last = again ?? steps.at(-1)!.number
  return first === last ? `${first}` : `${first}–${last}`
}

interface Props {
  readonly run: Run
  readonly rows: readonly Row[]
  readonly first: number
  readonly last: number
}

export const Steps = ({ run, rows, first, last }: Props) => {
  const { step } = view.value
  const chosen = chosenIn(rows, step)
  const active = chosen.at(-1) ?? -1
  return (
    <div
      class="steps"
      role="listbox"
      tabIndex={0}
      aria-label={`Steps of the run: ${run.data.title}`}
      aria-activedescendant={active >= first && active < last ? `row${active}` : undefined}
      style={{ height: `${rows.length * rowHeight}px` }}
    >
      {rows.slice(first, last).map((row, at) => (
        <Item key={first + at} run={run} row={row} at={first + at} of={rows.length} chosen={chosen} />
      ))}
    </div>
  )
}

const Item = ({
  run,
  row,
  at,
  of,
  chosen,
}: {
  run: Run
  row: Row
  at: number
  of: number
  chosen: readonly number[]
}) => {
  const { steps, heard } = row
  const isChosen = chosen.includes(at)
  const mark = heard
    ? heard.mark
    : run.data.marks.find(([marked]) => steps.some(({ number }) => number === marked))?.[1]
  const found = (heard ? heard.findings : steps.flatMap(({ findings }) => findings)).map((text) => page.texts[text]!)
  const changes = (heard?.changes ?? []).map((text) => page.texts[text]!)
  const relation = view.value.step === 0 || run.data.heard ? undefined : related.value[steps.at(-1)!.number]
  const inGap = run.data.gap && steps[0]!.number >= run.data.gap[0] && steps[0]!.number <= run.data.gap[1]
  const isDetour = run.detour !== undefined && steps[0]!.number > run.detour.after
  return (
    <div
      id={`row${at}`}
      role="option"
      aria-selected={isChosen}
      aria-posinset={at + 1}
      aria-setsize={of}
      class={[
        'step',
        relation ?? '',
        mark ?? '',
        inGap ? 'gap' : '',
        isDetour ? 'detour' : '',
        found.length > 0 ? 'found' : '',
      ].join(' ')}
      style={{ top: `${at * rowHeight}px`, height: `${rowHeight}px` }}
      onClick={() => go({ step: steps[0]!.number })}
      title={[row.words, ...changes].join(' · ')}
    >
      <span class="number">{numbers(run, row)}</span>
      <span class="sign" aria-hidden="true">
        {mark ? (mark === 'now' ? '①' : '②') : relation ? signOf[relation] : ''}
      </span>
      <span class="words">
        {mark && <span class="unseen">{mark === 'now' ? 'side one, now: ' : 'side two, earlier: '}</span>}
        {row.words}
        {changes.length > 0 && <span class="unseen">: {changes.join(', ')}</span>}
        {heard?.ignored && <strong> ✗ ignored</strong>}
        {found.length > 0 && <strong> ✗ {found.join(', ')}</strong>}
        {relation && wordOf[relation] && <span class="unseen"> ({wordOf[relation]})</span>}
      </span>
    </div>
  )
}
