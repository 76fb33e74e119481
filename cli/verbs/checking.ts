/** What `relock check` does: every scenario of a project, and one summary. */
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { glob } from 'tinyglobby'
import { printSubject } from '../../report/address.ts'
import * as errors from '../../report/check/errors.ts'
import { checkCode, judge, tellCheck, type Checked } from '../../report/check/summary.ts'
import type { Explored } from '../../report/reporters/told.ts'
import { issuesOf, type Issue } from '../../report/issues.ts'
import { tellReport } from '../../report/text.ts'
import { counted } from '../../report/words.ts'
import { decided, type Choices } from '../../scenarios/choices.ts'
import type { Expected } from '../../scenarios/told.ts'
import { keyOf, readBaseline, writeBaseline, type Accepted } from '../check/baseline.ts'
import { configuration, type Budget, type Found } from '../check/config.ts'
import { answerOf, outlineOf, type Answer, type Failed } from '../check/searches.ts'
import type { Desk } from '../desk.ts'
import { elsewhere, searching, type Elsewhere, type Outline } from '../threads/elsewhere.ts'
import { pageOf, type PaperFlags } from '../flags.ts'
import { isTold, reporterOf, writeReports, type Reporter } from '../reporters.ts'
import { isPath, scenarioNamed } from '../subject.ts'

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
  readonly scenario: Outline
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

const searchesOf = (name: string, scenario: Outline, budget: Budget): readonly Search[] => {
  const cases = scenario.expected.map((expected) => ({ expected, asked: expected as object }))
  return (cases.length === 0 ? [{ expected: undefined, asked: {} }] : cases).map(({ expected, asked }) => ({
    ...{ name, scenario, expected, budget },
    choices: decided(scenario.choices, asked),
  }))
}

/** A scenario of the configuration, and what a search of it may take. */
interface Named {
  readonly name: string
  readonly budget: Budget
}

const named = async (found: Found, flags: CheckFlags): Promise<readonly Named[]> => {
  const { budget = {}, budgets = {} } = found.config
  const typed = {
    ...(flags.states && { states: flags.states }),
    ...(flags.depth && { depth: flags.depth }),
    ...(flags.ms && { ms: flags.ms }),
  }
  const all = await namesIn(found)
  return all.map(([name, key]) => ({ name, budget: { ...budget, ...budgets[key], ...typed } }))
}

/** A search for each thing that a scenario expects, begun as soon as that is known; of a file that cannot be read why. */
const begun = async (
  all: readonly Named[],
  threads: Elsewhere,
  desk: Desk,
  told: () => void,
): Promise<readonly (Begun | Unread)[]> => {
  // A slip in a name is told before anything is read.
  const builtIn = new Map<string, Outline>()
  for (const { name } of all)
    if (!isPath(name)) builtIn.set(name, await scenarioNamed(name, desk, { command: 'check' }))
  const searches = all.map(async ({ name, budget }): Promise<readonly (Begun | Unread)[]> => {
    const outline = builtIn.get(name) ?? (await outlineOf(name, budget, threads, desk.stop))
    if ('failed' in outline) return [{ name, ...outline }]
    return searchesOf(name, outline, budget).map((search) => ({
      ...search,
      answer: answerOf(search, threads, desk.stop).finally(told),
    }))
  })
  return (await Promise.all(searches)).flat()
}

interface Begun extends Search {
  readonly answer: Promise<Answer>
}

type Unread = Failed & Pick<Named, 'name'>

/** What came of a search: what is said of it, and what there is to tell. */
interface Judged {
  readonly checked: Checked
  readonly explored?: Explored
  /** Of what could not be searched, if it is a file. */
  readonly file?: string
  /** Findings that could be accepted: a scenario that expects what it finds needs nobody to. */
  readonly seen: readonly Accepted[]
}

/** `name` begins its line, and need not be said again. */
const unjudged = (name: string, of: string, { failed }: Failed): Judged => ({
  checked: { name: of, outcome: 'failed', why: failed.replace(/^\S+\.[cm]?[jt]s (?=[a-z])/, ''), accepted: 0 },
  ...(isPath(name) && { file: name }),
  seen: [],
})

const judged = ({ name, scenario, choices, expected }: Search, answer: Answer, known: ReadonlySet<string>): Judged => {
  const of = printSubject(name, choices)
  if ('failed' in answer) return unjudged(name, of, answer)
  // What was found by then may be what it expects, or what somebody has accepted: that cannot be told without a report.
  if ('missing' in answer)
    return { checked: { name: of, outcome: 'undecided', why: answer.missing, accepted: 0 }, seen: [] }
  const { report, traceOf } = answer
  const isAccepted = (kind: string, title: string): boolean => known.has(keyOf({ of, kind, title }))
  const checked = judge(of, report, expected, isAccepted)
  const explored = {
    ...{ scenario: name, choices, report, traceOf, byDefault: scenario.choices.default },
    accepted: ({ kind, title }: Issue) => isAccepted(kind, title),
    ...(expected && checked.outcome === 'as it should be' && { expected: true as const }),
    ...(expected && checked.outcome === 'violated' && { otherwise: checked.why }),
    ...(isPath(name) && { file: name }),
  }
  const seen = expected === undefined ? issuesOf(report).map(({ kind, title }) => ({ of, kind, title })) : []
  return { checked, explored, seen }
}

/** All that are named, in their order. */
const judgedAll = async (
  scenarios: readonly Named[],
  threads: Elsewhere,
  desk: Desk,
  known: ReadonlySet<string>,
): Promise<readonly Judged[]> => {
  let done = 0
  let all = Infinity
  const tell = (): void => {
    // How many there are is known when all files are read.
    if (desk.err.isTTY && done > 0 && all < Infinity)
      desk.err.write(`\rchecking  ${done} of ${all}${done === all ? '\n' : ''}`)
  }
  const searches = await begun(scenarios, threads, desk, () => {
    done++
    tell()
  })
  all = searches.filter((each) => !('failed' in each)).length
  tell()
  return Promise.all(
    searches.map(async (each) =>
      'failed' in each ? unjudged(each.name, each.name, each) : judged(each, await each.answer, known),
    ),
  )
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
  const scenarios = await named({ config, folder }, flags)
  const threads = elsewhere(searching(), flags.parallel ?? config.parallel ?? availableParallelism(), desk.whereIs)
  const all = await judgedAll(scenarios, threads, desk, keys).finally(() => threads.end())
  const isPrinted = isTold({ reporter })
  for (const { checked, explored } of all)
    if (isPrinted && explored && checked.outcome === 'violated')
      desk.out.write(`${tellReport(explored, page, flags)}\n`)
  writeReports(
    { reporter },
    {
      all: all.flatMap(({ explored }) => explored ?? []),
      failed: all.flatMap(({ checked, file }) =>
        checked.outcome === 'failed' ? { ...checked, ...(file !== undefined && { file }) } : [],
      ),
    },
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
