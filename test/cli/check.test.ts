/** `relock check`: the scenarios of a project, one verdict. */
import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'junit2json'
import { Parser, type FinalResults } from 'tap-parser'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { forget, processIn, relockIn, scratch } from './run.ts'

const folder = scratch()
const relock = processIn(folder)
/** In this process; the threads that search are its own. */
const here = relockIn(folder)
afterAll(() => forget(folder))

/** Two threads that count, with a lock or without; \`expected\` is what it says of itself. */
const story = (name: string, locked: boolean, expected = ''): string => `
import { always, field, kernel, mutex, mutex_lock, mutex_unlock, procedure, read, toScenario, write } from 'relock/kernel'
const m = mutex('m')
const counter = field('counter', 0)
const guarded = (steps) => ${locked ? '[mutex_lock(m), ...steps, mutex_unlock(m)]' : 'steps.flatMap((step) => [mutex_lock(m), step, mutex_unlock(m)])'}
const inc = procedure('inc', { n: 0 }, guarded([read(counter, 'n'), write(counter, ({ n }) => n + 1)]))
export default toScenario({
  name: '${name}',
  world: () => kernel({ threads: { a: inc, b: inc } }),
  properties: [always('both count', (w) => w.field('counter') === 2, { when: (w) => w.finished })],
  ${expected}
})
`

const put = (name: string, text: string): void => writeFileSync(join(folder, name), text)
const config = (more: object = {}): void =>
  put('relock.config.json', JSON.stringify({ scenarios: ['races/*.ts'], parallel: 2, ...more }))

beforeAll(() => {
  mkdirSync(join(folder, 'races'))
  mkdirSync(join(folder, 'below'))
  put('races/sound.ts', story('sound', true))
  put('races/lost.ts', story('lost', false))
  config()
})

test('each is searched; what is violated is told with its run, and the summary comes last', async () => {
  const { code, out, err } = await relock(['check'])
  expect(err).toBe('')
  expect(code).toBe(1)
  expect(out).toContain('The shortest run that breaks it')
  const summary = out.slice(out.lastIndexOf('\n\n✗ '))
  expect(summary.replace(/ · [\d.]+\s+m?s\b/g, '')).toBe(
    '\n\n✗ ./races/lost.ts,tasks=1   violated at depth 30 · 43 states\n' +
      '✓ ./races/sound.ts,tasks=1   24 states, all of them · 94 steps · depth 22\n\n' +
      '2 searches: 1 as they should be, 1 violated, 0 undecided\n',
  )
})

test('a thread that has no memory left is undecided, and the others are searched all the same', async () => {
  mkdirSync(join(folder, 'full'))
  const fills = story('fills', true).replace(
    '(w) => w.field(',
    '(w) => { if (w.finished) for (;;) kept.push(Array(100_000).fill(kept.length)); return true }), always("both", (w) => w.field(',
  )
  put('full/fills.ts', `const kept = []\n${fills}`)
  put('full/sound.ts', story('sound', true))
  config({ scenarios: ['full/*.ts'], parallel: 1 })
  const { code, out, err } = await relock(['check'], { env: { NODE_OPTIONS: '--max-old-space-size=64' } })
  config()
  expect({ code, err }).toEqual({ code: 3, err: '' })
  expect(out).toContain('~ ./full/fills.ts,tasks=1   undecided: there was no memory left')
  expect(out).toMatch(/✓ \.\/full\/sound\.ts,tasks=1 {3}24 states/)
  expect(out).toContain('2 searches: 1 as they should be, 0 violated, 1 undecided')
})

