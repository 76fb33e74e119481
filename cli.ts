#!/usr/bin/env node
/** The program: reads the command line, explores or replays, and lets report/ say what came out. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError, Option } from 'commander'
import { lastValueFrom, tap } from 'rxjs'
import type { ConformFlags } from './cli-conform.ts'
import { exploration } from './actors/exploration.ts'
import { loadScenario, NotAScenario, Unreadable } from './scenarios/load.ts'
import { replay, type ExploreOptions } from './explore/index.ts'
import { lockdep, lockdepOf } from './explore/lockdep.ts'
import type { Progress, Report } from './explore/report.ts'
import type { System } from './explore/system.ts'
import type { Trace } from './explore/trace.ts'
import { catalogue } from './machines/catalogue.ts'
import { parseAddress, parseSubject, printAddress, printSubject, type Address, type Chosen } from './report/address.ts'
import { brokenClaim } from './report/claims.ts'
import { compareTable } from './report/compare.ts'
import { familyTable, familyVerdict, tableLine, type Searched } from './report/family.ts'
import * as errors from './report/errors.ts'
import { fittingTrace, recordedElsewhere } from './report/follow.ts'
import { machineDot, traceDot } from './report/formats/dot.ts'
import { readTraceJson, traceJson } from './report/formats/json.ts'
import type { StateLike } from './report/formats/machine.ts'
import { lockOrderDiagram, lockOrderDot } from './report/formats/lock-order.ts'
import { sanitizerLog } from './report/formats/sanitizer.ts'
import { sequenceDiagram, stateDiagram } from './report/formats/mermaid.ts'
import { compareDocument, exploreDocument, familyDocument, listDocument, printJson } from './report/json.ts'
import { listScenarios } from './report/list.ts'
import { lockdepDocument, lockdepVerdict, tellLockdep, type LockdepSubject } from './report/lockdep-text.ts'
import { progressLine, showLine } from './report/progress.ts'
import { savedRun, saveRun } from './report/save.ts'
import { wrongIn, type Wrong } from './report/sides.ts'
import { pageFor, type Page } from './report/style.ts'
import { addressOf, inversionOf, issuesOf, tellReport, tellTrace } from './report/text.ts'
import { exitCode, overall } from './report/verdict.ts'
import { findScenario, scenarios } from './scenarios/index.ts'
import { choiceNames, knownChoices, decided, formOf, formsOf, type ChoiceName } from './scenarios/choices.ts'
import type { Choices, Scenario } from './scenarios/scenario.ts'
import { optionOf, searchesOf, tableOf, type FamilyTable } from './scenarios/table.ts'

interface Flags extends Readonly<Partial<Record<ChoiceName, string>>> {
  readonly tasks?: number
  readonly strategy: 'breadth' | 'random' | 'pct'
  readonly seed: number
  readonly runs: number
  readonly preemptions: number
  readonly states?: number
  readonly depth?: number
  readonly ms?: number
  readonly reduction: boolean
  readonly stopAtFirst?: boolean
  readonly ignored: 'show' | 'fail'
  readonly json?: boolean
  readonly ascii?: boolean
  readonly list?: boolean
  readonly all?: boolean
  readonly quiet?: boolean
}

/** Ctrl-C asks the search to stop and report; a second one is the shell's business again. */
const stop = new AbortController()
process.once('SIGINT', () => stop.abort())

const say = (text: string): void => void process.stdout.write(text)
const pageOf = ({ ascii }: Pick<Flags, 'ascii'>) => pageFor(process.stdout, process.env, ascii ? { ascii } : {})

const families = [...new Set(scenarios.map(({ family }) => family))]

const isPath = (name: string): boolean => /^[./~]|\.[cm]?[jt]s$/.test(name)

/** The user's own scenario files: what throws there is not a fault of ours. */
const files: string[] = []

