import { describe, expect, test } from 'vitest'
import { explore, replay } from '../../explore/index.ts'
import { toys } from '../toys/all.ts'
import { bruteForce } from '../toys/brute-force.ts'
import { diningPhilosophers, diningProperties } from '../toys/dining-philosophers.ts'
import { begin } from '../toys/component.ts'
import { guardedCounter } from '../toys/counters.ts'
import { crashes } from '../toys/faulty.ts'
import { mutex } from '../toys/objects.ts'
import { lasso, lassoProperties } from '../toys/ping-pong.ts'
import { peterson, petersonProperties } from '../toys/peterson.ts'
import { readersWriters } from '../toys/readers-writers.ts'
import { lock, thread } from '../toys/thread.ts'
import { isPlain, titleOf } from './compare.ts'

describe('the shortest counterexample is as short as brute force finds it', () => {
  test.each(toys)('$system.name', async ({ system, properties }) => {
    const brute = bruteForce(system, properties)
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

  test.each(toys)('$system.name: what claims to be the shortest under reduction is', async ({ system, properties }) => {
    const brute = bruteForce(system, properties)
    const report = await explore(system, properties, { reduction: true })
    for (const finding of report.findings.filter((each) => each.shortest && isPlain(each))) {
      expect(finding.depth, finding.title).toBe(brute.findings.get(titleOf(finding)))
    }
  })
})

describe('deadlock', () => {
  test('is reported with its threads, and its run ends in the cycle of who waits for whom', async () => {
    const system = diningPhilosophers(3)
    const report = await explore(system, diningProperties(3))
    const [finding, ...others] = report.findings.filter(isPlain)
    expect(others).toEqual([])
    expect(finding).toMatchObject({ kind: 'deadlock', title: 'deadlock: p0 at fork1, p1 at fork2, p2 at fork0' })
    expect(finding!.actors.toSorted()).toEqual(['p0', 'p1', 'p2'])
    const { end, waiting } = replay(system, finding!.schedule)
    expect(end).toBe('deadlock')
    expect(waiting).toHaveLength(3)
    for (const [index, edge] of waiting.entries()) {
      const seat = Number(edge.thread.slice(1))
      expect(edge).toMatchObject({ at: `fork${(seat + 1) % 3}`, type: 'LOCK', on: [`p${(seat + 1) % 3}`] })
      expect(waiting[(index + 1) % 3]!.thread).toBe(edge.on[0])
    }
  })

  test('does not happen when one philosopher is left-handed', async () => {
    const report = await explore(diningPhilosophers(3, { leftHanded: true }), diningProperties(3))
    expect(report).toMatchObject({ exhaustive: true, findings: [] })
  })

  test('is found at the very depth that bounds the search', async () => {
    const twice = thread('t0', [lock('lock'), lock('lock')])
    const system = { ...guardedCounter(), components: [twice, mutex('lock')], start: [begin('t0')], view: () => null }
    const unbound = await explore(system, [], { reduction: false })
    expect(unbound.depth).toBe(3)
    const bound = await explore(system, [], { reduction: false, within: { depth: 3 } })
    for (const report of [unbound, bound]) {
      expect(report.findings.map(({ title }) => title)).toContain('deadlock: t0 at lock')
    }
  })

  test('of a queued writer is told by what the lock owes', () => {
    // Nobody ever reads to the end: the readers' first messages are all there is.
    const system = readersWriters(1, 1)
    const stuck = { ...system, components: system.components.map((each) => (each.id === 'data' ? deaf(each) : each)) }
    let schedule: number[] = []
    for (const want of ['env → r0 GO', 'r0 → sem DOWN_READ', 'env → w0 GO', 'w0 → sem DOWN_WRITE', 'sem → r0 LOCKED']) {
      schedule = [...schedule, choiceOf(stuck, schedule, want)]
    }
    const { end, waiting } = replay(stuck, schedule)
    expect(end).toBe('deadlock')
    expect(waiting).toContainEqual(expect.objectContaining({ thread: 'w0', at: 'sem', on: ['r0'] }))
  })
})

const deaf = <C extends object>(each: C): C => ({ ...each, accepts: () => false })

/** Which index delivers this. Read off the error that a wrong index gives, or off `possible` when any step was made. */
const choiceOf = (system: Parameters<typeof replay>[0], schedule: readonly number[], want: string): number => {
  const possible = replay(system, [...schedule, 0]).steps.at(-1)!.possible
  const choice = possible.indexOf(want)
  if (choice < 0) throw new Error(`${want} is not among ${possible.join(', ')}`)
  return choice
}

describe('a run that goes round for ever', () => {
  test('is reported once, with where the loop begins', async () => {
    for (const reduction of [true, false]) {
      const report = await explore(lasso(), lassoProperties, { reduction })
      expect(report.exhaustive).toBe(true)
      const [over, can] = report.properties
      expect(over).toMatchObject({ name: 'the game is over', verdict: 'violated', loopsFrom: expect.any(Number) })
      expect(over!.loopsFrom!).toBeLessThan(over!.schedule!.length)
      expect(can).toMatchObject({ verdict: 'seen' })
    }
  })

  test('is why a spinning thread of Peterson may never be done', async () => {
    const report = await explore(peterson(), petersonProperties)
    expect(report.properties[2]).toMatchObject({ verdict: 'violated', loopsFrom: expect.any(Number) })
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
    expect(() => replay(diningPhilosophers(2), [index])).toThrow(/step 1/i)
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
