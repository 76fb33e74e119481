/** Whatever a function of the library is given, it answers in our words: never that something of something cannot be read. */
import { isObservable, lastValueFrom, toArray } from 'rxjs'
import { describe, expect, test } from 'vitest'
import * as relock from '../../index.ts'

const system = {
  name: 'none',
  fingerprint: 'f',
  components: [],
  start: [],
  view: () => ({}),
}

/** What is no argument for most functions, and one or two that are for some. */
const values: readonly unknown[] = [
  ...[undefined, null, 0, -1, NaN, 1e9, 'x', '', true, 10n, Symbol('x')],
  ...[{}, [], [null], [0], { name: 'x' }, { op: 'nope' }, new Map(), new Date(0), Promise.resolve(1), () => undefined],
  ...[
    system,
    { actors: 5 },
    { findings: 5, properties: 5 },
    { steps: 5 },
    { steps: [null] },
    { cases: 5, disagreements: 5 },
  ],
]

const engines = [TypeError, RangeError, ReferenceError, SyntaxError]

/** What it comes to: nothing, or the error that the engine raised because nobody looked before. */
const engineError = async (call: () => unknown): Promise<Error | undefined> => {
  try {
    const answer: unknown = await call()
    if (isObservable(answer)) await lastValueFrom(answer.pipe(toArray()))
    if (typeof answer === 'object' && answer !== null && 'connect' in answer) (answer as { connect(): void }).connect()
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(Error)
    return engines.some((engine) => error instanceof engine) ? (error as Error) : undefined
  }
}

type AnyFunction = (...args: readonly unknown[]) => unknown

const isFunction = (value: unknown): value is AnyFunction =>
  // Errors are classes, which are thrown and not called.
  typeof value === 'function' && !(value.prototype instanceof Error)

const functions: readonly (readonly [string, AnyFunction])[] = Object.entries(relock).flatMap(([name, value]) =>
  isFunction(value) ? [[name, value] as const] : [],
)

describe('what a function is given', () => {
  test('is put to all of them', () => {
    expect(functions.length).toBeGreaterThan(60)
  })

  test.each(functions)('%s', async (name, call) => {
    const wrong: string[] = []
    for (const first of values)
      for (const second of [undefined, ...values]) {
        const error = await engineError(() => (second === undefined ? call(first) : call(first, second)))
        if (error) wrong.push(`${name}(${typeof first}, ${typeof second}): ${error.message}`)
      }
    expect([...new Set(wrong)].slice(0, 10)).toEqual([])
  })
})
