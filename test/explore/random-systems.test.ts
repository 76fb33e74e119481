/**
 * Whatever the system, the search says what brute force says, and the reduced search what the full one says. RELOCK_SEED=<seed> makes the same
 * systems again, RELOCK_SEEDS=<n> makes n of them (docs/TRUST.md).
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bruteForce } from '../toys/brute-force.ts'
import { randomSystems, systemOf } from '../toys/random-systems.ts'
import { expected, expectHonest, exploreToFinals, outcomeOf } from './compare.ts'
import { overChance } from '../chance.ts'

/** Larger ones are left out, or compared without brute force, which takes its time. */
const most = 3000
const mostForced = 300

test('over random systems, reduced, full and brute-force search agree', async () => {
  const met = { small: 0, forced: 0, reduced: 0, off: new Map<string, number>(), states: 0, stored: 0, deadlocks: 0 }
  await overChance(
    fc.asyncProperty(randomSystems, async (description) => {
      const { system, properties } = systemOf(description)
      const full = await exploreToFinals(system, properties, {
        reduction: false,
        symmetry: false,
        within: { states: most },
      })
      if (!full.report.exhaustive) return
      const reduced = await exploreToFinals(system, properties, {})
      expect(reduced.report.exhaustive).toBe(true)
      expect(outcomeOf(reduced.report)).toEqual(outcomeOf(full.report))
      expect(reduced.finals).toEqual(full.finals)
      met.small++
      met.deadlocks += full.report.findings.filter(({ kind }) => kind === 'deadlock').length
      const { reduction } = reduced.report
      if (typeof reduction === 'object') {
        const why = reduction.off.replace(/(object|lock|t)\d/g, '$1').replace(/\(.*\)/, '')
        met.off.set(why, (met.off.get(why) ?? 0) + 1)
      } else {
        met.reduced++
        met.states += full.report.states
        met.stored += reduced.report.states
      }
      if (full.report.states > mostForced) return
      met.forced++
      const brute = bruteForce(system, properties)
      const { states, steps, frontier } = full.report
      expect([states, steps, frontier]).toEqual([brute.states, brute.steps, brute.frontier])
      expect(full.finals).toEqual([...brute.finals].toSorted())
      expect(outcomeOf(full.report)).toEqual(expected(brute))
      for (const { report } of [full, reduced]) expectHonest(system, properties, report, brute)
    }),
    {
      runs: 300,
      enough: () => {
        // Otherwise little was put to the test.
        const share = (part: number) => part / met.small
        expect(share(met.forced)).toBeGreaterThan(0.3)
        expect(share(met.reduced)).toBeGreaterThan(0.3)
        expect(share(met.small - met.reduced)).toBeGreaterThan(0.1)
        expect(met.stored).toBeLessThan(met.states)
        expect(met.deadlocks).toBeGreaterThan(0)
      },
    },
  )
})
