import { describe, expect, test } from 'vitest'
import { explore, searching, type ExploreOptions } from '../../explore/index.ts'
import { counterProperties, lostUpdate } from '../toys/counters.ts'
import { diningPhilosophers, diningProperties } from '../toys/dining-philosophers.ts'
import { ignores, vacuousProperties } from '../toys/faulty.ts'
import { lateLie } from '../toys/lock-orders.ts'
import { twoPhaseCommit, twoPhaseProperties } from '../toys/two-phase-commit.ts'

/** Far too many states to see in time. */
const tooMany = (options: ExploreOptions, table: { readonly leftHanded?: boolean } = { leftHanded: true }) =>
  explore(diningPhilosophers(7, table), diningProperties(7), { reduction: false, ...options })

describe('a search that was stopped says by what, and decides nothing it has not seen', () => {
  test('by a number of states', async () => {
    const report = await explore(twoPhaseCommit(3), twoPhaseProperties, { reduction: false, within: { states: 20 } })
    expect(report).toMatchObject({ exhaustive: false, stopped: { by: 'states', bound: 20 } })
    expect(report.stopped!.waiting).toBeGreaterThan(0)
    // The state at which it stopped was still expanded to the end.
    expect(report.states).toBeLessThan(30)
    const verdicts = report.properties.map(({ name, verdict }) => [name, verdict])
    expect(verdicts).toEqual([
      ['consistent', 'undecided'],
      ['all commit', 'undecided'],
      ['all abort', expect.stringMatching(/^(seen|undecided)$/)],
      ['decided', 'undecided'],
    ])
  })

  test('by a depth', async () => {
    const report = await explore(twoPhaseCommit(3), twoPhaseProperties, { reduction: false, within: { depth: 3 } })
    expect(report).toMatchObject({ exhaustive: false, depth: 3, stopped: { by: 'depth', bound: 3 } })
    expect(report.frontier).toHaveLength(4)
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['undecided', 'undecided', 'seen', 'undecided'])
  })

  test('by time', async () => {
    const report = await tooMany({ within: { ms: 20 } })
    expect(report).toMatchObject({ exhaustive: false, stopped: { by: 'ms', bound: 20 } })
    expect(report.properties[0]!.verdict).toBe('undecided')
    expect(report.seconds).toBeLessThan(1)
  })

  test('by you, before it began', async () => {
    const report = await explore(diningPhilosophers(7), diningProperties(7), { signal: AbortSignal.abort() })
    expect(report).toMatchObject({ exhaustive: false, stopped: { by: 'you' } })
    expect(report.properties[0]!.verdict).toBe('undecided')
  })

  test('by you, on the way', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 50)
    const report = await tooMany({ signal: controller.signal })
    expect(report).toMatchObject({ exhaustive: false, stopped: { by: 'you' } })
    expect(report.stopped!.waiting).toBeGreaterThan(0)
    expect(report.states).toBeGreaterThan(1)
    expect(report.seconds).toBeLessThan(1)
  })

  test('by time, although there is an inversion to show', async () => {
    const report = await tooMany({ within: { ms: 20 } }, {})
    expect(report.findings.map(({ kind }) => kind)).toEqual(['lock-order'])
    expect(report.seconds).toBeLessThan(1)
  })

  test.each([{ depth: 8 }, { states: 10 }])(
    'by %o, before a claim that a longer search finds false',
    async (within) => {
      const { system, properties } = lateLie()
      await expect(explore(system, properties, { within })).resolves.toMatchObject({ exhaustive: false })
    },
  )

  test('at the first finding, when asked to', async () => {
    const report = await explore(lostUpdate(), counterProperties, { stopAtFirst: true })
    expect(report.findings).toHaveLength(1)
    expect(report).toMatchObject({ exhaustive: false, stopped: { by: 'first' } })
    expect(report.properties[0]!.verdict).toBe('violated')
  })
})

test('a bound that is not reached stops nothing', async () => {
  const within = { states: 1000, depth: 1000, ms: 60_000 }
  const report = await explore(twoPhaseCommit(3), twoPhaseProperties, { reduction: false, within })
  expect(report).toMatchObject({ exhaustive: true, states: 288 })
  expect(report.stopped).toBeUndefined()
})

test('a bound that is just enough stops nothing', async () => {
  const { depth } = await explore(twoPhaseCommit(3), twoPhaseProperties, { reduction: false })
  const within = { states: 289, depth }
  const report = await explore(twoPhaseCommit(3), twoPhaseProperties, { reduction: false, within })
  expect(report).toMatchObject({ exhaustive: true, states: 288, depth })
  expect(report.properties[0]!.verdict).toBe('holds')
})

test('what was violated within the bound stays violated', async () => {
  const within = { depth: 10 }
  const report = await explore(lostUpdate(), counterProperties, { reduction: false, within })
  expect(report.properties[0]!.verdict).toBe('violated')
})

test('searching can be interrupted between two steps of progress, and gives the same report', async () => {
  const search = searching(diningPhilosophers(4), diningProperties(4), { reduction: false })
  let states = 0
  let next = search.next()
  while (!next.done) {
    expect(next.value.states).toBeGreaterThanOrEqual(states)
    states = next.value.states
    next = search.next()
  }
  const report = await explore(diningPhilosophers(4), diningProperties(4), { reduction: false })
  const counts = ({ states: all, steps, frontier, properties, findings }: typeof report) => ({
    all,
    steps,
    frontier,
    properties,
    findings,
  })
  expect(counts(next.value)).toEqual(counts(report))
})

test('an always that never had anything to be false about is marked vacuous', async () => {
  const { properties } = await explore(ignores(), vacuousProperties)
  expect(properties.map(({ name, verdict, vacuous = false }) => [name, verdict, vacuous])).toEqual([
    ['when never', 'holds', true],
    ['when always', 'holds', false],
    ['never', 'unseen', false],
  ])
})
