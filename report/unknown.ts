/** Words that nobody knows: what was probably meant, or where to look for what there is. */
import { nearest } from '../shapes/nearest.ts'
import { UserError } from './user-error.ts'
import { count, counted } from './words.ts'

/** More names than these are not read, but looked up. */
const mostNames = 24

interface Unknown {
  readonly what: string
  readonly word: string
  readonly known: readonly string[]
  /** What to type instead. */
  readonly attempt: (guess: string) => string
  /** The command that lists them, where they are many. */
  readonly listedBy?: string
}

const unknown = ({ what, word, known, attempt, listedBy }: Unknown): UserError => {
  const guess = nearest(word, known)
  const isMany = listedBy !== undefined && known.length > mostNames
  return new UserError(`Unknown ${what} "${word}".${guess === undefined ? '' : ` Did you mean "${guess}"?`}`, {
    ...(isMany ? { evidence: [`There are ${count(known.length)}: ${listedBy} lists them.`] } : { possible: known }),
    attempt: guess === undefined && isMany ? listedBy : attempt(guess ?? known[0] ?? word),
  })
}

/** `families` may be asked for as well, by commands that take them. */
export const unknownScenario = (
  word: string,
  known: readonly string[],
  command = 'explore',
  families: readonly string[] = [],
): UserError => {
  const guess = nearest(word, [...known, ...families])
  if (known.length <= mostNames)
    return unknown({
      ...{ what: 'scenario', word, known: [...known, ...families, './your-own.ts'] },
      attempt: (name) => `npx relock ${command} ${name}`,
    })
  if (guess !== undefined)
    return new UserError(`Unknown scenario "${word}". Did you mean "${guess}"?`, {
      evidence: [`There are ${count(known.length)}: npx relock list.`],
      attempt: `npx relock ${command} ${guess}`,
    })
  return new UserError(`Unknown scenario "${word}".`, {
    evidence: [
      families.length > 0
        ? `What ${command} takes is a scenario, a family (${families.join(', ')}), or a file of your own (./race.ts).`
        : `What ${command} takes is a scenario (there are ${known.length}), or a file of your own (./race.ts).`,
    ],
    attempt: 'npx relock list',
  })
}

/** A family where one story is wanted. */
export const onlyAFamily = (family: string, names: readonly string[], command: string): UserError =>
  new UserError(`${family} is a family of ${counted(names.length, 'scenario')}, and ${command} takes one of them.`, {
    possible: names,
    attempt: `npx relock ${command} ${names[0]}`,
  })

/** A value that a choice does not have; `what` is what its values are called, `command` a verb and what it is about. */
export const unknownValue = (
  what: string,
  word: string,
  command: string,
  known: readonly string[],
  typed: (guess: string) => string,
): UserError => {
  const [verb, ...subject] = command.split(' ')
  if (word === 'all' && verb !== 'compare')
    return new UserError(`${verb} takes one ${what} at a time.`, {
      possible: known,
      attempt: `npx relock compare ${subject.join(' ')}   (each of them, side by side)`,
    })
  return unknown({ what, word, known, attempt: (guess) => `npx relock ${command} ${typed(guess)}` })
}

export const unknownProperty = (word: string, scenario: string, known: readonly string[]): UserError =>
  unknown({
    ...{ what: 'property', word, known },
    attempt: (guess) => `npx relock show ${scenario} '${guess.replaceAll("'", `'\\''`)}'`,
  })

/** Of a search that goes somewhere. */
export const unknownGoal = (word: string, known: readonly string[]): UserError =>
  unknown({
    ...{ what: 'property', word, known },
    attempt: (guess) => `--goal '${guess.replaceAll("'", `'\\''`)}'`,
  })

export const unknownMachine = (word: string, known: readonly string[]): UserError =>
  unknown({
    ...{ what: 'machine', word, known, listedBy: 'npx relock machines' },
    attempt: (guess) => `npx relock export mermaid ${guess}`,
  })

/** A scenario is neither a machine nor a run: it has many of both. */
export const notToExport = (scenario: string, format: string): UserError =>
  new UserError(`${scenario} is a scenario; what is exported is a machine, or one run by its address.`, {
    evidence: [
      'npx relock machines lists the machines.',
      `npx relock explore ${scenario} prints the address of each run that it tells.`,
    ],
    attempt: `npx relock export ${format} '<what follows "replay" in its report>'`,
  })

export const noSuchMachines = (pattern: string, known: readonly string[]): UserError =>
  unknown({
    ...{ what: 'machine', word: pattern, known, listedBy: 'npx relock machines' },
    attempt: (guess) => `npx relock machines ${guess}`,
  })

export const unknownLane = (word: string, known: readonly string[]): UserError =>
  unknown({ what: 'lane', word, known, attempt: (guess) => `--lanes ${guess}` })

/** `of`: a machine, an address, or both with a `|`. */
export const unknownFormat = (word: string, known: readonly string[], of: string): UserError =>
  unknown({ what: 'format', word, known, attempt: (guess) => `npx relock export ${guess} <${of}>` })

export const unknownProfile = (word: string, known: readonly string[]): UserError =>
  unknown({ what: 'profile', word, known, attempt: (guess) => `--profile ${guess}` })

export const unknownOperation = (word: string, known: readonly string[]): UserError =>
  unknown({ what: 'operation', word, known, attempt: (guess) => `--only ${guess}` })

export const unknownStrategy = (word: string, known: readonly string[]): UserError =>
  unknown({ what: 'strategy', word, known, attempt: (name) => `--strategies ${name}` })
