/** A scenario of any world: what somebody tells is checked here. */
import { insist } from '../shapes/insist.ts'
import type { Options } from './choices.ts'
import { scenarioOf, type Scenario, type Told } from './told.ts'
import { insistOnExpected, toldShape } from './told-shape.ts'

/** A scenario of any world. Throws a ModelError that names what in it does not fit. */
export function toScenario<const O extends Options>(told: Told<O>): Scenario {
  insist(toldShape, told, 'toScenario()')
  const scenario = scenarioOf(told)
  insistOnExpected('toScenario()', scenario)
  return scenario
}
