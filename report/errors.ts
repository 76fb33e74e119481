/**
 * Errors for people. One sentence of fact, the evidence, what was possible, one thing to try. No blame, no stack of ours.
 */
import { distance } from 'fastest-levenshtein'
import { wrap } from './words.ts'

export interface About {
  /** What was seen, line by line. */
  readonly evidence?: readonly string[]
  /** What would have been right. */
  readonly possible?: readonly string[]
  /** One thing to do next. */
  readonly attempt?: string
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
  { message, about: { evidence = [], possible = [], attempt } }: UserError,
  width = 100,
): string => {
  const inside = (line: string, indent: string): string[] =>
    wrap(line.trimStart(), width - indent.length, '  ').map((l) => indent + l)
  const lines = wrap(message, width)
  if (evidence.length > 0) lines.push('', ...evidence.flatMap((line) => inside(line, '  ')))
  if (possible.length > 0) lines.push('', '  Possible:', ...possible.flatMap((line) => inside(line, '    ')))
  // What can be typed stays on one line, to be pasted.
  if (attempt !== undefined) lines.push('', `  To go on: ${attempt}`)
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

export const unknownScenario = (word: string, known: readonly string[]): UserError =>
  unknown(
    'scenario',
    word,
    known,
    (guess) => `npx relock explore ${guess}   (your own: npx relock explore ./my-scenario.ts)`,
  )

export const unknownProtocol = (word: string, scenario: string, known: readonly string[]): UserError =>
  unknown('protocol', word, known, (guess) => `npx relock explore ${scenario} --unmap ${guess}`)

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
): UserError =>
  new UserError(`${scenario} cannot have ${tasks} tasks.`, {
    evidence: [`It is told with ${least === most ? `exactly ${least}` : `${least} to ${most}`}.`],
    attempt: `npx relock explore ${scenario} --tasks ${least}`,
  })

export const wrongNumber = (option: string, given: string, wanted: string): UserError =>
  new UserError(`${option} ${given}: not ${wanted}.`, { attempt: `${option} 1000` })

export const unreadable = (path: string, why: string): UserError =>
  new UserError(`Cannot read ${path}.`, { evidence: [why], attempt: 'give the path of a file that is there' })

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
}

/** Whatever was thrown, as text and exit code: 2 for what the user can put right, 4 for a fault of ours. */
export const sayError = (error: unknown): { readonly text: string; readonly code: 2 | 4 } => {
  if (error instanceof UserError) return { text: sayUserError(error), code: 2 }
  if (isModelComplaint(error)) {
    // The class prints its evidence below the sentence; only the sentence is wanted here.
    const fact = error.message.split('\n')[0] ?? error.message
    const attempt = error.hint ?? usual[error.problem]
    const width = Math.max(7, ...error.evidence.map(([label]) => label.length))
    const evidence = error.evidence.map(([label, text]) => `${label.padEnd(width)}  ${text}`)
    return {
      text: sayUserError(new UserError(fact, { evidence, ...(attempt === undefined ? {} : { attempt }) })),
      code: 2,
    }
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { text: `relock itself failed; this is a fault in relock, not in what you typed.\n\n${stack}`, code: 4 }
}

export const notAScenario = (path: string, why: string, lacks: readonly string[]): UserError =>
  new UserError(`${path} is not a scenario.`, {
    evidence: [why, ...(lacks.length > 0 ? [`Missing: ${lacks.join(', ')}`] : [])],
    attempt: "let it `export default` a Scenario; `import type { Scenario } from 'relock'` tells its fields",
  })

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

export const wrongUsage = (message: string): UserError =>
  new UserError(`${message.replace(/^error: /, '').replace(/^./, (c) => c.toUpperCase())}.`.replace('..', '.'), {
    attempt: 'npx relock --help',
  })
