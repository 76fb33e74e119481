/**
 * Checks what was handed in against a shape (shape.ts). `insist` throws a ModelError; `problemsIn` says the same as data, for those who word
 * it themselves or know a better place (a file, a line).
 *
 *   linux(): containers.container0.groups.group26.devices.mdev0.pined is not known. Did you mean "pinned"?
 *
 *     expected driver, open, pinned, mirror, careful
 *     found    [ 4096 ]
 */
import { inspect, types } from 'node:util'
import { safeParse, type BaseIssue } from 'valibot'
import { ModelError } from '../explore/errors.ts'
import { nearest } from './nearest.ts'
import { notedOf, type Noted } from './noted.ts'
import type { Shape } from './shape.ts'

export interface Problem extends Noted {
  /** `containers.container0.mappings[0].size`; empty: all of it. */
  readonly path: string
  /** Undefined where nothing was found. */
  readonly found: unknown
  /** What was probably meant. */
  readonly guess?: string
}

/** Everything that is wrong: fields that do not exist first, and not what is missing because they were meant for it. */
export function problemsIn(shape: Shape<any>, given: unknown, at: readonly PropertyKey[] = []): readonly Problem[] {
  const { issues = [] } = safeParse(shape.schema, given, { abortPipeEarly: true })
  const problems = issues.map((issue) => problemOf(issue, at))
  const slips = problems.filter(({ is }) => is === 'unknown')
  const meant = new Set(slips.map(({ path, guess = '' }) => path.slice(0, -lastOf(path).length) + guess))
  return [...slips, ...problems.filter(({ is, path }) => is === 'wrong' || (is === 'missing' && !meant.has(path)))]
}

function problemOf(issue: BaseIssue<unknown>, at: readonly PropertyKey[]): Problem {
  const noted = notedOf(issue)
  const keys = [...at, ...(issue.path ?? []).map(({ key }) => key as PropertyKey)]
  const found = noted.is === 'wrong' ? issue.input : issue.path?.at(-1)?.value
  return problemAt(keys, { ...noted, found })
}

/** A problem that no shape finds. */
export function problemAt(keys: readonly PropertyKey[], told: Noted & { readonly found: unknown }): Problem {
  const word = told.is === 'unknown' ? String(keys.at(-1)) : told.found
  const guess = typeof word === 'string' ? nearest(word, told.known ?? []) : undefined
  return { ...told, path: pathOf(keys), ...(guess !== undefined && { guess }) }
}

/** `what` was handed something of the shape, or a ModelError says what does not fit; `at` is where it stood in what was handed in. */
export function insist<T>(
  shape: Shape<T>,
  given: unknown,
  what: string,
  at: readonly PropertyKey[] = [],
): asserts given is T {
  const problems = problemsIn(shape, given, at)
  if (problems.length > 0) throw misdescribed(what, problems)
}

/** The error for problems, of which there is at least one; `what` is who was handed it (`linux()`), or what it is. */
export function misdescribed(what: string, [problem, ...others]: readonly Problem[]): ModelError {
  const { is, path, found, expected, guess, why, hint } = problem!
  const whole = `${what} cannot be ${what.endsWith('()') ? 'given ' : ''}${shown(found)}`
  const fact = path === '' ? whole : `${what}: ${faultIn(problem!)}`
  const meant = guess === undefined ? '' : ` Did you mean "${guess}"?`
  const instead = is === 'unknown' ? lastOf(path) : String(found)
  return new ModelError(
    'bad-description',
    `${fact}${why === undefined ? '' : `: ${why}`}.${meant}`,
    [
      ['expected', expected],
      ...(is === 'unknown' ? [['found', shown(found)] as const] : []),
      ...alsoWrong(others).map((line, index) => [index === 0 ? 'also' : '', line] as const),
    ],
    hint ?? (guess === undefined ? withoutQuotes(found) : `Write "${guess}" instead of "${instead}".`),
  )
}

/** Text that would be a number. */
const withoutQuotes = (found: unknown): string | undefined =>
  typeof found === 'string' && /^-?(?:0x[\da-f]+|\d+)$/i.test(found)
    ? `Without quotes it is a number: ${found}.`
    : undefined

const alsoWrong = (others: readonly Problem[]): readonly string[] => {
  const some = others.slice(0, 3).map(faultIn)
  return others.length > some.length ? [...some, `and ${others.length - some.length} more`] : some
}

/** Where, and what is wrong there: `sends[0].to is missing`. */
export const faultIn = (problem: Problem): string => `${problem.path} ${faultOf(problem)}`

const faultOf = ({ is, found, fault }: Problem): string => {
  if (fault !== undefined) return fault
  if (is === 'unknown') return 'is not known'
  return found === undefined ? 'is missing' : `cannot be ${shown(found)}`
}

const lastOf = (path: string): string => /[^.]*$/.exec(path)![0]

/** `tasks.vmm0[1].iova`, and `tasks["a b"]` where a name is not a plain word. */
export const pathOf = (keys: readonly PropertyKey[]): string =>
  keys
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`
      if (!/^[\w-]+$/.test(String(key))) return `[${JSON.stringify(String(key))}]`
      return index === 0 ? String(key) : `.${String(key)}`
    })
    .join('')

/** A value as one would write it, in a line and no longer than one. */
export const shown = (given: unknown): string => {
  if (typeof given === 'string') return JSON.stringify(given.length > 60 ? `${given.slice(0, 60)}…` : given)
  if (typeof given === 'function') return 'a function'
  // While anybody listens to asynchronous calls (async_hooks), Node shows its own marks in one.
  if (types.isPromise(given)) return 'a Promise'
  const line = inspect(given, {
    depth: 1,
    breakLength: Infinity,
    compact: true,
    maxArrayLength: 6,
    maxStringLength: 40,
    customInspect: false,
  })
  const said = line.replace(/\[(?:Object|Array)\]/g, (of) => (of === '[Array]' ? '[…]' : '{…}'))
  return said.length > 100 ? `${said.slice(0, 99)}…` : said
}
