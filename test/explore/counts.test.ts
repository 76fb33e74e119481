import { describe, expect, test } from 'vitest'
import { explore } from '../../explore/index.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { toys } from '../toys/all.ts'
import { tall } from '../toys/ping-pong.ts'
import { twoPhaseCommit, twoPhaseProperties } from '../toys/two-phase-commit.ts'
import { expected, expectHonest, exploreToFinals, outcomeOf } from './compare.ts'

describe('without reduction, a complete search finds exactly what brute force finds', () => {
  test.each(toys)(
    '$system.name: $states states, $steps steps',
    async ({ system, properties, states, steps, bruteForced }) => {
      const brute = bruteForced()
      expect({ states: brute.states, steps: brute.steps }).toEqual({ states, steps })
      const { report, finals } = await exploreToFinals(system, properties, { reduction: false, symmetry: false })
      expect(finals).toEqual([...brute.finals].toSorted())
      expect(report).toMatchObject({ exhaustive: true, reduction: 'off', strategy: 'breadth', states, steps })
      expect(report.stopped).toBeUndefined()
      expect(report.frontier).toEqual(brute.frontier)
      expect(outcomeOf(report)).toEqual(expected(brute))
      expectHonest(system, properties, report, brute)
    },
  )
})

test('TLA+ TwoPhase has 288 states with three resource managers, and so has ours', async () => {
  const report = await explore(twoPhaseCommit(3), twoPhaseProperties, { reduction: false })
  expect(report.states).toBe(288)
})

test('two-phase commit has 4ⁿ + 6ⁿ + 2ⁿ states with n resource managers', async () => {
  for (const count of [1, 2, 3, 4, 5]) {
    const { states } = await explore(twoPhaseCommit(count), twoPhaseProperties, { reduction: false })
    expect(states).toBe(4 ** count + 6 ** count + 2 ** count)
  }
})

test('a system in which nothing is in flight has one state, which is the last', async () => {
  const quiet = { ...twoPhaseCommit(1), start: [] }
  const report = await explore(quiet, twoPhaseProperties, { reduction: false })
  expect(report).toMatchObject({ exhaustive: true, states: 1, steps: 0, depth: 0, frontier: [1] })
  expect(report.properties.find(({ name }) => name === 'decided')).toMatchObject({ verdict: 'violated', depth: 0 })
})

test('more than 65,536 local states and as many steps are told apart', async () => {
  const height = 66_000
  const top = sometimes<{ readonly count: number }>('at the top', ({ count }) => count === height)
  const report = await explore(tall(height), [top], { reduction: false })
  expect(report.states).toBe(height + 2)
  expect(report.depth).toBe(height + 1)
  expect(report.properties[0]).toMatchObject({ verdict: 'seen', depth: height })
})
