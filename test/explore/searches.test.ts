/** Searches that go on in an order of their own say what the full breadth-first search says, and what runs taken one by one show. */
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { fromCommands } from '../../explore/commands/commands.ts'
import { explore, replay, type ExploreOptions, type SearchFor } from '../../explore/index.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import type { Report } from '../../explore/outcome/report.ts'
import type { Property, System } from '../../explore/system.ts'
import { tickWhenSeen } from '../clock.ts'
import { toys } from '../toys/all.ts'
import { counterProperties, guardedCounter, lostUpdate } from '../toys/counters.ts'
import { diningPhilosophers, diningProperties } from '../toys/dining-philosophers.ts'
import { crashes } from '../toys/faulty.ts'
import { descriptions, generate } from '../toys/generated.ts'
import { orderingBug, orderingProperties } from '../toys/ordering-bug.ts'
import { randomSystems, systemOf } from '../toys/random-systems.ts'
import { fewest, type Counted } from '../toys/switches.ts'
import { exploreToFinals, isPlain, outcomeOf, titleOf } from './compare.ts'
import { overChance } from '../chance.ts'

afterEach(() => vi.restoreAllMocks())

const counted: readonly Counted[] = ['preemptions', 'delays']

/** A search goes by its name, with or without a seed. */
const searches: readonly (readonly [string, SearchFor])[] = [
  ['depth', 'depth'],
  ['depth with a seed', { depth: { seed: 7 } }],
  ['deepening', 'deepening'],
  ['preemptions', 'preemptions'],
  ['preemptions with a seed', { preemptions: { seed: 7 } }],
  ['delays', 'delays'],
]

/** What is the same of all searches that are complete: only breadth first refutes an inversion. */
const comparable = (report: Report) => ({ ...outcomeOf(report), inversions: [] })

/** Each run that a report tells of happens, and ends where it says. */
const expectRuns = (system: System<any>, properties: readonly Property[], report: Report): void => {
  for (const { kind, title, schedule, depth } of report.findings) {
    const trace = replay(system, schedule)
    expect(schedule.length).toBe(depth)
    const claim = properties.find(({ name, finding }) => name === title && kind === finding)
    if (kind === 'deadlock') expect(trace.end).toBe('deadlock')
    else if (isPlain({ kind }) && !claim)
      expect(trace.steps.at(-1)!.findings.map(titleOf)).toContain(`${kind}: ${title}`)
  }
  for (const { schedule } of report.properties) if (schedule) replay(system, schedule)
}

describe.each(searches)('%s', (name, search) => {
  test('is complete where nothing bounds it, and says what breadth first says', async () => {
    for (const { system, properties, states } of toys) {
      const full = await explore(system, properties, { reduction: false })
      const report = await explore(system, properties, { search })
      expect(report).toMatchObject({ strategy: name.split(' ')[0], exhaustive: true, reduction: 'off' })
      expect(comparable(report), system.name).toEqual(comparable(full))
      // A state counts once for each thread that may have gone on last, where that matters.
      if (name.startsWith('de') && name !== 'delays')
        expect([system.name, report.states]).toEqual([system.name, states])
      else expect(report.states).toBeGreaterThanOrEqual(states)
      expectRuns(system, properties, report)
    }
  })

  test('does not go on after a crash', async () => {
    const report = await explore(crashes(), [], { search })
    expect(comparable(report)).toEqual(comparable(await explore(crashes(), [], { reduction: false })))
    expect(report.findings.map(({ title }) => title)).toEqual(['boom'])
  })

  test('gives the same report again', async () => {
    const reports = [1, 2].map(() => explore(lostUpdate(), counterProperties, { search }))
    const [one, other] = (await Promise.all(reports)).map((report) => ({ ...report, seconds: 0 }))
    expect(one).toEqual(other)
  })

  test('is stopped by states, by time, by you, by the first finding; and decides nothing then', async () => {
    tickWhenSeen()
    const stoppedBy = async (options: ExploreOptions) => {
      const report = await explore(diningPhilosophers(5, { leftHanded: true }), diningProperties(5), {
        search,
        ...options,
      })
      expect(report.exhaustive).toBe(false)
      for (const { verdict } of report.properties) expect(['seen', 'undecided']).toContain(verdict)
      return report.stopped
    }
    expect(await stoppedBy({ within: { states: 100 } })).toMatchObject({ by: 'states', bound: 100 })
    expect(await stoppedBy({ within: { ms: 20 } })).toMatchObject({ by: 'ms', bound: 20 })
    expect(await stoppedBy({ signal: AbortSignal.abort() })).toMatchObject({ by: 'you' })
    const first = await explore(diningPhilosophers(5), diningProperties(5), { search, stopAtFirst: true })
    expect(first.stopped).toMatchObject({ by: 'first' })
    expect(first.findings.length).toBeGreaterThan(0)
  })
})

