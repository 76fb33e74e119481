/** `relock replay --save-test`: a run that was found, kept as a test of the user's own. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, extname, join, relative, resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { causesOf, readSteps, unreadable, writeSteps } from '../../explore/runs/causes.ts'
import type { Trace } from '../../explore/runs/trace.ts'
import { printSubject } from '../../report/address.ts'
import * as errors from '../../report/errors.ts'
import { followed } from '../../explore/runs/follow.ts'
import { nameOfWrong } from '../../report/wrong-name.ts'
import type { Wrong } from '../../report/sides.ts'
import { passing, runners, testFile, type Passing, type Runner, type TestFile } from '../../report/test-file.ts'
import { shellWord } from '../../report/text.ts'
import type { Located } from '../located.ts'
import { isPath } from '../subject.ts'

export interface TestFlags {
  readonly saveTest?: string
  readonly runner?: Runner
  readonly passes?: Passing
}

export const withTest = (command: Command): Command =>
  command
    .addOption(new Option('--save-test <file>', 'keep the run as a test (docs/TESTS.md)').conflicts('json'))
    .addOption(new Option('--runner <name>', 'of that test; default: the one that the project uses').choices(runners))
    .addOption(
      new Option('--passes <when>', 'that test: once it is mended (default), or while it is found').choices(passing),
    )

/** Throws a UserError for what is said of a test where none is saved, and for several runs where one is. */
export const checkTestFlags = ({ saveTest, runner, passes }: TestFlags, runs: number): void => {
  const idle = runner ? '--runner' : passes ? '--passes' : undefined
  if (saveTest === undefined && idle) throw errors.idleOption(idle, 'without --save-test', 'the test that is saved')
  if (saveTest !== undefined && runs > 1) throw errors.oneRunToKeep(runs)
}

/** Writes the test; answers what is said of that. */
export const saveTest = (
  path: string,
  { runner: asked, passes = 'mended' }: TestFlags,
  located: Located,
  { trace, wrong }: { readonly trace: Trace; readonly wrong: Wrong | undefined },
): readonly string[] => {
  const { address, choices, system, scenario, followed: before } = located
  if (before?.outcome === 'impossible') throw errors.notKeptAsTest('The model has no such run any more.')
  if (wrong === undefined) throw errors.notKeptAsTest('Nothing is wrong with it: there is nothing for a test to claim.')
  if (address.scenario.includes('.jsonl'))
    throw errors.notKeptAsTest('It is a run of a race among cases, which are tests themselves (docs/CONFORMANCE.md).')
  const shows = before?.shown === true ? before.wanted! : nameOfWrong(wrong, trace)
  const steps = writeSteps(causesOf(trace))
  const properties = scenario.properties(choices)
  const again = unreadable(steps) < 0 ? followed(system, readSteps(steps), { shows, properties }) : undefined
  if (again?.outcome !== 'kept' || again.shown !== true)
    throw errors.notKeptAsTest('The names of its steps do not lead to it again.')
  const runner = asked ?? runnerIn(dirname(resolve(path)))
  const file: TestFile = {
    ...{ runner, passes, choices, shows, steps, modules: modulesOf(path, runner) },
    isTyped: /\.[cm]?tsx?$/.test(path),
    subject: isPath(address.scenario)
      ? {
          file: importPath(path, address.scenario, runner),
          is: 'process' in system ? 'actors' : 'scenario',
          isCommonJs: extname(address.scenario) === '.cjs',
        }
      : { builtIn: scenario.name },
    isProperty: wrong.what === 'property',
    of: printSubject(address.scenario, address.choices),
  }
  write(path, testFile(file))
  const hint = /\.(?:test|spec)\.[cm]?[jt]sx?$/.test(path)
    ? []
    : ['Runners look for files named *.test.* unless they are told of others.']
  return [`Kept as a test in ${path}, for ${titles[runner]}: ${commandFor(runner, path)}`, ...hint]
}

const titles: Readonly<Record<Runner, string>> = { vitest: 'Vitest', jest: 'Jest', node: 'node:test' }

const commandFor = (runner: Runner, path: string): string =>
  `${{ vitest: 'npx vitest run', jest: 'npx jest', node: 'node --test' }[runner]} ${shellWord(path)}`

/** A new file; none is ever overwritten. */
const write = (path: string, text: string): void => {
  try {
    mkdirSync(dirname(resolve(path)), { recursive: true })
    writeFileSync(path, text, { flag: 'wx' })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw code === 'EEXIST' && existsSync(path) ? errors.testIsThere(path) : errors.testUnwritable(path, message)
  }
}

interface Package {
  readonly type?: unknown
  readonly scripts?: Readonly<Record<string, unknown>>
  readonly dependencies?: object
  readonly devDependencies?: object
}

/** The package.json of the project that a folder belongs to. */
const packageOf = (folder: string): Package | undefined => {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package
  } catch {
    return dirname(folder) === folder ? undefined : packageOf(dirname(folder))
  }
}

/** What its test script runs; else what it has installed, if that is one; without either it is Node's own. */
const runnerIn = (folder: string): Runner => {
  const { scripts = {}, dependencies = {}, devDependencies = {} } = packageOf(folder) ?? {}
  const script = typeof scripts['test'] === 'string' ? scripts['test'] : ''
  const said = (['vitest', 'jest'] as const).filter((name) => new RegExp(`\\b${name}\\b`).test(script))
  if (said.length === 1) return said[0]!
  if (/\bnode\b.*--test\b/.test(script)) return 'node'
  const has = (['vitest', 'jest'] as const).filter((name) => name in dependencies || name in devDependencies)
  if (has.length > 1) throw errors.severalRunners(has)
  return has[0] ?? 'node'
}

/** By the name of the file; of `.js` by what the project says of it, as runners do. */
const modulesOf = (path: string, runner: Runner): TestFile['modules'] => {
  const kind = extname(path)
  if (!/^\.[cm]?[jt]sx?$/.test(kind)) throw errors.notATestName(path)
  if (kind.startsWith('.c')) {
    if (runner === 'vitest') throw errors.onlyModules(path)
    return 'require'
  }
  if (kind !== '.js' || runner === 'vitest') return 'import'
  return packageOf(dirname(resolve(path)))?.type === 'module' ? 'import' : 'require'
}

/** The scenario file as the test names it. Jest finds TypeScript by itself where no ending is given, and compilers want none. */
const importPath = (test: string, scenario: string, runner: Runner): string => {
  const way = relative(dirname(resolve(test)), resolve(scenario))
    .split('\\')
    .join('/')
  const path = way.startsWith('.') ? way : `./${way}`
  return runner === 'jest' && /\.tsx?$/.test(path)
    ? join(dirname(path), basename(path, extname(path))).replace(/^(?!\.)/, './')
    : path
}
