/** `relock explore`: every order of a scenario, and a report; of a family, and one summary. */
import type { Command } from 'commander'
import type { Taken } from '../../explore/outcome/taken.ts'
import { printSubject } from '../../report/address.ts'
import * as errors from '../../report/errors.ts'
import { printJson, unexploredDocument, untoldDocument } from '../../report/json.ts'
import { stoppedBefore } from '../../report/unreported.ts'
import { codeOfAll, summary } from '../../report/summary.ts'
import { exitCode, overall } from '../../report/verdict.ts'
import { formAmong } from '../../scenarios/choices.ts'
import type { Book } from '../../page/make/book.ts'
import { insistOnFolder } from '../checkpoints.ts'
import type { Desk } from '../desk.ts'
import { pageOf, onlyInOrder, withOrder, withRuns, withSearch, type Done, type Flags } from '../flags.ts'
import { bookFor, writePage } from '../html.ts'
import { withMemory } from '../memory.ts'
import { number } from '../numbers.ts'
import { isTold, withReporters, writeReports } from '../reporters.ts'
import { explored, insistOnGoals } from '../searched.ts'
import { serving, withPage, type Serving } from './serve.ts'
import { familyOf, subjectOf, type Family, type Subject } from '../subject.ts'
import { telling, type Telling } from '../telling.ts'
import { outcomeOf, searchedTogether } from '../together.ts'

/** What was asked for, and where it is told. */
interface Task {
  readonly subjects: readonly Subject[]
  readonly families: readonly Family[]
  /** As addresses begin; a family by its name. */
  readonly words: readonly string[]
  readonly flags: Flags
  readonly desk: Desk
  readonly book: Book | undefined
  readonly served: Serving | undefined
}

interface Ended {
  readonly told: readonly Telling[]
  readonly code: number
}

const asTyped = ({ name, choices }: Subject): string => printSubject(name, choices)

const explore = async (names: readonly string[], flags: Flags, desk: Desk): Promise<number> => {
  const book = await bookFor(flags)
  // A slip in the last name is told before hours are spent on the first.
  const asked: (Family | Subject)[] = []
  for (const name of names) asked.push((await familyOf(name, flags)) ?? (await subjectOf(name, flags, desk, 'explore')))
  const families = asked.filter((each) => 'subjects' in each)
  const subjects = asked.flatMap((each) => ('subjects' in each ? each.subjects : each))
  insistOnFolder(flags, subjects)
  const isOne = families.length === 0 && subjects.length === 1
  if (flags.after !== undefined && !isOne) throw errors.afterOne()
  if (flags.order !== undefined && !isOne) throw errors.orderOne('explore')
  const words = ['explore', ...asked.map((each) => ('subjects' in each ? each.title : asTyped(each)))]
  const served = await serving(flags, book, words, desk)
  const task = { subjects, families, words, flags, desk, book, served }
  const { told, code } = await (families.length > 0 ? asOne(task) : oneByOne(task))
  writeReports(flags, { all: told.map(({ explored }) => explored) }, desk)
  await writePage(book, flags, words, desk)
  await served?.ended()
  return code
}

/** A report as soon as each is searched. */
const oneByOne = async ({ subjects, flags, desk, book, served }: Task): Promise<Ended> => {
  insistOnGoals(subjects, flags)
  const page = pageOf(desk.out, desk.env, flags)
  const told: Telling[] = []
  for (const one of subjects) {
    if (desk.stop.aborted && told.length > 0) break
    const taken: Taken[] = []
    const at = served?.deskFor(asTyped(one)) ?? desk
    const report = await explored(one, flags, at, book && ((each) => taken.push(each)))
    const each = await telling(one, { report, taken }, flags, book)
    served?.changed()
    if (!flags.json && isTold(flags)) desk.out.write(`${told.length > 0 ? '\n' : ''}${each.text(page)}`)
    told.push(each)
  }
  const documents = [
    ...told.map((each) => each.document()),
    ...subjects.slice(told.length).map(({ name, choices }) => unexploredDocument(name, choices, stoppedBefore)),
  ]
  if (flags.json) desk.out.write(printJson(subjects.length === 1 ? documents[0] : documents))
  const codes: number[] = told.map(({ report }) => exitCode(overall(report)))
  // Stopped: nothing is known of the others.
  if (told.length < subjects.length) codes.push(3)
  return { told, code: codes.includes(1) ? 1 : Math.max(0, ...codes) }
}

/** All at once, as far as there are cores, and one summary. */
export const asOne = async ({ subjects, families, words, flags, desk, book, served }: Task): Promise<Ended> => {
  const page = pageOf(desk.out, desk.env, flags)
  const title = words.slice(1).join(' ')
  const found = await searchedTogether(subjects, {
    ...{ flags, desk, served, taken: book !== undefined },
    title: `${title} · ${flags.strategy}`,
  })
  const tellings: (Telling | undefined)[] = []
  for (const [index, one] of subjects.entries()) {
    const over = found[index]
    const each = over && 'report' in over ? await telling(one, over, flags, book) : undefined
    tellings.push(each)
    if (each && flags.all && !flags.json && isTold(flags)) desk.out.write(`${each.text(page)}\n`)
  }
  const told = tellings.flatMap((each) => each ?? [])
  served?.changed()
  const isShared = (name: string): boolean => subjects.filter((each) => each.name === name).length > 1
  const all = subjects.map(({ name, choices, scenario }, index) => ({
    ...{ name, choices, byDefault: scenario.choices.default },
    ...(isShared(name) && { form: formAmong(scenario.choices.options, choices) }),
    ...outcomeOf(found[index]),
  }))
  const left = families.flatMap((family) => family.left)
  const saved = savedIn(told)
  // Every one, with what became of it.
  const documents = () =>
    subjects.map(({ name, choices }, index) => {
      const outcome = outcomeOf(found[index])
      return 'missing' in outcome ? unexploredDocument(name, choices, outcome) : tellings[index]!.document()
    })
  if (flags.json) desk.out.write(printJson([...documents(), ...left.map(untoldDocument)]))
  else if (isTold(flags)) desk.out.write(summary(all, page, { title, left, ...(saved !== undefined && { saved }) }))
  return { told, code: codeOfAll(all) }
}

/** Where the runs lie, or why one does not. */
const savedIn = (told: readonly Telling[]): string | undefined => {
  const all = told.flatMap(({ saved }) => saved ?? [])
  const lost = all.find(({ run }) => run === undefined)
  if (lost) return lost.said
  return all.length === 0 ? undefined : '.relock/, a folder for each that is violated'
}

export const exploreCommand = (root: Command, desk: Desk, done: Done): Command =>
  withPage(
    withReporters(
      withRuns(
        withSearch(
          withMemory(
            withOrder(root.command('explore <scenario...>'), onlyInOrder)
              .description('every order of scenarios, of all in a family (or `all`), or of your own ./file.ts')
              .option('--checkpoint <folder>', 'keep the search there, and go on from what is kept')
              .addOption(number('workers')),
          ).option('--after <address>', 'only what comes after a run, or after its first steps'),
        ),
      ),
    ),
  ).action(async (names: string[], flags: Flags) => done(await explore(names, flags, desk)))
