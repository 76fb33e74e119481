/**
 * Errors for people. One sentence of fact, the evidence, what was possible, one thing to try. No blame, no stack of ours.
 */
import { inspect } from 'node:util'
import type { ModelError } from '../explore/errors.ts'
import { nearest } from '../shapes/nearest.ts'
import { filesAbout } from './blame.ts'
import { placesIn } from './places.ts'
import { sayUserError, UserError } from './user-error.ts'
import { clip, count, visible } from './words.ts'

export { sayUserError, UserError }
export * from './unknown.ts'
export * from './usage.ts'

/** How a choice is typed, with one of its values. */
type Typed = (name: string, value?: string) => string

export const wrongChoice = (given: string): UserError =>
  new UserError(`--choose ${given}: not a name and a value.`, {
    evidence: ['It is <name>=<value>, without spaces and commas.'],
    attempt: '--choose lock=mutex',
  })

export const tasksAreNoChoice = (value: string): UserError =>
  new UserError('How many tasks race is not told with --choose.', { attempt: `--tasks ${value}` })

export const wrongTasks = (
  tasks: string,
  scenario: string,
  { least, most }: { least: number; most: number },
  command = `explore ${scenario}`,
): UserError =>
  new UserError(`${scenario} cannot have ${tasks} tasks.`, {
    evidence: [`It is told with ${least === most ? `exactly ${least}` : `${least} to ${most}`}.`],
    attempt: `npx relock ${command} --tasks ${Number(tasks) > most ? most : least}`,
  })

export const wrongNumber = (
  option: string,
  given: string,
  { least, most }: { readonly least: number; readonly most: number },
  instead: number,
): UserError =>
  new UserError(`${option} ${given}: not a whole number from ${count(least)} to ${count(most)}.`, {
    attempt: `${option} ${instead}`,
  })

/** No size of memory, or none that a search could keep to; `least` and `most` as they are typed. */
export const wrongSize = (given: string, least: string, most: string): UserError =>
  new UserError(`--max-memory ${given}: not a size from ${least} to ${most}.`, {
    evidence: ['A number and K, M or G: of the memory of the whole process, Node with it.'],
    attempt: '--max-memory 2G',
  })

/** A size that is taken before a search has begun. */
export const tooSmall = (given: string, least: string): UserError =>
  new UserError(`--max-memory ${given}: no search keeps to less than ${least}.`, {
    evidence: ['It is what the whole process may take, and Node and relock take most of that with nothing to search.'],
    attempt: `--max-memory ${least}`,
  })

/** An option that means something elsewhere; `beside` says why it does nothing here. */
export const idleOption = (option: string, beside: string, works: string): UserError =>
  new UserError(`${option} does nothing ${beside}.`, {
    evidence: [`It is for ${works}.`],
    attempt: `leave out ${option}`,
  })

/** A search that goes somewhere, and nobody says where. */
export const noGoal = (): UserError =>
  new UserError('--strategy directed needs a goal.', {
    evidence: ['It goes where a property is violated, or can be seen: `--goal "the name of a property"`.'],
    attempt: '--goal <property>',
  })

/** Something that was chosen two times, where it stands, and as what. */
export const chosenTwice = (where: string, name: string, values: readonly (string | number)[]): UserError =>
  new UserError(`${clip(where, 200)} chooses ${name} twice.`, {
    evidence: [values.map((value) => `${name}=${value}`).join(', and ')],
    attempt: 'leave out one of them',
  })

export const unreadable = (path: string, why: string): UserError =>
  new UserError(`Cannot read ${path}.`, { evidence: [why], attempt: 'give the path of a file that is there' })

/** A scenario file that the user has not named himself, and that does not lie where his own do. */
/** What was asked for, and cannot be put where it was asked to be. */
export const unwritable = (path: string, why: string): UserError =>
  new UserError(`${path} cannot be written.`, { evidence: [why], attempt: '--html=report.html' })

/** Where searches are to be kept, and nothing can be. */
export const noFolder = (folder: string, why: string): UserError =>
  new UserError(`Nothing can be kept in ${folder}.`, { evidence: [why], attempt: '--checkpoint kept' })

