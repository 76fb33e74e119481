/** What comes with relock. Read when it is asked for: who explores one story need not wait for the statecharts of all others. */
import type { Scenario } from '../scenarios/unmap/scenario.ts'

export const builtInScenarios = async () => (await import('../scenarios/index.ts')).scenarios
export const machinesStandFor = async () => (await import('../machines/stands-for.ts')).standsFor
export const builtInMachines = async () => (await import('../machines/catalogue.ts')).catalogue

const chapters = [
  async () => (await import('../scenarios/unmap/in-vfio.ts')).vfioScenarios,
  async () => (await import('../scenarios/system-calls/in-system-calls.ts')).systemCallScenarios,
  async () => (await import('../scenarios/device-memory/index.ts')).deviceMemoryScenarios,
  async () => (await import('../scenarios/svm/index.ts')).svmScenarios,
  async () => (await import('../scenarios/iommufd/index.ts')).iommufdScenarios,
  async () => (await import('../scenarios/own-races/index.ts')).ownRaces,
]

/** The scenario of a name, if there is one; no further chapter is read than it stands in. */
export const builtInScenario = async (name: string): Promise<Scenario | undefined> => {
  for (const chapter of chapters) {
    const found = (await chapter()).find((each) => each.name === name)
    if (found) return found
  }
  return undefined
}
