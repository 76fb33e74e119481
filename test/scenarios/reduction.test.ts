/** The reduction changes nothing that can be known: over all scenarios, against the full search; and what it finds happens to live actors. */
import { describe, expect, test } from 'vitest'
import { explore, replay, type ExploreOptions } from '../../explore/index.ts'
import type { AloneRule } from '../../explore/reduction/reduction.ts'
import { linesOf, replayLive } from '../live/recording.ts'
import { smallCases, type Case } from './each.ts'

async function searched({ scenario, choices }: Case, reduction: ExploreOptions['reduction'] & (boolean | AloneRule)) {
  const finals = new Set<string>()
  const onFinal = (final: readonly string[]) => void finals.add(final.join('\n'))
  const system = scenario.system(choices)
  const report = await explore(system, scenario.properties(choices), { reduction, onFinal, shortest: false })
  expect(report.exhaustive).toBe(true)
  const schedules = [...report.findings, ...report.properties].flatMap(({ schedule }) => (schedule ? [schedule] : []))
  const known = {
    verdicts: report.properties.map(({ name, verdict, vacuous }) => [name, verdict, vacuous]),
    findings: report.findings.map(({ kind, title }) => `${kind}: ${title}`).sort(),
    ignored: report.ignored,
    finals: [...finals].sort(),
  }
  return { known, schedules }
}

const reduced = new Map<Case, ReturnType<typeof searched>>()
/** Two tests ask for it, and it is made once. */
const reducedOf = (each: Case): ReturnType<typeof searched> => {
  const search = reduced.get(each) ?? searched(each, true)
  reduced.set(each, search)
  return search
}

describe('the reduced search and the full search agree on verdicts, findings and final states', () => {
  test.each(smallCases)('$title', async (each) => {
    const [inPart, inFull] = [await reducedOf(each), await searched(each, false)]
    expect(inPart.known).toEqual(inFull.known)
  })
})

describe('what the reduced search finds happens live, too', () => {
  test.each(smallCases.filter(({ scenario }) => scenario.mutantOf === undefined))('$title', async (each) => {
    const world = each.scenario.world(each.choices)
    const system = each.scenario.system(each.choices)
    for (const schedule of (await reducedOf(each)).schedules)
      expect(replayLive(world, schedule)).toEqual(linesOf(replay(system, schedule)))
  })
})

describe('a reduction that is not sound is caught', () => {
  const careless: readonly (readonly [string, AloneRule])[] = [
    ['that takes every delivery alone', () => true],
    [
      'that does not ask whether anybody else can reach the object',
      ({ component }) => component.lockClass === undefined,
    ],
  ]
  test.each(careless)('%s', async (_, rule) => {
    const differs = await Promise.all(
      smallCases
        .filter(({ scenario }) => ['stale-dma', 'late-pin', 'stolen-mapping'].includes(scenario.name))
        .map(
          async (each) =>
            JSON.stringify((await searched(each, rule)).known) !== JSON.stringify((await searched(each, false)).known),
        ),
    )
    expect(differs).toContain(true)
  })
})
