/** A run in a snapshot: its lanes, in which the numbers are those of the rows, so that what has nothing to do with it may change. */
import type { Trace } from '../explore/runs/trace.ts'
import { drawLanes } from '../report/lanes.ts'
import { wrongIn } from '../report/sides.ts'
import { headline } from '../report/splat.ts'
import type { Line, Row } from '../report/story.ts'
import { makePage } from '../report/style.ts'
import { retold } from '../report/text.ts'
import { isTrace } from './format.ts'

/** On every machine the same, whatever its terminal. */
const page = makePage({ columns: 100 })

/** The steps that are told, counted from 1 on: of one that is not told, the last before it that is. */
const counting = (lines: readonly Line[]): ((step: number) => number) => {
  const told = lines
    .flatMap((line) => (line.kind === 'row' ? line.steps : [line.first, line.last]))
    .toSorted((a, b) => a - b)
  return (step) => told.filter((each) => each <= step).length
}

const renumbered = (line: Line, number: (step: number) => number): Line =>
  line.kind === 'row'
    ? { ...line, steps: line.steps.map(number), waitedSince: line.waitedSince && number(line.waitedSince) }
    : { ...line, first: number(line.first), last: number(line.last) }

const isSilent = (line: Line): boolean => line.kind === 'row' && line.steps.length === 0

/** Its lines; fewer than its steps. */
const lanesOf = (trace: Trace): string => {
  const broken = wrongIn(trace)
  const { wrong, story, marks, gap } = retold(trace, broken)
  const number = counting(story.lines)
  const lines = story.lines.map((line): Line => (isSilent(line) ? line : renumbered(line, number)))
  const essential = [...marks.keys()].flatMap((n) => trace.steps[n - 1]?.to ?? [])
  const drawn = drawLanes({ ...story, lines: lines.map(inOneLine) }, page, {
    marks: new Map([...marks].map(([step, mark]) => [number(step), mark])),
    essential: [...essential, ...trace.waiting.map(({ at }) => at)],
    gap: gap && [number(gap[0]), number(gap[1])],
  })
  return [wrong ? headline(wrong, trace) : `${trace.end}: nothing is wrong`, '', ...drawn].join('\n')
}

/** What a row changes stands in the splat and the page; here it would only make it longer. */
const inOneLine = (line: Line): Line => (line.kind === 'row' ? ({ ...line, changes: [] } satisfies Row) : line)

/** For `expect.addSnapshotSerializer()`. */
export const serializer = {
  test: (given: unknown): boolean => isTrace(given),
  print: (given: unknown): string => (isTrace(given) ? lanesOf(given) : String(given)),
  serialize: (given: unknown): string => (isTrace(given) ? lanesOf(given) : String(given)),
}
