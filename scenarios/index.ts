/** Every built-in scenario, mutants behind the scenario they were made from. */
import { deviceMemoryScenarios } from './device-memory/index.ts'
import { iommufdScenarios } from './iommufd/index.ts'
import { systemCallScenarios } from './system-calls/in-system-calls.ts'
import { vfioScenarios } from './unmap/in-vfio.ts'
import { makeKnown } from './known.ts'
import { ownRaces } from './own-races/index.ts'
import type { Scenario } from './unmap/scenario.ts'
import { svmScenarios } from './svm/index.ts'

export const scenarios: readonly Scenario[] = [
  ...vfioScenarios,
  ...systemCallScenarios,
  ...iommufdScenarios,
  ...deviceMemoryScenarios,
  ...svmScenarios,
  ...ownRaces,
]

makeKnown(scenarios)

export const findScenario = (name: string): Scenario | undefined => scenarios.find((each) => each.name === name)
