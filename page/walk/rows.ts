/** Which rows of a run are drawn: its story or every step, without those that a search leaves out. */
import type { HeardData, PageData, RowData } from '../data.ts'
import type { Run, Step } from './run.ts'
import { messageWords } from './said.ts'
import type { View } from './view.ts'

export interface Row {
  readonly steps: readonly Step[]
  readonly words: string
  readonly label: string
  /** The same rows again, up to this step. */
  readonly again?: number
  /** Part of a step: what somebody inside heard. */
  readonly heard?: HeardData
}

/** The columns that a row is drawn between; undefined: from outside. */
export const columnsOf = (page: PageData, run: Run, { steps, heard }: Row): readonly (string | undefined)[] =>
  heard
    ? [page.texts[heard.from], page.texts[heard.to]]
    : steps.flatMap(({ from, to }) => [columnOf(page, run, from), columnOf(page, run, to)])

/** The number, or numbers, under which a run is told where each step is several. */
export const toldAs = (run: Run, step: number): string => {
  const { heard } = run.data
  if (!heard) return `${step}`
  const recorded = run.detour?.after ?? run.steps.length
  const whole = heard.filter((each) => each.step <= recorded).length
  if (step > recorded) return `${whole + step - recorded}`
  const first = heard.findIndex((each) => each.step === step) + 1
  const last = heard.findLastIndex((each) => each.step === step) + 1
  return first === 0 ? `${step}` : first === last ? `${first}` : `${first}–${last}`
}

/** The thread of an actor, or its own name: its column. */
export const columnOf = (page: PageData, { machine }: Run, actor: number): string | undefined => {
  const data = machine.model.actors[actor]
  return data && page.texts[data.thread ?? data.id]
}

export const nameOf = (page: PageData, { machine }: Run, actor: number): string =>
  actor < 0 ? 'outside' : page.texts[machine.model.actors[actor]!.id]!

const told = (page: PageData, run: Run, { steps, words, label, again }: RowData): Row | undefined => {
  const there = steps.flatMap((number) => run.steps[number - 1] ?? [])
  if (there.length === 0) return undefined
  return { steps: there, words: page.texts[words]!, label: page.texts[label]!, ...(again !== undefined && { again }) }
}

/** One row a step. */
const single =
  (page: PageData, { machine }: Run) =>
  (step: Step): Row => ({
    steps: [step],
    words: step.words,
    label: messageWords(page, machine, step.entry.message),
  })

/** A row for each that was heard, and behind the recorded run one for each step. */
const rowsHeard = (page: PageData, run: Run, all: readonly HeardData[]): readonly Row[] => {
  const recorded = run.detour?.after ?? run.steps.length
  const rows = all.flatMap((heard): readonly Row[] => {
    const step = heard.step <= recorded ? run.steps[heard.step - 1] : undefined
    return step ? [{ steps: [step], words: page.texts[heard.words]!, label: page.texts[heard.label]!, heard }] : []
  })
  return [...rows, ...run.steps.slice(recorded).map(single(page, run))]
}

const rowsOf = (page: PageData, run: Run, { rows }: View): readonly Row[] => {
  if (run.data.heard) return rowsHeard(page, run, run.data.heard)
  if (rows === 'all') return run.steps.map(single(page, run))
  const recorded = run.detour?.after ?? run.steps.length
  const story = run.data.rows
    .flatMap((row) => told(page, run, row) ?? [])
    .filter(({ steps }) => steps.at(-1)!.number <= recorded)
  return run.detour ? [...story, ...run.steps.slice(recorded).map(single(page, run))] : story
}

/** `actor:type1 changed:dmas lock`: every word must fit. */
const fits = (page: PageData, run: Run, row: Row, wanted: string): boolean => {
  const { steps, words, heard } = row
  const lower = wanted.toLowerCase()
  const [, about, rest = ''] = /^(actor|msg|changed):(.*)$/.exec(lower) ?? []
  const some = (texts: readonly string[]): boolean =>
    texts.some((text) => text.toLowerCase().includes(about ? rest : lower))
  if (heard && about !== 'msg') {
    const changes = heard.changes.map((text) => page.texts[text]!)
    if (about === 'actor') return some(columnsOf(page, run, row).flatMap((each) => each ?? []))
    return some(about === 'changed' ? changes : [words, ...changes])
  }
  switch (about) {
    case 'actor':
      return steps.some(({ from, to }) => some([nameOf(page, run, from), nameOf(page, run, to)]))
    case 'msg':
      return steps.some(({ entry }) => {
        const { type, word = type } = run.machine.model.messages[entry.message]!
        return some([page.texts[type]!, page.texts[word]!])
      })
    case 'changed':
      return steps.some(({ entry }) => some((entry.changes ?? []).map((text) => page.texts[text]!)))
    default:
      return some([
        words,
        ...steps.flatMap(({ entry }) => [...(entry.changes ?? []), ...(entry.notes ?? [])].map((t) => page.texts[t]!)),
      ])
  }
}

export const shownRows = (
  page: PageData,
  run: Run,
  view: View,
): { readonly rows: readonly Row[]; readonly left: number } => {
  const all = rowsOf(page, run, view)
  const wanted = view.search.split(/\s+/).filter((word) => word !== '')
  const rows = all.filter((row) => {
    const isSeen = columnsOf(page, run, row).some((column) => column !== undefined && !view.hidden.includes(column))
    return isSeen && wanted.every((word) => fits(page, run, row, word))
  })
  return { rows, left: all.length - rows.length }
}

/** The rows of the step that is looked at: all that was heard in it. */
export const chosenIn = (rows: readonly Row[], step: number): readonly number[] => {
  if (step === 0) return []
  const last = rowAt(rows, step)
  if (!rows[last]?.heard) return [last]
  return rows.flatMap(({ heard }, at) => (heard && heard.step === rows[last]!.heard!.step ? [at] : []))
}

/** The row that tells a step, or the last one before it. */
export const rowAt = (rows: readonly Row[], step: number): number => {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (rows[middle]!.steps[0]!.number <= step) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}
