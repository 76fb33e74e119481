/** The real XState is the judge: what relock takes a step to be is what actors make of it that nobody holds on to. */
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { dice } from '../../streams/dice.ts'
import { compare } from './real.ts'
import { systems } from './systems.ts'

const schedules = 25
const steps = 12

// XState's development build warns of every event to somebody who has stopped.
beforeAll(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}))

describe('on random schedules relock and XState tell the same, inspection events and all:', () => {
  test.each(Object.keys(systems))('%s', async (name) => {
    let compared = 0
    for (let seed = 1; seed <= schedules; seed++) {
      const outcome = await compare(systems[name]!, dice(seed), steps)
      if (typeof outcome !== 'number')
        expect({ seed, ...outcome }).toEqual({ seed, ...outcome, relock: outcome.xstate })
      else compared += outcome
    }
    expect(compared).toBeGreaterThan(schedules)
  })
})
