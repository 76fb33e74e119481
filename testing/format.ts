/** Reports and runs as text, for whoever holds them in a program. */
import type { Report } from '../explore/outcome/report.ts'
import { reportShape, traceShape } from '../explore/outcome/run-shapes.ts'
import { choicesOf, type Trace } from '../explore/runs/trace.ts'
import { printSchedule } from '../report/address.ts'
import { sequenceDiagram } from '../report/formats/mermaid.ts'
import { wrongIn } from '../report/sides.ts'
import { issuesOf, type Issue } from '../report/issues.ts'
import { propertyTable, remarks, tellReport, tellTrace, verdictLines, wrongOf, type Subject } from '../report/text.ts'
import { insist } from '../shapes/insist.ts'
import { flag, oneOf, optional, record, whole } from '../shapes/shape.ts'
import { paper, type PaperOptions } from './paper.ts'
import { subjectIn, toldOf } from './subject.ts'

export interface FormatOptions extends PaperOptions {
  /** `lanes` (default), `list` for sentences, or `mermaid` for a sequence diagram of the run (of a report: of what is gravest). */
  readonly as?: 'lanes' | 'list' | 'mermaid'
  /** Every row and every finding in full. */
  readonly all?: boolean
}

const optionsShape = record<FormatOptions>({
  columns: optional(whole(1)),
  color: optional(flag),
  as: optional(oneOf(['lanes', 'list', 'mermaid'])),
  all: optional(flag),
})

export const isTrace = (of: unknown): of is Trace =>
  typeof of === 'object' && of !== null && 'steps' in of && Array.isArray(of.steps) && 'threads' in of && 'end' in of

/**
 * A report as `relock explore` prints it, or a run as `relock replay` does: verdict, claims, the shortest run to what is gravest in lanes, both
 * sides of the race, and how to make the run again. `columns` is a number of signs (default: the terminal's). Of a report that is a copy, or was
 * read from a file, the runs are not drawn. Throws a ModelError when it is given neither.
 */
export function format(of: Report | Trace, options: FormatOptions = {}): string {
  insist(optionsShape, options, 'format(): the options')
  if (isTrace(of)) {
    insist(traceShape, of, 'format()')
    return formatTrace(of, options)
  }
  insist(reportShape, of, 'format()')
  return formatReport(of, options)
}

const formatReport = (report: Report, { as = 'lanes', all = false, ...rest }: FormatOptions): string => {
  const page = paper(rest)
  const told = toldOf(report)
  if (told === undefined) {
    const plain = { scenario: report.system, choices: {}, report, traceOf: notMade }
    const parts = [
      verdictLines(plain, page),
      propertyTable(report, page),
      [...remarks(report), ...bare(report)].map((line) => `  ${line}`),
    ]
    return `${parts
      .filter((part) => part.length > 0)
      .map((part) => part.join('\n'))
      .join('\n\n')}\n`
  }
  const subject = subjectIn(report, told)
  const [first] = issuesOf(report)
  if (as === 'mermaid') return first === undefined ? '' : diagramOf(subject, first)
  return tellReport(subject, page, { list: as === 'list', all })
}

const diagramOf = (subject: Subject, issue: Issue): string => {
  const trace = subject.traceOf(issue.schedule)
  return sequenceDiagram(trace, wrongOf(subject, issue, trace))
}

const notMade = (): never => {
  throw new Error('a run that cannot be made')
}

const bare = (report: Report): readonly string[] =>
  issuesOf(report).map(({ kind, title, depth }) => `${kind}: ${title} (${depth} steps)`)

const formatTrace = (trace: Trace, { as = 'lanes', all = false, ...rest }: FormatOptions): string => {
  if (as === 'mermaid') return sequenceDiagram(trace, wrongIn(trace))
  const schedule = choicesOf(trace)
  return tellTrace(trace, paper(rest), {
    address: `${trace.system}@${trace.fingerprint}:${printSchedule(schedule)}`,
    wrong: wrongIn(trace),
    list: as === 'list',
    all,
    inTest: toldOf(trace)?.again(schedule) ?? `replay(world, '${printSchedule(schedule)}')`,
  })
}
