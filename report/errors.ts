/**
 * Errors for people. One sentence of fact, the evidence, what was possible, one thing to try. No blame, no stack of ours.
 */
import { distance } from 'fastest-levenshtein'
import { clip, wrap } from './words.ts'

export interface About {
  /** What was seen, line by line. */
  readonly evidence?: readonly string[]
  /** What would have been right. */
  readonly possible?: readonly string[]
  /** One thing to do next. */
  readonly attempt?: string
  /** The same as a sentence of its own. */
  readonly hint?: string
}

/** Something the user can put right: exit code 2. */
export class UserError extends Error {
  readonly about: About

  constructor(fact: string, about: About = {}) {
    super(fact)
    this.name = 'UserError'
    this.about = about
  }
}

export const sayUserError = (
  { message, about: { evidence = [], possible = [], attempt, hint } }: UserError,
  width = 80,
): string => {
  const inside = (line: string, indent: string): string[] => {
    const own = indent + /^ */.exec(line)![0]
    return wrap(line.trimStart(), width - own.length, '  ').map((l) => own + l)
  }
  const lines = wrap(message, width)
  if (evidence.length > 0) lines.push('', ...evidence.flatMap((line) => inside(line, '  ')))
  // Many short names stand side by side; a few, or whole sentences, below each other.
  const isMany = possible.length > 9 && possible.every((name) => !name.includes(' '))
  const choices = isMany ? [possible.join(', ')] : possible
  const beside = isMany
    ? wrap(choices[0]!, width - 4).map((l) => `    ${l}`)
    : choices.flatMap((l) => inside(l, '    '))
  if (possible.length > 0) lines.push('', '  Possible:', ...beside)
  // What can be typed stays on one line, to be pasted.
  if (attempt !== undefined) lines.push('', `  To go on: ${attempt}`)
  if (hint !== undefined) lines.push('', ...inside(hint, '  '))
  return lines.join('\n')
}

