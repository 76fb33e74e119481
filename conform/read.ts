/** Reads cases, all of them before any is run: a slip in the last line is told before time is spent on the first. */
import type { Case, Race, Written } from './case.ts'
import { checkCase, Wrong } from './check.ts'
import { caseFiles, linesOf } from './files.ts'
import { MalformedCase, NoCases, type Place, type Problem } from './malformed.ts'

/** A file, a folder, or a case as a value. */
export type Source = string | Case | Race

/** Reads and checks all of them: throws a MalformedCase, or NoCases where there are none. */
export const readCases = (sources: Source | readonly Source[]): readonly Written[] => {
  const bad: { place: Place; problem: Problem }[] = []
  const good: Written[] = []
  const take = (place: Place, read: () => unknown): void => {
    let given: unknown
    try {
      given = read()
      good.push({ one: checkCase(given), ...(place.file === undefined ? {} : { file: place.file, line: place.line! }) })
    } catch (error) {
      if (!(error instanceof Wrong)) throw error
      bad.push({ place: { ...place, ...nameOf(given) }, problem: error.problem })
    }
  }
  for (const source of isList(sources) ? sources : [sources]) {
    if (typeof source !== 'string') take({}, () => source)
    else for (const file of caseFiles(source)) readFile(file, take)
  }
  const [first, ...others] = bad
  if (first)
    throw new MalformedCase(
      first.place,
      first.problem,
      others.map(({ place }) => place),
    )
  return good
}

const isList = (sources: Source | readonly Source[]): sources is readonly Source[] => Array.isArray(sources)

const readFile = (file: string, take: (place: Place, read: () => unknown) => void): void => {
  const lines = linesOf(file).map((text, index) => ({ text, line: index + 1 }))
  const written = lines.filter(({ text }) => text.trim() !== '')
  if (written.length === 0) throw new NoCases(file, 'It is empty.')
  for (const { text, line } of written) take({ file, line }, () => parsed(text))
}

const nameOf = (given: unknown): { name?: string } =>
  typeof given === 'object' && given !== null && 'name' in given && typeof given.name === 'string'
    ? { name: given.name }
    : {}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Wrong({
      of: 'the line',
      fact: 'is not JSON',
      expected: 'one case, whole, on a line of its own',
      why: (error as Error).message,
      attempt: isCut(text)
        ? 'write the whole case on one line (`jq -c .` does that)'
        : 'correct this line; `jq . <file>` shows where it breaks',
    })
  }
}

/** It begins well and ends too soon: most likely a case on several lines. */
const isCut = (text: string): boolean => /^\s*[[{]/.test(text) && !/[\]}]\s*$/.test(text)