test('what is accepted does not count, is said, and said again when it is gone', async () => {
  config({ baseline: 'accepted.json' })
  const accepting = await here(['check', '--accept'])
  expect(accepting).toMatchObject({ code: 0, err: 'Accepted 1 finding in accepted.json\n' })
  expect(JSON.parse(readFileSync(join(folder, 'accepted.json'), 'utf8'))).toEqual({
    version: 1,
    accepted: [{ of: './races/lost.ts,tasks=1', kind: 'violated', title: 'both count' }],
  })
  const { code, out } = await here(['check'])
  expect(code).toBe(0)
  expect(out).toMatch(/1 finding\s+accepted/)
  put('races/lost.ts', story('lost', true))
  expect((await here(['check'])).out).toContain('Accepted, and not found any more: both count')
  put('races/lost.ts', story('lost', false))
  config()
})

test('a scenario that expects what it finds is as it should be, and one that finds something else is not', async () => {
  put(
    'races/lost.ts',
    story('lost', false, "expected: [{ findings: [], verdicts: { 'both count': 'violated' }, states: 43 }],"),
  )
  expect(await here(['check'])).toMatchObject({
    code: 0,
    out: expect.stringContaining('as expected: both count: violated'),
  })
  put(
    'races/lost.ts',
    story('lost', true, "expected: [{ findings: [], verdicts: { 'both count': 'violated' }, states: 43 }],"),
  )
  expect(await here(['check'])).toMatchObject({ code: 1, out: expect.stringContaining('not violated: both count') })
  put('races/lost.ts', story('lost', false))
})

test('a budget for one of them leaves it undecided', async () => {
  put('races/lost.ts', story('lost', true))
  config({ budgets: { 'races/lost.ts': { states: 5 } } })
  const { code, out } = await here(['check'])
  expect(code).toBe(3)
  expect(out).toContain('1 as they should be, 0 violated, 1 undecided')
  put('races/lost.ts', story('lost', false))
})

test.each<[string, string, string]>([
  ['ends its thread', 'process.exit(3)', 'ended the program. process.exit(3) at ./races/odd.ts:14:'],
  ['goes round for ever as it is read', 'for (;;) {}', 'does not come back. at ./races/odd.ts:14:'],
  [
    'waits for what never comes',
    'await new Promise(() => {})',
    'waits for something that does not come. at ./races/odd.ts:14:',
  ],
  ['goes round for ever in a property', 'function odd() { for (;;) {} }', 'does not come back. at ./races/odd.ts:14:'],
  ['throws in a property', "function odd() { throw new Error('mine') }", 'mine at ./races/odd.ts:14:'],
  ['has a slip in its syntax', 'const = 1', 'cannot be read. ParseError'],
  ['is no scenario', 'export const odd = 1', 'is not a scenario. Its default export is 1.'],
])('a file that %s is told with its line, and the others are searched all the same', async (_, text, why) => {
  // Of what never comes back alone: all else has as long as the machine makes it take.
  const isEndless = why.includes('come')
  config(isEndless ? { budgets: { 'races/odd.ts': { ms: 1000 } } } : {})
  const odd = story('odd', true).replace('(w) =>', '(w) => odd() ||')
  const plain = text.startsWith('function') ? odd : text.startsWith('export') ? 'export default 1' : story('odd', true)
  put('races/odd.ts', `${plain}\n${text}`)
  // Where a thread is that does not come back is known to the program's own alone.
  const { code, out } = await (isEndless ? relock : here)(['check'])
  unlinkSync(join(folder, 'races/odd.ts'))
  expect(code).toBe(1)
  expect(out.replaceAll(/\s+/g, ' ')).toContain(`✗ ./races/odd.ts`)
  expect(out.replaceAll(/\s+/g, ' ')).toContain(why)
  expect(out).toContain('3 searches: 1 as they should be, 1 violated, 0 undecided, 1 failed')
})

