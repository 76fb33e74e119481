/** What `relock check` does: every scenario of a project, and one summary. */
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { glob } from 'tinyglobby'
import { replay } from '../explore/index.ts'
import type { Schedule } from '../explore/report.ts'
import { printSubject } from '../report/address.ts'
import * as errors from '../report/check/errors.ts'
import { checkCode, judge, tellCheck, type Checked } from '../report/check/summary.ts'
import type { Explored } from '../report/reporters/told.ts'
import { issuesOf, tellReport, type Issue } from '../report/text.ts'
import { counted } from '../report/words.ts'
import { decided, type Choices } from '../scenarios/choices.ts'
import type { Expected, Scenario } from '../scenarios/told.ts'
import { keyOf, readBaseline, writeBaseline, type Accepted } from './check/baseline.ts'
import { configuration, type Budget, type Found } from './check/config.ts'
import { searchAll, type Answer } from './check/searches.ts'
import type { Desk } from './desk.ts'
import { pageOf, type PaperFlags } from './flags.ts'
import { isTold, reporterOf, writeReports, type Reporter } from './reporters.ts'
import { isPath, scenarioNamed } from './subject.ts'

export interface CheckFlags extends PaperFlags {
  readonly config?: string
  readonly accept?: boolean
  readonly parallel?: number
  readonly states?: number
  readonly depth?: number
  readonly ms?: number
}

/** One search, and what its scenario expects of it, if it does. */
interface Search {
  readonly name: string
  readonly scenario: Scenario
  readonly choices: Choices
  readonly expected: Expected | undefined
  readonly budget: Budget
}

const isName = (word: string): boolean => /^[a-z][\w+-]*$/.test(word)

/** The files and names, in the order of the configuration. */
const namesIn = async ({ config, folder }: Found): Promise<readonly (readonly [name: string, key: string])[]> => {
  const words = [config.scenarios].flat()
  const globs = words.filter((word) => !isName(word))
  const files =
    globs.length === 0
      ? []
      : await glob(globs, {
          cwd: folder,
          ignore: ['**/node_modules/**', ...(config.ignore ?? [])],
          expandDirectories: false,
        })
  const here = files.toSorted().map((file) => [`./${relative(process.cwd(), join(folder, file))}`, file] as const)
  const found = [...here, ...words.filter(isName).map((word) => [word, word] as const)]
  if (found.length === 0) throw errors.nothingToCheck(words)
  return found
}

const searchesOf = (name: string, scenario: Scenario, budget: Budget): readonly Search[] => {
  const cases = scenario.expected.map((expected) => ({ expected, asked: expected as object }))
  return (cases.length === 0 ? [{ expected: undefined, asked: {} }] : cases).map(({ expected, asked }) => ({
    ...{ name, scenario, expected, budget },
    choices: decided(scenario.choices, asked),
  }))
}

const planned = async (found: Found, flags: CheckFlags, desk: Desk): Promise<readonly Search[]> => {
  const { budget = {}, budgets = {} } = found.config
  const typed = {
    ...(flags.states && { states: flags.states }),
    ...(flags.depth && { depth: flags.depth }),
    ...(flags.ms && { ms: flags.ms }),
  }
  const all: Search[] = []
  for (const [name, key] of await namesIn(found)) {
    const own = { ...budget, ...budgets[key], ...typed }
    all.push(...searchesOf(name, await scenarioNamed(name, desk, { command: 'check', ms: own.ms }), own))
  }
  return all
}

/** What came of a search: what is said of it, and what there is to tell. */
interface Judged {
  readonly checked: Checked
  readonly explored?: Explored
  /** Findings that could be accepted: a scenario that expects what it finds needs nobody to. */
  readonly seen: readonly Accepted[]
}

const judged = ({ name, scenario, choices, expected }: Search, answer: Answer, known: ReadonlySet<string>): Judged => {
  const of = printSubject(name, choices)
  if ('failed' in answer) return { checked: { name: of, outcome: 'failed', why: answer.failed, accepted: 0 }, seen: [] }
  const { report } = answer
  const isAccepted = (kind: string, title: string): boolean => known.has(keyOf({ of, kind, title }))
  const checked = judge(of, report, expected, isAccepted)
  const system = scenario.system(choices)
  const explored = {
    ...{ scenario: name, choices, report, byDefault: scenario.choices.default },
    traceOf: (schedule: Schedule) => replay(system, schedule),
    accepted: ({ kind, title }: Issue) => checked.outcome === 'as it should be' || isAccepted(kind, title),
    ...(isPath(name) && { file: name }),
  }
  const seen = expected === undefined ? issuesOf(report).map(({ kind, title }) => ({ of, kind, title })) : []
  return { checked, explored, seen }
}

export const checkAll = async (flags: CheckFlags, desk: Desk): Promise<number> => {
  const page = pageOf(desk.out, desk.env, flags)
  const { config, folder } = await configuration(flags.config, desk)
  const reporter = (config.reporters ?? []).reduce<readonly Reporter[]>(
    (so, word) => reporterOf(word, so),
    flags.reporter ?? [],
  )
  const baseline = join(folder, config.baseline ?? 'relock.baseline.json')
  const known = readBaseline(baseline)
  const keys = new Set(known.map(keyOf))
  const searches = await planned({ config, folder }, flags, desk)
  const parallel = flags.parallel ?? config.parallel ?? availableParallelism()
  const answers = await searchAll(searches, parallel, desk.stop, (done) => {
    if (desk.err.isTTY)
      desk.err.write(`\rchecking  ${done} of ${searches.length}${done === searches.length ? '\n' : ''}`)
  })
  const all = searches.map((search, index) => judged(search, answers[index]!, keys))
  const isPrinted = isTold({ reporter })
  for (const { checked, explored } of all)
    if (isPrinted && explored && checked.outcome === 'violated')
      desk.out.write(`${tellReport(explored, page, flags)}\n`)
  writeReports(
    { reporter },
    all.flatMap(({ explored }) => explored ?? []),
    desk,
  )
  const seen = all.flatMap((each) => each.seen)
  const now = new Set(seen.map(keyOf))
  const gone = known.filter((each) => !now.has(keyOf(each))).map(({ of, title }) => `${title} (${of})`)
  const told = all.map(({ checked }) => checked)
  if (isPrinted) desk.out.write(tellCheck(told, gone, page))
  if (!flags.accept) return checkCode(told)
  writeBaseline(baseline, seen)
  desk.err.write(`Accepted ${counted(seen.length, 'finding')} in ${relative(process.cwd(), baseline)}\n`)
  return 0
}
