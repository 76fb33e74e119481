/**
 * The stateless search has one run of each class, gives none up, and says what the full search says. RELOCK_SEED=<seed> makes the same systems
 * again, RELOCK_SEEDS=<n> makes n of them.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromCommands } from '../../explore/commands.ts'
import { Dpor } from '../../explore/dpor.ts'
import { explore, replay, type ExploreOptions } from '../../explore/index.ts'
import { always, eventually, sometimes } from '../../explore/properties.ts'
import type { Report } from '../../explore/report.ts'
import type { Property, System } from '../../explore/system.ts'
import { toys } from '../toys/all.ts'
import { classesOf, falselyIndependent } from '../toys/classes.ts'
import { begin, component } from '../toys/component.ts'
import { counterProperties, lostUpdate } from '../toys/counters.ts'
import { diningPhilosophers, diningProperties } from '../toys/dining-philosophers.ts'
import { descriptions, generate } from '../toys/generated.ts'
import { lasso } from '../toys/ping-pong.ts'
import { randomSystems, systemOf } from '../toys/random-systems.ts'
import { exploreToFinals, isPlain, outcomeOf, titleOf } from './compare.ts'

const [seeds, seed] = ['RELOCK_SEEDS', 'RELOCK_SEED'].map((name) => process.env[name])

/** Only breadth first refutes an inversion. */
const comparable = (report: Report) => ({ ...outcomeOf(report), inversions: [] })

const searched = (system: System<any>, properties: readonly Property[] = [], options: ExploreOptions = {}): Dpor => {
  const made = new Dpor(system, properties, options, 1000)
  for (const _ of made.run());
  return made
}

/** Each run that a report tells of happens, and shows at its end what it is told for. */
const expectRuns = (system: System<any>, properties: readonly Property[], report: Report): void => {
  for (const { kind, title, schedule, depth } of report.findings) {
    const trace = replay(system, schedule)
    expect(schedule.length).toBe(depth)
    const claim = properties.find(({ name, finding }) => name === title && kind === finding)
    if (kind === 'deadlock') expect(trace.end).toBe('deadlock')
    else if (isPlain({ kind }) && kind !== 'leak' && !claim)
      expect(trace.steps.at(-1)!.findings.map(titleOf)).toContain(`${kind}: ${title}`)
  }
  for (const { schedule } of report.properties) if (schedule) replay(system, schedule)
}

/** Of threads and locks, and of objects whose answers are drawn from a hat. */
const systems = fc.oneof(descriptions.map(generate), randomSystems.map(systemOf))

test('over random systems there are as many runs as classes, and the report is that of the full search', async () => {
  const met = { compared: 0, counted: 0, runs: 0, deadlocks: 0 }
  await fc.assert(
    fc.asyncProperty(systems, async ({ system, properties }) => {
      const full = await exploreToFinals(system, properties, { reduction: false, within: { states: 1500 } })
      if (!full.report.exhaustive) return
      const bounded = { search: { dpor: { runs: 400 } }, within: { depth: 300 } } as const
      const { report, finals } = await exploreToFinals(system, properties, bounded)
      expect(report.classes!.blocked).toBe(0)
      expectRuns(system, properties, report)
      if (!report.exhaustive) return
      expect(comparable(report)).toEqual(comparable(full.report))
      expect(finals).toEqual(full.finals)
      met.compared++
      met.runs += report.classes!.runs
      met.deadlocks += report.findings.filter(({ kind }) => kind === 'deadlock').length
      const { search } = searched(system, properties)
      expect(search.runs).toBe(report.classes!.runs)
      expect(falselyIndependent(system, search, 150)).toBe(undefined)
      const classes = classesOf(system, search, 1000)
      if (classes === undefined) return
      expect(search.runs).toBe(classes)
      met.counted++
    }),
    { numRuns: Number(seeds ?? 60), ...(seed !== undefined && { seed: Number(seed) }) },
  )
  if (Number(seeds ?? 60) < 60) return
  // Otherwise little was put to the test.
  expect(met.compared).toBeGreaterThan(25)
  expect(met.counted).toBeGreaterThan(5)
  expect(met.runs).toBeGreaterThan(met.compared * 4)
  expect(met.deadlocks).toBeGreaterThan(2)
})

test('of every toy there are as many runs as classes, and no state of it makes two steps dependent that are not', () => {
  const counted: string[] = []
  for (const { system, properties } of toys) {
    const { search, bounds } = searched(system, properties, { within: { depth: 100 } })
    expect(search.blocked).toBe(0)
    expect(falselyIndependent(system, search, 80)).toBe(undefined)
    if (bounds.isOver) continue
    const classes = classesOf(system, search, 400)
    if (classes === undefined) continue
    expect([system.name, search.runs]).toEqual([system.name, classes])
    counted.push(system.name)
  }
  expect(counted.length).toBeGreaterThan(25)
})

test('of two philosophers whom properties look at there are 130 classes', () => {
  expect(searched(diningPhilosophers(2), diningProperties(2)).search.runs).toBe(130)
})

interface Two {
  readonly x: { readonly value: number }
  readonly y: { readonly value: number }
}

/** Each counts to one, and neither knows of the other. */
const apart = () => {
  const one = {
    start: { value: 0 },
    processes: { it: { counts: { when: ({ value }: Two['x']) => value === 0, do: () => ({ value: 1 }) } } },
    mayEnd: true,
  }
  return fromCommands<Two>({ name: 'apart', components: { x: one, y: one } })
}

