/** One search as a page carries it: what the terminal tells of it, each claim and finding with its run. */
import type { Schedule } from '../../explore/outcome/report.ts'
import { replay } from '../../explore/runs/replay.ts'
import type { System } from '../../explore/system.ts'
import { printSubject } from '../../report/address.ts'
import { titleOf } from '../../report/splat.ts'
import { issuesOf, uncounted, type Issue } from '../../report/issues.ts'
import { addressOf, remarks, resultOf, signOf, wrongOf, type Subject } from '../../report/text.ts'
import { overall, verdictWords } from '../../report/verdict.ts'
import { counted, listed, visible } from '../../report/words.ts'
import type { FindingData, SearchData } from '../data.ts'
import type { Book } from './book.ts'

/** A search that is to be told, and the system in which its runs are made. */
export type Searched = Subject & { readonly system: System<any> }

const facts = ({ depth, who, judged }: Issue): readonly string[] => [
  counted(depth, 'step'),
  ...(who.length === 0 ? [] : [listed(who)]),
  ...(judged ? [judged.verdict] : []),
]

export const searchData = (subject: Searched, book: Book): SearchData => {
  const { report, system } = subject
  const runs = new Map<string, number>()
  /** Two claims may be shown by one run: it is carried once, for the first. */
  const runOf = (schedule: Schedule, title: string, issue?: Issue): number => {
    const key = schedule.join('.')
    const known = runs.get(key)
    if (known !== undefined) return known
    const trace = replay(system, schedule)
    const wrong = issue && wrongOf(subject, issue, trace)
    const run = book.run({ trace, wrong, title, address: addressOf(subject, schedule) }, system)
    runs.set(key, run)
    return run
  }
  const found = (issue: Issue, counts: boolean): FindingData => {
    const title = titleOf(issue.kind, issue.title)
    return { title: visible(title), facts: facts(issue).map(visible), counts, run: runOf(issue.schedule, title, issue) }
  }
  const findings = [
    ...issuesOf(report).map((issue) => found(issue, true)),
    ...uncounted(report).map((issue) => found(issue, false)),
  ]
  return {
    of: visible(printSubject(subject.scenario, subject.choices)),
    verdict: overall(report),
    facts: verdictWords(report).split(' · ').map(visible),
    claims: report.properties.map((property) => ({
      sign: signOf(property, report)[0],
      kind: property.kind,
      name: visible(property.name),
      result: resultOf(property, report),
      ...(property.schedule && { run: runOf(property.schedule, property.name) }),
    })),
    findings,
    remarks: remarks(report).map(visible),
    frontier: report.frontier,
    exhaustive: report.exhaustive,
  }
}
