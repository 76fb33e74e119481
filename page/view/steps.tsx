/** The rows as a list: what the lanes show, to be read and heard. */
import type { Row } from '../walk/rows.ts'
import { rowAt } from '../walk/rows.ts'
import type { Run } from '../walk/run.ts'
import { go, page, related, view } from './state.ts'

export const rowHeight = 34

const signOf = { self: ' ', past: '↰', future: '↳', beside: '∥' } as const
const wordOf = { self: '', past: 'before it', future: 'after it', beside: 'beside it' } as const

const numbers = ({ steps, again }: Row): string => {
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
  const chosen = step === 0 ? -1 : rowAt(rows, step)
  return (
    <div
      class="steps"
      role="listbox"
      tabIndex={0}
      aria-label={`Steps of the run: ${run.data.title}`}
      aria-activedescendant={chosen >= first && chosen < last ? `row${chosen}` : undefined}
      style={{ height: `${rows.length * rowHeight}px` }}
    >
      {rows.slice(first, last).map((row, at) => (
        <Item key={row.steps[0]!.number} run={run} row={row} at={first + at} of={rows.length} chosen={chosen} />
      ))}
    </div>
  )
}

const Item = ({ run, row, at, of, chosen }: { run: Run; row: Row; at: number; of: number; chosen: number }) => {
  const { steps } = row
  const isChosen = at === chosen
  const mark = run.data.marks.find(([marked]) => steps.some(({ number }) => number === marked))?.[1]
  const found = steps.flatMap(({ findings }) => findings.map((text) => page.texts[text]!))
  const relation = view.value.step === 0 ? undefined : related.value[steps.at(-1)!.number]
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
      title={row.words}
    >
      <span class="number">{numbers(row)}</span>
      <span class="sign" aria-hidden="true">
        {mark ? (mark === 'now' ? '①' : '②') : relation ? signOf[relation] : ''}
      </span>
      <span class="words">
        {mark && <span class="unseen">{mark === 'now' ? 'side one, now: ' : 'side two, earlier: '}</span>}
        {row.words}
        {found.length > 0 && <strong> ✗ {found.join(', ')}</strong>}
        {relation && wordOf[relation] && <span class="unseen"> ({wordOf[relation]})</span>}
      </span>
    </div>
  )
}
