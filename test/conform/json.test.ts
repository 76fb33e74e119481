/** `relock conform --json` has the shape that docs/JSON.md writes down. */
import { lastValueFrom } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { conforming, type Case, type Race } from '../../conform/index.ts'
import type { Engines } from '../../conform/suite.ts'
import { conformDocument } from '../../report/conform/json.ts'
import { printJson } from '../../report/json.ts'
import { documented, misfits, shapeOf } from '../cli/shapes.ts'
import { echo, errno } from './engines.ts'

const shape = shapeOf(documented('## `relock conform'))

const open = { op: 'open_container', as: 'c0' }
const peek = { op: 'peek', vaddr: 'b0' }
const good: Case = { name: 'good', ops: [open, peek], results: [{ ret: 0 }, { ret: 0, val: '0x0' }] }
const question: Case = { name: 'question', ops: [open, peek] }
const race: Race = {
  name: 'race.two',
  reps: 2,
  ops: [
    { ...open, async: 0, barrier: 1 },
    { ...peek, proc: 'p0', async: 0, barrier: 1 },
    { op: 'await', proc: 'p0' },
  ],
  outcomes: [0, -1].map((ret) => ({ count: 1, results: [{ pending: true }, { pending: true }, { of: 0, ret }] })),
}

const documentOf = async (engines: Engines, signal?: AbortSignal): Promise<Record<string, unknown>> => {
  const cases = [good, question, race].map((one, index) => ({ one, file: 'my.jsonl', line: index + 1 }))
  const last = await lastValueFrom(conforming([...cases, { one: good }], signal ? { signal } : {}, engines))
  if (last.type !== 'report') return expect.unreachable()
  return JSON.parse(printJson(conformDocument(['my.jsonl'], last.report))) as Record<string, unknown>
}

const { replay, race: explore } = echo()
const stop = new AbortController()
const stopping = echo(() => {
  stop.abort()
  return undefined
})
const suites: readonly (readonly [what: string, engines: Engines, verdict: string, signal: AbortSignal | undefined])[] =
  [
    ['agrees but for a race', echo(), 'disagrees', undefined],
    ['disagrees', echo(({ op }) => (op.op === 'peek' ? errno('SIGSEGV') : undefined)), 'disagrees', undefined],
    [
      'does not know',
      echo(({ op }) => (op.op === 'peek' ? { unknown: ['val'], val: '0x1' } : undefined)),
      'disagrees',
      undefined,
    ],
    ['cannot be replayed', { replay: () => expect.unreachable(), race: explore }, 'failed', undefined],
    ['is stopped', stopping, 'undecided', stop.signal],
    [
      'notices something',
      {
        race: explore,
        replay: (...args) => ({
          ...replay(...args),
          findings: [{ kind: 'warn', title: 'WARNING in x', fatal: false }],
        }),
      },
      'disagrees',
      undefined,
    ],
  ]

describe('what', () => {
  test.each(suites)('%s', async (_, engines, verdict, signal) => {
    const document = await documentOf(engines, signal)
    expect(misfits(document, shape)).toEqual([])
    expect(document['verdict']).toBe(verdict)
  })
})

test('answers can be expected as they are printed', async () => {
  const engines = echo(({ op }) => (op.op === 'peek' ? { unknown: ['val'], val: '0x1' } : undefined))
  const { answered } = (await documentOf(engines)) as { answered: readonly { case: string; results: unknown }[] }
  expect(answered).toMatchObject([{ case: 'question', results: [{ ret: 0 }, { ret: 0 }] }])
})
