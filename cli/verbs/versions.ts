/** `relock compare ./before.ts ./after.ts`: both are searched, and what is different about the second is told, with its gravest run. */
import type { Taken } from '../../explore/outcome/taken.ts'
import { printSubject } from '../../report/address.ts'
import { exploreDocument, printJson, version } from '../../report/json.ts'
import { knownOf, sinceThen } from '../../report/since.ts'
import { exitCode, glyphOf, overall, verdictWords } from '../../report/verdict.ts'
import { wrap } from '../../report/words.ts'
import { legible } from '../../report/style.ts'
import type { Desk } from '../desk.ts'
import { pageOf, type Flags } from '../flags.ts'
import { bookFor, writePage } from '../html.ts'
import { explored } from '../searched.ts'
import { serving } from './serve.ts'
import { subjectOf, type Subject } from '../subject.ts'
import { telling, type Telling } from '../telling.ts'

/** Ends as `explore` does with the second. */
export const versions = async (typed: readonly [string, string], flags: Flags, desk: Desk): Promise<number> => {
  const subjects: Subject[] = []
  for (const each of typed) subjects.push(await subjectOf(each, flags, desk, 'explore'))
  const book = await bookFor(flags)
  const words = ['compare', ...subjects.map(named)]
  const served = await serving(flags, book, words, desk)
  const page = pageOf(desk.out, desk.env, flags)
  const told: Telling[] = []
  for (const subject of subjects) {
    const taken: Taken[] = []
    const report = await explored(
      subject,
      flags,
      served?.deskFor(named(subject)) ?? desk,
      book && ((each) => taken.push(each)),
    )
    told.push(await telling(subject, { report, taken }, flags, book))
    served?.changed()
    if (desk.stop.aborted) break
  }
  const [before, after] = told
  if (!before || !after) return 3
  if (flags.json)
    desk.out.write(
      printJson({ version, before: documentOf(subjects[0]!, before), after: documentOf(subjects[1]!, after) }),
    )
  else {
    const first = [verdictLine(subjects[0]!, before), '', '']
    const heading = `From ${subjects[0]!.name} to ${subjects[1]!.name}`
    const changes = sinceThen(knownOf(before.report), knownOf(after.report), page, heading)
    const lines = first.flatMap((line) => wrap(legible(page, line), page.columns, '    '))
    desk.out.write(`${lines.join('\n')}${after.text(page)}\n${changes}`)
  }
  await writePage(book, flags, words, desk)
  await served?.ended()
  return exitCode(overall(after.report))

  function verdictLine(subject: Subject, { report }: Telling): string {
    return `${glyphOf(overall(report), page.glyphs)} ${named(subject)}   ${verdictWords(report)}`
  }
}

const named = ({ name, choices }: Subject): string => printSubject(name, choices)

const documentOf = ({ name, choices }: Subject, { report }: Telling): object => exploreDocument(name, choices, report)
