/**
 * What a complete search of a scenario finds. Several files of tests ask for it, in several processes, and it takes longer than what they make
 * of it: in a run of the suite it is made once, and lies in a folder of that run (test/build.ts).
 */
import { createHash } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { inject } from 'vitest'
import { canonical } from '../../explore/states/canonical.ts'
import { explore } from '../../explore/index.ts'
import type { Report } from '../../explore/outcome/report.ts'
import type { Choices, Scenario } from '../../scenarios/unmap/scenario.ts'

export interface Explored {
  readonly report: Report
  /** The states that it can end in, as text, each once and in order. */
  readonly finals: readonly string[]
}

/** Mutants of the sources are tested without it: what one has found is nothing to the others. */
const folder: string | undefined = inject('shared')

const read = (path: string): Explored | undefined => {
  if (folder === undefined) return undefined
  try {
    return deserialize(readFileSync(path)) as Explored
  } catch {
    return undefined
  }
}

/** Another process may look for it meanwhile: it is there as a whole, or not at all. */
const write = (path: string, found: Explored): void => {
  if (folder === undefined) return
  const aside = `${path}.${process.pid}`
  writeFileSync(aside, serialize(found))
  renameSync(aside, path)
}

/** With the reduction, as people have it, or by the full search. */
export const exploredWith = async (scenario: Scenario, choices: Choices, reduction = true): Promise<Explored> => {
  const asked = createHash('sha256').update(canonical([scenario.name, choices, reduction]))
  const path = join(folder ?? '', asked.digest('hex'))
  const known = read(path)
  if (known) return known
  const finals = new Set<string>()
  const onFinal = (final: readonly string[]) => void finals.add(final.join('\n'))
  const report = await explore(scenario.system(choices), scenario.properties(choices), { reduction, onFinal })
  const found = { report, finals: [...finals].toSorted() }
  write(path, found)
  return found
}

export const explored = async (scenario: Scenario, choices: Choices): Promise<Report> =>
  (await exploredWith(scenario, choices)).report
