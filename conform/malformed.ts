/** A case file that cannot be used: which, where in it, what stands there, what was expected. report/ tells it to people. */

export interface Problem {
  /** What is wrong, as a sentence without its subject: `has no "iova"`. */
  readonly fact: string
  /** What it is wrong about: `op 5 (map_dma)`, `result 5`, `the case`. */
  readonly of: string
  readonly field?: string
  /** What would have been right. */
  readonly expected: string
  /** What stands there. */
  readonly found?: unknown
  /** Who says so, if it was not us: JSON.parse does. */
  readonly why?: string
  /** A name that is not known, and those that are: perhaps another one was meant. */
  readonly word?: string
  readonly known?: readonly string[]
  /** Something to type instead. */
  readonly attempt?: string
}

export interface Place {
  readonly file?: string
  readonly line?: number
  /** The case's name, if it got so far as to have one. */
  readonly name?: string
}

const placed = ({ file, line, name }: Place): string =>
  file === undefined ? (name ?? 'a case') : line === undefined ? file : `${file}:${line}`

export class MalformedCase extends Error {
  readonly place: Place
  readonly problem: Problem
  /** Lines of the same files in which something is wrong as well. */
  readonly others: readonly Place[]

  constructor(place: Place, problem: Problem, others: readonly Place[] = []) {
    super(`${placed(place)}: ${problem.of} ${problem.fact}; expected ${problem.expected}`)
    this.name = 'MalformedCase'
    this.place = place
    this.problem = problem
    this.others = others
  }
}

/** A path that leads to no cases at all. */
export class NoCases extends Error {
  readonly path: string

  constructor(path: string, why: string, options?: ErrorOptions) {
    super(why, options)
    this.name = 'NoCases'
    this.path = path
  }
}