test('over random systems every search says what breadth first says', async () => {
  await fc.assert(
    fc.asyncProperty(randomSystems, fc.nat(), async (description, seed) => {
      const { system, properties } = systemOf(description)
      const { report: full } = await exploreToFinals(system, properties, {
        reduction: false,
        symmetry: false,
        within: { states: 1000 },
      })
      if (!full.exhaustive) return
      for (const search of [{ depth: { seed } }, { preemptions: { seed } }, { delays: { seed } }] as const) {
        const report = await explore(system, properties, { search })
        expect(report.exhaustive).toBe(true)
        expect(comparable(report), JSON.stringify(search)).toEqual(comparable(full))
        expectRuns(system, properties, report)
      }
      const deepening = await explore(system, properties, { search: 'deepening' })
      expect(comparable(deepening)).toEqual(comparable(full))
      expect(deepening.states).toBe(full.states)
      // It is as short as breadth first finds it.
      const lengths = ({ findings }: Report) =>
        Object.fromEntries(findings.filter(isPlain).map((each) => [titleOf(each), [each.depth, each.shortest]]))
      expect(lengths(deepening)).toEqual(lengths(full))
    }),
    { numRuns: 40 },
  )
})

describe.each(counted)('up to k %s', (what) => {
  test('exactly those bugs are found that a run with no more shows', async () => {
    const met = { systems: 0, byNeed: new Map<number, number>() }
    await overChance(
      fc.asyncProperty(descriptions, async (description) => {
        const { system, properties } = generate(description)
        const safe = properties.filter(({ kind }) => kind !== 'eventually')
        for (const most of [0, 1, 2]) {
          const shown = fewest(system, safe, what, most, 6_000)
          if (!shown) return
          const report = await explore(system, safe, { search: { [what]: { most } } as SearchFor })
          const needs = new Map([
            ...report.findings.filter(isPlain).map((each) => [titleOf(each), each.needs] as const),
            ...report.properties.flatMap((each) => (each.schedule ? [[each.name, each.needs] as const] : [])),
          ])
          for (const { finding, name } of safe) needs.delete(`${finding}: ${name}`)
          expect(needs).toEqual(shown)
          if (!report.exhaustive) {
            expect(report.upTo).toEqual({ what, count: most })
            expect(report.stopped).toMatchObject({ by: what, bound: most })
          }
          met.systems++
          if (most === 2) for (const need of shown.values()) met.byNeed.set(need, (met.byNeed.get(need) ?? 0) + 1)
          expectRuns(system, safe, report)
        }
      }),
      {
        runs: 40,
        enough: () => {
          // Otherwise little was put to the test.
          expect(met.systems).toBeGreaterThan(20)
          expect(Math.min(...[0, 1].map((need) => met.byNeed.get(need) ?? 0))).toBeGreaterThan(0)
        },
      },
    )
  })
})

test('a lost update takes one preemption', async () => {
  const without = await explore(lostUpdate(), counterProperties, { search: { preemptions: { most: 0 } } })
  expect(without.properties[0]!.verdict).toBe('undecided')
  expect(without.upTo).toEqual({ what: 'preemptions', count: 0 })
  const withOne = await explore(lostUpdate(), counterProperties, { search: { preemptions: { most: 1 } } })
  expect(withOne.properties[0]).toMatchObject({ verdict: 'violated', needs: 1 })
})

test('what holds up to 2 preemptions is not said to hold', async () => {
  const report = await explore(guardedCounter(), counterProperties, { search: { preemptions: { most: 0 } } })
  expect(report).toMatchObject({ exhaustive: false, upTo: { what: 'preemptions', count: 0 } })
  expect(report.properties[0]!.verdict).toBe('undecided')
})

test('a search that is stopped within a bound is complete up to the one before', async () => {
  const options = { search: 'preemptions', within: { states: 2000 } } as const
  const report = await explore(diningPhilosophers(5, { leftHanded: true }), diningProperties(5), options)
  expect(report.stopped).toMatchObject({ by: 'states' })
  const { count } = report.upTo!
  const bounded = { search: { preemptions: { most: count } } }
  const whole = await explore(diningPhilosophers(5, { leftHanded: true }), diningProperties(5), bounded)
  expect(whole.states).toBeLessThan(2000)
  const next = { search: { preemptions: { most: count + 1 } } }
  const more = await explore(diningPhilosophers(5, { leftHanded: true }), diningProperties(5), next)
  expect(more.states).toBeGreaterThanOrEqual(2000)
})

