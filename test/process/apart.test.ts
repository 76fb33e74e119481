/** Systems put together by chance, whose actors live apart: real ones that nobody puts back come to the same, whatever happens on the way. */
import { expect, test } from 'vitest'
import { explore, system, type Outside } from '../../process/index.ts'
import { bodies } from './bodies.ts'
import { generated } from './generated.ts'
import { systems } from './systems.ts'

const lanes: Outside['lanes'] = [{ loses: true, doubles: 1, reorders: true }]
const within = { states: 60 }

test.each([26, 3, 12, 20, 29, 34, 40, 47])('system %i', async (seed) => {
  const { logic, outside } = generated(seed)
  const network = { ...outside, semantics: 'network', ...(seed % 2 === 1 && { lanes }) } as const
  const { states } = await explore(system(logic(bodies()), network), [], { within })
  expect(states).toBeGreaterThan(0)
})

test.each(Object.keys(systems))('%s', async (name) => {
  const { logic, outside } = systems[name]!
  const { states } = await explore(system(logic(bodies()), { ...outside, semantics: 'network', lanes }), [], { within })
  expect(states).toBeGreaterThan(0)
})
