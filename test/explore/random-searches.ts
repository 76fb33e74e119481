/** Searches of all kinds of systems, with all kinds of options: a seed and dice, and the same search comes of it. */
import fc from 'fast-check'
import type { Dice } from '../../streams/dice.ts'
import { smallCases } from '../scenarios/each.ts'
import { toys } from '../toys/all.ts'
import { descriptions, generate } from '../toys/generated.ts'
import { randomSystems, systemOf } from '../toys/random-systems.ts'
import type { Asked } from './killed.ts'

export const one = <T>(chance: Dice, of: readonly T[]): T => of[chance(of.length)]!

export const systemBy = (seed: number, chance: Dice): Omit<Asked, 'options'> => {
  switch (chance(4)) {
    case 0: {
      const { system, properties } = one(chance, toys)
      return { system, properties }
    }
    case 1:
      return generate(fc.sample(descriptions, { seed, numRuns: 1 })[0]!)
    case 2:
      return systemOf(fc.sample(randomSystems, { seed, numRuns: 1 })[0]!)
    default: {
      const { scenario, choices } = one(chance, smallCases)
      return { system: scenario.system(choices), properties: scenario.properties(choices) }
    }
  }
}

export const searchBy = (seed: number, chance: Dice): Asked => ({
  ...systemBy(seed, chance),
  options: {
    reduction: chance(3) > 0,
    ...(chance(4) === 0 && { stopAtFirst: true }),
    ...(chance(4) === 0 && { ignored: 'fail' as const }),
    within: { ...(chance(5) === 0 && { depth: 4 + chance(20) }), ...(chance(5) === 0 && { states: 10 + chance(200) }) },
  },
})
