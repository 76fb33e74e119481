import { afterEach, describe, expect, test, vi } from 'vitest'
import { explore } from '../../explore/index.ts'
import { tickWhenSeen } from '../clock.ts'
import { toys } from '../toys/all.ts'
import { counterProperties, guardedCounter, lostUpdate, unwatchedCounter } from '../toys/counters.ts'
import { crashes } from '../toys/faulty.ts'
import { lasso, lassoProperties } from '../toys/ping-pong.ts'
import { orderingBug, orderingProperties } from '../toys/ordering-bug.ts'
import { spinner } from '../toys/spinner.ts'
import { expectHonest, isPlain, titleOf } from './compare.ts'

afterEach(() => vi.restoreAllMocks())

const strategies = [
  { name: 'random', search: { random: { seed: 7, runs: 40 } }, sampled: { seed: 7, runs: 40 } },
  {
    name: 'pct',
    search: { pct: { seed: 7, runs: 40, preemptions: 2 } },
    sampled: { seed: 7, runs: 40, preemptions: 2 },
  },
  { name: 'pos', search: { pos: { seed: 7, runs: 40 } }, sampled: { seed: 7, runs: 40 } },
  { name: 'coverage', search: { coverage: { seed: 7, runs: 40 } }, sampled: { seed: 7, runs: 40 } },
] as const

describe.each(strategies)('$name', ({ name, search, sampled }) => {
  test('says seed and runs, and never that something holds', async () => {
    for (const { system, properties } of toys) {
      const report = await explore(system, properties, { search, within: { depth: 200 } })
      expect(report).toMatchObject({ strategy: name, exhaustive: false, sampled })
      for (const { verdict } of report.properties) expect(['violated', 'seen', 'undecided']).toContain(verdict)
    }
  })

  test('shows only what is there, with runs that replay', async () => {
    for (const { system, properties, bruteForced } of toys) {
      const brute = bruteForced()
      const report = await explore(system, properties, { search, within: { depth: 200 } })
      expectHonest(system, properties, report, brute)
      for (const finding of report.findings.filter(isPlain)) {
        expect([...brute.findings.keys()]).toContain(titleOf(finding))
      }
      for (const { name: claim, verdict } of report.properties) {
        if (verdict !== 'undecided') expect(brute.properties.get(claim)!.verdict).toBe(verdict)
      }
    }
  })

  test('gives the same report for the same seed', async () => {
    const reports = [1, 2].map(() => explore(lostUpdate(), counterProperties, { search }))
    const [one, other] = (await Promise.all(reports)).map((report) => ({ ...report, seconds: 0 }))
    expect(one).toEqual(other)
  })

  test('claims no shortest run', async () => {
    const report = await explore(lostUpdate(), counterProperties, { search })
    for (const { shortest } of report.findings) expect(shortest).toBe(false)
  })

  test('keeps to its time where runs never end', async () => {
    tickWhenSeen()
    const { system, properties } = spinner()
    const report = await explore(system, properties, { search, within: { ms: 20 } })
    expect(report.seconds).toBeLessThan(1)
  })

  test('does not run for ever in a system that goes round for ever', async () => {
    const report = await explore(lasso(), lassoProperties, { search })
    expect(report.exhaustive).toBe(false)
  })
})

test('random finds a lost update', async () => {
  const report = await explore(lostUpdate(), counterProperties, { search: { random: { seed: 1, runs: 100 } } })
  expect(report.properties[0]!.verdict).toBe('violated')
})

test('random finds nothing in a counter that is guarded, and does not say that it holds', async () => {
  const report = await explore(guardedCounter(), counterProperties, { search: { random: { seed: 1, runs: 100 } } })
  expect(report.findings).toEqual([])
  expect(report.properties.map(({ verdict }) => verdict)).toEqual(['undecided', 'seen'])
})

test('another seed takes other runs', async () => {
  const with1 = await explore(lostUpdate(), counterProperties, { search: { random: { seed: 1, runs: 3 } } })
  const others = await Promise.all(
    [2, 3, 4].map((seed) => explore(lostUpdate(), counterProperties, { search: { random: { seed, runs: 3 } } })),
  )
  const schedules = [with1, ...others].map(({ properties }) => JSON.stringify(properties[1]!.schedule))
  expect(new Set(schedules).size).toBeGreaterThan(1)
})

test('pct finds an ordering bug that random walks past', async () => {
  const system = orderingBug(20)
  const random = await explore(system, orderingProperties, { search: { random: { seed: 1, runs: 200 } } })
  const pct = await explore(system, orderingProperties, { search: { pct: { seed: 1, runs: 200, preemptions: 1 } } })
  expect(random.properties[0]!.verdict).toBe('undecided')
  expect(pct.properties[0]!.verdict).toBe('seen')
})

test('pos finds an ordering bug that random walks past', async () => {
  const pos = await explore(orderingBug(20), orderingProperties, { search: { pos: { seed: 1, runs: 200 } } })
  expect(pos.properties[0]!.verdict).toBe('seen')
})

/** Of ten seeds, how many meet what only a rare order shows. */
const seedsThatFind = async (kind: 'random' | 'coverage') => {
  const seeds = Array.from({ length: 10 }, (_, seed) => seed)
  const reports = await Promise.all(
    seeds.map((seed) =>
      explore(orderingBug(9), orderingProperties, { search: { [kind]: { seed, runs: 1000 } } as never }),
    ),
  )
  return reports.filter(({ properties }) => properties[0]!.verdict === 'seen').length
}

test('what was met by chance once is gone on from: coverage gets further than random walks', async () => {
  expect(await seedsThatFind('random')).toBe(0)
  expect(await seedsThatFind('coverage')).toBeGreaterThan(4)
})

describe('a sample', () => {
  test('ends where the kernel has crashed', async () => {
    const report = await explore(crashes(), [], { search: { random: { seed: 1, runs: 20 } } })
    expect(report.findings.map(({ title }) => title)).toEqual(['boom'])
    expect(report.steps).toBe(20)
  })

  test('shows each finding by the shortest run it has met', async () => {
    const depthIn = async (runs: number) => {
      const search = { random: { seed: 1, runs } }
      const { findings } = await explore(unwatchedCounter(), [], { search })
      return findings.find(({ title }) => title === 'ended with t0=0 t1=0')?.depth ?? Infinity
    }
    const depths = await Promise.all(Array.from({ length: 60 }, (_, runs) => depthIn(runs + 1)))
    expect(depths).toEqual(depths.toSorted((a, b) => b - a))
    expect([...new Set(depths)].filter(Number.isFinite)).toEqual([13, 12])
  })
})