const scenarioNamed = async (name: string, command = 'explore'): Promise<Scenario> => {
  if (name.includes('.jsonl')) {
    const { raceNamed } = await import('./cli-conform.ts')
    const race = raceNamed(name)
    if (race) return race
  }
  if (!isPath(name)) {
    const found = findScenario(name)
    if (found) return found
    const names = scenarios.map((scenario) => scenario.name)
    throw errors.unknownScenario(name, command === 'compare' ? [...names, ...families] : names, command)
  }
  files.push(name, resolve(name))
  try {
    return await loadScenario(name)
  } catch (error) {
    if (error instanceof NotAScenario) throw errors.notAScenario(name, error.message, error.lacks)
    if (error instanceof Unreadable)
      throw errors.failedFile(name, 'cannot be read.', errors.linesOf(error.cause, files))
    throw error
  }
}

/** Choices as addresses print them, without whatever else is among them. */
const inOrder = (chosen: object): Chosen => {
  const given = new Map(Object.entries(chosen) as [string, string | number][])
  return Object.fromEntries(
    [...choiceNames, 'tasks'].flatMap((name) => (given.has(name) ? [[name, given.get(name)]] : [])),
  )
}

/** What was asked of several stories, if any of them can be told so; `command` is what is tried instead. */
const checked = (command: string, stories: readonly Scenario[], { tasks, ...words }: Chosen): Partial<Choices> => {
  const ranges = stories.map(({ choices }) => choices.tasks)
  const range = {
    least: Math.min(...ranges.map(({ least }) => least)),
    most: Math.max(...ranges.map(({ most }) => most)),
  }
  const name = command.slice(command.indexOf(' ') + 1)
  for (const [option, value] of Object.entries(words) as [ChoiceName, string][]) {
    const known = [...new Set(stories.flatMap((story) => optionOf(story, option)?.values ?? []))]
    if (known.length === 0) {
      const has = choiceNames.filter((each) => stories.some((story) => optionOf(story, each)))
      throw errors.nothingToChoose(option, command, [...has, ...(range.most > range.least ? ['tasks'] : [])])
    }
    if (!known.includes(value)) throw errors.unknownValue(option, knownChoices[option].what, value, command, known)
  }
  if (tasks !== undefined && !ranges.some(({ least, most }) => Number(tasks) >= least && Number(tasks) <= most))
    throw errors.wrongTasks(`${tasks}`, name, range, command)
  return { ...words, ...(tasks !== undefined && { tasks: Number(tasks) }) }
}

/** What was asked for, if this scenario has it; its defaults where nothing was. */
const chosen = (name: string, scenario: Scenario, asked: Chosen): Choices => {
  const { tasks: _, ...words } = checked(`explore ${name}`, [scenario], asked)
  const choices = decided(scenario.choices, asked)
  const idle = (Object.keys(words) as ChoiceName[]).find((option) => !(option in choices))
  if (idle === undefined) return choices
  throw errors.notWithThese(idle, name, printSubject(name, choices), scenario.choices.options[idle]?.only ?? {})
}

const optionsOf = ({
  strategy,
  seed,
  runs,
  preemptions,
  states,
  depth,
  ms,
  reduction,
  stopAtFirst,
  ignored,
}: Flags): ExploreOptions => ({
  search:
    strategy === 'random'
      ? { random: { seed, runs } }
      : strategy === 'pct'
        ? { pct: { seed, runs, preemptions } }
        : 'breadth',
  within: { ...(states && { states }), ...(depth && { depth }), ...(ms && { ms }) },
  reduction,
  stopAtFirst: stopAtFirst ?? false,
  ignored,
  signal: stop.signal,
})

const searched = async (
  scenario: Scenario,
  choices: Choices,
  flags: Flags,
  update: (progress: Progress) => void,
): Promise<Report> => {
  const events = exploration(scenario.system(choices), scenario.properties(choices), optionsOf(flags))
  const last = await lastValueFrom(events.pipe(tap((event) => event.type === 'progress' && update(event.progress))))
  if (last.type !== 'report') throw new Error('the search ended without a report')
  return last.report
}

