/** Reports for machines, each read by who reads such files: a parser, the official schema, or what GitHub's own package writes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Draft04 from 'ajv-draft-04'
import { parse, type TestSuite } from 'junit2json'
import { Parser, type Result } from 'tap-parser'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { annotations, commandOf } from '../../report/reporters/github.ts'
import { relockIn, type Outcome } from '../cli/run.ts'
import { blocks } from '../docs/desk.ts'
import { mermaid } from '../mermaid.ts'

const folder = mkdtempSync(join(tmpdir(), 'relock-reporters-'))
const relock = relockIn(folder)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

/** A file whose name asks for care, with a claim that is broken on line 20. */
const own = 'mine & yours #1.ts'

let told: Outcome
beforeAll(async () => {
  const { text } = blocks.find(({ file }) => file === 'lost-update.ts')!
  writeFileSync(join(folder, own), text)
  const files = ['junit=out/a.xml', 'sarif=out/a.sarif', 'tap=out/a.tap', 'github=out/a.md']
  const reporters = files.flatMap((each) => ['--reporter', each])
  // The second is not searched to its end; the third holds.
  told = await relock([
    'explore',
    'stale-dma',
    'well-behaved,unmap=restart',
    'stale-dma,unmap=restart',
    `./${own}`,
    '--states',
    '1000',
    ...reporters,
  ])
})

test('the report is printed beside files, and the code is as ever', () => {
  expect(told.code).toBe(1)
  expect(told.out).toContain('✗ stale-dma,unmap=per-mapping,tasks=2')
  expect(told.err).toContain('sarif    out/a.sarif')
})

test('JUnit: a suite for each search, a case for each claim; who was not searched to the end is skipped, not passed', async () => {
  const suites = await parse(read('out/a.xml'))
  const all = (suites && 'testsuite' in suites ? suites.testsuite : []) ?? []
  expect(all.map(({ name, failures, skipped }) => [name, failures, skipped])).toEqual([
    ['stale-dma,unmap=per-mapping,tasks=2', 1, 0],
    ['well-behaved,unmap=restart,tasks=2', 0, expect.any(Number)],
    ['stale-dma,unmap=restart,tasks=2', 0, 0],
    [`./${own},tasks=1`, 1, 0],
  ])
  expect(all.every(({ tests, testcase }: TestSuite) => tests === testcase?.length)).toBe(true)
  const [failure] = all[0]!.testcase!.flatMap((each) => each.failure ?? [])
  expect(failure).toMatchObject({ type: 'use-after-free', message: 'use-after-free in vfio_dma_do_unmap' })
  expect(failure!.inner).toMatch(/54 ① +├─+ read ─+►/)
  expect(failure!.inner).toContain('npx relock replay stale-dma')
  expect(all[1]!.testcase!.filter((each) => each.skipped).length).toBe(all[1]!.skipped)
  // Some readers know the names of signs only, and show a number as it stands.
  expect(read('out/a.xml')).not.toContain('&#')
  expect(read('out/a.xml')).toContain('mine &amp; yours')
})

test('TAP: every point is counted, and what is not so has its run in YAML', () => {
  const results: Result[] = []
  const parser = new Parser({ strict: true })
  parser.on('assert', (result: Result) => results.push(result))
  parser.end(read('out/a.tap'))
  expect(parser.results?.failures?.filter(({ tapError }) => tapError)).toEqual([])
  expect(parser.results).toMatchObject({ ok: false, fail: 2, count: results.length })
  const [first] = results.filter(({ ok }) => !ok)
  expect(first!.name).toContain('no use-after-free: use-after-free in vfio_dma_do_unmap')
  expect(first!.diag).toMatchObject({
    message: 'use-after-free in vfio_dma_do_unmap',
    kind: 'use-after-free',
    depth: 54,
    address: expect.stringMatching(/^stale-dma,unmap=per-mapping,tasks=2@/),
  })
  expect(first!.diag.run).toMatch(/54 ① +├─+ read ─+►/)
  expect(results.filter(({ skip }) => skip).length).toBeGreaterThan(0)
})

interface Sarif {
  readonly runs: readonly {
    readonly tool: {
      readonly driver: {
        readonly semanticVersion: string
        readonly rules: readonly { readonly id: string; readonly defaultConfiguration: { readonly level: string } }[]
      }
    }
    readonly results: readonly {
      readonly ruleId: string
      readonly level: string
      readonly locations: readonly {
        readonly physicalLocation?: {
          readonly artifactLocation: { readonly uri: string }
          readonly region: { readonly startLine: number }
        }
      }[]
      readonly codeFlows: readonly {
        readonly threadFlows: readonly {
          readonly id: string
          readonly locations: readonly { readonly executionOrder: number }[]
        }[]
      }[]
    }[]
  }[]
}

