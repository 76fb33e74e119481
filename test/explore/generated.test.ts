import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explore } from '../../explore/index.ts'
import { bruteForce } from '../toys/brute-force.ts'
import { descriptions, generate } from '../toys/generated.ts'
import { expected, expectHonest, exploreToFinals, isPlain, outcomeOf } from './compare.ts'
import { overChance } from '../chance.ts'

// fast-check takes its seed from the clock and prints it, with the smallest failing system, when a fact does not hold.
describe('over random systems', () => {
  test('with and without reduction, the explorer agrees with brute force', async () => {
    const reductions = { on: 0, off: 0 }
    const shown = { deadlocks: 0, inversions: 0 }
    let [full, reduced] = [0, 0]
    await overChance(
      fc.asyncProperty(descriptions, async (description) => {
        const { system, properties } = generate(description)
        const brute = bruteForce(system, properties)
        const off = await explore(system, properties, { reduction: false, symmetry: false })
        expect([off.states, off.steps, off.exhaustive]).toEqual([brute.states, brute.steps, true])
        expect(off.frontier).toEqual(brute.frontier)
        expect(outcomeOf(off)).toEqual(expected(brute))
        expectHonest(system, properties, off, brute)
        const { report: on, finals } = await exploreToFinals(system, properties, { reduction: true })
        expect(finals).toEqual([...brute.finals].toSorted())
        expect(on.exhaustive).toBe(true)
        expect(outcomeOf(on)).toEqual(expected(brute))
        expectHonest(system, properties, on, brute)
        reductions[on.reduction === 'on' ? 'on' : 'off']++
        const titles = (kind: string) => [...brute.findings.keys()].filter((title) => title.startsWith(`${kind}: `))
        shown.deadlocks += titles('deadlock').length
        shown.inversions += titles('lock-order').length
        full += off.states
        reduced += on.states
      }),
      {
        runs: 120,
        enough: () => {
          // Otherwise the reduction, or what is said about locks, was never put to the test.
          expect(reductions.on).toBeGreaterThan(40)
          expect(reductions.off).toBeGreaterThan(10)
          expect(reduced).toBeLessThan(full)
          expect(shown.deadlocks).toBeGreaterThan(2)
          expect(shown.inversions).toBeGreaterThan(4)
        },
      },
    )
  })

  test('the shortest runs are as short as brute force finds them', async () => {
    await fc.assert(
      fc.asyncProperty(descriptions, async (description) => {
        const { system, properties } = generate(description)
        const brute = bruteForce(system, properties)
        for (const options of [{ reduction: false }, { shortest: true }]) {
          const report = await explore(system, properties, options)
          for (const { kind, title, depth, shortest } of report.findings) {
            if (!isPlain({ kind })) continue
            expect(shortest, `${title} ${JSON.stringify(options)}`).toBe(true)
            expect(depth, `${title} ${JSON.stringify(options)}`).toBe(brute.findings.get(`${kind}: ${title}`))
          }
        }
      }),
      { numRuns: 30 },
    )
  })
})