/** The known name that was probably meant. */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
  const ranked = known
    .map((name) => ({ name, far: distance(word.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)
  const best = ranked[0]
  if (best !== undefined && best.far <= Math.max(2, Math.floor(word.length / 3))) return best.name
  // A part of a name is a good try, too: `mapping` for `per-mapping`.
  return word.length < 3 ? undefined : known.find((name) => name.toLowerCase().includes(word.toLowerCase()))
}

const unknown = (
  what: string,
  word: string,
  known: readonly string[],
  attempt: (guess: string) => string,
): UserError => {
  const guess = nearest(word, known)
  return new UserError(`Unknown ${what} "${word}".${guess === undefined ? '' : ` Did you mean "${guess}"?`}`, {
    possible: known,
    attempt: attempt(guess ?? known[0] ?? word),
  })
}

export const unknownScenario = (word: string, known: readonly string[], command = 'explore'): UserError =>
  unknown('scenario', word, [...known, './your-own.ts'], (guess) => `npx relock ${command} ${guess}`)

/** A value that a choice does not have; `what` is what its values are called, `command` a verb and what it is about. */
export const unknownValue = (
  option: string,
  what: string,
  word: string,
  command: string,
  known: readonly string[],
): UserError => unknown(what, word, known, (guess) => `npx relock ${command} --${option} ${guess}`)

export const unknownProperty = (word: string, scenario: string, known: readonly string[]): UserError =>
  unknown('property', word, known, (guess) => `npx relock show ${scenario} '${guess.replaceAll("'", `'\\''`)}'`)

export const unknownMachine = (word: string, known: readonly string[]): UserError =>
  unknown('machine', word, known, (guess) => `npx relock export mermaid ${guess}`)

export const unknownFormat = (word: string, known: readonly string[]): UserError =>
  unknown('format', word, known, (guess) => `npx relock export ${guess} <machine|address>`)

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

export const wrongNumber = (option: string, given: string, wanted: string): UserError =>
  new UserError(`${option} ${given}: not ${wanted}.`, { attempt: `${option} 1000` })

export const unreadable = (path: string, why: string): UserError =>
  new UserError(`Cannot read ${path}.`, { evidence: [why], attempt: 'give the path of a file that is there' })

export const addressShape = '<scenario>[,<choice>=<value>][,tasks=<n>]@<fingerprint>:<schedule>'

/** Neither an address nor a file: most often a name, or half an address. */
export const notARun = (text: string, isScenario: boolean): UserError =>
  isScenario
    ? new UserError(`${text} is a scenario, not a run of one.`, {
        evidence: ['A run has an address; every report prints those of the runs it tells.'],
        attempt: `npx relock explore ${text}`,
      })
    : new UserError(`There is no run "${text}".`, {
        evidence: ['It is not the address of a run, and there is no such file.'],
        possible: [addressShape, '.relock/<scenario>-<fingerprint>.trace.json'],
        attempt: 'copy what follows `npx relock replay` in a report, all of it',
      })

/** An address whose fingerprint is not the model's any more. */
export const otherModel = (about: {
  readonly recorded: string
  readonly now: string
  /** Leading steps that still mean the same, when the names were saved. */
  readonly fits: number
  readonly was?: string
  readonly possible?: readonly string[]
  readonly saved?: string
}): UserError => {
  const { recorded, now, fits, was, possible = [], saved } = about
  const fact = `This schedule was recorded on another model (${recorded}, now ${now}).`
  if (saved === undefined) {
    return new UserError(fact, {
      evidence: ['The names of its steps are not in .relock/, so what it did cannot be compared.'],
      attempt: 'explore again; the new report prints an address that fits',
    })
  }
  const still = fits === 0 ? 'No step fits any more.' : fits === 1 ? 'Step 1 still fits.' : `Steps 1–${fits} still fit.`
  return new UserError(fact, {
    evidence: was === undefined ? [still] : [`${still} Step ${fits + 1} was \`${was}\`.`],
    possible,
    attempt: `npx relock replay ${saved}   (follows the recorded names as far as they go)`,
  })
}

/** The checker's own complaint about a model, without importing its class: anything that carries problem and evidence. */
interface ModelComplaint extends Error {
  readonly problem: string
  readonly evidence: readonly (readonly [label: string, text: string])[]
  readonly hint: string | undefined
}

const isModelComplaint = (error: unknown): error is ModelComplaint =>
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

/** All that was thrown, the last cause first: what really happened is told by the innermost. */
const causes = (error: unknown): readonly Error[] => (error instanceof Error ? [...causes(error.cause), error] : [])

/** Lines of a stack that lie in the user's own files, as `file.ts:12:3`. */
const ownLines = (error: Error, files: readonly string[]): readonly string[] =>
  (error.stack ?? '').split('\n').flatMap((line) => {
    const file = files.find((each) => line.includes(each))
    const place = file && /:\d+(?::\d+)?/.exec(line.slice(line.indexOf(file) + file.length))
    return file === undefined || !place ? [] : [`at ${file}${place[0]}`]
  })

/** What was thrown, without our part of the stack. */
export const linesOf = (error: unknown, files: readonly string[]): readonly string[] =>
  error instanceof Error
    ? [...error.message.split('\n').map((line) => line.trim()), ...ownLines(error, files).slice(0, 3)]
    : [String(error)]

/** A scenario file of the user's that could not be read, or threw while it was asked. */
export const failedFile = (path: string, why: string, evidence: readonly string[] = []): UserError =>
  new UserError(`${path} ${why}`, { evidence, attempt: `correct ${path}, then explore it again` })