/** Progress goes to the error stream, so that the report can be piped. */
const watching = async <Told, Result>(
  flags: Flags,
  title: string,
  lineOf: (told: Told, page: Page) => string,
  work: (update: (told: Told) => void) => Promise<Result>,
): Promise<Result> => {
  const page = pageFor(process.stderr, process.env, flags.ascii ? { ascii: true } : {})
  const view = flags.quiet || flags.json ? undefined : showLine(process.stderr, page, title, lineOf)
  try {
    return await work((told) => view?.update(told))
  } finally {
    view?.done()
  }
}

const explored = (scenario: Scenario, name: string, choices: Choices, flags: Flags): Promise<Report> =>
  watching(flags, `${printSubject(name, choices)} · ${flags.strategy}`, progressLine, (update) =>
    searched(scenario, choices, flags, update),
  )

/** `name,unmap=…` as a verdict line has it, and options, which win over it. */
const asked = (typed: string, flags: Flags): { readonly name: string; readonly asked: Chosen } => {
  const { scenario: name, choices } = existsSync(typed) ? { scenario: typed, choices: {} } : parseSubject(typed)
  return { name, asked: { ...choices, ...inOrder(flags) } }
}

/** A scenario and the choices for it, from what was typed. */
const subjectOf = async (
  typed: string,
  flags: Flags,
): Promise<{ name: string; scenario: Scenario; choices: Choices }> => {
  const { name, asked: wanted } = asked(typed, flags)
  const scenario = await scenarioNamed(name)
  return { name, scenario, choices: chosen(name, scenario, wanted) }
}

const explore = async (names: readonly string[], flags: Flags): Promise<number> => {
  const page = pageOf(flags)
  const documents: object[] = []
  const codes: number[] = []
  // A slip in the last name is told before hours are spent on the first.
  const subjects: Awaited<ReturnType<typeof subjectOf>>[] = []
  for (const name of names) subjects.push(await subjectOf(name, flags))
  for (const { name, scenario, choices } of subjects) {
    const system = scenario.system(choices)
    const report = await explored(scenario, name, choices, flags)
    codes.push(exitCode(overall(report)))
    const traceOf = (schedule: readonly number[]): Trace => replay(system, schedule, { ignored: flags.ignored })
    const subject = { scenario: name, choices, report, traceOf, byDefault: scenario.choices.default }
    if (flags.json) {
      documents.push(exploreDocument(name, choices, report))
    } else {
      const [first] = issuesOf(report)
      const keep = first && { address: addressOf(subject, first.schedule), trace: traceOf(first.schedule) }
      // The file is read elsewhere, so it is written for no terminal in particular.
      const plain = (): string => tellReport(subject, pageFor({ columns: 100 }, { NO_COLOR: '1' }), { all: true })
      const saved = keep && saveRun({ ...keep, text: plain() })
      say(`${codes.length > 1 ? '\n' : ''}${tellReport(subject, page, { ...flags, ...(saved && { saved }) })}`)
    }
    if (stop.signal.aborted) break
  }
  if (flags.json) say(printJson(names.length === 1 ? documents[0] : documents))
  return codes.includes(1) ? 1 : Math.max(0, ...codes)
}

interface Located {
  readonly address: Address
  readonly scenario: Scenario
  readonly choices: Choices
  readonly system: System<any>
  readonly trace: Trace
}

