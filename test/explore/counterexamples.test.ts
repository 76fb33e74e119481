import { describe, expect, test } from 'vitest'
import { explore, replay } from '../../explore/index.ts'
import { eventually } from '../../explore/claims/properties.ts'
import { toys } from '../toys/all.ts'
import { diningPhilosophers } from '../toys/dining-philosophers.ts'
import { crashes } from '../toys/faulty.ts'
import { lasso, lassoProperties, pingPong } from '../toys/ping-pong.ts'
import { peterson, petersonProperties } from '../toys/peterson.ts'
import { isPlain, titleOf } from './compare.ts'

describe('the shortest counterexample is as short as brute force finds it', () => {
  test.each(toys)('$system.name', async ({ system, properties, bruteForced }) => {
    const brute = bruteForced()
    for (const options of [{ reduction: false }, { shortest: true }]) {
      const report = await explore(system, properties, options)
      for (const finding of report.findings.filter(isPlain)) {
        expect(finding.shortest).toBe(true)
        expect(finding.depth, finding.title).toBe(brute.findings.get(titleOf(finding)))
      }
    }
    const report = await explore(system, properties, { reduction: false })
    for (const { name, kind, verdict, depth } of report.properties) {
      if (kind === 'eventually' || verdict === 'holds' || verdict === 'unseen') continue
      expect(depth, name).toBe(brute.properties.get(name)!.depth)
    }
  })

  test.each(toys)(
    '$system.name: what claims to be the shortest under reduction is',
    async ({ system, properties, bruteForced }) => {
      const brute = bruteForced()
      const report = await explore(system, properties, { reduction: true })
      for (const finding of report.findings.filter((each) => each.shortest && isPlain(each))) {
        expect(finding.depth, finding.title).toBe(brute.findings.get(titleOf(finding)))
      }
    },
  )
})

describe('a run that goes round for ever', () => {
  test('is reported once, with where the loop begins', async () => {
    for (const reduction of [true, false]) {
      const report = await explore(lasso(), lassoProperties, { reduction })
      expect(report.exhaustive).toBe(true)
      const [over, can] = report.properties
      expect(over).toMatchObject({ name: 'the game is over', verdict: 'violated', loopsFrom: expect.any(Number) })
      expect(over!.loopsFrom!).toBeLessThan(over!.schedule!.length)
      expect(report.findings).toHaveLength(1)
      expect(report.findings[0]).toMatchObject({
        kind: 'livelock',
        title: 'never: the game is over',
        schedule: over!.schedule,
        depth: over!.schedule!.length,
        shortest: false,
        detail: `steps ${over!.loopsFrom} to ${over!.schedule!.length} repeat for ever`,
      })
      expect(can).toMatchObject({ verdict: 'seen' })
    }
  })

  test('is why a spinning thread of Peterson may never be done', async () => {
    const report = await explore(peterson(), petersonProperties)
    expect(report.properties[2]).toMatchObject({ verdict: 'violated', loopsFrom: expect.any(Number) })
    expect(report.findings.map(titleOf)).toEqual(['livelock: never: both are done'])
  })

  test('is no livelock when a run can also end without: that is shown instead, and it is no finding', async () => {
    const hits = eventually<{ readonly hits: number }>('hit often', (view) => view.hits > 5)
    const report = await explore(pingPong(2), [hits])
    expect(report.properties[0]).toMatchObject({ verdict: 'violated' })
    expect(report.properties[0]!.loopsFrom).toBeUndefined()
    expect(report.findings).toEqual([])
  })

  test('is no livelock while it is not known', async () => {
    const report = await explore(lasso(), lassoProperties, { within: { states: 2 } })
    expect(report.properties[0]!.verdict).toBe('undecided')
    expect(report.findings).toEqual([])
  })
})

describe('replay', () => {
  test('tells every step: what was possible, what was delivered, what changed', () => {
    const { steps, end, initial, threads } = replay(diningPhilosophers(2), [0, 1])
    expect(end).toBe('open')
    expect(threads).toEqual({ p0: 'p0', p1: 'p1' })
    expect(Object.keys(initial)).toContain('fork1')
    expect(steps[0]).toMatchObject({
      number: 1,
      choice: 0,
      from: 'env',
      to: 'p0',
      sentAt: 0,
      possible: ['env → p0 GO', 'env → p1 GO'],
      before: { state: 'new' },
      after: { state: 'asks' },
    })
    expect(steps[1]).toMatchObject({
      number: 2,
      choice: 1,
      from: 'p0',
      to: 'fork0',
      sentAt: 1,
      possible: ['env → p1 GO', 'p0 → fork0 LOCK'],
    })
  })

  test('of nothing is the start', () => {
    expect(replay(diningPhilosophers(2), [])).toMatchObject({ steps: [], end: 'open', waiting: [] })
  })

  test('of an index that is not there names the step and what was possible', () => {
    const wrong = () => replay(diningPhilosophers(2), [0, 7])
    expect(wrong).toThrow(/step 2/i)
    expect(wrong).toThrow(/env → p1/)
    expect(wrong).toThrow(/p0 → fork0/)
  })

  test.each([-1, 0.5, Number.NaN])('of %s as an index is refused too', (index) => {
    expect(() => replay(diningPhilosophers(2), [index])).toThrow(`schedule[0] cannot be ${index}`)
  })

  test('past the end is refused', () => {
    expect(() => replay(crashes(), [0, 0])).toThrow(/step 2/i)
  })
})

test('a crash ends the run: nothing is delivered after it', async () => {
  for (const reduction of [true, false]) {
    const report = await explore(crashes(), [], { reduction })
    // Lanes are FIFO: the other message is behind the one that crashes.
    expect(report.findings.map(({ title }) => title)).toEqual(['boom'])
    expect(replay(crashes(), report.findings[0]!.schedule).end).toBe('crashed')
  }
})
