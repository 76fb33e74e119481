/** Systems put together by chance: on random schedules relock and XState tell the same, inspection events and all. */
import { beforeAll, expect, test, vi } from 'vitest'
import { dice } from '../../streams/dice.ts'
import { generated } from './generated.ts'
import { compare } from './real.ts'

// XState's development build warns of every event to somebody who has stopped.
beforeAll(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}))

const systems = 200
const schedules = 10
const steps = 12

test(`${systems} systems, ${schedules} schedules of each`, async () => {
  let compared = 0
  for (let seed = 1; seed <= systems; seed++) {
    for (let schedule = 1; schedule <= schedules; schedule++) {
      const outcome = await compare(generated(seed), dice(seed * 1000 + schedule), steps)
      const where = { system: seed, schedule }
      if (typeof outcome !== 'number')
        expect({ ...where, ...outcome }).toEqual({ ...where, ...outcome, relock: outcome.xstate })
      else compared += outcome
    }
  }
  // Runs end early where something fails or comes to no end; most do not.
  expect(compared).toBeGreaterThan(5 * systems * schedules)
})
