import { afterEach, describe, expect, test, vi } from 'vitest'
import { explore, searching, type ExploreOptions } from '../../explore/index.ts'
import { tickWhenSeen } from '../clock.ts'
import { counterProperties, lostUpdate } from '../toys/counters.ts'
import { diningPhilosophers, diningProperties } from '../toys/dining-philosophers.ts'
import { ignores, vacuousProperties } from '../toys/faulty.ts'
import { tall } from '../toys/ping-pong.ts'
import { lateLie } from '../toys/lock-orders.ts'
import { twoPhaseCommit, twoPhaseProperties } from '../toys/two-phase-commit.ts'

afterEach(() => vi.restoreAllMocks())

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
    tickWhenSeen()
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
    const { signal } = controller
    const search = searching(diningPhilosophers(7), diningProperties(7), { reduction: false, signal })
    while (search.next().value.states < 2);
    controller.abort()
    const { done, value: report } = search.next()
    if (!done) throw new Error('it goes on')
    expect(report).toMatchObject({ exhaustive: false, stopped: { by: 'you' } })
    expect(report.stopped!.waiting).toBeGreaterThan(0)
    expect(report.states).toBeGreaterThan(1)
  })

  test.each(['random', 'pct', 'pos', 'coverage'] as const)(
    'by you, in the middle of a run (%s): that one was not taken',
    async (name) => {
      const sample = { seed: 1, runs: 50, preemptions: 1 }
      const { preemptions: _, ...others } = sample
      const controller = new AbortController()
      const { signal } = controller
      const search = { [name]: name === 'pct' ? sample : others } as ExploreOptions['search'] & object
      const none = await explore(diningPhilosophers(3), [], { search, signal: AbortSignal.abort() })
      expect(none).toMatchObject({ steps: 0, sampled: { runs: 0 }, stopped: { by: 'you', waiting: 50 } })
      // The clock is looked at every 4,096 steps: in the fifth of these runs, and in the ninth.
      const long = searching(tall(1000), [], { search, signal })
      long.next()
      while ((long.next().value as { readonly runs?: number }).runs === 0);
      controller.abort()
      let some = long.next()
      while (some.done !== true) some = long.next()
      expect(some.value).toMatchObject({ steps: 8192, sampled: { runs: 8 }, stopped: { by: 'you', waiting: 42 } })
    },
  )

  test('by time, although there is an inversion to show', async () => {
    tickWhenSeen()
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

describe.each([true, false])('a bound of 0 allows nothing but the start (reduction: %s)', (reduction) => {
  test.each([
    [{ states: 0 }, 'states'],
    [{ depth: 0 }, 'depth'],
    [{ ms: 0 }, 'ms'],
  ])('%o', async (within, by) => {
    const report = await explore(lostUpdate(), counterProperties, { reduction, within })
    expect(report).toMatchObject({ exhaustive: false, stopped: { by, bound: 0 }, states: 1 })
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['undecided', 'undecided'])
    if (by === 'depth') expect([report.steps, report.depth]).toEqual([0, 0])
  })
})

test('no run that is looked at is longer than allowed, not even by what is taken alone', async () => {
  for (let bound = 0; bound < 24; bound++) {
    const within = { depth: bound }
    const [reduced, full] = [true, false].map((reduction) =>
      explore(lostUpdate(), [...counterProperties], { reduction, within }),
    )
    const { depth, findings } = await reduced!
    expect(depth).toBeLessThanOrEqual(bound)
    for (const { schedule } of findings) expect(schedule.length).toBeLessThanOrEqual(bound)
    expect(depth).toBe((await full!).depth)
  }
})

test('a bound of states is kept to the state', async () => {
  // One state more with every state that is expanded. That one is all there is can only be seen by expanding it.
  for (const states of [2, 7, 20, 21]) {
    const report = await explore(tall(20), [], { reduction: false, within: { states } })
    expect([states, report.states]).toEqual([states, states])
    expect(report.exhaustive).toBe(false)
  }
  await expect(explore(tall(20), [], { reduction: false, within: { states: 22 } })).resolves.toMatchObject({
    states: 22,
  })
})

test('a bound that is met by the last state of all stops nothing', async () => {
  const quiet = { ...twoPhaseCommit(1), start: [] }
  await expect(explore(quiet, [], { within: { states: 1 } })).resolves.toMatchObject({ exhaustive: true, states: 1 })
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
