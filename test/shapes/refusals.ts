/** Wrong descriptions, a row each: what is wrong, the description, the first line of what is said, and a word of what was expected. */
import { expect } from 'vitest'
import { ModelError } from '../../explore/errors.ts'

export type Refusal = readonly [what: string, given: unknown, fact: string, expected: string]

/** What is said of it; fails the test when it is accepted, or refused by anything but a ModelError. */
export const refusalOf = (attempt: () => unknown): { readonly fact: string; readonly rest: string } => {
  try {
    attempt()
  } catch (error) {
    expect(error).toBeInstanceOf(ModelError)
    expect(error).toMatchObject({ problem: 'bad-description' })
    const [fact = '', ...rest] = (error as Error).message.split('\n')
    return { fact, rest: rest.join('\n') }
  }
  throw new Error('accepted')
}

/** The first line in full, and part of what follows. */
export const saying = (fact: string, expected: string): object => ({ fact, rest: expect.stringContaining(expected) })
