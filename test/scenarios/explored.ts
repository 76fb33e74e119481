/** What a complete search of a scenario finds: several tests of a file ask for it, and it is made once. */
import { canonical } from '../../explore/states/canonical.ts'
import { explore } from '../../explore/index.ts'
import type { Report } from '../../explore/outcome/report.ts'
import type { Choices, Scenario } from '../../scenarios/unmap/scenario.ts'

const reports = new Map<string, Promise<Report>>()

export const explored = (scenario: Scenario, choices: Choices): Promise<Report> => {
  const asked = canonical([scenario.name, choices])
  const report = reports.get(asked) ?? explore(scenario.system(choices), scenario.properties(choices))
  reports.set(asked, report)
  return report
}
