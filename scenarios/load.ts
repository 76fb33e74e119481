/**
 * A scenario the user wrote: a TypeScript or JavaScript file whose default export is a Scenario. It may import 'relock' without
 * installing it; that is this very copy, so that a machine of ours is the same object for both.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { insist, shown } from '../shapes/insist.ts'
import { insistOnSame, noting } from './at-another-time.ts'
import { Modules } from './modules.ts'
import type { Scenario } from './unmap/scenario.ts'

export class NotAScenario extends Error {
  readonly path: string
  readonly lacks: readonly string[]
  /** What to write in its place, where that is not a scenario. */
  readonly attempt: string | undefined

  constructor(path: string, why: string, lacks: readonly string[] = [], attempt?: string) {
    super(why)
    this.name = 'NotAScenario'
    this.path = path
    this.lacks = lacks
    this.attempt = attempt
  }
}

/** The file is there, but reading it threw: a slip in its syntax, an import that leads nowhere, its own top level. */
export class Unreadable extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.name = 'Unreadable'
  }
}

/** Ours as it runs, which shares all it can with what runs already: from the sources, or built, beside the program or above its chunks. */
const own = (source: string, built: string): string => {
  const path = import.meta.url.endsWith('.ts')
    ? `../${source}`
    : `${import.meta.url.includes('/chunks/') ? '..' : '.'}/${built}`
  return fileURLToPath(new URL(path, import.meta.url))
}

/** What a file may import of ours without installing it. */
const doors = {
  relock: ['index.ts', 'index.js'],
  'relock/explore': ['explore/door.ts', 'explore.js'],
  'relock/kernel': ['kernel/index.ts', 'kernel.js'],
  'relock/scenarios': ['scenarios/index.ts', 'scenarios.js'],
  'relock/xstate': ['process/index.ts', 'xstate.js'],
} as const

/** Our modules for a file of the user's: those that run already, not copies of them. Only what is spoken of in it, unless it has files beside it. */
const modulesFor = async (file: string): Promise<Readonly<Record<string, unknown>>> => {
  const text = readFileSync(file, 'utf8')
  const isNamed = (name: string): boolean => new RegExp(`['"](?:${name}|\\.[^'"]*)['"]`).test(text)
  const modules = Object.entries(doors)
    .filter(([name]) => isNamed(name))
    .map(async ([name, [source, built]]) => [name, await import(pathToFileURL(own(source, built)).href)] as const)
  return Object.fromEntries(await Promise.all(modules))
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

/** Reads the file when it is called; what that takes of ours is there by then. */
const reading = async (file: string, modules: Modules): Promise<() => Promise<unknown>> => {
  const read = modules.reading(file, { virtualModules: await modulesFor(file), alias: xstateFor(file) })
  return async () => {
    try {
      return await read()
    } catch (cause) {
      throw new Unreadable(cause)
    }
  }
}

/** The default export of a module, or what a CommonJS module exports; undefined when there is none. */
const exportedBy = (module: unknown): unknown => {
  if (!isRecord(module)) return module
  if ('default' in module) return module['default']
  return '__esModule' in module || Symbol.toStringTag in module ? undefined : module
}

/** Throws a NotAScenario, an Unreadable, or a ModelError that names the field that does not fit. */
export const loadScenario = async (path: string): Promise<Scenario> => (await loading(path))()

/**
 * The same in two steps, of which the second alone runs what the user wrote. `modules`: what was read of it before. `askedAt`: where in the user's
 * files a stack has asked for something, if it has.
 */
export const loading = async (
  path: string,
  modules = new Modules(),
  askedAt: (stack: string) => string | undefined = () => undefined,
): Promise<() => Promise<Scenario>> => {
  const file = resolve(path)
  if (!existsSync(file)) throw new NotAScenario(path, 'There is no such file.')
  if (!statSync(file).isFile()) throw new NotAScenario(path, 'It is a folder.')
  const read = await reading(file, modules)
  return async () => {
    const { read: exported, asked, readOtherwise } = await noting(read, askedAt)
    const scenario = await scenarioIn(exportedBy(exported), path)
    if (asked.length > 0)
      await insistOnSame(path, scenario, asked, async () =>
        scenarioIn(exportedBy(await readOtherwise(() => modules.readAgain(file))), path),
      )
    return scenario
  }
}

const scenarioIn = async (loaded: unknown, path: string): Promise<Scenario> => {
  if (loaded === undefined) throw new NotAScenario(path, 'It has no default export.')
  if (!isRecord(loaded)) throw new NotAScenario(path, `Its default export is ${shown(loaded)}.`)
  if (Array.isArray(loaded))
    throw new NotAScenario(
      path,
      'Its default export is a list: onDevices() and onPasids() give one, whose first is the story.',
    )
  if (loaded instanceof Promise)
    throw new NotAScenario(path, 'Its default export is a promise: wait for it.', [], 'export default await …')
  const { choices } = loaded
  const lacks = [
    ...fieldsOfAScenario.filter((field) => !(field in loaded)),
    ...(isRecord(choices) ? fieldsOfChoices.filter((field) => !isRecord(choices[field])) : []).map(
      (field) => `choices.${field}`,
    ),
  ]
  if (lacks.length > 0) {
    if ('getSnapshot' in loaded && 'logic' in loaded)
      throw new NotAScenario(
        path,
        'Its default export is an actor: export the machine that it was created from.',
        [],
        'export default machine, in place of createActor(machine)',
      )
    if (isRecord(loaded['states']) && !('transition' in loaded))
      throw new NotAScenario(
        path,
        'Its default export is what a machine is made of, and no machine yet.',
        [],
        "import { createMachine } from 'xstate'; export default createMachine({ … })",
      )
    const { scenarioOfActors } = await import('../process/scenario.ts')
    const actors = scenarioOfActors(loaded)
    if (actors) return actors
    throw new NotAScenario(path, 'Its default export lacks fields of a Scenario.', lacks)
  }
  const { scenarioShape } = await import('./scenario-shape.ts')
  insist(scenarioShape, loaded, 'export default')
  return loaded
}