/** Where states are to go when memory is short; `why` names the folder. */
export const noDisk = (why: string): UserError =>
  new UserError('States cannot be put on the disk.', {
    evidence: [why, 'TMPDIR says where they go, and `/var/tmp` is taken where it is not set.'],
    attempt: 'TMPDIR=/a/folder/on/a/disk npx relock explore …, or leave out --max-memory',
  })

/** What was kept there is of something else: other scenarios, or other choices. */
export const otherSearches = (folder: string, there: readonly string[], asked: readonly string[]): UserError =>
  new UserError(`${folder} keeps the search of something else.`, {
    evidence: [
      'It holds:',
      ...there.map((each) => `  ${each}`),
      'What is asked for is kept as:',
      ...asked.map((each) => `  ${each}`),
    ],
    attempt: 'ask for the same as before, or give another folder',
  })

/** The word behind an option whose value may be left out is taken for its value. */
export const noPageName = (word: string): UserError =>
  new UserError(`--html ${word}: a page's name ends in .html.`, {
    evidence: ['The word behind --html is the name of the file, if there is one.'],
    attempt: '--html=report.html, or --html at the end',
  })

/** No page can be served there. */
export const portTaken = (port: number, why: string): UserError =>
  new UserError(`Port ${port} of 127.0.0.1 cannot be had.`, {
    evidence: [why],
    attempt: '--serve, for one that is free',
  })

/** The word behind --inspect. */
export const noInspectorThere = (word: string): UserError =>
  new UserError(`--inspect ${word}: the address of a WebSocket begins with ws:// or wss://.`, {
    attempt: '--inspect=ws://localhost:8080, or --inspect at the end',
  })

export const noInspector = (url: string, why: string): UserError =>
  new UserError(`No inspector can be reached at ${url}.`, {
    evidence: [why],
    attempt: 'start one (docs/EXPORTS.md), then try again',
  })

/** One inspector shows one run. */
export const oneRunToInspect = (runs: number): UserError =>
  new UserError(`--inspect shows one run, and these are ${runs}.`, { attempt: 'give one address' })

/** One file keeps one run. */
export const oneRunToKeep = (runs: number): UserError =>
  new UserError(`--save-test keeps one run, and these are ${runs}.`, { attempt: 'give one address' })

export const notKeptAsTest = (why: string): UserError =>
  new UserError('This run cannot be kept as a test.', {
    evidence: [why],
    attempt: 'npx relock explore, and take the address of a run that it tells',
  })

export const testIsThere = (path: string): UserError =>
  new UserError(`${path} is there already, and is not overwritten.`, {
    evidence: ['Nothing was written.'],
    attempt: 'give another name, or remove it first',
  })

export const testUnwritable = (path: string, why: string): UserError =>
  new UserError(`${path} cannot be written.`, { evidence: [why], attempt: 'give a path that can be' })

export const severalRunners = (names: readonly string[]): UserError =>
  new UserError(`This project has ${names.join(' and ')}: which of them runs the test is not known.`, {
    attempt: `--runner ${names[0]}`,
  })

export const notATestName = (path: string): UserError =>
  new UserError(`${path}: the name of a test ends in .ts, .mts, .cts, .js, .mjs or .cjs.`, {
    attempt: '--save-test race.test.ts',
  })

export const onlyModules = (path: string): UserError =>
  new UserError(`${path}: Vitest's tests are ES modules.`, {
    attempt: path.replace(/\.c([jt]s)$/, '.m$1'),
  })

export const notPermitted = (file: string, project: string): UserError =>
  new UserError(`${file} is not run: only the address or the trace names it.`, {
    evidence: [`It does not lie in the project's folder, ${project}, or belongs to a package in it.`],
    attempt: `look at ${file}, then say that it may be run: --allow ${file}`,
  })

/** That a file is run which the user has not named; on the error stream. */
export const sayRuns = (file: string): string => `${visible(`Running ${file}, which the address names.`)}\n`

export const addressShape = '<scenario>[,<choice>=<value>][,tasks=<n>]@<fingerprint>:<schedule>'

