/** States, edges and levels of BEEM's models, as the suite publishes them, and in how many states nothing is possible. */
import { expect, test } from 'vitest'
import { explore } from '../../explore/index.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { cyclicScheduler, readerWriter } from './beem-rendezvous.ts'
import { fischer, mcs, petersonOf, philosophers } from './beem.ts'
import { shortestTo, type World } from './worlds.ts'

const published: readonly (readonly [
  name: string,
  world: World<any>,
  states: number,
  edges: number,
  levels: number,
  ends: number,
])[] = [
  ['phils.1', philosophers(4), 80, 212, 10, 1],
  ['fischer.1', fischer(3), 634, 1_395, 18, 0],
  ['peterson.1', petersonOf(3), 12_498, 33_369, 54, 0],
  ['mcs.1', mcs(3, false), 7_963, 21_503, 49, 0],
  ['mcs.2, which loses a hand-over', mcs(3, true), 1_408, 3_222, 22, 12],
  ['reader_writer.1', readerWriter(7, 9), 2_666, 10_658, 12, 891],
  ['cyclic_scheduler.1', cyclicScheduler(8), 4_606, 20_480, 55, 0],
]

test.each(published)('%s', async (_, world, states, edges, levels, ends) => {
  const finals: unknown[] = []
  const report = await explore(world, [], { reduction: false, shortest: false, onFinal: (final) => finals.push(final) })
  expect(report).toMatchObject({ exhaustive: true, states, steps: edges })
  expect(report.frontier).toHaveLength(levels)
  expect(finals).toHaveLength(ends)
})

test('readers and writers get into the error in seven steps', async () => {
  const failed = sometimes('error', ({ world: { control } }) => control === 'error')
  expect(await shortestTo(readerWriter(7, 9), failed)).toBe(7)
})
