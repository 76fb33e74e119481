/** Reads cases, all of them before any is run: a slip in the last line is told before time is spent on the first. */
import { readJson, UnsoundJson } from '../shapes/json.ts'
import type { AnyRace, Case, Written } from './case.ts'
import { checkCase } from './check.ts'
import { caseFiles, linesOf } from './files.ts'
import { MalformedCase, NoCases, type Place, type Problem } from './malformed.ts'
import { Wrong, WrongOp } from './wrong.ts'

/** A file, a folder, or a case as a value. */
export type Source = string | Case | AnyRace

/** Whoever writes so many wrong lines has not written cases; the first are enough to say so. */
const mostWrong = 1000

/**
 * Reads and checks all of them: throws a MalformedCase, or NoCases where there are none. A case with an operation that is not known is kept,
 * marked `unknown`, unless there is no other case.
 */
export const readCases = (sources: Source | readonly Source[]): readonly Written[] => {
  const bad: { place: Place; problem: Problem }[] = []
  const good: Written[] = []
  const apart: { place: Place; problem: Problem }[] = []
  const take = (place: Place, names: Names, read: () => unknown): void => {
    if (bad.length === mostWrong) return
    let given: unknown
    try {
      given = read()
      const one = checkCase(given)
      checkName(one.name, place, names)
      good.push({ one, ...(place.file === undefined ? {} : { file: place.file, line: place.line! }) })
    } catch (error) {
      if (!(error instanceof Wrong)) throw error
      const { problem } = error
      if (error instanceof WrongOp) {
        apart.push({ place: { ...place, ...nameOf(given) }, problem })
        const { op, index } = error
        const at = place.file === undefined ? {} : { file: place.file, line: place.line! }
        good.push({ one: given as Case, ...at, unknown: { op, index, problem } })
        return
      }
      bad.push({ place: { ...place, ...nameOf(given) }, problem })
    }
  }
  const values: Names = new Map()
  for (const source of isList(sources) ? sources : [sources]) {
    if (typeof source !== 'string') take({}, values, () => source)
    else for (const file of caseFiles(source)) readFile(file, take)
  }
  const [first, ...others] = good.length === apart.length ? [...bad, ...apart] : bad
  if (first)
    throw new MalformedCase(
      first.place,
      first.problem,
      others.map(({ place }) => place),
    )
  return good
}

const isList = (sources: Source | readonly Source[]): sources is readonly Source[] => Array.isArray(sources)

/** The cases of one file, or those handed over as values, by name; and where each stands. */
type Names = Map<string, Place>

/** A case is picked, reported and replayed by its name. */
const checkName = (name: string, place: Place, names: Names): void => {
  const other = names.get(name)
  // Only the first slip is told in full: of three of one name, the second.
  names.set(name, place)
  if (other === undefined) return
  throw new Wrong({
    of: 'the case',
    field: 'name',
    fact: other.line === undefined ? 'has the name of another one' : `has the name of the one in line ${other.line}`,
    expected: 'a name of its own',
    found: name,
    attempt: `call one of them "${name}.again"`,
  })
}

const readFile = (file: string, take: (place: Place, names: Names, read: () => unknown) => void): void => {
  const names: Names = new Map()
  let isEmpty = true
  for (const { text, line } of linesOf(file)) {
    isEmpty = false
    take({ file, line }, names, () => parsed(text))
  }
  if (isEmpty) throw new NoCases(file, 'It is empty.')
}

const nameOf = (given: unknown): { name?: string } =>
  typeof given === 'object' && given !== null && 'name' in given && typeof given.name === 'string'
    ? { name: given.name }
    : {}

const parsed = (text: string): unknown => {
  try {
    return readJson(text)
  } catch (error) {
    if (error instanceof UnsoundJson) {
      const { path, message, expected } = error
      throw new Wrong({ of: path === '' ? 'the case' : path, fact: message, expected })
    }
    throw new Wrong({
      of: 'the line',
      fact: 'is not JSON',
      expected: 'one case, whole, on a line of its own',
      why: (error as Error).message,
      attempt: !isRecord(text)
        ? 'docs/CONFORMANCE.md shows a case; nothing else is read, no log of strace, perf or QEMU'
        : isCut(text)
          ? 'write the whole case on one line (`jq -c .` does that)'
          : 'correct this line; `jq . <file>` shows where it breaks',
    })
  }
}

const isRecord = (text: string): boolean => /^\s*[[{]/.test(text)

/** It begins well and ends too soon: most likely a case on several lines. */
const isCut = (text: string): boolean => !/[\]}]\s*$/.test(text)
