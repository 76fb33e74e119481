/** Runs that were found, kept as tests, in the hands of real runners: they tell what is so before and after the model was edited. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { relockIn } from '../cli/run.ts'
import { forget, pack, project, root, runIn, type Ran } from './packed.ts'

const names =
  'always, atomic_inc, atomic_t, field, kernel, mutex, mutex_lock, mutex_unlock, procedure, read, toScenario, write'

/** A race of one's own, and what may become of it. */
const races = {
  found: `
const inc = procedure('inc', { n: 0 }, [
  mutex_lock(m), read(counter, 'n'), mutex_unlock(m),
  mutex_lock(m), write(counter, ({ n }) => n + 1), mutex_unlock(m),
])
const threads = { a: inc, b: inc }`,
  // A thread, a field and a step that have nothing to do with it.
  edited: `
const other = field('other', 0)
const inc = procedure('inc', { n: 0, o: 0 }, [
  mutex_lock(m), read(other, 'o'), read(counter, 'n'), mutex_unlock(m),
  mutex_lock(m), write(counter, ({ n }) => n + 1), mutex_unlock(m),
])
const threads = { a: inc, b: inc, c: procedure('look', { o: 0 }, [mutex_lock(m), read(other, 'o'), mutex_unlock(m)]) }`,
  // The lock is kept.
  mended: `
const inc = procedure('inc', { n: 0 }, [
  mutex_lock(m), read(counter, 'n'), write(counter, ({ n }) => n + 1), mutex_unlock(m),
])
const threads = { a: inc, b: inc }`,
  // Nearly nothing of it is there any more.
  lost: `
const beat = atomic_t('beat', 0)
const inc = procedure('inc', {}, [atomic_inc(beat)])
const threads = { a: inc, b: inc }`,
} as const

type Form = keyof typeof races
const forms = Object.keys(races) as Form[]

const raceOf = (form: Form, [head, tail]: readonly [string, string]): string => `${head}
const m = mutex('m')
const counter = field('counter', 0)
${races[form]}
const race = toScenario({
  name: 'lost-update',
  world: () => kernel({ threads, objects: [counter] }),
  properties: [always('both count', (w) => w.field('counter') === 2, { when: (w) => w.finished })],
})
${tail}
`

const asModule = [`import { ${names} } from 'relock/kernel'`, 'export default race'] as const
const asCommonJs = [`const { ${names} } = require('relock/kernel')`, 'module.exports = race'] as const

/** One for each runner: its scenario file and its test. */
const kept = {
  vitest: { race: './race.ts', head: asModule, test: 'vitest/race.test.ts' },
  jest: { race: './race.cjs', head: asCommonJs, test: 'jest/race.test.cjs' },
  node: { race: './race.mjs', head: asModule, test: 'node/race.test.mjs' },
} as const

/** Runners that are started once for all tests there are: to start costs more than to run them. */
const runs = {
  vitest: ['vitest/vitest.mjs', 'run', '--reporter=json', '--outputFile=vitest.json'],
  jest: ['jest/bin/jest.js', '--no-watchman', '--runInBand', '--json', '--outputFile=jest.json'],
} as const

type Runner = keyof typeof kept
const runners = Object.keys(kept) as Runner[]

/** Components and nothing else: whoever speaks first is heard. */
const plain = `import { toScenario } from 'relock/kernel'
const speaker = (id: string) => ({
  id,
  initial: 0,
  thread: id,
  accepts: () => true,
  receive: (local: number) => ({ local: local + 1, sends: [{ to: 'ear', message: { type: 'HEAR', from: id } }], findings: [], notes: [], ignored: false }),
  key: String,
  show: (local: number) => ({ state: 'speaks', data: { local } }),
})
const ear = {
  id: 'ear',
  initial: '',
  accepts: () => true,
  receive: (local: string, message: { from: string }) => ({
    local: local + message.from,
    sends: [],
    findings: local === 'second' ? [{ kind: 'bug', title: 'the second was heard first', fatal: true }] : [],
    notes: [],
    ignored: false,
  }),
  key: (local: string) => local,
  show: (local: string) => ({ state: 'hears', data: { local } }),
}
export default toScenario({
  name: 'plain',
  world: () => ({
    name: 'plain',
    actors: [],
    components: [speaker('first'), speaker('second'), ear],
    start: ['first', 'second'].map((to) => ({ to, message: { type: 'GO', from: 'env' } })),
    view: () => null,
  }),
})
`

