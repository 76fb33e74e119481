/** What is packed: whoever resolves it finds types and code that fit, it is small, and nothing runs when it is installed. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eachMapping, TraceMap } from '@jridgewell/trace-mapping'
import { publint } from 'publint'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { forget, pack, project, runIn } from './packed.ts'

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

let tarball = ''
let folder = ''

beforeAll(() => {
  tarball = pack(inject('shared'))
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

test('source maps lead to files that are shipped, and to lines that they have', () => {
  const files = readdirSync(inModules('relock/dist'), { recursive: true, encoding: 'utf8' })
  const code = files.filter((file) => /\.c?js$/.test(file))
  const mapped = code.flatMap((file) => {
    const [, map] = /^\/\/# sourceMappingURL=(.*)$/m.exec(readFileSync(inModules('relock/dist', file), 'utf8')) ?? []
    return map === undefined ? [] : [join(dirname(file), map)]
  })
  expect(mapped.toSorted()).toEqual(files.filter((file) => file.endsWith('.map')).toSorted())
  expect(mapped).toContain('cjs/relock.cjs.map')
  for (const file of mapped) {
    const path = inModules('relock/dist', file)
    const lines = new Map<string, number>()
    eachMapping(new TraceMap(readFileSync(path, 'utf8'), path), ({ source, originalLine }) => {
      if (source !== null) lines.set(source, Math.max(lines.get(source) ?? 0, originalLine ?? 0))
    })
    for (const [source, last] of lines)
      expect(readFileSync(source, 'utf8').split('\n').length, source).toBeGreaterThanOrEqual(last)
  }
  // They are what one can read, and above each module stands which file it was.
  expect(code.map((file) => readFileSync(inModules('relock/dist', file), 'utf8')).join('\n')).toContain(
    '// explore/breadth/search.ts',
  )
})

test('what is bundled of others has its licence beside it', () => {
  const files = readdirSync(inModules('relock/dist'), { recursive: true, encoding: 'utf8' })
  const code = files
    .filter((file) => file.endsWith('.js'))
    .map((file) => readFileSync(inModules('relock/dist', file), 'utf8'))
    .join('\n')
  // Above each module stands which file it was.
  const bundled = new Set([...code.matchAll(/^\s*\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)/gm)].map(([, name]) => name!))
  expect([...bundled]).toEqual(expect.arrayContaining(['commander', 'valibot']))
  const licences = readFileSync(inModules('relock/dist/LICENSES.txt'), 'utf8')
  const named = [...licences.matchAll(/^((?:@[^/ ]+\/)?[\w.-]+) \d+\.\d+\.\d+$/gm)].map(([, name]) => name!)
  expect(named.toSorted()).toEqual([...bundled].toSorted())
})

/** The frames of an error of relock's that are in relock, as a debugger shows them: file and position, and what stands in that line. */
const stackOf = (words: readonly string[], coming: string) => {
  const text = `${coming}; try { linux({}) } catch (error) { console.log(error.stack) }`
  const stack = execFileSync(process.execPath, ['--enable-source-maps', ...words, '-e', text], {
    cwd: folder,
    encoding: 'utf8',
  })
  const home = realpathSync(inModules('relock'))
  return [...stack.matchAll(/^ +at .*?((?:file:\/\/)?\/[^():]+):(\d+):(\d+)\)?$/gm)].flatMap(
    ([, url = '', line, column]) => {
      const path = url.startsWith('file://') ? fileURLToPath(url) : url
      if (!path.startsWith(home)) return []
      const shown = readFileSync(path, 'utf8').split('\n')[Number(line) - 1]!
      return [{ place: `${path}:${line}`, shown: shown.trim(), call: shown.slice(Number(column) - 1) }]
    },
  )
}

test('a stack names files that are there, and where in them it is, by import and by require', () => {
  const imported = stackOf(['--input-type=module'], "import { linux } from 'relock'")
  expect(imported.length).toBeGreaterThan(2)
  expect(imported[0]?.call).toMatch(/^new ModelError\(/)
  expect(imported.filter(({ call }) => !/^(?:new )?[\w$.]+\(/.test(call))).toEqual([])
  // What is for `require` is made small: its map leads to the very lines.
  const required = stackOf([], "const { linux } = require('relock')")
  expect(required.map(({ place, shown }) => [place, shown])).toEqual(imported.map(({ place, shown }) => [place, shown]))
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
import { explore, start, unmap, linux, always, type Report, type LinuxView } from 'relock'
import { findScenario } from 'relock/scenarios'
import { kernel } from 'relock/kernel'
const told: Promise<Report> = explore(linux({ unmap: 'restart', containers: {}, tasks: { vmm0: [unmap(0, 1)] } }), [
  always<LinuxView>('it is', (w) => w.finished),
])
export const used = [told, test, findScenario, kernel, start]
`
const withJest = `
import { expect } from '@jest/globals'
import 'relock/jest'
import { explore, linux } from 'relock'
export const claim = async () => expect(await explore(linux({ unmap: 'restart', containers: {}, tasks: {} }))).toHold('a')
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