test('every reporter tells what could not be searched, and what is otherwise than expected; what is as expected is nothing wrong', async () => {
  const verdicts = "verdicts: { 'both count': 'violated', 'never': 'unseen' }"
  const unseen = (text: string): string =>
    text
      .replace('always, field', 'always, sometimes, field')
      .replace('properties: [', "properties: [sometimes('never', () => false), ")
  put(
    'races/asexpected.ts',
    unseen(story('asexpected', false, `expected: [{ findings: [], ${verdicts}, states: 43 }],`)),
  )
  put('races/otherwise.ts', unseen(story('otherwise', false, `expected: [{ findings: [], ${verdicts}, states: 1 }],`)))
  put('races/odd.ts', 'const = 1')
  const files = ['junit=out.xml', 'tap=out.tap', 'sarif=out.sarif', 'github=out.md']
  config({ scenarios: ['races/{asexpected,otherwise,odd}.ts'], reporters: files })
  const { code, out } = await here(['check'])
  for (const name of ['asexpected', 'otherwise', 'odd']) unlinkSync(join(folder, `races/${name}.ts`))
  expect(code).toBe(1)
  expect(out).toContain('✓ ./races/asexpected.ts,tasks=1   as expected: both count: violated, never:\n    unseen\n')
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

  const suites = await parse(read('out.xml'))
  const all = (suites && 'testsuite' in suites ? suites.testsuite : []) ?? []
  expect(all.map(({ name, failures, errors, skipped }) => ({ name, failures, errors, skipped }))).toEqual([
    { name: './races/asexpected.ts,tasks=1', failures: 0, errors: 0, skipped: 2 },
    { name: './races/otherwise.ts,tasks=1', failures: 3, errors: 0, skipped: 0 },
    { name: './races/odd.ts', failures: 0, errors: 1, skipped: 0 },
  ])
  expect(JSON.stringify(all[1])).toContain('43 states, and 1 are expected')
  expect(JSON.stringify(all[2])).toContain('cannot be read')

  const ends = await new Promise<FinalResults>((resolve) => new Parser(resolve).end(read('out.tap')))
  expect(ends).toMatchObject({ ok: false, fail: 6, todo: 2 })

  const { runs } = JSON.parse(read('out.sarif')) as {
    runs: readonly { invocations: readonly object[]; results: readonly { ruleId: string; suppressions?: object }[] }[]
  }
  expect(runs[0]!.invocations).toEqual([
    {
      executionSuccessful: false,
      toolExecutionNotifications: [
        { level: 'error', message: { text: expect.stringMatching(/^\.\/races\/odd\.ts cannot be read\./) } },
      ],
    },
  ])
  expect(runs[0]!.results.filter(({ suppressions }) => !suppressions).map(({ ruleId }) => ruleId)).toEqual([
    'violated',
    'unseen',
    'unexpected',
  ])

  const annotated = out.split('\n').filter((line) => line.startsWith('::error'))
  expect(annotated).toHaveLength(4)
  expect(annotated.filter((line) => line.includes('asexpected'))).toEqual([])
  expect(annotated.at(-1)).toMatch(/^::error title=\.\/races\/odd\.ts,file=races\/odd\.ts::cannot be read\./)
  expect(read('out.md')).toContain('| ✓ | ./races/asexpected.ts,tasks=1 | as expected: violated at depth 30 ')
  expect(read('out.md')).toContain('| ✗ | ./races/odd.ts | cannot be read.')
})

test('a configuration may be a program, and is found from below', async () => {
  const below = processIn(join(folder, 'below'))
  put('relock.config.json', '')
  put('relock.config.ts', "export default { scenarios: ['races/sound.ts'], budget: { states: 10 } }\n")
  const { code, out } = await below(['check'])
  expect(code).toBe(3)
  expect(out).toContain('./../races/sound.ts,tasks=1')
})

test('slips are told with the file and the field', async () => {
  put('relock.config.ts', 'export default { scenario: [] }\n')
  expect(await relock(['check'])).toMatchObject({ code: 2, err: expect.stringContaining('relock.config.ts') })
  expect((await relock(['check'])).err).toContain('scenarios')
  put('relock.config.ts', "export default { scenarios: ['nothing/*.ts'] }\n")
  expect((await relock(['check'])).err).toContain('No file is named by these globs.')
  expect((await processIn('/')(['check'])).err).toContain('There is no configuration of relock')
})
