import { describe, expect, test } from 'vitest'
import type { Trace } from '../../explore/runs/trace.ts'
import { brokenClaim } from '../../report/claims.ts'
import { seedsOf, sidesOf, wrongIn } from '../../report/sides.ts'
import { foldRepeats, sliceOf, tellStory, type Row } from '../../report/story.ts'
import { makePage } from '../../report/style.ts'
import { tellRun, tellTrace } from '../../report/text.ts'
import { twelveRounds, twoLocks, useAfterFree } from './fixture.ts'

const draw = (trace: Trace, columns: number, more: { ascii?: boolean; list?: boolean } = {}): string =>
  tellRun(trace, makePage({ columns, ascii: more.ascii ?? false }), {
    wrong: wrongIn(trace),
    intro: 'The shortest run that shows it',
    list: more.list ?? false,
  }).join('\n')

const longest = (text: string): number => Math.max(...text.split('\n').map((line) => [...line].length))
const runs = { 'use after free': useAfterFree(), 'twelve rounds': twelveRounds(), 'two locks': twoLocks() }

describe.each(Object.entries(runs))('%s', (_name, trace) => {
  test.each([80, 120])('at %i columns', (columns) => {
    expect(draw(trace, columns)).toMatchSnapshot()
  })
  test('in ASCII', () => {
    expect(draw(trace, 80, { ascii: true })).toMatchSnapshot()
  })
  test('as sentences', () => {
    expect(draw(trace, 80, { list: true })).toMatchSnapshot()
  })
  test.each([40, 52, 60, 70, 80, 93, 100, 120, 200])('no line is longer than %i columns', (columns) => {
    for (const ascii of [false, true]) {
      for (const list of [false, true])
        expect(longest(draw(trace, columns, { ascii, list }))).toBeLessThanOrEqual(columns)
    }
  })
  test('ASCII is ASCII, and no colour means no control characters', () => {
    expect(draw(trace, 80, { ascii: true })).toMatch(/^[\x20-\x7e\n]*$/)
    expect(draw(trace, 80)).not.toContain('\u001B')
  })
})

test('the splat names both threads, the object, and the gap between the unlock and the relock', () => {
  const text = draw(runs['use after free'], 80)
  expect(text).toContain('BUG: relock: use-after-free in vfio_dma_do_unmap')
  expect(text).toContain('① read dma0#1 by vmm0 (in unmap) at step 63')
  expect(text).toContain('② dma0#1 freed by vmm1 (in unmap) at step 50')
  expect(text).toContain('it dropped iommu.lock at step 27 and took it again at step 61')
})

test('the two sides of a race are by different threads', () => {
  const finding = { kind: 'use-after-free', title: 'use-after-free', fatal: true, object: 'dma0#1' }
  const { now, earlier } = sidesOf(runs['use after free'], 63, finding)!
  expect([now.from, earlier?.from]).toEqual(['vmm0/unmap', 'vmm1/unmap'])
})

test('the slice holds the sender of every step in it, and every earlier change of its receiver', () => {
  const trace = runs['use after free']
  const slice = sliceOf(trace, [63])
  for (const { number, sentAt, to } of trace.steps.filter((s) => slice.has(s.number))) {
    if (sentAt > 0) expect(slice).toContain(sentAt)
    for (const s of trace.steps.filter((other) => other.number < number && other.to === to && /^(vmm|w)/.test(to))) {
      expect(slice).toContain(s.number)
    }
  }
  expect(slice.size).toBeLessThan(trace.steps.length)
})

test('twelve rounds are told once, counted, and ended', () => {
  const text = draw(runs['twelve rounds'], 80)
  expect(text).toMatch(/⋮ 10 × the same \d+ rows \(steps \d+–\d+\)/)
  expect(text.split('\n').length).toBeLessThan(60)
})

test('every step of the slice is in one row at most', () => {
  const trace = runs['use after free']
  const { lines } = tellStory(trace, { seeds: seedsOf(trace, wrongIn(trace)!)! })
  const told = lines.flatMap((line) => (line.kind === 'row' ? line.steps : []))
  expect(new Set(told).size).toBe(told.length)
})

test('two of a kind are not folded, three are', () => {
  const row = { ...(tellStory(runs['two locks']).lines[0] as Row), steps: [1] }
  expect(foldRepeats([row, row])).toHaveLength(2)
  expect(foldRepeats([row, row, row])).toMatchObject([{ kind: 'row' }, { kind: 'stretch', times: 2 }])
})

test('a deadlock is told as a circle of who waits for whom, and both orders', () => {
  const text = draw(runs['two locks'], 100)
  expect(text).toContain('↺ vmm0 → vmm1 → vmm0')
  expect(text).toContain('vmm0 held device_list.lock (since step 9) and asked for iommu.lock')
  expect(text).toContain('vmm1 held iommu.lock (since step 15) and asked for device_list.lock')
})

test('a lasso says which steps repeat', () => {
  const trace = { ...runs['two locks'], end: 'open' as const, waiting: [] }
  const wrong = { what: 'property', kind: 'eventually', name: 'somebody is served', at: 19, loopsFrom: 14 } as const
  const text = tellTrace(trace, makePage(), { address: 'two-locks@9f3c:0x19', wrong })
  expect(text).toContain('BUG: relock: livelock: never: somebody is served')
  expect(text).toContain('the run repeats steps 14–19 for ever (lasso)')
})

test('a violated claim is found again by taking the run through the components', () => {
  const counter = {
    id: 'counter',
    initial: 0,
    accepts: () => true,
    receive: (n: number) => ({ local: n + 1, sends: [], findings: [], notes: [], ignored: false }),
    key: String,
    show: (n: number) => ({ state: 'counting', data: { n } }),
  }
  const message = { type: 'TICK', from: 'env' }
  const start = [{ to: 'counter', message }]
  const view = (read: (id: string) => unknown) => ({ n: read('counter') as number })
  const system = { name: 'count', fingerprint: 'aaaa', components: [counter], start, view }
  const shown = { state: 'counting', data: {} }
  const step = {
    number: 1,
    choice: 0,
    from: 'env',
    to: 'counter',
    message,
    sentAt: 0,
    possible: [],
    before: shown,
    after: shown,
  }
  const steps = [{ ...step, sends: [], findings: [], notes: [], ignored: false }]
  const trace: Trace = {
    system: 'count',
    fingerprint: 'aaaa',
    initial: {},
    steps,
    end: 'finished',
    waiting: [],
    threads: {},
    locks: {},
  }
  const small = { kind: 'always', name: 'it stays small', holds: (v: { n: number }) => v.n < 1 } as const
  const big = { kind: 'eventually', name: 'it grows big', holds: (v: { n: number }) => v.n > 5 } as const
  expect(brokenClaim(system, [small], trace)).toMatchObject({ name: 'it stays small', at: 1 })
  expect(brokenClaim(system, [big], trace)).toMatchObject({ name: 'it grows big', kind: 'eventually' })
  expect(brokenClaim(system, [], trace)).toBeUndefined()
})