/** Whatever was thrown, as text and exit code: 2 for what the user can put right, 4 for a fault of ours. */
export const sayError = (
  error: unknown,
  { files = [], width = 80 }: { readonly files?: readonly string[]; readonly width?: number } = {},
): { readonly text: string; readonly code: 2 | 4 } => {
  if (error instanceof UserError) return { text: sayUserError(error, width), code: 2 }
  if (isModelComplaint(error)) {
    // The class prints its evidence below the sentence; only the sentence is wanted here.
    const fact = error.message.split('\n')[0] ?? error.message
    const attempt = usual[error.problem]
    const room = Math.max(7, ...error.evidence.map(([label]) => label.length))
    const evidence = error.evidence.flatMap(([label, text]) =>
      text.split('\n').map((line, i) => `${(i === 0 ? label : '').padEnd(room)}  ${line.trim()}`),
    )
    const next = error.hint === undefined ? (attempt === undefined ? {} : { attempt }) : { hint: error.hint }
    const said = new UserError(fact, { evidence, ...next })
    return { text: sayUserError(said, width), code: 2 }
  }
  const inner = causes(error).find((each) => ownLines(each, files).length > 0)
  // A property may also be handed a name by its author that we then complain about: its author is who can put that right.
  const property = error instanceof Error ? /^The property "(.*?)" failed to answer: /.exec(error.message) : null
  const file = files[0]
  if (file !== undefined && (inner !== undefined || property !== null)) {
    const told = inner ?? causes(error)[0]!
    const why = property === null ? 'threw while it was asked.' : `has a property that threw: "${property[1]}".`
    return { text: sayUserError(failedFile(file, why, linesOf(told, files)), width), code: 2 }
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { text: `relock itself failed; this is a fault in relock, not in what you typed.\n\n${stack}`, code: 4 }
}

export const notAScenario = (path: string, why: string, lacks: readonly string[]): UserError =>
  new UserError(`${path} is not a scenario.`, {
    evidence: [why, ...(lacks.length > 0 ? [`Missing: ${lacks.join(', ')}`] : [])],
    attempt: "import { scenario } from 'relock'; export default scenario({ … })",
  })

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

const shown = (found: unknown): string => (typeof found === 'string' ? `"${found}"` : JSON.stringify(found))

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

export const unknownProfile = (word: string, known: readonly string[]): UserError =>
  unknown('profile', word, known, (guess) => `--profile ${guess}`)

/** A choice that there is not for what `command` is about; `has` are those that there are. */
export const nothingToChoose = (option: string, command: string, has: readonly string[]): UserError => {
  const guess = nearest(option, has)
  const meant = guess === undefined ? '' : ` Did you mean --${guess}?`
  return new UserError(`${command.slice(command.indexOf(' ') + 1)} is not told with --${option}.${meant}`, {
    evidence: [
      has.length === 0
        ? 'There is nothing to choose for it.'
        : `What can be chosen for it: ${has.map((name) => `--${name}`).join(', ')}.`,
    ],
    attempt: `npx relock ${command}${guess === undefined ? '' : ` --${guess} …`}`,
  })
}

/** A choice that this scenario has, but not beside what else was chosen. */
export const notWithThese = (
  option: string,
  scenario: string,
  chosen: string,
  only: Readonly<Record<string, readonly string[]>>,
): UserError => {
  const [[name, values] = ['', []]] = Object.entries(only)
  return new UserError(`${chosen} is not told with --${option}.`, {
    evidence: [`--${option} is for --${name} ${values.join(', ')}.`],
    attempt: `npx relock explore ${scenario} --${name} ${values[0]} --${option} …`,
  })
}

export const unknownOperation = (word: string, known: readonly string[]): UserError =>
  unknown('operation', word, known, (guess) => `--only ${guess}`)

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

export const wrongUsage = (message: string, command = ''): UserError => {
  const [fact = '', ...more] = message.replace(/^error: /, '').split('\n')
  return new UserError(`${fact.replace(/^./, (c) => c.toUpperCase())}.`.replace('..', '.'), {
    evidence: more.map((line) => line.replace(/^\((.*)\)$/, '$1')),
    attempt: `npx relock ${command === '' ? '' : `${command} `}--help`,
  })
}
