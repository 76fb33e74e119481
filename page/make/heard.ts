/** What those inside an actor heard, as a page carries it. */
import type { Trace, TraceStep } from '../../explore/runs/trace.ts'
import { called, detailOf, sentence, tellStep } from '../../report/story.ts'
import type { HeardData } from '../data.ts'
import type { Texts } from './texts.ts'

/** Places in the list of all transitions of the chart, state by state. */
const takenIn = ({ charts }: Trace, { to, chart }: TraceStep): readonly number[] =>
  (chart?.taken ?? []).map(([state, way]) =>
    charts![to]!.slice(0, state).reduce((sum, { ways }) => sum + ways.length, way),
  )

export const heardIn = (
  told: Trace,
  marks: ReadonlyMap<number, 'now' | 'earlier'>,
  texts: Texts,
): readonly HeardData[] =>
  told.steps.map((step) => {
    const row = tellStep(told, step)
    const mark = marks.get(step.number)
    return {
      step: step.of ?? step.number,
      from: texts.of(row.from),
      to: texts.of(row.to),
      words: texts.of(sentence(row)),
      label: texts.of(`${called(row)} ${detailOf(row)}`.trimEnd()),
      changes: [...row.changes, ...(row.calls ?? [])].map((each) => texts.of(each)),
      findings: row.findings.map((each) => texts.of(each)),
      ...(step.ignored && { ignored: 1 }),
      ...(mark && { mark }),
      taken: takenIn(told, step),
    }
  })
