/** What is packed: whoever resolves it finds types and code that fit, it is small, and nothing runs when it is installed. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { forget, pack, project, runIn } from './packed.ts'

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

let tarball = ''
let folder = ''

beforeAll(() => {
  tarball = pack()
  folder = project(tarball, {})
})
afterAll(() => forget(folder))

const inModules = (...path: readonly string[]): string => join(folder, 'node_modules', ...path)
const manifest = (name: string): Manifest =>
  JSON.parse(readFileSync(inModules(name, 'package.json'), 'utf8')) as Manifest

/** It and whatever it needs, but for peers. */
const installed = (name: string, seen = new Set<string>()): ReadonlySet<string> => {
  if (seen.has(name)) return seen
  seen.add(name)
  for (const next of Object.keys(manifest(name).dependencies ?? {})) installed(next, seen)
  return seen
}

const bytes = (path: string): number =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.slice(path.length).includes('node_modules'))
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)

test('publint has nothing to say', async () => {
  const { messages } = await publint({ pkgDir: inModules('relock'), strict: true, pack: false })
  expect(messages).toEqual([])
})

test('are the types wrong? They are not, for node16, nodenext, a bundler and require', async () => {
  const doors = await runIn(
    folder,
    '@arethetypeswrong/cli/dist/index.js',
    tarball,
    '--profile',
    'node16',
    '--format',
    'json',
  )
  // Whatever Node has to say beside it, on a day when it is short of something, is no JSON.
  expect(doors.out, doors.said).toMatch(/^\{/)
  const { analysis } = JSON.parse(doors.out) as {
    analysis: { problems: readonly { kind: string; entrypoint: string; resolutionKind: string }[] }
  }
  const counted = analysis.problems.filter(({ resolutionKind }) => resolutionKind !== 'node10')
  // Vitest itself cannot be required.
  expect(counted.filter(({ entrypoint }) => entrypoint !== './vitest')).toEqual([])
  expect(counted.map(({ kind }) => kind)).toEqual(['CJSResolvesToESM'])
})

test('it takes less than 8 MB, with all that it needs but xstate and rxjs', () => {
  const packages = [...installed('relock')]
  expect(packages).toContain('jiti')
  expect(packages).not.toContain('xstate')
  const sizes = Object.fromEntries(packages.map((name) => [name, bytes(realpathSync(inModules(name)))]))
  expect(
    Object.values(sizes).reduce((sum, size) => sum + size, 0),
    JSON.stringify(sizes),
  ).toBeLessThan(8_000_000)
})

test('nothing runs when it is installed', () => {
  const scripts = [...installed('relock')].flatMap((name) =>
    Object.keys(manifest(name).scripts ?? {}).map((script) => `${name}: ${script}`),
  )
  expect(scripts.filter((each) => /: (?:pre|post)?install$/.test(each))).toEqual([])
})

test('every file it names is there, and no source map leads anywhere else', () => {
  const files = readdirSync(inModules('relock/dist'), { recursive: true, encoding: 'utf8' })
  expect(files.filter((file) => file.endsWith('.map'))).toEqual([])
  const code = files
    .filter((file) => /\.c?js$/.test(file))
    .map((file) => readFileSync(inModules('relock/dist', file), 'utf8'))
  expect(code.filter((text) => text.includes('sourceMappingURL'))).toEqual([])
  // Above each module stands which file it was.
  expect(code.join('\n')).toContain('// explore/search.ts')
})

test.each([
  ['import', ['--input-type=module'], "import { vfio } from 'relock'"],
  ['require', [], "const { vfio } = require('relock')"],
])('where somebody comes by %s, a stack names files that are there, and where in them it is', (_, words, coming) => {
  const text = `${coming}; try { vfio({}) } catch (error) { console.log(error.stack) }`
  const stack = execFileSync(process.execPath, ['--enable-source-maps', ...words, '-e', text], {
    cwd: folder,
    encoding: 'utf8',
  })
  const home = realpathSync(inModules('relock'))
  const frames = [...stack.matchAll(/^ +at .*?((?:file:\/\/)?\/[^():]+):(\d+):(\d+)\)?$/gm)].flatMap(
    ([, url = '', line, column]) => {
      const path = url.startsWith('file://') ? fileURLToPath(url) : url
      return path.startsWith(home) ? [{ path, line: Number(line), column: Number(column) }] : []
    },
  )
  const calls = frames.map(({ path, line, column }) => {
    const lines = readFileSync(path, 'utf8').split('\n')
    return lines[line - 1]!.slice(column - 1)
  })
  expect(calls[0]).toMatch(/^new ModelError\(/)
  expect(calls.length).toBeGreaterThan(2)
  expect(calls.filter((call) => !/^(?:new )?[\w$.]+\(/.test(call))).toEqual([])
})

test.each(['relock', 'relock/explore', 'relock/kernel', 'relock/scenarios'])(
  '%s is the same for import and for require',
  (door) => {
    const ask = (words: readonly string[]): string =>
      execFileSync(process.execPath, words, { cwd: folder, encoding: 'utf8' })
    const say = (what: string): string => `console.log(Object.keys(${what}).toSorted().join())`
    const imported = ask(['--input-type=module', '-e', `import * as all from '${door}'; ${say('all')}`])
    expect(ask(['-e', say(`require('${door}')`)])).toBe(imported)
  },
)

/** What a user writes, in either kind of module. */
const using = `
import { test } from 'node:test'
import { explore, start, unmap, vfio, always, type Report, type VfioView } from 'relock'
import { findScenario } from 'relock/scenarios'
import { kernel } from 'relock/kernel'
const told: Promise<Report> = explore(vfio({ unmap: 'restart', containers: {}, tasks: { vmm0: [unmap(0, 1)] } }), [
  always<VfioView>('it is', (w) => w.finished),
])
export const used = [told, test, findScenario, kernel, start]
`
const withJest = `
import { expect } from '@jest/globals'
import 'relock/jest'
import { explore, vfio } from 'relock'
export const claim = async () => expect(await explore(vfio({ unmap: 'restart', containers: {}, tasks: {} }))).toHold('a')
`
const wrongly = `
import { expect } from 'vitest'
import 'relock/vitest'
export const claim = () => expect(1).toViolate(2)
`

test.each([
  ['node16', 'node16'],
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])('who uses it compiles with module %s, libraries looked at too', async (module, moduleResolution) => {
  const home = project(tarball, {
    'package.json': '{ "type": "module" }',
    'a.mts': using,
    'b.mts': withJest,
    'c.mts': withJest.replace('@jest/globals', 'vitest').replace('relock/jest', 'relock/vitest'),
    ...(module === 'esnext' ? {} : { 'd.cts': using, 'e.cts': withJest }),
    'f.mts': wrongly,
    'tsconfig.json': JSON.stringify({
      compilerOptions: { module, moduleResolution, strict: true, noEmit: true, target: 'es2023', types: ['node'] },
    }),
  })
  const { said } = await runIn(home, 'typescript/bin/tsc', '-p', '.')
  forget(home)
  const ours = said.split('\n').filter((line) => /^[a-f]\.[mc]ts|relock/.test(line))
  expect(ours).toEqual([expect.stringContaining('f.mts(4,')])
})