/** The address of one run where a scenario is asked for. */
export const aRunInstead = (address: string): UserError =>
  new UserError('That is one run; a scenario is asked for here.', {
    evidence: address.includes('@') ? [`It is a run of ${clip(address.slice(0, address.lastIndexOf('@')), 200)}.`] : [],
    attempt: `npx relock replay ${address}`,
  })

/** Neither an address nor a file: most often a name, or half an address. */
export const notARun = (text: string, isScenario: boolean): UserError =>
  isScenario
    ? new UserError(`${text} is a scenario, not a run of one.`, {
        evidence: ['A run has an address; every report prints those of the runs it tells.'],
        attempt: `npx relock explore ${text}`,
      })
    : new UserError(`There is no run "${text}".`, {
        evidence: ['It is not the address of a run, and there is no such file.'],
        possible: [addressShape, '.relock/<scenario>-<digits>/run.trace.json'],
        attempt: 'copy what follows `npx relock replay` in a report, all of it',
      })

export const afterOne = (): UserError =>
  new UserError('--after is for one scenario: the one that the run is of.', {
    attempt: 'relock explore <scenario> --after <address>',
  })

export const orderOne = (verb: string): UserError =>
  new UserError('--order is for one scenario: the one that its steps are of.', {
    attempt: `relock ${verb} <scenario> --order 'A before B'`,
  })

export const noOrder = (given: string): UserError =>
  new UserError(`--order '${given}': that says of no two steps which comes first.`, {
    attempt: "--order 'vmm0/unmap before worker0/pin'",
  })

/** What explore() says of it. */
export const refusedOrder = ({ message, evidence, hint }: ModelError, given: readonly string[]): UserError => {
  // Of a place in the lists, which nobody has typed, the rule that was.
  const said = message.split('\n')[0]!.replace(/^order\[(\d+)\]\[\d+\]:? /, (_, at) => `--order ${given[Number(at)]}: `)
  return new UserError(said, {
    evidence: evidence.map(([label, text]) => `${label.padEnd(8)}  ${text}`),
    ...(hint === undefined ? { attempt: 'names of steps as `relock replay` has them, and no circle' } : { hint }),
  })
}

/** An address whose fingerprint is not the model's any more, of a run that was not kept. */
export const otherModel = (recorded: string, now: string): UserError =>
  new UserError(`This schedule was recorded on another model (${recorded}, now ${now}).`, {
    evidence: ['Its run is not in .relock/, so what it did cannot be looked for.'],
    attempt: 'explore again; the new report prints an address that fits',
  })

/** A run that the model of today does not have, where one is needed; `said` is what became of it. */
export const noRunAnyMore = ([fact = '', ...evidence]: readonly string[], text: string): UserError =>
  new UserError(fact, { evidence, attempt: `npx relock replay ${clip(text, 200)}` })

/** The checker's own complaint about a model, without importing its class: anything that carries problem and evidence. */
interface ModelComplaint extends Error {
  readonly problem: string
  readonly evidence: readonly (readonly [label: string, text: string])[]
  readonly hint: string | undefined
}

export const isModelComplaint = (error: unknown): error is ModelComplaint =>
  error instanceof Error && 'problem' in error && 'evidence' in error && Array.isArray(error.evidence)

const usual: Readonly<Record<string, string>> = {
  nondeterministic:
    'look for Math.random, Date.now, iteration over a Set built elsewhere, or state kept outside context in that machine',
  'unknown-receiver': 'add that actor to the world, or correct the id in the `at` of the sender',
  'not-json-like': 'keep records, arrays, strings, numbers, booleans, null and bigint in contexts and messages',
  'speaks-at-start': 'let the first message start the machine; its initial state may not emit on entry',
  'bad-schedule': 'copy the whole address again, or explore again for one that fits',
  'unknown-actor': 'use one of the ids the world lists',
  'bad-description': 'correct the description of the system',
}

/** What threw is a machine, and the user wrote none: it is one of ours. */
const isOurs = (error: Error & { readonly problem: string }, files: readonly string[]): boolean =>
  error.problem === 'bad-machine' && error.cause !== undefined && files.length === 0

/** All that was thrown, the last cause first: what really happened is told by the innermost. */
const causes = (error: unknown): readonly Error[] => (error instanceof Error ? [...causes(error.cause), error] : [])

