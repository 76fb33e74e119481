/** One semantics, two engines: recorded live schedules replay in the checker byte for byte, and the other way round. */
import { expect, test } from 'vitest'
import { replay } from '../../explore/index.ts'
import { linesOf, recordLive, replayLive } from '../live/recording.ts'
import { smallCases } from './each.ts'

/** How many seeds each scenario gets; RELOCK_SEEDS=100 for a long night. */
const seeds = Number(process.env['RELOCK_SEEDS'] ?? 4)

test.each(smallCases.map((each, index) => ({ ...each, first: index * seeds + 1 })))(
  '$title: live, explored and live again are the same, from seed $first on',
  ({ scenario, choices, first }) => {
    const world = scenario.world(choices)
    const system = scenario.system(choices)
    for (let seed = first; seed < first + seeds; seed++) {
      const { schedule, lines } = recordLive(world, seed)
      expect(linesOf(replay(system, schedule)), `seed ${seed}`).toEqual(lines)
      expect(replayLive(world, schedule), `seed ${seed}`).toEqual(lines)
    }
  },
)
