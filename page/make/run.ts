/** One run as a page carries it. */
import type { Trace } from '../../explore/runs/trace.ts'
import type { Tables } from '../../explore/states/tables.ts'
import { lockSpans } from '../../report/lock-spans.ts'
import type { Wrong } from '../../report/sides.ts'
import { splat } from '../../report/splat.ts'
import { called, detailOf, laneOf, sentence, tellStep, waitsFor, type Row, type Stretch } from '../../report/story.ts'
import { makePage } from '../../report/style.ts'
import { asTold, retold, shellWord } from '../../report/text.ts'
import { visible } from '../../report/words.ts'
import type { LockData, RowData, RunData, Text } from '../data.ts'
import { heardIn } from './heard.ts'
import type { Model } from './model.ts'
import type { Texts } from './texts.ts'

export interface Told {
  readonly trace: Trace
  readonly wrong: Wrong | undefined
  readonly title: string
  readonly address: string
}

/** Read elsewhere: as wide as the text of a page, in no colour. */
const paper = makePage({ columns: 100 })

/** Takes the run through the tables, showing each state of it; the lanes, a step each. */
const lanesOf = (tables: Tables, { steps }: Trace, see: (state: Int32Array) => void): number[] => {
  const state = tables.initial()
  const lanes = steps.map(({ choice }) => {
    see(state)
    const lane = tables.enabled(state)[choice]!
    tables.apply(state, lane, tables.entryOf(state, lane)!)
    return lane
  })
  see(state)
  return lanes
}

/** What only the run so far shows: an order of locks that closes a circle. */
const foundAlong = (tables: Tables, trace: Trace, lanes: readonly number[]): (readonly [number, string])[] => {
  const state = tables.initial()
  return trace.steps.flatMap(({ findings, number }, at) => {
    const entry = tables.entryOf(state, lanes[at]!)!
    tables.apply(state, lanes[at]!, entry)
    return findings
      .filter(({ kind, title }) => !entry.findings.some((each) => each.kind === kind && each.title === title))
      .map(({ title }) => [number, title] as const)
  })
}

const rowOf = (line: Row | Stretch, texts: Texts): readonly RowData[] => {
  if (line.kind === 'stretch')
    return [{ ...{ steps: [line.first], again: line.last }, ...both(texts.of(`${line.times} × ${line.what}`)) }]
  if (line.steps.length === 0) return []
  const label = `${called(line)} ${detailOf(line)}`.trimEnd()
  return [{ steps: line.steps, words: texts.of(sentence(line)), label: texts.of(label) }]
}

const both = (words: Text): { readonly words: Text; readonly label: Text } => ({ words, label: words })

const locksOf = (trace: Trace): readonly LockData[] =>
  Object.entries(trace.locks).map(([id, { lockClass }]) => ({
    id: visible(id),
    lockClass: visible(lockClass),
    spans: lockSpans(trace, id).map((span) => ({ ...span, thread: visible(span.thread) })),
  }))

export const runData = (
  { trace, wrong: broken, title, address }: Told,
  { tables, place, of: model }: { readonly tables: Tables; readonly place: number; readonly of: Model },
  see: (state: Int32Array) => void,
  texts: Texts,
): RunData => {
  const told = asTold(trace, broken)
  const { wrong, marks, story, gap } = retold(told.trace, told.wrong)
  const lanes = lanesOf(tables, trace, see)
  const columns = new Set(story.lanes.map(({ id }) => id))
  for (const { from, to } of told.trace.steps)
    for (const id of [from, to]) if (id !== 'env') columns.add(laneOf(told.trace, id))
  const of = address.slice(0, address.lastIndexOf('@'))
  const loopsFrom = broken?.what === 'property' ? broken.loopsFrom : undefined
  return {
    model: place,
    title: visible(title),
    bad: wrong !== undefined,
    address: visible(address),
    replay: `npx relock replay ${shellWord(address)}`,
    lanes: lanes.map((lane) => model.lane(lane)),
    words: trace.steps.map((step): Text => texts.of(sentence(tellStep(trace, step)))),
    ...(trace.told
      ? { heard: heardIn(trace.told, marks, texts), rows: [] }
      : { rows: story.lines.flatMap((line) => rowOf(line, texts)) }),
    unrelated: story.unrelated,
    marks: trace.told ? [] : [...marks],
    ...(gap && { gap }),
    found: foundAlong(tables, trace, lanes).map(([step, found]) => [step, texts.of(found)]),
    end: trace.end,
    waits: trace.waiting.map((edge) => ({
      thread: visible(edge.thread),
      at: visible(edge.at),
      words: visible(waitsFor(trace, edge)),
      sentAt: edge.sentAt,
      on: edge.on.map(visible),
    })),
    // A page draws its charts.
    splat: wrong ? splat({ ...told.trace, charts: {} }, wrong, paper, of).slice(1, -1) : [],
    columns: [...columns].map((id) => texts.of(id)),
    locks: locksOf(trace),
    ...(loopsFrom !== undefined && { loopsFrom }),
  }
}
