/** What a user can put right, and how it is printed. */
import { visible, wrap } from './words.ts'

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
    return wrap(visible(line).trimStart(), width - own.length, '  ').map((l) => own + l)
  }
  const lines = wrap(visible(message), width)
  if (evidence.length > 0) lines.push('', ...evidence.flatMap((line) => inside(line, '  ')))
  // Many short names stand side by side; a few, or whole sentences, below each other.
  const isMany = possible.length > 9 && possible.every((name) => !name.includes(' '))
  const choices = isMany ? [possible.join(', ')] : possible
  const beside = isMany
    ? wrap(visible(choices[0]!), width - 4).map((l) => `    ${l}`)
    : choices.flatMap((l) => inside(l, '    '))
  if (possible.length > 0) lines.push('', '  Possible:', ...beside)
  // What can be typed stays on one line, to be pasted.
  if (attempt !== undefined) lines.push('', `  To go on: ${visible(attempt)}`)
  if (hint !== undefined) lines.push('', ...inside(hint, '  '))
  return lines.join('\n')
}
