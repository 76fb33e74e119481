/**
 * A scenario the user wrote: a TypeScript or JavaScript file whose default export is a Scenario. It may import 'relock' without
 * installing it; that is this very copy, so that a machine of ours is the same object for both.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'
import type { Scenario } from './scenario.ts'

export class NotAScenario extends Error {
  readonly path: string
  readonly lacks: readonly string[]

  constructor(path: string, why: string, lacks: readonly string[] = []) {
    super(why)
    this.name = 'NotAScenario'
    this.path = path
    this.lacks = lacks
  }
}

/** Ours as it runs: `.ts` from the sources, `.js` once built. */
const own = (name: string): string => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return fileURLToPath(new URL(`../${name}.${extension}`, import.meta.url))
}

const fieldsOfAScenario = [
  'name',
  'family',
  'windows',
  'source',
  'why',
  'choices',
  'system',
  'properties',
  'expected',
] as const

export const loadScenario = async (path: string): Promise<Scenario> => {
  const file = resolve(path)
  if (!existsSync(file)) throw new NotAScenario(path, 'There is no such file.')
  const jiti = createJiti(import.meta.url, {
    alias: { 'relock/scenarios': own('scenarios/index'), relock: own('index') },
  })
  const loaded: unknown = await jiti.import(file, { default: true })
  if (typeof loaded !== 'object' || loaded === null)
    throw new NotAScenario(path, 'Its default export is not an object.')
  const lacks = fieldsOfAScenario.filter((field) => !(field in loaded))
  if (lacks.length > 0) throw new NotAScenario(path, 'Its default export lacks fields of a Scenario.', lacks)
  return loaded as Scenario
}
