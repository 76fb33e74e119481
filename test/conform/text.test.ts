/** What is printed, word for word, from answers that are made up. */
import { lastValueFrom } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { conforming, type Case, type ConformOptions, type Race } from '../../conform/index.ts'
import type { Written } from '../../conform/case.ts'
import type { Engines } from '../../conform/suite.ts'
import { conformLine } from '../../report/conform/progress.ts'
import { tellConform, type ConformTextOptions } from '../../report/conform/text.ts'
import { makePage } from '../../report/style.ts'
import { widest } from '../cli/run.ts'
import { echo, errno, type Twist } from './engines.ts'

const page = makePage()
const open = { op: 'open_container', as: 'c0' }
const map = { op: 'map_dma', fd: 'c0', iova: '0x0', size: '0x1000', vaddr: 'b0', flags: 3 }
const unmap = { op: 'unmap_dma', fd: 'c0', iova: '0x0', size: '0x1000' }
const peek = { op: 'peek', vaddr: 'b0' }

const cases: readonly Case[] = [
  {
    name: 'map.one',
    ops: [open, map, unmap],
    results: [{ ret: 0 }, { ret: 0, vmlck_kb: 4 }, { ret: 0, size: '0x1000', vmlck_kb: 0 }],
  },
  { name: 'map.two', ops: [open, open, map], results: [{ ret: 0 }, { ret: 0 }, { ret: 0, vmlck_kb: 4 }] },
  { name: 'map.three', ops: [open, peek], results: [{ ret: 0 }, { ret: 0, val: '0x61' }] },
  { name: 'map.four', ops: [open, { op: 'close', fd: 'c0' }], results: [{ ret: 0 }, { ret: 0 }] },
  { name: 'map.five', ops: [{ op: 'vmlck', proc: 'p0' }], results: [{ ret: 0, vmlck_kb: 0 }] },
]

const race: Race = {
  name: 'race.two',
  reps: 60,
  ops: [
    { op: 'thread', as: 't1' },
    { ...map, proc: 't1', async: 0, barrier: 1 },
    { ...unmap, async: 0, barrier: 1 },
    { op: 'await', proc: 't1' },
    { op: 'await', proc: 'p0' },
  ],
  outcomes: ['0x0', '0x1000'].map((size, nth) => ({
    count: 43 - 26 * nth,
    results: [{ ret: 0 }, { pending: true }, { pending: true }, { of: 1, ret: 0 }, { of: 2, ret: 0, size }],
  })),
}

const twist: Twist = ({ one, op }) => {
  if (op.op === 'map_dma') return { ...errno('ENOMEM'), vmlck_kb: undefined }
  if (op.op === 'unmap_dma') return { size: '0x0', vmlck_kb: undefined }
  if (op.op === 'peek') return { val: '0x0', unknown: ['val'] }
  if (op.op === 'close') return errno('EBADF')
  return one.name === 'map.five' ? { vmlck_kb: 4 } : undefined
}

const tell = async (
  what: readonly (Case | Race)[],
  how: Twist | Engines,
  options: ConformOptions & ConformTextOptions = {},
  on = page,
): Promise<string> => {
  const written = what.map((one, index): Written => ({ one, file: 'my.jsonl', line: index + 1 }))
  const { all, ops, signal } = options
  const suite = { ...(all && { all }), ...(signal && { signal }) }
  const last = await lastValueFrom(conforming(written, suite, typeof how === 'function' ? echo(how) : how))
  if (last.type !== 'report') return expect.unreachable()
  const told = { ...(all && { all }), ...(ops && { ops }) }
  return tellConform('my.jsonl', { ...last.report, seconds: 0.4 }, on, told)
}

const nothing: Twist = () => undefined
const unanswered = cases.map(({ name, ops }): Case => ({ name, ops }))

const failing: Engines = {
  race: echo().race,
  replay: () => {
    throw Object.assign(new Error('nobody has that name'), { stack: 'Error\n    at here (replay.ts:1:1)' })
  },
}

