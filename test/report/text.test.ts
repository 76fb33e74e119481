import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { Report } from '../../explore/outcome/report.ts'
import { compareTable } from '../../report/compare.ts'
import { compareDocument, exploreDocument, printJson } from '../../report/json.ts'
import { listScenarios } from '../../report/list.ts'
import { makePage, pageFor, wantsColour } from '../../report/style.ts'
import { command, tellReport } from '../../report/text.ts'
import { exitCode, overall } from '../../report/verdict.ts'
import { bounded, holding, sampled, stoppedByYou, vacuous, violated } from './reports.ts'
import { useAfterFree } from './fixture.ts'

const chosen = { unmap: 'per-mapping', tasks: 2 }
const tell = (report: Report, columns = 80, ascii = false): string =>
  tellReport({ scenario: 'stale-dma', choices: chosen, report, traceOf: useAfterFree }, makePage({ columns, ascii }), {
    saved: { said: '.relock/stale-dma-9f3c.{txt,trace.json}' },
  })
const reports = { holding, violated, bounded, sampled, stoppedByYou, vacuous }

describe.each(Object.entries(reports))('a report that is %s', (_name, report) => {
  test.each([80, 120])('at %i columns', (columns) => {
    const text = tell(report, columns)
    expect(text).toMatchSnapshot()
    expect(Math.max(...text.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(columns)
  })
  test('never says the bare word', () => {
    expect(tell(report)).not.toMatch(/\bpassed\b/i)
  })
  test('in ASCII', () => {
    expect(tell(report, 80, true)).toMatch(/^[\x20-\x7e\n]*$/)
  })
})

test('only a complete search claims all states', () => {
  for (const report of [bounded, sampled, stoppedByYou]) expect(tell(report)).not.toContain('all of them')
  expect(tell(holding)).toContain('896 states, all of them')
  expect(tell(bounded).replace(/\s+/g, ' ')).toContain('not exhaustive: bound of depth 40, 12,004 states still waiting')
  expect(tell(sampled).replace(/\s+/g, ' ')).toContain('sampled: 10,000 random runs of its orders, seed 42')
  const stopped = { ...sampled, stopped: { by: 'ms', waiting: 310, bound: 500 } } as const
  expect(tell(stopped).replace(/\s+/g, ' ')).toContain('bound of 0.5 s, 310 runs still waiting')
})

test('exit codes', () => {
  expect([holding, violated, bounded, sampled].map((report) => exitCode(overall(report)))).toEqual([0, 1, 3, 3])
})

test('a sometimes that a complete search never saw is a violation', () => {
  const unseen = { kind: 'sometimes', name: 'x', verdict: 'unseen' } as const
  expect(overall({ ...holding, properties: [unseen] })).toBe('violated')
  expect(overall({ ...bounded, properties: [unseen] })).toBe('undecided')
})

test('a command too long for the page goes on after a backslash and pastes back', () => {
  for (const words of [
    `npx relock replay a@9f3c:${'0.1.'.repeat(60)}2`,
    `npx relock replay 'my file.ts@9f3c:${'0.1.'.repeat(60)}2'`,
  ]) {
    const lines = command(makePage(), 'Replay', words)
    expect(Math.max(...lines.map((l) => l.length))).toBeLessThanOrEqual(80)
    expect(lines.join('\n').replaceAll("'\\\n'", '').replaceAll('\\\n', '')).toContain(words)
  }
})

test.each([false, true])('protocols side by side (ASCII: %s)', (ascii) => {
  const rows = [
    { protocol: 'per-mapping', report: violated },
    { protocol: 'restart', report: holding },
    { protocol: 'gated-unlocked-check', report: sampled, line: 'iommufd with its check outside the lock' },
  ]
  const text = compareTable('stale-dma', rows, makePage({ columns: 120, ascii }))
  expect(text).toMatchSnapshot()
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
})

const scenario = {
  name: 'stale-dma',
  family: 'unmap',
  windows: ['V13-1', 'D-3'],
  source: '[PATCH v13 11/22] vfio iommu: Add blocking notifier to notify DMA_UNMAP',
  why: 'Two threads unmap the same mapping. While one tells the drivers, the other frees what the first still points to.',
  choices: {
    options: { unmap: { values: ['per-mapping', 'restart'] } },
    tasks: { least: 1, most: 3 },
    default: { unmap: 'per-mapping', tasks: 2 },
  },
}

test('the list', () => {
  expect(listScenarios([scenario], makePage())).toMatchSnapshot()
})

test('JSON', () => {
  expect(printJson(exploreDocument('stale-dma', chosen, violated))).toMatchSnapshot()
  const { protocols } = compareDocument('stale-dma', [{ protocol: 'per-mapping', choices: chosen, report: violated }])
  expect(protocols).toMatchObject([{ protocol: 'per-mapping', shortest: 63, verdict: 'violated' }])
})

test('colour is asked for and refused as the conventions say', () => {
  expect(wantsColour({ isTTY: true }, {})).toBe(true)
  expect(wantsColour({ isTTY: true }, { NO_COLOR: '1' })).toBe(false)
  expect(wantsColour({ isTTY: false }, { FORCE_COLOR: '1' })).toBe(true)
  expect(wantsColour({ isTTY: true }, { TERM: 'dumb' })).toBe(false)
  expect(pageFor({}, { TERM: 'dumb' }).ascii).toBe(true)
  expect(pageFor({ isTTY: true }, {}).paint('bad', 'x')).toBe('\u001B[31mx\u001B[39m')
})

test('with colour the words stay the same', () => {
  const subject = { scenario: 'stale-dma', choices: chosen, report: violated, traceOf: useAfterFree }
  expect(stripVTControlCharacters(tellReport(subject, makePage({ colour: true })))).toBe(
    tellReport(subject, makePage()),
  )
})