const placesOf = (error: Error, files: readonly string[]): readonly string[] => placesIn(error.stack ?? '', files)

/** The user's file that it is about, with the line where that is known; all of them where there are several and none is. */
const placeIn = (error: Error, files: readonly string[]): string | undefined => {
  const [place] = placesOf(error, files)
  return place ?? (files.length > 0 ? files.join(', ') : undefined)
}

/** What was thrown, without our part of the stack. */
export const linesOf = (error: unknown, files: readonly string[]): readonly string[] =>
  error instanceof Error
    ? [
        ...error.message.split('\n').map((line) => line.trim()),
        ...placesOf(error, files)
          .slice(0, 3)
          .map((place) => `at ${place}`),
      ]
    : [inspect(error)]

/** A scenario file of the user's that could not be read, or threw while it was asked. */
export const failedFile = (path: string, why: string, evidence: readonly string[] = []): UserError =>
  new UserError(`${path} ${why}`, { evidence, attempt: `correct ${path}, then explore it again` })

/** `asked`: what of the clock and of chance was asked for while it was read, and where. */
export const anotherEachTime = (
  path: string,
  asked: readonly { readonly what: string; readonly place: string }[],
): UserError =>
  new UserError(`${path} is another model each time that it is read.`, {
    evidence: [
      ...asked.slice(0, 4).map(({ what, place }) => `${place}  ${what}`),
      'What comes of that is in a state or an event, so no address of a run would hold in the next process.',
    ],
    attempt: "write down one time, new Date('2026-01-01'), or one number; or let it come with an event or an answer",
  })

/** What the user can put right without a look at a file of theirs; undefined where it is something else. */
export const slipIn = (error: unknown, read: readonly string[] = []): UserError | undefined => {
  if (error instanceof UserError) return error
  const files = filesAbout(error, read)
  if (!isModelComplaint(error) || isOurs(error, files)) return undefined
  // The class prints its evidence below the sentence; only the sentence is wanted here.
  const fact = error.message.split('\n')[0] ?? error.message
  const attempt = usual[error.problem]
  const room = Math.max(7, ...error.evidence.map(([label]) => label.length))
  const evidence = error.evidence.flatMap(([label, text]) =>
    text.split('\n').map((line, i) => `${(i === 0 ? label : '').padEnd(room)}  ${line.trim()}`),
  )
  const file = placeIn(error, files)
  if (file !== undefined) evidence.unshift(`${'file'.padEnd(room)}  ${file}`)
  const next = error.hint === undefined ? (attempt === undefined ? {} : { attempt }) : { hint: error.hint }
  return new UserError(fact, { evidence, ...next })
}

/** Whatever was thrown, as text and exit code: 2 for what the user can put right, 4 for a fault of ours. */
export const sayError = (
  error: unknown,
  { files: read = [], width = 80 }: { readonly files?: readonly string[]; readonly width?: number } = {},
): { readonly text: string; readonly code: 2 | 4 } => {
  const files = filesAbout(error, read)
  const slip = slipIn(error, files)
  if (slip) return { text: sayUserError(slip, width), code: 2 }
  const inner = causes(error).find((each) => placesOf(each, files).length > 0)
  // A property may also be handed a name by its author that we then complain about: its author is who can put that right.
  const property = error instanceof Error ? /^The property "(.*?)" failed to answer: /.exec(error.message) : null
  const file = files[0]
  if (file !== undefined && (inner !== undefined || property !== null || !(error instanceof Error))) {
    const told = inner ?? causes(error)[0] ?? error
    const why = property === null ? 'threw while it was asked.' : `has a property that threw: "${property[1]}".`
    return { text: sayUserError(failedFile(file, why, linesOf(told, files)), width), code: 2 }
  }
  return {
    text: `relock itself failed; this is a fault in relock, not in what you typed.\n\n${stackOf(error)}`,
    code: 4,
  }
}

/** For whoever looks for our fault: where it was thrown, below what was said. */
const stackOf = (error: unknown): string => {
  if (!(error instanceof Error)) return visible(String(error))
  const calls = (error.stack ?? '').split('\n').filter((line) => /^ +at /.test(line))
  // A name in a message may hold line breaks: what stands behind one does not look like a line of ours.
  const [first, ...rest] = `${error.name}: ${error.message}`.split('\n')
  return [first!, ...rest.map((line) => `  | ${line}`), ...calls].map(visible).join('\n')
}

