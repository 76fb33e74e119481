/** Where a case is wrong: thrown by whoever finds it, with what stands there and what was expected. */
import type { Problem } from './malformed.ts'

/** Thrown where it is found; read.ts and index.ts know the place. */
export class Wrong extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.fact)
    this.name = 'Wrong'
    this.problem = problem
  }
}

/** A case that may well be right, and is about an operation that is not known here. */
export class WrongOp extends Wrong {
  readonly op: string
  readonly index: number

  constructor(op: string, index: number, problem: Problem) {
    super(problem)
    this.op = op
    this.index = index
  }
}

export const wrong = (problem: Problem): never => {
  throw new Wrong(problem)
}

export type Bag = Readonly<Record<string, unknown>>

export const isCount = (x: unknown, least: number): x is number => Number.isSafeInteger(x) && (x as number) >= least

export const isBag = (x: unknown): x is Bag => typeof x === 'object' && x !== null && !Array.isArray(x)

export const called = (index: number, op: unknown): string =>
  typeof op === 'string' ? `op ${index} (${op})` : `op ${index}`

export const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`

export const unknownField = (of: string, field: string, known: readonly string[], found: unknown): never =>
  wrong({
    of,
    field,
    fact: `has an unknown field`,
    expected: 'one of its fields',
    found: { [field]: found },
    word: field,
    known,
  })
