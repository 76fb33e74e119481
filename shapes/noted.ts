/** What our shapes know of an issue that valibot raises, and valibot's words for it do not say. */
import type { BaseIssue } from 'valibot'

export interface Noted {
  /** A field that does not exist, one that is not there, or a value that cannot be. */
  readonly is: 'unknown' | 'missing' | 'wrong'
  readonly expected: string
  /** What is said of it instead of `cannot be 3`: `cannot be called so`. */
  readonly fault?: string
  readonly known?: readonly string[]
  readonly why?: string
  readonly hint?: string
}

const noted = new WeakMap<object, Noted>()

/** A message for valibot, which asks for one when it raises an issue: we write down what we know, and word it later. */
export const note =
  (told: Noted | ((issue: BaseIssue<unknown>) => Noted)) =>
  (issue: BaseIssue<unknown>): string => {
    const known = typeof told === 'function' ? told(issue) : told
    noted.set(issue, known)
    return known.expected
  }

export const notedOf = (issue: BaseIssue<unknown>): Noted =>
  noted.get(issue) ?? { is: 'wrong', expected: issue.message }
