/** The reduction changes nothing that can be known: over all scenarios, against the full search. */
import { describe, expect, test } from 'vitest'
import { explore, type ExploreOptions } from '../../explore/index.ts'
import type { AloneRule } from '../../explore/reduction.ts'
import { smallCases, type Case } from './each.ts'

async function known({ scenario, choices }: Case, reduction: ExploreOptions['reduction'] & (boolean | AloneRule)) {
  const finals = new Set<string>()
  const onFinal = (final: readonly string[]) => void finals.add(final.join('\n'))
  const system = scenario.system(choices)
  const report = await explore(system, scenario.properties(choices), { reduction, onFinal, shortest: false })
  expect(report.exhaustive).toBe(true)
  return {
    verdicts: report.properties.map(({ name, verdict, vacuous }) => [name, verdict, vacuous]),
    findings: report.findings.map(({ kind, title }) => `${kind}: ${title}`).sort(),
    ignored: report.ignored,
    finals: [...finals].sort(),
  }
}

describe('the reduced search and the full search agree on verdicts, findings and final states', () => {
  test.each(smallCases)('$title', async (each) => {
    expect(await known(each, true)).toEqual(await known(each, false))
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
        .map(async (each) => JSON.stringify(await known(each, rule)) !== JSON.stringify(await known(each, false))),
    )
    expect(differs).toContain(true)
  })
})
