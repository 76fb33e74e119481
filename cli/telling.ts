/** What is told of one search that is over: its run is kept, its page is written, and its report is there to be printed. */
import { replay } from '../explore/index.ts'
import type { Report } from '../explore/outcome/report.ts'
import type { Taken } from '../explore/outcome/taken.ts'
import type { Trace } from '../explore/runs/trace.ts'
import { exploreDocument } from '../report/json.ts'
import type { Explored } from '../report/reporters/told.ts'
import { saveRun } from '../report/save.ts'
import { isCalled, shownBy } from '../explore/claims/shows.ts'
import { pageFor, type Page } from '../report/style.ts'
import { issuesOf, type Issue } from '../report/issues.ts'
import { addressOf, tellReport, type Saved, type Subject as Told } from '../report/text.ts'
import type { Book } from '../page/make/book.ts'
import type { Flags } from './flags.ts'
import { addSearch } from './html.ts'
import { isPath, type Subject } from './subject.ts'

export interface Telling {
  readonly report: Report
  readonly explored: Explored
  /** What became of the run of the gravest finding, if there is one. */
  readonly saved: Saved | undefined
  document(): object
  text(page: Page): string
}

/** What a search came to: its report, and the deliveries that it came by where a page is to be made. */
interface Over {
  readonly report: Report
  readonly taken: readonly Taken[]
}

/** An inversion of the order of locks may take more runs than one to show. */
const kept = (subject: Told, { kind, title, property, schedule, shortest }: Issue, trace: Trace) => {
  const shows = property?.name ?? title
  const isShown =
    property !== undefined || kind !== 'lock-order' || shownBy(trace).some((each) => isCalled(each, shows))
  return { address: addressOf(subject, schedule), trace, shortest, ...(isShown && { shows }) }
}

export const telling = async (
  { scenario, name, choices }: Subject,
  { report, taken }: Over,
  flags: Flags,
  book: Book | undefined,
): Promise<Telling> => {
  const system = scenario.system(choices)
  const traceOf = (schedule: readonly number[]): Trace => replay(system, schedule, { ignored: flags.ignored })
  const subject = { scenario: name, choices, report, traceOf, byDefault: scenario.choices.default }
  book?.know(system, scenario.world(choices).actors)
  // What actors hear from each other is not among it.
  if (!report.coverage) book?.cover(system, taken)
  if (book) await addSearch(book, { ...subject, system })
  const [first] = issuesOf(report)
  const keep = first && !flags.json && kept(subject, first, traceOf(first.schedule))
  // The file is read elsewhere, so it is written for no terminal in particular.
  const plain = (): string => tellReport(subject, pageFor({ columns: 100 }, { NO_COLOR: '1' }), { all: true })
  const saved = keep ? saveRun({ ...keep, text: plain(), complete: report.exhaustive }) : undefined
  return {
    report,
    explored: { ...subject, ...(isPath(name) && { file: name }) },
    saved,
    document: () => exploreDocument(name, choices, report),
    text: (page) => tellReport(subject, page, { ...flags, ...(saved && { saved }) }),
  }
}