export const nothingToWatch = (name: string): UserError =>
  new UserError(`${name} is no file of yours.`, {
    evidence: ['What is built in does not change while relock runs.'],
    attempt: 'npx relock watch ./race.ts',
  })

interface NotOne {
  readonly message: string
  readonly lacks: readonly string[]
  readonly attempt?: string | undefined
}

export const notAScenario = (path: string, { message, lacks, attempt }: NotOne): UserError =>
  new UserError(`${path} is not a scenario.`, {
    evidence: [message, ...(lacks.length > 0 ? [`Missing: ${lacks.join(', ')}`] : [])],
    attempt: attempt ?? "import { scenario } from 'relock'; export default scenario({ … })",
  })

/** A file that is there, and no command takes it for what it is: a log, a patch, cases where a race among them was meant. */
export const notRead = (path: string): UserError => {
  const holdsCases = /\.jsonl(\.gz)?$/.test(path)
  return new UserError(`${path} is ${holdsCases ? 'a file of cases' : 'nothing that is read here'}.`, {
    evidence: [
      'Read are scenarios: one of `npx relock list`, or a file of your own that exports one (.ts, .mts, .js, .mjs);',
      'and races among cases: <file>.jsonl#<name of the race>. `npx relock conform` reads cases (*.jsonl, *.jsonl.gz).',
      ...(holdsCases ? [] : ['Logs, as strace, perf or QEMU write them, are not read: write down what they tell.']),
    ],
    attempt: holdsCases
      ? `npx relock explore '${path}#<name>'`
      : 'docs/OWN-RACES.md shows a scenario, docs/CONFORMANCE.md a case',
  })
}

/** What a case file complains of, without importing its class. */
interface CaseComplaint {
  readonly place: { readonly file?: string; readonly line?: number; readonly name?: string }
  readonly problem: {
    readonly fact: string
    readonly of: string
    readonly field?: string
    readonly expected: string
    readonly found?: unknown
    readonly why?: string
    readonly word?: string
    readonly known?: readonly string[]
    readonly attempt?: string
  }
  readonly others: readonly { readonly file?: string; readonly line?: number }[]
}

/** A case that cannot be used: where, what stands there, what was expected. Operations are counted from 0, as in their results. */
export const malformedCase = ({ place, problem, others }: CaseComplaint): UserError => {
  const { file = 'a case', line, name } = place
  const { fact, of, field, expected, found, why, word, known = [], attempt } = problem
  const guess = word === undefined ? undefined : nearest(word, known)
  const named = word === undefined ? '' : ` "${word}"`
  const rows = [
    ['case', name],
    ['field', field],
    ['found', found === undefined ? undefined : clip(shown(found), 300)],
    ['why', why],
    ['expected', expected],
    ['also', othersOf(others)],
  ].filter((row): row is [string, string] => row[1] !== undefined)
  return new UserError(
    `${file}${line === undefined ? '' : `:${line}`}: ${of} ${fact}${named}.${guess === undefined ? '' : ` Did you mean "${guess}"?`}`,
    {
      evidence: rows.map(([label, text]) => `${label.padEnd(8)}  ${text}`),
      possible: known,
      attempt: attempt ?? (guess === undefined ? `correct ${of}` : `write "${guess}" instead of "${word}"`),
    },
  )
}

/** As it would be written; what cannot be written as JSON (a program may hand over anything) is told in Node's words. */
const shown = (found: unknown): string => {
  try {
    return JSON.stringify(found) ?? inspect(found)
  } catch {
    return inspect(found, { depth: 2, breakLength: Infinity })
  }
}

const othersOf = (others: readonly { readonly file?: string; readonly line?: number }[]): string | undefined => {
  if (others.length === 0) return undefined
  const some = others.slice(0, 3).map(({ file = 'a case', line }) => (line === undefined ? file : `${file}:${line}`))
  return `something is wrong in ${some.join(', ')}${others.length > some.length ? ` and ${others.length - some.length} more` : ''}`
}

