/** Races of others, told with relock/kernel: as they were they break, as repaired they hold, and the reduction knows what they are made of. */
import { describe, expect, test } from 'vitest'
import { ownRaces } from '../../scenarios/own-races/index.ts'
import { expectations } from './each.ts'
import { exploredWith } from './explored.ts'

const told = expectations.filter(({ scenario }) => ownRaces.includes(scenario))

describe('the reduced search stores at most a fifth of what the full one does, and says the same', () => {
  test.each(told)('$title', async ({ scenario, choices, expected }) => {
    const { report: full } = await exploredWith(scenario, choices, false)
    expect(full.exhaustive).toBe(true)
    expect([...new Set(full.findings.map(({ title }) => title))].sort()).toEqual(expected.findings)
    expect(full.properties.filter(({ verdict }) => verdict === 'violated').map(({ name }) => name)).toEqual(
      Object.keys(expected.verdicts ?? {}),
    )
    expect(expected.states * 5).toBeLessThanOrEqual(full.states)
  })
})

test.each(ownRaces)('$name names a public report, breaks in one form and holds in another', ({ source, expected }) => {
  expect(source).toMatch(/Linux commit ([0-9a-f]{12}|"\w)/)
  const breaks = expected.map(({ findings, verdicts }) => findings.length > 0 || verdicts !== undefined)
  expect(new Set(breaks)).toEqual(new Set([true, false]))
})