describe('a report', () => {
  test.each([
    ['when all agrees', cases, nothing, {}],
    ['when something disagrees', cases, twist, {}],
    ['in full', cases, twist, { all: true }],
    ['with the counts of every operation', cases, twist, { ops: true }],
    ['of a question', unanswered.slice(0, 1), twist, {}],
    ['of a race', [race], nothing, {}],
    ['of a race that agrees', [{ ...race, outcomes: race.outcomes.slice(0, 1) }], nothing, {}],
    ['when relock fails', cases, failing, {}],
  ] as const)('%s', async (_, what, how, options) => {
    const text = await tell(what, how, options)
    expect(text).toMatchSnapshot()
    expect(widest(text)).toBeLessThanOrEqual(80)
  })

  test.each([60, 80, 120])('fits on %i columns', async (columns) => {
    const text = await tell([...cases, race, ...unanswered], twist, {}, makePage({ columns }))
    // The table is as wide as its columns.
    const outside = text.split('\n').filter((line) => !/^[│├┌└]/.test(line))
    expect(widest(outside.join('\n'))).toBeLessThanOrEqual(columns)
  })

  test('in plain ASCII', async () => {
    const text = await tell([...cases, race, ...unanswered], twist, { ops: true }, makePage({ ascii: true }))
    expect(text).toMatch(/^[\x20-\x7e\n]*$/)
  })

  test.each([
    ['a disagreement', cases[0]!, twist],
    ['an answer', unanswered[0]!, nothing],
    ['a race', race, nothing],
  ] as const)('says of %s behind another IOMMU that it was not recorded, and of no other', async (_, what, how) => {
    const words = (text: string): string => text.replace(/\s+/g, ' ')
    const label = 'an IOMMU that tracks dirty pages (not recorded)'
    expect(words(await tell([{ ...what, iommu: { dirtyTracking: true } }], how))).toContain(label)
    expect(words(await tell([what], how))).not.toContain('not recorded')
  })

  test('says when it was stopped', async () => {
    const stop = new AbortController()
    const text = await tell(cases, ({ one }) => void (one.name === 'map.two' && stop.abort()), { signal: stop.signal })
    expect(text.replace(/\s+/g, ' ')).toContain('so far · 2 cases replayed · stopped by you, 3 cases still waiting')
  })

  test('repeats the command for a case with the options it needs', async () => {
    const last = await lastValueFrom(conforming([{ one: cases[0]!, file: 'my cases.jsonl', line: 1 }], {}, echo(twist)))
    const text = last.type === 'report' ? tellConform('x', last.report, page, { options: ['--profile', '5.10'] }) : ''
    expect(text).toContain("npx relock conform 'my cases.jsonl' --case map.one --profile 5.10")
  })
})

test('progress is one line with a bar', () => {
  const progress = { cases: 412, ofCases: 1549, ops: 13_212, disagreed: 3, seconds: 6 }
  expect(conformLine(progress, makePage({ columns: 100 }))).toMatchInlineSnapshot(
    `"replaying  412/1,549 cases  13,212 ops  2,202 ops/s  0:06  3 disagree   ██████                  "`,
  )
  expect(conformLine(progress, makePage({ columns: 40, ascii: true })).length).toBeLessThan(40)
})

test('cases with an operation that is not known are named by it, and those who ask for a kernel hear which it is', async () => {
  const problem = {
    of: 'op 2',
    fact: 'is an unknown operation',
    expected: 'the name of an operation',
    known: ['map_dma'],
  }
  const unknown = { op: 'map_dna', index: 2, problem }
  const strange = cases.slice(0, 2).map((one, nth): Written => ({ one, file: 'my.jsonl', line: nth + 1, unknown }))
  const last = await lastValueFrom(conforming([...strange, { one: cases[2]! }], {}, echo()))
  const kernel = '6.8: as 6.12, the nearest there is, recorded on Linux 6.12.117'
  const text = last.type === 'report' ? tellConform('my.jsonl', { ...last.report, seconds: 0.4 }, page, { kernel }) : ''
  expect(text).toMatchInlineSnapshot(`
    "~ my.jsonl   nothing disagrees; not every race was searched to the end · 0.4 s
        6.8: as 6.12, the nearest there is, recorded on Linux 6.12.117

                 agree  disagree  not compared
      cases          1         0             2  100.0 %
      ops            2         0             0  100.0 %
      fields         3         0             0  100.0 %

      Not replayed, for an operation that relock does not know:
        map_dna: 2 cases, first map.one · my.jsonl:1 · op 2; did you mean map_dma?
    "
  `)
})