/** The run at an address or in a saved file, on the model as it is now. */
const locate = async (text: string): Promise<Located> => {
  const isFile = existsSync(text)
  if (!isFile && !text.includes('@')) {
    // Half an address has its @; without one it is a name, or a file that is not there.
    if (text.endsWith('.json')) throw errors.unreadable(text, 'There is no such file.')
    throw errors.notARun(text, findScenario(text) !== undefined)
  }
  const file = isFile ? readTraceJson(read(text), text) : undefined
  const given = file ?? parseAddress(text)
  const scenario = await scenarioNamed(given.scenario)
  const choices = chosen(given.scenario, scenario, given.choices)
  const address = { ...given, choices: inOrder(given.choices) }
  const system = scenario.system(choices)
  const again = (schedule: readonly number[] | readonly string[]): Trace => replay(system, schedule)
  if (address.fingerprint === system.fingerprint)
    return { address, scenario, choices, system, trace: again(address.schedule) }
  const kept = file ? { path: text, run: file } : savedRun(address)
  const trace = file && fittingTrace(file.names, again)
  // By name to the very end: then the run is as good as ever, and gets an address of its own.
  if (!trace || trace.steps.length < file.names.length)
    throw recordedElsewhere(address, system.fingerprint, kept, again)
  const schedule = trace.steps.map(({ choice }) => choice)
  return { address: { ...address, fingerprint: system.fingerprint, schedule }, scenario, choices, system, trace }
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw errors.unreadable(path, (error as Error).message)
  }
}

const whatIsWrong = ({ scenario, choices, system, trace }: Located): { trace: Trace; wrong: Wrong | undefined } => {
  // A run may break several claims on its way; it is kept for the one that its last step breaks.
  const claims = scenario.properties(choices).flatMap((property) => brokenClaim(system, [property], trace) ?? [])
  const claim = claims.find(({ at }) => at === trace.steps.length) ?? claims.toSorted((a, b) => a.at - b.at)[0]
  const wrong = wrongIn(trace)
  if (wrong && !(wrong.what === 'finding' && claim && claim.at === trace.steps.length && wrong.at < claim.at))
    return { trace, wrong }
  if (claim || !trace.steps.at(-1)?.ignored) return { trace, wrong: claim }
  const strict = replay(
    system,
    trace.steps.map(({ choice }) => choice),
    { ignored: 'fail' },
  )
  return { trace: strict, wrong: wrongIn(strict) }
}

const replayed = async (texts: readonly string[], flags: Flags): Promise<number> => {
  const told: string[] = []
  let code = 0
  for (const text of texts) {
    const located = await locate(text)
    const { trace, wrong } = whatIsWrong(located)
    const address = printAddress(located.address)
    if (wrong) code = 1
    told.push(flags.json ? traceJson(trace, address) : tellTrace(trace, pageOf(flags), { ...flags, address, wrong }))
  }
  say(flags.json && told.length > 1 ? `[${told.join(',')}]\n` : told.join('\n'))
  return code
}

const show = async (typed: string, property: string | undefined, flags: Flags): Promise<number> => {
  const { name, scenario, choices } = await subjectOf(typed, flags)
  const report = await explored(scenario, name, choices, flags)
  const issues = issuesOf(report)
  // The gravest first; a run that only shows something, if nothing is wrong.
  const known = [
    ...issues.map(({ title, schedule, property: claim }) => ({ name: claim?.name ?? title, schedule, bad: true })),
    ...report.properties.map((each) => ({ ...each, bad: false })),
  ]
  const names = [...new Set(known.map((each) => each.name))]
  const withRun = known.filter(({ schedule }) => schedule && schedule.length > 0)
  const wanted = property === undefined ? withRun[0] : known.find((each) => each.name === property)
  if (property !== undefined && !wanted) throw errors.unknownProperty(property, name, names)
  if (!wanted?.schedule) {
    const verdict = report.properties.find((each) => each.name === property)?.verdict
    throw errors.nothingToShow(property, name, verdict, [...new Set(withRun.map((each) => each.name))])
  }
  const system = scenario.system(choices)
  const trace = replay(system, wanted.schedule, { ignored: flags.ignored })
  const claims = scenario.properties(choices).filter((each) => each.name === wanted.name)
  const traceOf = (schedule: readonly number[]): Trace => replay(system, schedule)
  const subject = { scenario: name, choices, report, traceOf }
  const wrong = wanted.bad
    ? (brokenClaim(system, claims, trace) ?? inversionOf(subject, wanted.name, trace) ?? wrongIn(trace, wanted.name))
    : undefined
  const address = addressOf(subject, wanted.schedule)
  const about = wrong ? `A run that breaks it: ${wanted.name}` : `A run that shows it: ${wanted.name}`
  say(flags.json ? traceJson(trace, address) : tellTrace(trace, pageOf(flags), { ...flags, address, wrong, about }))
  return wrong ? 1 : 0
}