test('SARIF: the official schema accepts it; one thread flow an actor, in the order of the run, in the file of the user', () => {
  const path = createRequire(import.meta.url).resolve('@microsoft/jest-sarif')
  const schema = JSON.parse(readFileSync(join(path, '../schemas/sarif-2.1.0-rtm.5.json'), 'utf8')) as object
  const ajv = new Draft04.default({ strict: false, unicodeRegExp: false, validateFormats: false })
  const text = read('out/a.sarif')
  const sarif = JSON.parse(text) as Sarif
  const valid = ajv.validate(schema, sarif)
  expect(ajv.errors ?? []).toEqual([])
  expect(valid).toBe(true)
  const [stale, lost] = sarif.runs[0]!.results
  const flows = stale!.codeFlows[0]!.threadFlows
  expect(flows.map(({ id }) => id)).toEqual(expect.arrayContaining(['vmm0', 'vmm1', 'type1', 'iommu.lock']))
  const order = flows.flatMap(({ locations }) => locations.map(({ executionOrder }) => executionOrder))
  expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 54 }, (_, i) => i + 1))
  expect(stale!.locations[0]).not.toHaveProperty('physicalLocation')
  const line =
    read(own)
      .split('\n')
      .findIndex((each) => each.includes("'both count'")) + 1
  expect(lost!.locations[0]!.physicalLocation).toMatchObject({
    artifactLocation: { uri: 'mine%20%26%20yours%20%231.ts' },
    region: { startLine: line },
  })
  expect(sarif.runs[0]!.tool.driver.semanticVersion).toMatch(/^\d+\.\d+\.\d+/)
  // Some readers look at the level of the rule only.
  const { results, tool } = sarif.runs[0]!
  const worst = (id: string) =>
    results.some(({ ruleId, level }) => ruleId === id && level === 'error') ? 'error' : 'note'
  for (const { id, defaultConfiguration } of tool.driver.rules) expect(defaultConfiguration.level).toBe(worst(id))
  expect(tool.driver.rules.map(({ id }) => id)).toEqual(expect.arrayContaining(results.map(({ ruleId }) => ruleId)))
  // What the schema does not accept is seen by it.
  expect(ajv.validate(schema, JSON.parse(text.replace('"level": "error"', '"level": "grave"')))).toBe(false)
})

test('GitHub: annotations as its own package writes them, and a summary that Mermaid draws', async () => {
  const lines = told.out.split('\n').filter((line) => line.startsWith('::'))
  expect(lines.filter((line) => line.startsWith('::error'))).toHaveLength(2)
  expect(lines.find((line) => line.includes('both count'))).toMatch(
    /^::error title=.*,file=mine & yours #1\.ts,line=\d+::/,
  )
  const markdown = read('out/a.md')
  const diagrams = [...markdown.matchAll(/^```mermaid\n(.*?)^```$/gms)].map(([, text = '']) => text)
  expect(diagrams).toHaveLength(2)
  for (const each of diagrams) expect(await mermaid.parse(each)).toMatchObject({ diagramType: 'sequence' })
  expect(markdown).toContain('| ✗ | stale-dma,unmap=per-mapping,tasks=2 |')
})

test('GitHub: signs that would end a command are written as its own package does', async () => {
  const { error } = await import('@actions/core')
  const said: string[] = []
  const { write } = process.stdout
  process.stdout.write = (text: string | Uint8Array) => said.push(String(text)) > 0
  try {
    error('a % b\r\nc: d, e', { title: 'x, y: z % \n', file: 'a,b:c.ts', startLine: 3 })
  } finally {
    process.stdout.write = write
  }
  expect(said.join('')).toBe(
    `${commandOf('error', 'a % b\r\nc: d, e', { title: 'x, y: z % \n', file: 'a,b:c.ts', line: 3 })}\n`,
  )
})

test('GitHub: of one level no more than it shows', async () => {
  const report = {
    findings: [],
    properties: Array.from({ length: 30 }, (_, i) => ({ kind: 'sometimes', name: `n${i}`, verdict: 'unseen' })),
  }
  const base = {
    exhaustive: true,
    seconds: 0,
    states: 1,
    fingerprint: 'f',
    inversions: 'all',
    ignored: [],
    lockOrder: [],
  }
  const explored = { scenario: 's', choices: {}, report: { ...base, ...report }, traceOf: () => undefined }
  const lines = annotations([explored as never])
    .trim()
    .split('\n')
  expect(lines).toHaveLength(10)
  expect(lines.at(-1)).toContain('and 21 more')
})

test('without a file one takes the place of the report; two cannot', async () => {
  const { out, code } = await relock(['explore', 'stale-dma', '--reporter', 'tap'])
  expect(code).toBe(1)
  expect(out).toMatch(/^TAP version 14\n/)
  expect(await relock(['explore', 'stale-dma', '--reporter', 'tap', '--reporter', 'junit'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('both to be written to the output'),
  })
  expect(await relock(['explore', 'stale-dma', '--reporter', 'xml'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('Unknown reporter "xml".'),
  })
})
