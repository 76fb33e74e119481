/** Findings that somebody has accepted: they are told, and do not count. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import * as errors from '../../report/check/errors.ts'
import { printJson } from '../../report/json.ts'
import { faultIn, problemsIn } from '../../shapes/insist.ts'
import { readJson } from '../../shapes/json.ts'
import { listOf, name, oneOf, record } from '../../shapes/shape.ts'

export interface Accepted {
  /** The scenario with its choices. */
  readonly of: string
  readonly kind: string
  readonly title: string
}

interface BaselineFile {
  readonly version: 1
  readonly accepted: readonly Accepted[]
}

const shape = record<BaselineFile>({
  version: oneOf([1]),
  accepted: listOf('findings', record<Accepted>({ of: name(), kind: name(), title: name() }, 'a finding')),
})

export const keyOf = ({ of, kind, title }: Accepted): string => JSON.stringify([of, kind, title])

/** Nothing, where there is no such file. */
export const readBaseline = (path: string): readonly Accepted[] => {
  if (!existsSync(path)) return []
  let given: unknown
  try {
    given = readJson(readFileSync(path, 'utf8'))
  } catch (error) {
    throw errors.wrongBaseline(path, (error as Error).message)
  }
  const [problem] = problemsIn(shape, given)
  if (problem) throw errors.wrongBaseline(path, faultIn(problem))
  return (given as BaselineFile).accepted
}

export const writeBaseline = (path: string, accepted: readonly Accepted[]): void => {
  const sorted = accepted.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  writeFileSync(path, printJson({ version: 1, accepted: sorted } satisfies BaselineFile))
}
