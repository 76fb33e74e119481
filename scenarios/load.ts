/**
 * A scenario the user wrote: a TypeScript or JavaScript file whose default export is a Scenario. It may import 'relock' without
 * installing it; that is this very copy, so that a machine of ours is the same object for both.
 */
import { existsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
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

/** The file is there, but reading it threw: a slip in its syntax, an import that leads nowhere, its own top level. */
export class Unreadable extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.name = 'Unreadable'
  }
}

/** Ours as it runs: `.ts` from the sources, `.js` once built, and beside this file when the program is bundled into one. */
const own = (name: string): string => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const root = import.meta.url.endsWith(`/scenarios/load.${extension}`) ? '..' : '.'
  return fileURLToPath(new URL(`${root}/${name}.${extension}`, import.meta.url))
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

const fieldsOfChoices = ['options', 'tasks', 'default'] as const

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null

/** For machines of one's own: the user's xstate if there is one, else ours, so that a lone file needs no installation. */
const xstateFor = (file: string): Readonly<Record<string, string>> => {
  try {
    createRequire(file).resolve('xstate')
    return {}
  } catch {
    return { xstate: fileURLToPath(import.meta.resolve('xstate')) }
  }
}

const read = async (file: string): Promise<unknown> => {
  // Built-in scenarios need no compiler; most runs of the program are spared its start.
  const { createJiti } = await import('jiti')
  const jiti = createJiti(import.meta.url, {
    alias: { 'relock/scenarios': own('scenarios/index'), relock: own('index'), ...xstateFor(file) },
  })
  try {
    return await jiti.import(file)
  } catch (cause) {
    throw new Unreadable(cause)
  }
}

export const loadScenario = async (path: string): Promise<Scenario> => {
  const file = resolve(path)
  if (!existsSync(file)) throw new NotAScenario(path, 'There is no such file.')
  if (!statSync(file).isFile()) throw new NotAScenario(path, 'It is a folder.')
  const module = await read(file)
  if (!isRecord(module) || !('default' in module)) throw new NotAScenario(path, 'It has no default export.')
  const { default: loaded } = module
  if (!isRecord(loaded)) throw new NotAScenario(path, 'Its default export is not an object.')
  const { choices } = loaded
  const lacks = [
    ...fieldsOfAScenario.filter((field) => !(field in loaded)),
    ...(isRecord(choices) ? fieldsOfChoices.filter((field) => !isRecord(choices[field])) : []).map(
      (field) => `choices.${field}`,
    ),
  ]
  if (lacks.length > 0) throw new NotAScenario(path, 'Its default export lacks fields of a Scenario.', lacks)
  return loaded as unknown as Scenario
}