/** Actors of XState: the second click is lost. */
const actors = `import { setup } from 'xstate'
import { always, system } from 'relock/xstate'
const door = setup({}).createMachine({
  id: 'door',
  initial: 'shut',
  states: { shut: { on: { OPEN: 'open' } }, open: { on: { SHUT: 'shut', OPEN: 'broken' } }, broken: { type: 'final' } },
})
export default system(door, {
  events: ['OPEN', 'SHUT'],
  ignores: ['SHUT', 'OPEN'],
  properties: [always('the door is whole', (w) => !w.root.matches('broken'))],
})
`

let folder = ''
const said: Record<string, Ran> = {}

/** The program, as it was installed. */
const relock = (...words: readonly string[]): Promise<Ran> => runIn(folder, 'relock/dist/relock.js', ...words)
/** The same in this process, which has loaded it already. */
const here = async (...words: readonly string[]): Promise<Ran> => {
  const { code, out, err } = await relockIn(folder)(words, { env: { NO_COLOR: '1', COLUMNS: '100' } })
  return { code, out, said: out + err }
}

/** The address of the run that a report tells. */
const addressIn = ({ out }: Ran): string =>
  /npx relock replay ((?:[^\n\\]|\\\n)*)/.exec(out)![1]!.replaceAll('\\\n', '').replaceAll("'", '')

const keep = async (run: typeof relock, scenario: string, file: string, ...more: readonly string[]): Promise<Ran> =>
  run('replay', addressIn(await run('explore', scenario, '--quiet')), '--save-test', file, ...more)

const formatted = (text: string): string =>
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/oxfmt/bin/oxfmt'), '-c', join(root, '.oxfmtrc.jsonc'), '--stdin-filepath=a.test.ts'],
    { input: text, encoding: 'utf8' },
  )

const writeRace = (runner: Runner, form: Form, below = ''): void => {
  const { race, head } = kept[runner]
  mkdirSync(join(folder, below), { recursive: true })
  writeFileSync(join(folder, below, race), raceOf(form, head))
}

const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8')

/** The tests that were kept, beside the race in one of its forms. */
const layBeside = (form: Form): void => {
  for (const runner of runners) {
    writeRace(runner, form, form)
    cpSync(join(folder, dirname(kept[runner].test)), join(folder, form, dirname(kept[runner].test)), {
      recursive: true,
    })
  }
}

/** As both runners write it. */
interface Told {
  readonly testResults: readonly {
    readonly name: string
    readonly status: 'passed' | 'failed'
    readonly message: string
    readonly assertionResults: readonly { readonly failureMessages: readonly string[] }[]
  }[]
}

/** Runs all that a runner finds; what comes of each file of tests is as if it had been run alone. */
const runAll = async (runner: keyof typeof runs): Promise<void> => {
  const [script, ...words] = runs[runner]
  await runIn(folder, script, ...words)
  for (const { name, status, message, assertionResults } of (JSON.parse(textOf(`${runner}.json`)) as Told)
    .testResults) {
    const failures = assertionResults.flatMap(({ failureMessages }) => failureMessages)
    const told = [message, ...failures].join('\n')
    said[`ran ${relative(folder, name)}`] = { code: status === 'passed' ? 0 : 1, out: told, said: told }
  }
}

beforeAll(async () => {
  folder = project(pack(inject('shared')), {
    'package.json': '{ "name": "of-a-user", "private": true, "devDependencies": { "vitest": "*" } }',
    // One process for all of them, which loads relock once.
    'vitest.config.mjs':
      "export default { test: { include: ['**/vitest/*.test.ts'], isolate: false, maxWorkers: 1 } }\n",
    'jest.config.cjs':
      "module.exports = { testMatch: ['**/jest/*.test.cjs'], modulePathIgnorePatterns: ['node_modules/relock'] }\n",
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        ...{ strict: true, noEmit: true, skipLibCheck: true, module: 'nodenext', target: 'es2022' },
        ...{ allowImportingTsExtensions: true, types: ['node'] },
      },
      include: ['vitest/stale-dma.test.ts', 'vitest/door.test.ts'],
    }),
    'plain.ts': plain,
    'door.ts': actors,
  })
  for (const runner of runners) {
    writeRace(runner, 'found')
    const run = runner === 'node' ? relock : here
    said[`keep ${runner}`] = await keep(run, kept[runner].race, kept[runner].test, '--runner', runner)
  }
  const [, saved = ''] = /Saved {4}(\S+\/)/.exec((await here('explore', kept.node.race)).out) ?? []
  said['keep found'] = await keep(here, kept.node.race, 'node/found.test.mjs', '--runner', 'node', '--passes', 'found')
  for (const [scenario, file] of [
    ['stale-dma', 'vitest/stale-dma.test.ts'],
    ['./plain.ts', 'vitest/plain.test.ts'],
    ['./door.ts', 'vitest/door.test.ts'],
  ] as const)
    said[`keep ${scenario}`] = await keep(here, scenario, file)
  for (const form of forms) {
    layBeside(form)
    for (const name of ['race', 'found'] as const)
      said[`ran ${form}/node/${name}.test.mjs`] = await runIn(folder, `../${form}/node/${name}.test.mjs`)
    writeRace('node', form)
    said[`replay ${form}`] = await relock('replay', `${saved}run.trace.json`)
  }
  for (const runner of ['vitest', 'jest'] as const) await runAll(runner)
})
afterAll(() => forget(folder))

