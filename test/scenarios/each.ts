/** Every scenario in every protocol it knows, mutants included. */
import { scenarios } from '../../scenarios/index.ts'
import { formOf, formsOf, type Choices, type Scenario } from '../../scenarios/scenario.ts'

export interface Case {
  readonly scenario: Scenario
  readonly choices: Choices
  /** For the names of tests. */
  readonly title: string
}

const titled = (scenario: Scenario, choices: Choices): Case => ({
  scenario,
  choices,
  title: `${scenario.name}, ${formOf(choices)}, ${choices.tasks}`,
})

/** What each scenario says it expects. */
export const expectations = scenarios.flatMap((scenario) =>
  scenario.expected.map((expected) => ({
    ...titled(scenario, {
      ...(expected.unmap && { unmap: expected.unmap }),
      ...(expected.profile && { profile: expected.profile }),
      tasks: expected.tasks ?? scenario.choices.default.tasks,
    }),
    expected,
  })),
)

/** The same scenarios where even the full search, without the reduction, is a matter of a second; one has too many pins for that. */
export const smallCases = scenarios
  .filter(({ name }) => !name.startsWith('pins-meanwhile'))
  .flatMap((scenario) =>
    formsOf(scenario).map((form) => {
      const grows = ['keeps-pinning', 'well-behaved'].some((name) => scenario.name.startsWith(name))
      const { least } = scenario.choices.tasks
      return titled(scenario, { ...form, tasks: grows ? least : scenario.choices.default.tasks })
    }),
  )