const compare = async (typed: string, flags: Flags): Promise<number> => {
  const { name, asked: wanted } = asked(typed, flags)
  const table = isPath(name) || findScenario(name) ? undefined : tableOf(name, scenarios)
  if (table) return compareFamily(table, checked(`compare ${name}`, table.stories, wanted), flags)
  const scenario = await scenarioNamed(name, 'compare')
  const these = checked(`compare ${name}`, [scenario], wanted)
  const rows: { protocol: string; choices: Choices; report: Report }[] = []
  for (const form of formsOf(scenario, these)) {
    const choices = decided(scenario.choices, { ...these, ...form })
    rows.push({ protocol: formOf(form), choices, report: await explored(scenario, name, choices, flags) })
    if (stop.signal.aborted) break
  }
  say(flags.json ? printJson(compareDocument(name, rows)) : compareTable(name, rows, pageOf(flags)))
  const verdicts = rows.map(({ report }) => overall(report))
  return verdicts.includes('violated') ? 1 : verdicts.includes('undecided') || stop.signal.aborted ? 3 : 0
}

const compareFamily = async (table: FamilyTable, asked: Partial<Choices>, flags: Flags): Promise<number> => {
  const plan = searchesOf(table, asked).map(({ scenario, column, choices }) => ({
    of: scenario,
    scenario: scenario.name,
    column,
    choices,
    properties: scenario.properties(choices),
  }))
  const title = `${printSubject(table.family, asked)} · ${flags.strategy}`
  const searches = await watching(flags, title, tableLine, async (update) => {
    const done: Searched[] = []
    for (const [index, each] of plan.entries()) {
      const { of, choices } = each
      const subject = printSubject(each.scenario, choices)
      const report = stop.signal.aborted
        ? undefined
        : await searched(of, choices, flags, (progress) =>
            update({ nth: index + 1, of: plan.length, subject, progress }),
          )
      done.push({ ...each, ...(report && { report }) })
    }
    return done
  })
  const { family, stories } = table
  const columns = table.columns.filter((column) => searches.some((search) => search.column === column))
  const kinds = stories.flatMap(({ inTable }) => (Array.isArray(inTable) ? (inTable as readonly string[]) : []))
  const report = { family, asked, columns, searches, kinds }
  say(flags.json ? printJson(familyDocument(report)) : familyTable(report, pageOf(flags), flags))
  return exitCode(familyVerdict(report))
}

interface LockdepFlags extends Flags {
  readonly picture?: keyof typeof lockOrderFormats
}

const lockOrderFormats = { mermaid: lockOrderDiagram, dot: lockOrderDot } as const

/** The order of locks: in the run at an address, or in every run of a scenario. */
const lockOrderOf = async (typed: string, flags: Flags): Promise<LockdepSubject> => {
  if ((typed.includes('@') && !isPath(typed)) || typed.endsWith('.json')) {
    const { address, system, trace } = await locate(typed)
    const of = printAddress(address)
    return { of, fingerprint: system.fingerprint, order: lockdep(trace), addressOf: () => of }
  }
  const { name, scenario, choices } = await subjectOf(typed, flags)
  const system = scenario.system(choices)
  const report = await explored(scenario, name, choices, flags)
  return {
    of: printSubject(name, choices),
    fingerprint: system.fingerprint,
    order: lockdepOf(report, (schedule) => replay(system, schedule)),
    report,
    addressOf: (schedule) => printAddress({ scenario: name, choices, fingerprint: system.fingerprint, schedule }),
  }
}

