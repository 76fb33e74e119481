/** A recorded race, explored: what is possible, what was seen of it, and the run to each. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { toSystem } from '../../actors/running/system.ts'
import { readCases, type Race, type Result } from '../../conform/index.ts'
import { exploreRace, keyOfOutcome, tellRace } from '../../conform/race.ts'
import type { Schedule } from '../../explore/outcome/report.ts'
import { Tables } from '../../explore/states/tables.ts'
import { root } from '../cli/run.ts'

/** A group leaves its container while something is unmapped: three outcomes, all of them seen. */
const race = readCases(join(root, 'test/recordings/kernel-6.1/race.jsonl.gz')).flatMap(({ one }) =>
  one.name === 'race.unset_unmap' && 'outcomes' in one ? [one as Race] : [],
)[0]!

/** What the operations came back with in the run of a schedule. */
function outcomeOf(one: Race, schedule: Schedule): readonly Result[] | undefined {
  const told = tellRace(one, '6.1')
  const system = toSystem(told.world)
  const tables = new Tables(system)
  const state = tables.initial()
  for (const choice of schedule) {
    const lane = tables.enabled(state)[choice]!
    tables.apply(state, lane, tables.entryOf(state, lane)!)
  }
  return told.outcome(
    system.view((id) => {
      const component = tables.indexOf(id)
      return tables.locals[component]![state[component]!]
    }),
  )
}

test('each possible outcome has a run that ends so, and how often it was seen', async () => {
  const { possible, impossible, exhaustive } = await exploreRace(race, '6.1')
  expect({ exhaustive, impossible }).toEqual({ exhaustive: true, impossible: [] })
  expect(possible.map(({ count }) => count).toSorted()).toEqual(race.outcomes.map(({ count }) => count).toSorted())
  for (const { results, schedule } of possible) expect(outcomeOf(race, schedule)).toEqual(results)
  // What a thread came back with says of which operation.
  const waits = race.ops.flatMap(({ op }, index) => (op === 'await' ? [index] : []))
  expect(waits.map((index) => race.ops[possible[0]!.results[index]!.of as number]!.barrier)).toEqual([1, 1])
})

test('what nobody has seen is told as well, each with its run; what cannot be is told apart', async () => {
  const [first] = race.outcomes
  const never = { count: 1, results: first!.results.map(() => ({ ret: -1, err: 'EIO' })) }
  const { possible, impossible } = await exploreRace({ ...race, outcomes: [first!, never] }, '6.1')
  expect(impossible).toEqual([never])
  expect(possible.map(({ count }) => count).toSorted()).toEqual([0, 0, first!.count])
  for (const { results, schedule } of possible) expect(outcomeOf(race, schedule)).toEqual(results)
})

test('a search that was stopped is not called complete', async () => {
  expect(await exploreRace(race, '6.1', { within: { states: 20 } })).toMatchObject({ states: 20, exhaustive: false })
})

test('an outcome is the same whatever the accounting and the log say', () => {
  const key = keyOfOutcome([{ ret: 0 }])
  expect(keyOfOutcome([{ ret: 0, vmlck_kb: 4, kmsg: ['<3>DMAR: x'], unknown: ['val'] }])).toBe(key)
  expect(keyOfOutcome([{ ret: 1 }])).not.toBe(key)
})
