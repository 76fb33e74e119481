/** Every scenario in every protocol it knows, mutants included. */
import { scenarios } from '../../scenarios/index.ts'
import { choiceNames, decided, formOf, formsOf, knownChoices } from '../../scenarios/choices.ts'
import type { Choices, Scenario } from '../../scenarios/unmap/scenario.ts'

export interface Case {
  readonly scenario: Scenario
  readonly choices: Choices
  /** For the names of tests. */
  readonly title: string
}

/** What was chosen beside the form. */
const others = (choices: Choices): readonly string[] =>
  choiceNames.filter((name) => !knownChoices[name].form).flatMap((name) => choices[name] ?? [])

const titled = (scenario: Scenario, choices: Choices): Case => ({
  scenario,
  choices,
  title: [scenario.name, formOf(choices), ...others(choices), choices.tasks].join(', '),
})

/** What each scenario says it expects. */
export const expectations = scenarios.flatMap((scenario) =>
  scenario.expected.map((expected) => ({ ...titled(scenario, decided(scenario.choices, expected)), expected })),
)

const grows = ['keeps-pinning', 'well-behaved']

/** Each form of a scenario; of those told in many more forms than they are about, those that they say something of. */
const formsToTry = (scenario: Scenario): readonly Choices[] =>
  scenario.choices.options.protocol
    ? scenario.expected.filter(({ states }) => states <= 400).map((expected) => decided(scenario.choices, expected))
    : formsOf(scenario).map((form) => {
        const fewest = grows.some((name) => scenario.name.startsWith(name)) && { tasks: scenario.choices.tasks.least }
        return decided(scenario.choices, { ...form, ...fewest })
      })

/** The same scenarios where even the full search, without the reduction, is a matter of a second; one has too many pins for that. */
export const smallCases = scenarios
  .filter(({ name }) => !name.startsWith('pins-meanwhile'))
  .flatMap((scenario) => formsToTry(scenario).map((choices) => titled(scenario, choices)))