describe.each(runners)('under %s', (runner) => {
  test('the program says what it wrote and how to run it', () => {
    const { out, said: all } = said[`keep ${runner}`]!
    expect(out, all).toContain(`Kept as a test in ${kept[runner].test}, for`)
    const text = textOf(kept[runner].test)
    expect(text).toContain('properties: scenario.properties(choices)')
    expect(text).toBe(formatted(text))
  })

  test('the test fails as long as the run shows what was found, and tells the run', () => {
    const { code, said: output } = said[`ran found/${kept[runner].test}`]!
    expect(code, output).toBe(1)
    expect(output).toContain('The run shows "both count".')
    expect(output).toMatch(/● mutex_lock\(m\)/)
    expect(output).not.toContain('Adapted')
  })

  test('so it does with a thread, a field and a step more, and tells what is new', () => {
    const { code, said: output } = said[`ran edited/${kept[runner].test}`]!
    expect(code, output).toBe(1)
    expect(output).toContain('The run shows "both count".')
    expect(output).toContain('Adapted: the model has changed, and a run keeps the order of the recorded one.')
    expect(output).toMatch(/new {8}a\/inc → other/)
  })

  test('it passes once no run does', () => {
    const { code, said: output } = said[`ran mended/${kept[runner].test}`]!
    expect(code, output).toBe(0)
  })

  test('it fails where the run is lost, and tells what no longer fits', () => {
    const { code, said: output } = said[`ran lost/${kept[runner].test}`]!
    expect(code, output).toBe(1)
    expect(output).toContain('Whether the run still shows "both count" is not known.')
    expect(output).toContain('Impossible: ')
    expect(output).toMatch(/expected {3}\S+ → \S+ \S+ \(step \d+\)/)
  })
})

test('a test that is to pass while it is found does the opposite, and fails where the run is lost, too', () => {
  expect(forms.map((form) => [form, said[`ran ${form}/node/found.test.mjs`]!.code])).toEqual([
    ['found', 0],
    ['edited', 0],
    ['mended', 1],
    ['lost', 1],
  ])
})

test('the program replays the saved run, and its exit code says what became of it', () => {
  const became = forms.map((form) => {
    const { code, out } = said[`replay ${form}`]!
    return [form, code, /^(?:Kept|Adapted|Impossible)/.exec(out)?.[0]]
  })
  expect(became).toEqual([
    ['found', 1, undefined],
    ['edited', 1, 'Adapted'],
    ['mended', 0, 'Impossible'],
    ['lost', 3, 'Impossible'],
  ])
})

describe.each([
  ['stale-dma', 'stale-dma', 'use-after-free in vfio_dma_do_unmap'],
  ['./plain.ts', 'plain', 'the second was heard first'],
  ['./door.ts', 'door', 'the door is whole'],
])('%s', (scenario, name, finding) => {
  test('is kept for the runner that the project has, as a formatter would write it', async () => {
    expect(said[`keep ${scenario}`]!.out, said[`keep ${scenario}`]!.said).toContain('for Vitest: npx vitest run')
    const text = textOf(`vitest/${name}.test.ts`)
    expect(text).toContain(`const finding = '${finding}'`)
    expect(text).toBe(formatted(text))
  })

  test('fails there, and tells the run', () => {
    const { code, said: output } = said[`ran vitest/${name}.test.ts`]!
    expect(code, output).toBe(1)
    expect(output).toContain(`The run shows "${finding}".`)
  })
})

test('what is written in TypeScript type-checks', async () => {
  const { code, said: output } = await runIn(folder, 'typescript/bin/tsc', '-p', '.')
  expect(code, output).toBe(0)
})
