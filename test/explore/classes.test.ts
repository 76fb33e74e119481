/**
 * The stateless search has one run of each class, gives none up, and says what the full search says. RELOCK_SEED=<seed> makes the same systems
 * again, RELOCK_SEEDS=<n> makes n of them.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Dpor } from '../../explore/stateless/dpor.ts'
import { replay, type ExploreOptions } from '../../explore/index.ts'
import type { Report } from '../../explore/outcome/report.ts'
import type { Property, System } from '../../explore/system.ts'
import { toys } from '../toys/all.ts'
import { classesOf, falselyIndependent } from '../toys/classes.ts'
import { descriptions, generate } from '../toys/generated.ts'
import { randomSystems, systemOf } from '../toys/random-systems.ts'
import { exploreToFinals, isPlain, outcomeOf, titleOf } from './compare.ts'
import { overChance } from '../chance.ts'

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
  await overChance(
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
    {
      runs: 100,
      enough: () => {
        // Otherwise little was put to the test.
        expect(met.compared).toBeGreaterThan(15)
        expect(met.counted).toBeGreaterThan(3)
        expect(met.runs).toBeGreaterThan(met.compared * 4)
        expect(met.deadlocks).toBeGreaterThan(0)
      },
    },
  )
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
