/** XState as few write it: real actors and those that relock holds on to tell the same, and a search of it comes by nothing that they do not. */
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { explore, system, type Outside } from '../../process/index.ts'
import { dice } from '../../streams/dice.ts'
import { bodies } from './bodies.ts'
import { odd } from './odd.ts'
import { odder } from './odder.ts'
import { compare } from './real.ts'

// XState's development build warns of every event to somebody who has stopped.
beforeAll(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}))

const schedules = 15
const steps = 12
const lanes: Outside['lanes'] = [{ loses: 1, doubles: 1, reorders: true }]

describe.each(Object.entries({ ...odd, ...odder }))('%s', (_, { logic, outside }) => {
  test('is told alike, inspection events and all', async () => {
    let compared = 0
    for (let seed = 1; seed <= schedules; seed++) {
      const outcome = await compare({ logic, ...(outside && { outside }) }, dice(seed), steps)
      if (typeof outcome !== 'number')
        expect({ seed, ...outcome }).toEqual({ seed, ...outcome, relock: outcome.xstate })
      else compared += outcome
    }
    // What fails at the start has no steps.
    expect(compared > schedules || compared === 0).toBe(true)
  })

  test.each<Outside>([{ clock: 'order' }, { clock: 'any' }, { semantics: 'network', lanes }])(
    'is searched, every step that is new beside real actors: %j',
    async (how) => {
      const { states } = await explore(system(logic(bodies()), { ...outside, ...how }), [], { within: { states: 150 } })
      expect(states).toBeGreaterThan(0)
    },
  )
})
