/** What the reduction rests on is not believed, though only other orders than those it looks at show that it is false. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../explore/index.ts'
import type { Memory } from '../../explore/system.ts'
import { bruteForce } from '../toys/brute-force.ts'
import { closed } from '../toys/closed.ts'
import { falseClaims, heap } from '../toys/false-claims.ts'
import { thread } from '../toys/thread.ts'
import { expected, expectHonest, exploreToFinals, outcomeOf } from './compare.ts'

describe('a claim that only some orders show to be false hides nothing', () => {
  test.each(falseClaims)('$system.name', async ({ system, reduction }) => {
    const brute = bruteForce(system)
    const full = await exploreToFinals(system, [], { reduction: false })
    expect(outcomeOf(full.report)).toEqual(expected(brute))
    const { report, finals } = await exploreToFinals(system, [], {})
    expect(report.exhaustive).toBe(true)
    expect(outcomeOf(report)).toEqual(expected(brute))
    expect(finals).toEqual([...brute.finals].toSorted())
    expectHonest(system, [], report, brute)
    if (reduction === 'on') expect(report.reduction).toBe('on')
    else expect(report.reduction).toEqual({ off: expect.stringMatching(reduction) })
  })
})

test.each<[string, (count: number) => readonly Memory[], number]>([
  ['an allocation is another one in another order', (n) => [alloc(`page${n}`)], 4],
  ['a use may come in any order', (n) => [{ ...alloc(`page${n}`), act: 'use' }], 1],
])('%s', async (_, says, states) => {
  const system = closed('heap', 'h1', [
    ...['t0', 't1'].map((id) => thread(id, [{ to: 'heap', type: 'ALLOC' }])),
    heap(says),
  ])
  const report = await explore(system, [], { symmetry: false })
  expect([report.reduction, report.states]).toEqual(['on', states])
})

const alloc = (object: string): Memory => ({ act: 'alloc', object, cache: 'page', live: true })