const lockOrders = async (typed: readonly string[], flags: LockdepFlags): Promise<number> => {
  const subjects: LockdepSubject[] = []
  for (const each of typed) {
    subjects.push(await lockOrderOf(each, flags))
    if (stop.signal.aborted) break
  }
  const { picture } = flags
  if (flags.json) say(printJson(typed.length === 1 ? lockdepDocument(subjects[0]!) : subjects.map(lockdepDocument)))
  else if (picture) say(subjects.map(({ order, of }) => lockOrderFormats[picture](order, of)).join('\n'))
  else say(subjects.map((each) => tellLockdep(each, pageOf(flags))).join('\n'))
  const codes = subjects.map((each) => exitCode(lockdepVerdict(each)))
  return codes.includes(1) ? 1 : Math.max(0, ...codes)
}

const commands = ['list', 'explore', 'replay', 'show', 'compare', 'lockdep', 'conform', 'export'] as const

const machineFormats = { mermaid: stateDiagram, dot: machineDot } as const
const formats = ['mermaid', 'dot', 'json', 'sanitizer'] as const
/** What the sanitizer says is of runs. */
const ofMachines = ['mermaid', 'dot', 'json'] as const

const exported = async (format: string, what: string, { lanes }: { lanes?: string } = {}): Promise<number> => {
  const known = formats.find((name) => name === format)
  if (known === undefined) throw errors.unknownFormat(format, formats)
  const machine = catalogue[what]
  if (machine) {
    if (known === 'sanitizer') throw errors.unknownFormat(format, ofMachines)
    say(
      known === 'json' ? printJson(machine.config) : machineFormats[known](machine.definition as unknown as StateLike),
    )
    return 0
  }
  if (!what.includes('@') && !existsSync(what)) throw errors.unknownMachine(what, Object.keys(catalogue))
  const { address, trace } = await locate(what)
  say(
    known === 'json'
      ? traceJson(trace, printAddress(address))
      : known === 'dot'
        ? traceDot(trace)
        : known === 'sanitizer'
          ? sanitizerLog(trace)
          : sequenceDiagram(trace, lanes?.split(',')),
  )
  return 0
}

const conform = async (paths: readonly string[], flags: ConformFlags): Promise<number> => {
  // A small Linux is many machines; whoever only lists or explores is spared their start.
  const { conformed } = await import('./cli-conform.ts')
  const { text, code } = await conformed(paths, flags, stop.signal)
  say(text)
  return code
}

const list = (flags: Flags): number => {
  say(flags.json ? printJson(listDocument(scenarios)) : listScenarios(scenarios, pageOf(flags)))
  return 0
}

const whole =
  (option: string) =>
  (given: string): number => {
    if (/^\d{1,15}$/.test(given)) return Number(given)
    throw errors.wrongNumber(option, given, 'a whole number')
  }

const number = (name: string, text: string, byDefault?: number): Option => {
  const option = new Option(`--${name} <n>`, text).argParser(whole(`--${name}`))
  return byDefault === undefined ? option : option.default(byDefault)
}

/** From our package.json, which lies beside the sources and above what is built. */
const versionOf = (): string => {
  const beside = new URL('package.json', import.meta.url)
  const { version } = JSON.parse(
    read(fileURLToPath(existsSync(beside) ? beside : new URL('../package.json', import.meta.url))),
  ) as { version: string }
  return version
}

