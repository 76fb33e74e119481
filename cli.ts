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
import type { Report } from './explore/report.ts'
import type { System } from './explore/system.ts'
import type { Trace } from './explore/trace.ts'
import { catalogue } from './machines/catalogue.ts'
import { parseAddress, parseSubject, printAddress, printSubject, type Address } from './report/address.ts'
import { brokenClaim } from './report/claims.ts'
import { compareTable } from './report/compare.ts'
import * as errors from './report/errors.ts'
import { fittingTrace, recordedElsewhere } from './report/follow.ts'
import { machineDot, traceDot } from './report/formats/dot.ts'
import { readTraceJson, traceJson } from './report/formats/json.ts'
import type { StateLike } from './report/formats/machine.ts'
import { sequenceDiagram, stateDiagram } from './report/formats/mermaid.ts'
import { compareDocument, exploreDocument, listDocument, printJson } from './report/json.ts'
import { listScenarios } from './report/list.ts'
import { showProgress } from './report/progress.ts'
import { savedRun, saveRun } from './report/save.ts'
import { wrongIn, type Wrong } from './report/sides.ts'
import { pageFor } from './report/style.ts'
import { addressOf, issuesOf, tellReport, tellTrace } from './report/text.ts'
import { exitCode, overall } from './report/verdict.ts'
import { findScenario, scenarios } from './scenarios/index.ts'
import { formOf, formsOf, type Choices, type Scenario } from './scenarios/scenario.ts'

interface Flags {
  readonly unmap?: string
  readonly profile?: string
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

const isPath = (name: string): boolean => /^[./~]|\.[cm]?[jt]s$/.test(name)

/** The user's own scenario files: what throws there is not a fault of ours. */
const files: string[] = []

const scenarioNamed = async (name: string): Promise<Scenario> => {
  if (name.includes('.jsonl')) {
    const { raceNamed } = await import('./cli-conform.ts')
    const race = raceNamed(name)
    if (race) return race
  }
  if (!isPath(name)) {
    const found = findScenario(name)
    if (found) return found
    throw errors.unknownScenario(
      name,
      scenarios.map((scenario) => scenario.name),
    )
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

/** What was asked for in words of the scenario's own; its default where nothing was. */
const oneOf = <Name extends string>(
  asked: string | undefined,
  known: readonly Name[],
  byDefault: Name | undefined,
  complain: (asked: string) => Error,
): Name | undefined => {
  if (asked === undefined) return byDefault
  const found = known.find((name) => name === asked)
  if (found === undefined) throw complain(asked)
  return found
}

const chosen = (
  { name, choices: { unmap, profile, tasks, default: byDefault } }: Scenario,
  asked: { readonly unmap?: string; readonly profile?: string; readonly tasks?: number },
): Choices => {
  const protocol = oneOf(asked.unmap, unmap, byDefault.unmap, (word) =>
    unmap.length === 0 ? errors.nothingToChoose('--unmap', name) : errors.unknownProtocol(word, name, unmap),
  )
  const kernel = oneOf(asked.profile, profile, byDefault.profile, (word) =>
    profile.length === 0 ? errors.nothingToChoose('--profile', name) : errors.unknownProfile(word, profile),
  )
  const many = asked.tasks ?? byDefault.tasks
  if (many < tasks.least || many > tasks.most) throw errors.wrongTasks(`${many}`, name, tasks)
  return { ...(protocol && { unmap: protocol }), ...(kernel && { profile: kernel }), tasks: many }
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

/** One search, with its progress on the error stream, so that the report can be piped. */
const explored = async (scenario: Scenario, name: string, choices: Choices, flags: Flags): Promise<Report> => {
  const page = pageFor(process.stderr, process.env, flags.ascii ? { ascii: true } : {})
  const view =
    flags.quiet || flags.json
      ? undefined
      : showProgress(process.stderr, page, `${printSubject(name, choices)} · ${flags.strategy}`)
  const events = exploration(scenario.system(choices), scenario.properties(choices), optionsOf(flags))
  try {
    const last = await lastValueFrom(
      events.pipe(tap((event) => event.type === 'progress' && view?.update(event.progress))),
    )
    if (last.type !== 'report') throw new Error('the search ended without a report')
    return last.report
  } finally {
    view?.done()
  }
}

/** A scenario and the choices for it, from what was typed: options win over `name,unmap=…` as a verdict line has it. */
const subjectOf = async (
  typed: string,
  flags: Flags,
): Promise<{ name: string; scenario: Scenario; choices: Choices }> => {
  const { scenario: name, choices } = existsSync(typed) ? { scenario: typed, choices: {} } : parseSubject(typed)
  const scenario = await scenarioNamed(name)
  return { name, scenario, choices: chosen(scenario, { ...choices, ...flags }) }
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
  const address = file ?? parseAddress(text)
  const scenario = await scenarioNamed(address.scenario)
  const choices = chosen(scenario, address.choices)
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
  const wrong = wanted.bad ? (brokenClaim(system, claims, trace) ?? wrongIn(trace, wanted.name)) : undefined
  const address = addressOf({ scenario: name, choices, report, traceOf: () => trace }, wanted.schedule)
  const about = wrong ? `A run that breaks it: ${wanted.name}` : `A run that shows it: ${wanted.name}`
  say(flags.json ? traceJson(trace, address) : tellTrace(trace, pageOf(flags), { ...flags, address, wrong, about }))
  return wrong ? 1 : 0
}

const compare = async (typed: string, flags: Flags): Promise<number> => {
  const { name, scenario } = await subjectOf(typed, flags)
  const rows: { protocol: string; choices: Choices; report: Report }[] = []
  for (const form of formsOf(scenario)) {
    const choices = chosen(scenario, { ...flags, ...form })
    rows.push({ protocol: formOf(form), choices, report: await explored(scenario, name, choices, flags) })
    if (stop.signal.aborted) break
  }
  say(flags.json ? printJson(compareDocument(name, rows)) : compareTable(name, rows, pageOf(flags)))
  const verdicts = rows.map(({ report }) => overall(report))
  return verdicts.includes('violated') ? 1 : verdicts.includes('undecided') || stop.signal.aborted ? 3 : 0
}

const commands = ['list', 'explore', 'replay', 'show', 'compare', 'conform', 'export'] as const

const machineFormats = { mermaid: stateDiagram, dot: machineDot } as const
const traceFormats = { mermaid: sequenceDiagram, dot: traceDot } as const
const formats = ['mermaid', 'dot', 'json'] as const

const exported = async (format: string, what: string): Promise<number> => {
  const known = formats.find((name) => name === format)
  if (known === undefined) throw errors.unknownFormat(format, formats)
  const machine = catalogue[what]
  if (machine) {
    say(
      known === 'json' ? printJson(machine.config) : machineFormats[known](machine.definition as unknown as StateLike),
    )
    return 0
  }
  if (!what.includes('@') && !existsSync(what)) throw errors.unknownMachine(what, Object.keys(catalogue))
  const { address, trace } = await locate(what)
  say(known === 'json' ? traceJson(trace, printAddress(address)) : traceFormats[known](trace))
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
  const search = (command: Command): Command =>
    paper(command)
      .option('--unmap <protocol>', 'unmap protocol')
      .option('--profile <kernel>', 'kernel, of stories told on several')
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
  search(root.command('compare <scenario>').description('one scenario under every protocol')).action(
    async (name: string, flags: Flags) => done(await compare(name, flags)),
  )
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
    .description('mermaid, dot or json of a machine or an address')
    .action(async (format: string, what: string) => done(await exported(format, what)))
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
