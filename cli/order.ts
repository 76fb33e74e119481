/** `--order 'A before B'`: a scenario of which only such runs are looked at. */
import { ModelError } from '../explore/errors.ts'
import type { Sequence } from '../explore/runs/order.ts'
import * as errors from '../report/errors.ts'
import { inOrderOfCalls } from '../scenarios/order.ts'
import type { Scenario } from '../scenarios/told.ts'

/** The system of this is in the given order. Throws a UserError where it cannot be kept to. */
export function inGivenOrder(scenario: Scenario, given: readonly string[] | undefined): Scenario {
  if (given === undefined) return scenario
  const sequences = given.map(namesIn)
  return {
    ...scenario,
    system(choices) {
      const system = scenario.system(choices)
      try {
        return inOrderOfCalls(system, sequences)
      } catch (cause) {
        throw cause instanceof ModelError ? errors.refusedOrder(cause, given) : cause
      }
    },
  }
}

function namesIn(given: string): Sequence {
  const names = given.split(' before ').map((name) => name.trim())
  if (names.length < 2 || names.includes('')) throw errors.noOrder(given)
  return names
}