const program = (done: (code: number) => void): Command => {
  const root = new Command('relock')
    .version(versionOf(), '-V, --version', 'the version')
    .description('What can another thread do between the unlock and the relock? Explores every order.')
    .exitOverride()
    .configureOutput({ outputError: () => {} })
  const paper = (command: Command): Command =>
    command
      .option('--json', 'print JSON (docs/JSON.md)')
      .option('--ascii', 'plain ASCII')
      .option('--list', 'sentences instead of lanes')
      .option('--all', 'nothing folded away: every finding, every row')
  const choosing = (command: Command): Command =>
    choiceNames.reduce((so, name) => {
      const { argument, about } = knownChoices[name]
      return so.option(`--${name} <${argument}>`, about)
    }, command)
  const search = (command: Command): Command =>
    choosing(paper(command))
      .addOption(number('tasks', 'how many tasks race'))
      .addOption(
        new Option('--strategy <name>', 'how to search').choices(['breadth', 'random', 'pct']).default('breadth'),
      )
      .addOption(number('seed', 'random and pct: seed', 1))
      .addOption(number('runs', 'random and pct: how many runs', 1000))
      .addOption(number('preemptions', 'pct: preemptions a run', 3))
      .addOption(number('states', 'bound: states'))
      .addOption(number('depth', 'bound: steps in a run'))
      .addOption(number('ms', 'bound: milliseconds'))
      .option('--no-reduction', 'explore every order of independent steps, too')
      .option('--stop-at-first', 'stop at the first violation')
      .addOption(new Option('--ignored <what>', 'messages nobody handles').choices(['show', 'fail']).default('show'))
      .option('--quiet', 'no progress')
  paper(root.command('list').description('what there is to explore')).action((flags: Flags) => done(list(flags)))
  search(
    root.command('explore <scenario...>').description('every order of one or more scenarios, or of your own ./file.ts'),
  ).action(async (names: string[], flags: Flags) => done(await explore(names, flags)))
  paper(root.command('replay <address...>').description('runs again, by their addresses or .trace.json files')).action(
    async (addresses: string[], flags: Flags) => done(await replayed(addresses, flags)),
  )
  search(root.command('show <scenario> [property]').description('a run that shows a property')).action(
    async (name: string, property: string | undefined, flags: Flags) => done(await show(name, property, flags)),
  )
  search(
    root
      .command('compare <scenario|family>')
      .description('one scenario under every protocol, or what a family of them claims'),
  ).action(async (name: string, flags: Flags) => done(await compare(name, flags)))
  search(
    root
      .command('lockdep <scenario...>')
      .description('the order of locks by class, in every run of a scenario or in the run at an address')
      .addOption(new Option('--picture <format>', 'the order as a picture').choices(Object.keys(lockOrderFormats))),
  ).action(async (names: string[], flags: LockdepFlags) => done(await lockOrders(names, flags)))
  root
    .command('conform <path...>')
    .description('answers beside those of a kernel: cases in files or folders (*.jsonl, *.jsonl.gz)')
    .option('--profile <kernel>', 'replay as this kernel, whatever the cases say')
    .option('--case <pattern>', 'only cases with this in their name')
    .option('--only <op,...>', 'compare only these operations')
    .option('--ops', 'counts of every operation')
    .option('--all', 'every disagreement in full')
    .option('--json', 'print JSON (docs/JSON.md)')
    .option('--ascii', 'plain ASCII')
    .option('--quiet', 'no progress')
    .action(async (paths: string[], flags: ConformFlags) => done(await conform(paths, flags)))
  root
    .command('export <format> <what>')
    .description('mermaid, dot or json of a machine or an address; sanitizer of an address')
    .option('--lanes <names>', 'mermaid of a run: these lanes only (with commas); the rest becomes notes')
    .action(async (format: string, what: string, flags: { lanes?: string }) =>
      done(await exported(format, what, flags)),
    )
  return root
}

// A reader that has seen enough (`| head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 4))

const command = process.argv.slice(2).find((word) => !word.startsWith('-'))

try {
  await program((code) => void (process.exitCode = code)).parseAsync()
} catch (error) {
  const width = Math.min(100, process.stderr.columns ?? 80)
  if (error instanceof CommanderError) {
    // Help and version are what was asked for; the rest is a slip.
    process.exitCode = error.exitCode === 0 ? 0 : 2
    const about = commands.find((name) => name === command)
    if (error.exitCode !== 0 && error.code !== 'commander.help')
      process.stderr.write(`${errors.sayUserError(errors.wrongUsage(error.message, about), width)}\n`)
  } else {
    const { text, code } = errors.sayError(error, { files, width })
    process.stderr.write(`${text}\n`)
    process.exitCode = code
  }
}
