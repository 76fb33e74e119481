/**
 * The table of a family: the same claims, told by several stories, under each of its protocols. What is set side by side is a choice that
 * most of the stories have (`protocol`, `unmap`, `profile`); what else is asked for reaches every story that can be told so.
 */
import { columnNames, decided, type ChoiceName, type Choices, type Option } from './choices.ts'
import type { Scenario } from './unmap/scenario.ts'

export interface FamilyTable {
  readonly family: string
  /** The choice whose values are the columns. */
  readonly by: ChoiceName
  readonly columns: readonly string[]
  readonly stories: readonly Scenario[]
}

/** One search of it. */
export interface TableSearch {
  readonly scenario: Scenario
  readonly column: string
  readonly choices: Choices
}

/** The table of a family; undefined when there is no such family, or nothing in it to set side by side. */
export function tableOf(family: string, scenarios: readonly Scenario[]): FamilyTable | undefined {
  const all = scenarios.filter((each) => each.family === family && each.mutantOf === undefined)
  const picked = all.filter(({ inTable }) => inTable)
  const most = picked.length > 0 ? picked : all
  const [by] = columnNames
    .map((name) => ({ name, many: most.filter((story) => optionOf(story, name)).length }))
    .toSorted((a, b) => b.many - a.many)
  if (by === undefined || by.many === 0) return undefined
  const stories = most.filter((story) => optionOf(story, by.name))
  return { family, by: by.name, stories, columns: merged(stories.map((story) => optionOf(story, by.name)!.values)) }
}

export const optionOf = ({ choices: { options } }: Scenario, name: string): Option | undefined =>
  Object.hasOwn(options, name) ? options[name] : undefined

/** One list out of several: what is new goes behind what it follows in its own. */
function merged(lists: readonly (readonly string[])[]): readonly string[] {
  const all: string[] = []
  for (const list of lists)
    for (const [index, value] of list.entries())
      if (!all.includes(value)) all.splice(index === 0 ? 0 : all.indexOf(list[index - 1]!) + 1, 0, value)
  return all
}

/** What has to be searched, story by story. Of what is asked for, a story is told with what it can be told with. */
export const searchesOf = ({ by, stories }: FamilyTable, asked: Partial<Choices>): readonly TableSearch[] =>
  stories.flatMap((scenario) =>
    optionOf(scenario, by)!
      .values.filter((value) => asked[by] === undefined || value === asked[by])
      .map((column) => ({
        scenario,
        column,
        choices: decided(scenario.choices, { ...tellable(scenario, asked), [by]: column }),
      })),
  )

const tellable = (scenario: Scenario, asked: Partial<Choices>): Partial<Choices> => {
  const { least, most } = scenario.choices.tasks
  const can = (name: string, value: unknown): boolean =>
    typeof value === 'number'
      ? value >= least && value <= most
      : (optionOf(scenario, name)?.values.some((each) => each === value) ?? false)
  return Object.fromEntries(Object.entries(asked).filter(([name, value]) => can(name, value)))
}
