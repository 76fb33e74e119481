/** What may happen next, and how a person or a recorded schedule says which of it should. */
import type { Message } from '../explore/system.ts'

/** A lane that can be taken: it has a message and the receiver accepts it. */
export interface Offer {
  readonly from: string
  readonly to: string
  readonly message: Message
  /** `from → to TYPE`; no two offers of one moment have the same. */
  readonly name: string
}

/** An index into the offers, or the name of one; the beginning of a name will do when only one begins so. */
export type Choice = number | string

export const stepName = (from: string, to: string, type: string): string => `${from} → ${to} ${type}`

/** Nothing that can happen now is what was asked for. */
export class NotPossible extends Error {
  override readonly name = 'NotPossible'
  readonly wanted: Choice
  readonly possible: readonly string[]

  constructor(wanted: Choice, possible: readonly string[], why = '', hint = '') {
    const listed =
      possible.length > 0
        ? ['  Possible now:', ...possible.map((name) => `    ${name}`)]
        : ['  Nothing is possible now.']
    super([`Step not possible: ${wanted}`, '', ...indented(why), ...listed, ...indented(hint)].join('\n'))
    this.wanted = wanted
    this.possible = possible
  }
}

/** The index of the chosen offer. */
export function choose(offers: readonly Offer[], choice: Choice): number {
  if (typeof choice === 'number' && choice in offers) return choice
  const names = offers.map(({ name }) => name)
  if (typeof choice === 'number') throw new NotPossible(choice, names)
  const wanted = choice.trim().replaceAll('->', '→')
  const exact = names.indexOf(wanted)
  if (exact >= 0) return exact
  const matching = names.filter((name) => wanted !== '' && name.startsWith(wanted))
  if (matching.length === 1) return names.indexOf(matching[0]!)
  if (matching.length === 0) throw new NotPossible(wanted, names)
  throw new Ambiguous(wanted, matching)
}

export class Ambiguous extends Error {
  override readonly name = 'Ambiguous'

  constructor(wanted: string, matching: readonly string[]) {
    const listed = matching.map((name) => `    ${name}`)
    super(
      [
        `More than one step begins with: ${wanted}`,
        '',
        '  Possible now:',
        ...listed,
        '  Say a little more of the name.',
      ].join('\n'),
    )
  }
}

const indented = (text: string): string[] => (text === '' ? [] : text.split('\n').map((line) => `  ${line}`))
