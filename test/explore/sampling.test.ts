import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { explore } from '../../explore/index.ts'
import type { ExploreOptions, SampledSearch } from '../../explore/options.ts'
import type { Report } from '../../explore/outcome/report.ts'
import { sampled } from '../../explore/sampling/sampled.ts'
import type { Property, System } from '../../explore/system.ts'
import { randomSystems, systemOf } from '../toys/random-systems.ts'
import { toSystem } from '../../actors/running/system.ts'
import {
  field,
  kernel,
  mutex,
  mutex_lock,
  mutex_unlock,
  procedure,
  read,
  smp_load_acquire,
  smp_store_release,
  write,
  type Step,
} from '../../kernel/index.ts'
import { tickWhenSeen } from '../clock.ts'
import { toys } from '../toys/all.ts'
import { counterProperties, guardedCounter, lostUpdate, unwatchedCounter } from '../toys/counters.ts'
import { component } from '../toys/component.ts'
import { crashes } from '../toys/faulty.ts'
import { lasso, lassoProperties } from '../toys/ping-pong.ts'
import { orderingBug, orderingProperties } from '../toys/ordering-bug.ts'
import { spinner } from '../toys/spinner.ts'
import { expectHonest, isPlain, titleOf } from './compare.ts'
import { overChance } from '../chance.ts'

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

const variable = field('x', 0)
const flag = field('flag', 0)
const lock = mutex('lock')
const other = mutex('other')

/** As far as so many places are remembered. */
function sampledWith(subject: Toy, search: SampledSearch, options: ExploreOptions, places?: number): Report {
  const found = sampled(subject.system, subject.properties, options, search, places)
  for (;;) {
    const { done, value } = found.next()
    if (done) return { ...value, seconds: 0 }
  }
}

/** What threads do with one variable, in some order or none; and with two locks. */
const accesses = {
  writes: [write(variable, 1)],
  reads: [read(variable, 'v')],
  locked: [mutex_lock(lock), write(variable, 2), mutex_unlock(lock)],
  releases: [smp_store_release(flag, 1)],
  acquires: [smp_load_acquire(flag, 'v')],
  nested: [mutex_lock(lock), mutex_lock(other), mutex_unlock(other), mutex_unlock(lock)],
  inverted: [mutex_lock(other), mutex_lock(lock), mutex_unlock(lock), mutex_unlock(other)],
} satisfies Record<string, readonly Step<{ readonly v: number }>[]>

type Access = keyof typeof accesses

const racing = fc.array(
  fc.array(fc.constantFrom(...(Object.keys(accesses) as Access[])), { minLength: 1, maxLength: 3 }),
  { minLength: 2, maxLength: 3 },
)

const racingWorld = (threads: readonly (readonly Access[])[]) =>
  kernel({
    threads: Object.fromEntries(
      threads.map(
        (all, n) =>
          [
            `t${n}`,
            procedure(
              `p${n}`,
              { v: 0 },
              all.flatMap((each) => accesses[each]),
            ),
          ] as const,
      ),
    ),
  })

type Toy = { readonly system: System<any>; readonly properties: readonly Property[] }

test('what is remembered of where samples have been makes no difference to what they say', async () => {
  const met = { findings: 0, races: 0, inversions: 0 }
  const same = (subject: Toy) => {
    for (const { search } of strategies)
      for (const options of [{ within: { depth: 60 } }, { within: { depth: 60 }, ignored: 'fail' }] as const) {
        const looking = sampledWith(subject, search, options, 0)
        expect(sampledWith(subject, search, options)).toEqual(looking)
        expect(sampledWith(subject, search, options, 5)).toEqual(looking)
        met.findings += looking.findings.length
        met.races += looking.findings.filter(({ kind }) => kind === 'data-race').length
        met.inversions += looking.findings.filter(({ kind }) => kind === 'lock-order').length
      }
  }
  for (const toy of toys) same(toy)
  await overChance(
    fc.property(randomSystems, (description) => same(systemOf(description))),
    { runs: 50 },
  )
  await overChance(
    fc.property(racing, (threads) => same({ system: toSystem(racingWorld(threads)), properties: [] })),
    {
      runs: 25,
      enough: () => {
        for (const count of Object.values(met)) expect(count).toBeGreaterThan(5)
      },
    },
  )
})

test('what is wrong with a step is shown by the shortest run, though a longer one has been there before', () => {
  const bell: System = {
    name: 'a bell beside a clock',
    fingerprint: 'b1',
    components: [
      component({
        id: 'clock',
        initial: 0,
        on: { TICK: (time) => ({ local: 1 - time, sends: [{ to: 'clock', type: 'TICK' }] }) },
      }),
      component({
        id: 'bell',
        initial: 'still',
        on: { RING: () => ({ local: 'rung', findings: [{ kind: 'warn', title: 'it rings', fatal: false }] }) },
      }),
    ],
    start: [
      { to: 'clock', message: { type: 'TICK', from: 'clock' } },
      { to: 'bell', message: { type: 'RING', from: 'user' } },
    ],
    view: () => undefined,
  }
  for (let seed = 1; seed <= 10; seed++) {
    const search = { random: { seed, runs: 40 } }
    const { findings } = sampledWith({ system: bell, properties: [] }, search, { within: { depth: 20 } })
    expect(findings.map(({ depth }) => depth)).toEqual([1])
  }
})

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