describe('a bound of steps', () => {
  test.each(['depth', 'deepening'] as const)('%s finds within it what breadth first finds', async (search) => {
    for (const { system, properties } of toys.slice(0, 30)) {
      for (const depth of [0, 3, 7]) {
        const full = await explore(system, properties, { reduction: false, symmetry: false, within: { depth } })
        const report = await explore(system, properties, { search, within: { depth } })
        expect([system.name, report.exhaustive, report.states]).toEqual([system.name, full.exhaustive, full.states])
        expect(comparable(report)).toEqual(comparable(full))
        if (!full.exhaustive) expect(report.upTo).toEqual({ what: 'steps', count: depth })
        for (const { depth: length } of report.findings) expect(length).toBeLessThanOrEqual(depth)
      }
    }
  })

  test.each(['depth', 'deepening'] as const)(
    '%s goes on again from what it reaches by a shorter way',
    async (search) => {
      // Step by step first; the jump leads to the same place, and leaves steps for what is behind it.
      const system = fromCommands<{ way: { readonly at: number } }>({
        name: 'a jump',
        components: {
          way: {
            start: { at: 0 },
            processes: {
              walker: {
                'a step': { when: ({ at }) => at < 9, do: ({ at }) => ({ at: at + 1 }) },
                jump: { when: ({ at }) => at === 1, do: () => ({ at: 5 }) },
              },
            },
            mayEnd: true,
          },
        },
      })
      for (const depth of [4, 5, 6]) {
        const full = await explore(system, [], { reduction: false, within: { depth } })
        const report = await explore(system, [], { search, within: { depth } })
        expect([report.states, report.exhaustive]).toEqual([full.states, full.exhaustive])
        const reached = sometimes<{ way: { readonly at: number } }>('there', ({ way }) => way.at === 3 + depth)
        const { properties } = await explore(system, [reached], { search, within: { depth } })
        expect(properties[0]).toMatchObject({ verdict: 'seen', depth })
      }
    },
  )

  test('is nothing to a search for which the cheapest comes first', async () => {
    const options = { search: 'preemptions', within: { depth: 3 } } as const
    await expect(explore(lostUpdate(), [], options)).rejects.toThrow('options.within.depth is nothing that the search')
  })
})

describe('directed', () => {
  const goal = orderingProperties[0]!.name

  test('goes to its goal with fewer states than breadth first needs', async () => {
    const system = orderingBug(12)
    const report = await explore(system, orderingProperties, { search: { directed: { goal } } })
    expect(report.properties[0]!.verdict).toBe('seen')
    expect(report).toMatchObject({ exhaustive: false, stopped: { by: 'goal' }, strategy: 'directed' })
    const breadth = await explore(system, orderingProperties, { reduction: false })
    expect(report.states).toBeLessThan(breadth.states / 2)
    replay(system, report.properties[0]!.schedule!)
  })

  test('by a distance of one’s own', async () => {
    let asked = 0
    const distance = () => asked++
    const report = await explore(lostUpdate(), counterProperties, {
      search: { directed: { goal: counterProperties[0]!.name, distance } },
    })
    expect(report.properties[0]!.verdict).toBe('violated')
    expect(asked).toBeGreaterThan(0)
    const wrong = { directed: { goal: counterProperties[0]!.name, distance: () => Number.NaN } }
    await expect(explore(lostUpdate(), counterProperties, { search: wrong })).rejects.toThrow('distance')
  })

  test('is complete where there is no way to the goal', async () => {
    const report = await explore(guardedCounter(), counterProperties, {
      search: { directed: { goal: counterProperties[0]!.name } },
    })
    expect(report.exhaustive).toBe(true)
    expect(report.properties[0]!.verdict).toBe('holds')
  })

  test('a goal is one of the properties', async () => {
    const search = { directed: { goal: 'nothing' } }
    await expect(explore(lostUpdate(), counterProperties, { search })).rejects.toThrow('has a goal that is no')
  })
})

describe('a portfolio', () => {
  const portfolio: SearchFor = {
    portfolio: ['breadth', 'preemptions', { pos: { seed: 1, runs: 100 } }, { random: { seed: 1, runs: 100 } }],
  }

  test('ends when one has found something, and tells what each has done', async () => {
    const report = await explore(lostUpdate(), counterProperties, { search: portfolio })
    expect(report.properties[0]!.verdict).toBe('violated')
    expect(report.members!.map(({ strategy }) => strategy)).toContain(report.strategy)
    replay(lostUpdate(), report.properties[0]!.schedule!)
  })

  test('ends when one has seen everything', async () => {
    const report = await explore(guardedCounter(), counterProperties, { search: portfolio })
    expect(report.exhaustive).toBe(true)
    expect(['breadth', 'preemptions']).toContain(report.strategy)
    expect(report.properties[0]!.verdict).toBe('holds')
  })

  test('decides nothing when nobody has; and what one has seen was seen', async () => {
    const search: SearchFor = {
      portfolio: [{ preemptions: { most: 0 } }, { random: { seed: 1, runs: 30 } }],
    }
    const report = await explore(guardedCounter(), counterProperties, { search, within: { states: 3 } })
    expect(report.exhaustive).toBe(false)
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['undecided', 'seen'])
    expect(report.members).toHaveLength(2)
  })

  test('one that never ends does not keep the others from theirs', async () => {
    const search: SearchFor = { portfolio: [{ random: { seed: 1, runs: 1_000_000_000 } }, 'preemptions'] }
    const report = await explore(guardedCounter(), counterProperties, { search })
    expect(report).toMatchObject({ strategy: 'preemptions', exhaustive: true })
    expect(report.members![0]).toMatchObject({ strategy: 'random' })
  })
})
