/** Searches of what may have orbits: whatever counts once, they come to what brute force does, by runs that are no longer. */
import { expect } from 'vitest'
import { explore } from '../../explore/index.ts'
import type { Property, System } from '../../explore/system.ts'
import { bruteForce } from '../toys/brute-force.ts'
import { expected, expectHonest, exploreToFinals, outcomeOf } from './compare.ts'

/** One in full, and one with symmetry, both without the reduction; a third, with both, is compared as well. */
export async function searchedAsByBruteForce(system: System<any>, properties: readonly Property[]) {
  const brute = bruteForce(system, properties)
  const full = await explore(system, properties, { symmetry: false, reduction: false })
  const { report, finals } = await exploreToFinals(system, properties, { reduction: false })
  expect(finals).toEqual([...brute.finals].toSorted())
  expect(outcomeOf(report)).toEqual(expected(brute))
  expectHonest(system, properties, report, brute)
  const runs = ({ properties: told, findings }: typeof report) => [
    ...told.map(({ schedule }) => schedule),
    ...findings.map(({ title, schedule, shortest }) => [title, schedule, shortest]),
  ]
  expect(runs(report)).toEqual(runs(full))
  const reduced = await exploreToFinals(system, properties, {})
  expect(reduced.finals).toEqual(finals)
  expect(outcomeOf(reduced.report)).toEqual(outcomeOf(full))
  expectHonest(system, properties, reduced.report, brute)
  if (report.symmetry !== 'on') expect(report.states).toBe(full.states)
  return { full, report }
}