export const noCases = (path: string, why: string): UserError =>
  new UserError(`There are no cases in ${path}.`, {
    evidence: [why],
    attempt: 'give a file of cases (*.jsonl, *.jsonl.gz) or a folder of such files; docs/CONFORMANCE.md shows one',
  })

export const noSuchCase = (pattern: string, known: readonly string[]): UserError => {
  const guess = nearest(pattern, known)
  const isMany = known.length > 12
  return new UserError(`No case is called "${pattern}".${guess === undefined ? '' : ` Did you mean "${guess}"?`}`, {
    evidence: isMany ? [`${known.length} cases were read, the first of them ${known.slice(0, 3).join(', ')}.`] : [],
    possible: isMany ? [] : known,
    attempt: `--case ${guess ?? known[0] ?? "'*'"}`,
  })
}

/** A sequence has one order: there is nothing to explore. */
export const noRace = (file: string, name: string): UserError =>
  new UserError(`"${name}" in ${file} is no race: its operations are made one after the other.`, {
    evidence: ['Explored are races: operations of several threads with "barrier": 1 in them (docs/CONFORMANCE.md).'],
    attempt: `npx relock conform ${file} --case ${name}`,
  })

export const noSuchRace = (file: string, name: string, known: readonly string[]): UserError => {
  const guess = nearest(name, known)
  const isMany = known.length > 12
  const race = guess ?? known[0]
  return new UserError(`No race is called "${name}".${guess === undefined ? '' : ` Did you mean "${guess}"?`}`, {
    evidence:
      known.length === 0
        ? [`${file} holds no race: operations of several threads with "barrier": 1 in them.`]
        : isMany
          ? [`${known.length} races were read, the first of them ${known.slice(0, 3).join(', ')}.`]
          : [],
    possible: isMany ? [] : known,
    attempt: race === undefined ? `npx relock conform ${file}` : `npx relock explore '${file}#${race}'`,
  })
}

/** A size, where what becomes of a device's memory is asked for: its bound is another option. */
export const memoryIsNoBound = (value: string, command: string): UserError =>
  new UserError(`--memory ${value}: how much a search may take is not told with --memory.`, {
    evidence: [
      'That is --max-memory. With --memory you say what becomes of mappings of memory that a device switches off.',
    ],
    attempt: `npx relock ${command} --max-memory ${value}`,
  })

/** A choice that there is not for what `command` is about; `has` are those that there are. */
export const nothingToChoose = (option: string, command: string, has: readonly string[], typed: Typed): UserError => {
  const guess = nearest(option, has)
  const meant = guess === undefined ? '' : ` Did you mean ${typed(guess)}?`
  return new UserError(`${command.slice(command.indexOf(' ') + 1)} is not told with ${typed(option)}.${meant}`, {
    evidence: [
      has.length === 0
        ? 'There is nothing to choose for it.'
        : `What can be chosen for it: ${has.map((name) => typed(name)).join(', ')}.`,
    ],
    attempt: `npx relock ${command}${guess === undefined ? '' : ` ${typed(guess, '…')}`}`,
  })
}

/** A choice that this scenario has, but not beside what else was chosen. */
export const notWithThese = (
  option: string,
  scenario: string,
  chosen: string,
  only: Readonly<Record<string, readonly string[]>>,
  typed: Typed,
): UserError => {
  const [[name, values] = ['', []]] = Object.entries(only)
  return new UserError(`${chosen} is not told with ${typed(option)}.`, {
    evidence: [`${typed(option)} is for ${typed(name, values.join(', '))}.`],
    attempt: `npx relock explore ${scenario} ${typed(name, values[0])} ${typed(option, '…')}`,
  })
}

export const nothingToShow = (
  property: string | undefined,
  scenario: string,
  verdict: string | undefined,
  shown: readonly string[],
): UserError =>
  new UserError(
    property === undefined ? `${scenario} has no run to show.` : `There is no run to show for "${property}".`,
    {
      evidence:
        verdict === undefined
          ? []
          : [verdict === 'holds' ? 'It holds in every run; each run is an example.' : `Its verdict is ${verdict}.`],
      possible: shown,
      attempt: `npx relock explore ${scenario}`,
    },
  )
