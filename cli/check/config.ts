/** What `relock check` is to check: a configuration, found as other tools find theirs. */
import { dirname } from 'node:path'
import { createJiti } from 'jiti'
import { lilconfig, type Loader } from 'lilconfig'
import { faultIn, problemsIn } from '../../shapes/insist.ts'
import { listOf, name, oneOrMore, optional, record, byName, whole } from '../../shapes/shape.ts'
import * as errors from '../../report/check/errors.ts'
import type { Desk } from '../desk.ts'

/** What a search may take. */
export interface Budget {
  readonly states?: number
  readonly depth?: number
  readonly ms?: number
}

export interface CheckConfig {
  /** Files, by globs, from the folder of the configuration; names of built-in scenarios. One may stand by itself. */
  readonly scenarios: readonly string[]
  readonly ignore?: readonly string[]
  readonly budget?: Budget
  /** By the path of a file as the globs give it, or by name. */
  readonly budgets?: Readonly<Record<string, Budget>>
  /** A file of findings that are accepted. */
  readonly baseline?: string
  readonly parallel?: number
  /** As `--reporter` takes them. */
  readonly reporters?: readonly string[]
}

const budget = record<Budget>({ states: optional(whole(1)), depth: optional(whole(1)), ms: optional(whole(1)) })

const shape = record<CheckConfig>(
  {
    scenarios: oneOrMore('globs of files, or names of scenarios', name()),
    ignore: optional(listOf('globs', name())),
    budget: optional(budget),
    budgets: optional(byName('budgets by path or name', budget)),
    baseline: optional(name('a file')),
    parallel: optional(whole(1)),
    reporters: optional(listOf('reporters, as `junit=out.xml`', name())),
  },
  'a configuration: { scenarios: ["races/*.ts"] }',
)

export interface Found {
  readonly config: CheckConfig
  /** From where its paths count. */
  readonly folder: string
}

const extensions = ['ts', 'mts', 'js', 'mjs', 'cjs'] as const
const places = [
  'package.json',
  ...extensions.map((each) => `relock.config.${each}`),
  'relock.config.json',
  '.relockrc',
  '.relockrc.json',
]

/** In this file, or in the first that is found from here upwards. Throws a UserError when there is none, or it does not fit. */
export const configuration = async (given: string | undefined, desk: Desk): Promise<Found> => {
  const load: Loader = (path) => {
    desk.runs(path)
    return createJiti(import.meta.url, { fsCache: false }).import(path, { default: true })
  }
  const loaders = Object.fromEntries(extensions.map((each) => [`.${each}`, load]))
  const finder = lilconfig('relock', { searchPlaces: places, loaders })
  const found = await (given === undefined ? finder.search() : finder.load(given)).catch((error: unknown) => {
    throw errors.unreadableConfig(given ?? 'The configuration', (error as Error).message)
  })
  if (!found || found.isEmpty) throw errors.noConfig(places)
  const problem = problemsIn(shape, found.config)[0]
  if (problem) throw errors.wrongConfig(found.filepath, faultIn(problem), problem.expected)
  return { config: found.config as CheckConfig, folder: dirname(found.filepath) }
}
