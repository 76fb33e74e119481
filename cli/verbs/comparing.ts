/** What `relock compare` does: one scenario under every protocol, or what a family of them claims. */
import { replay } from '../../explore/index.ts'
import { printSubject } from '../../report/address.ts'
import { compareTable } from '../../report/compare.ts'
import { familyTable, familyVerdict, type Searched } from '../../report/family.ts'
import { compareDocument, familyDocument, printJson } from '../../report/json.ts'
import { codeOfAll } from '../../report/summary.ts'
import { exitCode } from '../../report/verdict.ts'
import { decided, formAmong, formsOf, headOf, type Choices } from '../../scenarios/choices.ts'
import type { Scenario } from '../../scenarios/unmap/scenario.ts'
import { searchesOf, tableOf, type FamilyTable } from '../../scenarios/table.ts'
import type { Book } from '../../page/make/book.ts'
import { builtInScenario, builtInScenarios } from '../built-in.ts'
import type { Desk } from '../desk.ts'
import { pageOf, type Flags } from '../flags.ts'
import { addSearch, addTable, bookFor, writePage } from '../html.ts'
import { serving } from './serve.ts'
import { asked, checked, isPath, scenarioNamed } from '../subject.ts'
import { outcomeOf, searchedTogether } from '../together.ts'

export const compared = async (typed: string, flags: Flags, desk: Desk): Promise<number> => {
  const { name, asked: wanted } = asked(typed, flags)
  const table = isPath(name) ? undefined : await familyNamed(name)
  if (table) return compareFamily(table, checked(`compare ${name}`, table.stories, wanted), flags, desk)
  const scenario = await scenarioNamed(name, desk, { command: 'compare', ms: flags.ms })
  const these = checked(`compare ${name}`, [scenario], wanted)
  const head = headOf(scenario.choices.options)
  const book = await bookFor(flags)
  const served = await serving(flags, book, ['compare', printSubject(name, these)], desk)
  const forms = formsOf(scenario, these).map((form) => ({
    protocol: formAmong(scenario.choices.options, form) || scenario.name,
    choices: decided(scenario.choices, { ...these, ...form }),
  }))
  const subjects = forms.map(({ choices }) => ({ scenario, name, choices }))
  const title = `${printSubject(name, these)} · ${flags.strategy}`
  const found = await searchedTogether(subjects, { flags, desk, title, served, taken: false })
  const all = forms.map((form, index) => ({ ...form, ...outcomeOf(found[index]) }))
  const rows = all.flatMap((row) => ('report' in row ? [row] : []))
  const unreported = all.flatMap((row) => ('report' in row ? [] : [row]))
  if (book) {
    const told = rows.map((row) => ({ ...row, ...worldOf(scenario, row.choices, book) }))
    const searches = told.map((row) => ({ ...row, scenario: scenario.name, column: row.protocol }))
    const columns = rows.map(({ protocol }) => protocol)
    const table = { family: name, asked: these, columns, searches, kinds: [] }
    await addTable(book, table, ({ column }) => told.find(({ protocol }) => protocol === column)!)
    for (const { system, choices, report } of told)
      await addSearch(book, {
        ...{ scenario: scenario.name, choices, report, system },
        traceOf: (schedule) => replay(system, schedule),
      })
  }
  served?.changed()
  await writePage(book, flags, ['compare', printSubject(name, these)], desk)
  const page = pageOf(desk.out, desk.env, flags)
  desk.out.write(flags.json ? printJson(compareDocument(name, rows, unreported)) : compareTable(name, all, page, head))
  await served?.ended()
  return codeOfAll(all)
}

/** What a family promises, as a table; undefined: it is no family, but a scenario, or nothing. */
const familyNamed = async (name: string): Promise<FamilyTable | undefined> => {
  return (await builtInScenario(name)) ? undefined : tableOf(name, await builtInScenarios())
}

const compareFamily = async (
  table: FamilyTable,
  asked: Partial<Choices>,
  flags: Flags,
  desk: Desk,
): Promise<number> => {
  const plan = searchesOf(table, asked).map(({ scenario, column, choices }) => ({
    of: scenario,
    scenario: scenario.name,
    column,
    choices,
    properties: scenario.properties(choices),
  }))
  const title = `${printSubject(table.family, asked)} · ${flags.strategy}`
  const words = ['compare', printSubject(table.family, asked)]
  const book = await bookFor(flags)
  const served = await serving(flags, book, words, desk)
  const subjects = plan.map(({ of, scenario: name, choices }) => ({ scenario: of, name, choices }))
  const found = await searchedTogether(subjects, { flags, desk, title, served, taken: false })
  const searches: readonly Searched[] = plan.map((each, index) => ({ ...each, ...outcomeOf(found[index]) }))
  const { family, stories } = table
  const columns = table.columns.filter((column) => searches.some((search) => search.column === column))
  const kinds = stories.flatMap(({ inTable }) => (Array.isArray(inTable) ? (inTable as readonly string[]) : []))
  const report = { family, asked, columns, searches, kinds }
  if (book)
    await addTable(book, report, (search) => {
      const { of, choices } = plan.find(
        ({ scenario, column }) => scenario === search.scenario && column === search.column,
      )!
      return worldOf(of, choices, book)
    })
  served?.changed()
  await writePage(book, flags, words, desk)
  desk.out.write(
    flags.json ? printJson(familyDocument(report)) : familyTable(report, pageOf(desk.out, desk.env, flags), flags),
  )
  await served?.ended()
  return exitCode(familyVerdict(report))
}

const worldOf = (scenario: Scenario, choices: Choices, book: Book) => {
  const system = scenario.system(choices)
  book.know(system, scenario.world(choices).actors)
  return { system, properties: scenario.properties(choices) }
}
