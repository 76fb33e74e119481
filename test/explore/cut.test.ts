/**
 * A search that is cut says what the whole one says: the same verdicts and findings, by runs that replay. RELOCK_SEED=<seed> makes the same random
 * systems again.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toldFromTheStart } from '../../explore/runs/behind.ts'
import { frontierOf, pieceBehind } from '../../explore/several/cut.ts'
import { explore, replay } from '../../explore/index.ts'
import type { ExploreOptions } from '../../explore/options.ts'
import type { Report } from '../../explore/outcome/report.ts'
import { merged, type Part } from '../../explore/several/shards.ts'
import { isCalled, shownBy } from '../../explore/claims/shows.ts'
import type { Property, System } from '../../explore/system.ts'
import { systemOf } from '../../process/system.ts'
import { overall } from '../../report/verdict.ts'
import { staleDma } from '../../scenarios/unmap/stale-dma.ts'
import * as built from '../process/examples.ts'
import { toys } from '../toys/all.ts'
import { descriptions, generate } from '../toys/generated.ts'
import { overChance } from '../chance.ts'

interface Cut {
  readonly report: Report
  readonly jobs: number
  /** Somebody touches memory behind the cut. */
  readonly touches: boolean
}

const cutSearch = async (
  system: System<any>,
  properties: readonly Property[],
  depth: number,
  options: ExploreOptions = {},
): Promise<Cut> => {
  let touches = false
  const trunk = await explore(system, properties, { ...options, reduction: false, within: { depth } })
  const parts: Part[] = [{ of: 'trunk', report: trunk }]
  for (const run of frontierOf(system, depth, 10_000)!) {
    const behind = pieceBehind(system, run, () => (touches = true))
    parts.push({ of: run.join('.'), report: toldFromTheStart(await explore(behind, properties, options), run) })
  }
  return { report: merged(parts, 'cut')!, jobs: parts.length, touches }
}

/** What is asked of states and steps. */
const said = ({ findings, properties, ignored, lockOrder, exhaustive }: Report) => ({
  exhaustive,
  findings: findings.map(({ kind, title }) => `${kind} ${title}`).toSorted(),
  properties: properties.map(({ name, verdict, vacuous }) => ({ name, verdict, vacuous })),
  ignored: ignored.map(({ component, state, type }) => `${component} ${state} ${type}`).toSorted(),
  lockOrder: lockOrder.map(({ from, to }) => `${from} → ${to}`).toSorted(),
})

const ofStates = (properties: readonly Property[]): readonly Property[] =>
  properties.filter(({ kind }) => kind !== 'eventually')

/** Nobody is called shortest who is not, and what is a finding of one step or state can be made again. */
const expectRuns = (system: System<any>, cut: Report, whole: Report): void => {
  for (const { kind, title, schedule, depth, shortest } of cut.findings) {
    const trace = replay(system, schedule)
    expect(trace.steps).toHaveLength(depth)
    const other = whole.findings.find((each) => each.kind === kind && each.title === title)!
    if (shortest && other.shortest) expect(depth, title).toBe(other.depth)
    if (kind !== 'lock-order' && !cut.properties.some(({ name }) => name === title))
      expect(
        shownBy(trace).some((each) => isCalled(each, title)),
        title,
      ).toBe(true)
  }
  for (const { schedule, depth } of cut.properties)
    if (schedule) expect(replay(system, schedule).steps).toHaveLength(depth!)
}

describe('a search that is cut', () => {
  test.each(toys.map(({ system, properties }) => [system.name, system, properties] as const))(
    'of %s finds what the whole one finds',
    async (_, system, properties) => {
      const claims = ofStates(properties)
      const whole = await explore(system, claims)
      const { report, touches } = await cutSearch(system, claims, 3)
      // Data races are a question about whole runs, and refused.
      if (touches) return
      expect(said(report)).toEqual(said(whole))
      expect(overall(report)).toBe(overall(whole))
      expectRuns(system, report, whole)
    },
  )

  test('of random systems finds what the whole one finds', async () => {
    let [jobs, found] = [0, 0]
    await overChance(
      fc.asyncProperty(descriptions, fc.integer({ min: 1, max: 5 }), async (description, depth) => {
        const { system, properties } = generate(description)
        const claims = ofStates(properties)
        const whole = await explore(system, claims)
        const cut = await cutSearch(system, claims, depth)
        expect(said(cut.report)).toEqual(said(whole))
        expectRuns(system, cut.report, whole)
        jobs += cut.jobs
        found += cut.report.findings.length
      }),
      {
        runs: 40,
        enough: () => {
          // Otherwise nothing was cut, or nothing was there to be found.
          expect(jobs).toBeGreaterThan(80)
          expect(found).toBeGreaterThan(5)
        },
      },
    )
  })

  test.each([true, false])('of XState actors finds what the whole one finds (right: %s)', async (isRight) => {
    for (const make of [built.form, built.checkout, built.tabs, built.supervisor]) {
      const { logic, outside } = make(isRight)
      const system = systemOf(logic, outside)
      const claims = ofStates(outside.properties ?? [])
      const whole = await explore(system, claims)
      const { report, jobs } = await cutSearch(system, claims, 1)
      expect(jobs).toBeGreaterThan(1)
      expect({ ...said(report), ignored: [] }).toEqual({ ...said(whole), ignored: [] })
      expectRuns(system, report, whole)
    }
  })

  test('of a story of VFIO finds what the whole one finds', async () => {
    const [story] = staleDma
    const choices = story!.choices.default
    const [system, claims] = [story!.system(choices), ofStates(story!.properties(choices))]
    const whole = await explore(system, claims)
    const { report, jobs } = await cutSearch(system, claims, 4)
    expect(jobs).toBeGreaterThan(3)
    expect(said(report)).toEqual(said(whole))
    expectRuns(system, report, whole)
  })

  test('is complete only when all of its parts are', async () => {
    const { system, properties } = toys.find(({ states }) => states > 40)!
    const { report } = await cutSearch(system, ofStates(properties), 2, { within: { states: 5 } })
    expect(report.exhaustive).toBe(false)
    expect(report.findings.every(({ shortest }) => !shortest)).toBe(true)
  })
})
