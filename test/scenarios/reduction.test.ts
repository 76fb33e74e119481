/** The reduction changes nothing that can be known: over all scenarios, against the full search; and what it finds happens to live actors. */
import { describe, expect, test } from 'vitest'
import { explore, replay } from '../../explore/index.ts'
import type { AloneRule } from '../../explore/reduction/reduction.ts'
import { linesOf, replayLive } from '../live/recording.ts'
import { smallCases, type Case } from './each.ts'
import { exploredWith, type Explored } from './explored.ts'

async function searched({ scenario, choices }: Case, reduction: AloneRule) {
  const finals = new Set<string>()
  const onFinal = (final: readonly string[]) => void finals.add(final.join('\n'))
  const system = scenario.system(choices)
  const report = await explore(system, scenario.properties(choices), { reduction, onFinal, shortest: false })
  return known({ report, finals: [...finals].toSorted() })
}

const known = ({ report, finals }: Explored) => {
  expect(report.exhaustive).toBe(true)
  return {
    verdicts: report.properties.map(({ name, verdict, vacuous }) => [name, verdict, vacuous]),
    findings: report.findings.map(({ kind, title }) => `${kind}: ${title}`).toSorted(),
    ignored: report.ignored,
    finals,
  }
}

const inFull = async ({ scenario, choices }: Case) => known(await exploredWith(scenario, choices, false))

describe('the reduced search and the full search agree on verdicts, findings and final states', () => {
  test.each(smallCases)('$title', async (each) => {
    const inPart = await exploredWith(each.scenario, each.choices)
    expect(inPart.report.reduction).toBe('on')
    expect(known(inPart)).toEqual(await inFull(each))
  })
})

describe('what the reduced search finds happens live, too', () => {
  test.each(smallCases.filter(({ scenario }) => scenario.mutantOf === undefined))('$title', async (each) => {
    const world = each.scenario.world(each.choices)
    const system = each.scenario.system(each.choices)
    const { report } = await exploredWith(each.scenario, each.choices)
    const runs = [...report.findings, ...report.properties].flatMap(({ schedule }) => (schedule ? [schedule] : []))
    for (const run of runs) expect(replayLive(world, run)).toEqual(linesOf(replay(system, run)))
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
        .map(async (each) => JSON.stringify(await searched(each, rule)) !== JSON.stringify(await inFull(each))),
    )
    expect(differs).toContain(true)
  })
})