test('what nobody looks at in both comes in one order; what a property can tell comes in both', async () => {
  const alone = [sometimes<Two>('x is', ({ x }) => x.value === 1), sometimes<Two>('y is', ({ y }) => y.value === 1)]
  const unseen = await explore(apart(), alone, { search: 'dpor' })
  expect([unseen.classes, unseen.exhaustive]).toEqual([{ runs: 1, blocked: 0 }, true])
  const both = [
    always<Two>('never x alone', ({ x, y }) => x.value <= y.value),
    always<Two>('never y alone', ({ x, y }) => y.value <= x.value),
  ]
  const seen = await explore(apart(), both, { search: 'dpor' })
  expect(seen.classes).toEqual({ runs: 2, blocked: 0 })
  expect(seen.properties.map(({ verdict, depth }) => [verdict, depth])).toEqual([
    ['violated', 1],
    ['violated', 1],
  ])
})

/** Two who come in each close the door to a third, and do not mind each other. */
const door = () =>
  fromCommands<{ door: { readonly inside: number; readonly third: boolean } }>({
    name: 'a door',
    components: {
      door: {
        start: { inside: 0, third: false },
        processes: {
          a: { comes: { when: ({ inside }) => (inside & 1) === 0, do: ({ inside }) => ({ inside: inside | 1 }) } },
          b: { comes: { when: ({ inside }) => (inside & 2) === 0, do: ({ inside }) => ({ inside: inside | 2 }) } },
          c: { comes: { when: ({ inside, third }) => inside === 0 && !third, do: () => ({ third: true }) } },
        },
        mayEnd: true,
      },
    },
  })

test('what either of two others makes impossible is seen to happen before both', async () => {
  const third = sometimes<{ door: { readonly third: boolean } }>('the third is in', (view) => view.door.third)
  const { classes, properties } = await explore(door(), [third], { search: 'dpor' })
  expect(properties[0]!.verdict).toBe('seen')
  expect(classes!.blocked).toBe(0)
  const { search } = searched(door())
  expect(search.runs).toBe(classesOf(door(), search, 100))
})

test('a crash does not hide what others would have done, and each is shown by a run that ends with it', async () => {
  const crash = (id: string) =>
    component<{ readonly at: number }>({
      id,
      initial: { at: 0 },
      on: { GO: () => ({ findings: [{ kind: 'bug', title: `${id} crashes`, fatal: true }] }) },
    })
  const calm = component<{ readonly at: number }>({
    id: 'calm',
    initial: { at: 0 },
    on: { GO: () => ({ local: { at: 1 }, findings: [{ kind: 'warn', title: 'calm warns', fatal: false }] }) },
  })
  const system: System<{ readonly at: number }> = {
    name: 'two crashes',
    fingerprint: 'x',
    components: [crash('one'), crash('other'), calm],
    start: ['one', 'other', 'calm'].map((id) => begin(id)),
    view: (read) => read('calm') as { readonly at: number },
  }
  const report = await explore(system, [], { search: 'dpor' })
  expect(report.findings.map(({ title, depth }) => [title, depth])).toEqual([
    ['calm warns', 1],
    ['one crashes', 1],
    ['other crashes', 1],
  ])
  expect(comparable(report)).toEqual(comparable(await explore(system, [], { reduction: false })))
  expect(report.classes).toEqual({ runs: 1, blocked: 0 })
})

test('what is promised of every run is missed in one of them', async () => {
  const never = eventually<{ door: { readonly third: boolean } }>('the third comes', (view) => view.door.third)
  const report = await explore(door(), [never], { search: 'dpor' })
  expect(report.properties[0]!.verdict).toBe('violated')
  const trace = replay(door(), report.properties[0]!.schedule!)
  expect(trace.end).toBe('finished')
  const always = eventually<{ door: { readonly inside: number } }>('somebody comes', () => true)
  expect((await explore(door(), [always], { search: 'dpor' })).properties[0]!.verdict).toBe('holds')
})

test('a run without end is cut, and then nothing holds', async () => {
  const report = await explore(lasso(), [always('all is well', () => true)], { search: 'dpor', within: { depth: 50 } })
  expect(report.stopped).toMatchObject({ by: 'depth', bound: 50 })
  expect(report).toMatchObject({ exhaustive: false, depth: 50 })
  expect(report.properties[0]!.verdict).toBe('undecided')
})

test('is stopped by so many runs, by time, by you, by the first finding; and decides nothing then', async () => {
  const stoppedBy = async (options: ExploreOptions) => {
    const report = await explore(diningPhilosophers(5), diningProperties(5), { search: 'dpor', ...options })
    expect(report.exhaustive).toBe(false)
    for (const { verdict } of report.properties) expect(['seen', 'violated', 'undecided']).toContain(verdict)
    return report.stopped
  }
  expect(await stoppedBy({ search: { dpor: { runs: 10 } } })).toMatchObject({ by: 'runs', bound: 10 })
  expect(await stoppedBy({ within: { ms: 20 } })).toMatchObject({ by: 'ms', bound: 20 })
  expect(await stoppedBy({ signal: AbortSignal.abort() })).toMatchObject({ by: 'you' })
  expect(await stoppedBy({ stopAtFirst: true })).toMatchObject({ by: 'first' })
})

test('exactly so many runs as there are classes is no bound', async () => {
  const report = await explore(lostUpdate(), counterProperties, { search: 'dpor' })
  const { runs } = report.classes!
  const bounded = await explore(lostUpdate(), counterProperties, { search: { dpor: { runs } } })
  expect({ ...bounded, seconds: 0 }).toEqual({ ...report, seconds: 0 })
  const fewer = await explore(lostUpdate(), counterProperties, { search: { dpor: { runs: runs - 1 } } })
  expect(fewer.stopped).toMatchObject({ by: 'runs', bound: runs - 1 })
})
