/** What was typed as a scenario: a built-in one, a file of the user's, a race among cases; and what was chosen for it. */
import { existsSync, statSync } from 'node:fs'
import { parseSubject, printSubject, type Chosen } from '../report/address.ts'
import { about } from '../report/blame.ts'
import * as errors from '../report/errors.ts'
import { runFileOf } from '../report/save.ts'
import {
  asOption,
  decided,
  inOrder as namesInOrder,
  knownChoices,
  whatOf,
  type Choices,
  type Option,
} from '../scenarios/choices.ts'
import type { Scenario } from '../scenarios/unmap/scenario.ts'
import { families, isFamily, storiesOf } from '../scenarios/families.ts'
import { optionOf } from '../scenarios/table.ts'
import { builtInScenario, builtInScenarios } from './built-in.ts'
import type { Desk } from './desk.ts'
import type { Flags } from './flags.ts'
import { bytesOf } from './memory.ts'
import { ownScenario } from './own.ts'

export const isPath = (name: string): boolean => /^[./~]|\.[cm]?[jt]s$/.test(name)

/** A file that is there, but no program. */
const isOtherFile = (name: string): boolean =>
  !/\.[cm]?[jt]s$/.test(name) && existsSync(name) && statSync(name).isFile()

const familyNames = Object.keys(families)
const takesFamilies = new Set(['compare', 'explore', 'list'])

const nameOf = ({ name }: Scenario): string => name

export const scenarioNamed = async (
  name: string,
  desk: Desk,
  { command = 'explore', ms }: { readonly command?: string; readonly ms?: number | undefined } = {},
): Promise<Scenario> => {
  if (name.includes('.jsonl')) {
    const { raceNamed } = await import('./verbs/conforming.ts')
    const race = raceNamed(name)
    if (race) return race
  }
  if (!isPath(name)) {
    const found = await builtInScenario(name)
    if (found) return found
    if (isOtherFile(name)) throw errors.notRead(name)
    const scenarios = await builtInScenarios()
    const family = storiesOf(name, scenarios)?.filter(({ mutantOf }) => mutantOf === undefined)
    if (family) throw errors.onlyAFamily(name, family.map(nameOf), command)
    throw errors.unknownScenario(name, scenarios.map(nameOf), command, takesFamilies.has(command) ? familyNames : [])
  }
  if (isOtherFile(name)) throw errors.notRead(name)
  return about(name, () => ownScenario(name, desk, ms))
}

/** Choices as addresses print them. */
export const inOrder = (chosen: Chosen): Chosen =>
  Object.fromEntries(namesInOrder(Object.keys(chosen)).map((name) => [name, chosen[name]]))

/** What was chosen by options, those of `--choose` among them. */
const flagged = ({ choose = {}, ...flags }: Flags): Chosen => {
  const known = Object.entries(flags).filter(([name]) => Object.hasOwn(knownChoices, name) || name === 'tasks')
  return { ...choose, ...(Object.fromEntries(known) as Chosen) }
}

/** What was asked of several stories, if any of them can be told so; `command` is what is tried instead. */
export const checked = (
  command: string,
  stories: readonly Scenario[],
  { tasks, ...words }: Chosen,
): Partial<Choices> => {
  const ranges = stories.map(({ choices }) => choices.tasks)
  const range = {
    least: Math.min(...ranges.map(({ least }) => least)),
    most: Math.max(...ranges.map(({ most }) => most)),
  }
  const name = command.slice(command.indexOf(' ') + 1)
  for (const [option, given] of Object.entries(words)) {
    const value = String(given)
    const known = [...new Set(stories.flatMap((story) => optionOf(story, option)?.values ?? []))]
    if (option === 'memory' && bytesOf(value) > 0 && !known.includes(value))
      throw errors.memoryIsNoBound(value, command)
    if (known.length === 0) {
      const has = namesInOrder(stories.flatMap(({ choices }) => Object.keys(choices.options)))
      const names = [...new Set([...has, ...(range.most > range.least ? ['tasks'] : [])])]
      throw errors.nothingToChoose(option, command, names, asOption)
    }
    if (!known.includes(value))
      throw errors.unknownValue(whatOf(option), value, command, known, (guess) => asOption(option, guess))
  }
  if (tasks !== undefined && !ranges.some(({ least, most }) => Number(tasks) >= least && Number(tasks) <= most))
    throw errors.wrongTasks(`${tasks}`, name, range, command)
  return { ...words, ...(tasks !== undefined && { tasks: Number(tasks) }) }
}

/** What was asked for, if this scenario has it; its defaults where nothing was. */
export const chosen = (name: string, scenario: Scenario, asked: Chosen): Choices => {
  const { tasks: _, ...words } = checked(`explore ${name}`, [scenario], asked)
  const choices = decided(scenario.choices, asked)
  const idle = Object.keys(words).find((option) => !(option in choices))
  if (idle === undefined) return choices
  const { only = {} } = optionOf(scenario, idle)!
  throw errors.notWithThese(idle, name, printSubject(name, choices), only, asOption)
}

/** Of a race among cases the file is what stands before its name. */
const isFile = (scenario: string): boolean => existsSync(scenario.replace(/#[^#]*$/, ''))

/** The address of a run, or one that was kept, where a scenario is asked for. */
export const isRun = (typed: string): boolean =>
  existsSync(typed) && !isFolder(typed)
    ? typed.endsWith('.trace.json')
    : /@\w+:[\dx.]*$/.test(typed) || runFileOf(typed) !== undefined

const isFolder = (path: string): boolean => statSync(path).isDirectory()

/** `name,unmap=…` as a verdict line has it, and options, which win over it. */
export const asked = (typed: string, flags: Flags): { readonly name: string; readonly asked: Chosen } => {
  if (isRun(typed)) throw errors.aRunInstead(typed)
  const { scenario: name, choices } = existsSync(typed) ? { scenario: typed, choices: {} } : parseSubject(typed, isFile)
  return { name, asked: inOrder({ ...choices, ...flagged(flags) }) }
}

export interface Subject {
  readonly name: string
  readonly scenario: Scenario
  readonly choices: Choices
}

/** The stories of a family, each with what was asked for. */
export interface Family {
  readonly title: string
  readonly subjects: readonly Subject[]
  /** Those that cannot be told so. */
  readonly left: readonly string[]
}

/** The family that was typed behind `explore`, without its mutants; undefined: it is none. */
export const familyOf = async (typed: string, flags: Flags): Promise<Family | undefined> => {
  const { name, asked: wanted } = asked(typed, flags)
  if (!isFamily(name)) return undefined
  const stories = storiesOf(name, await builtInScenarios())!.filter(({ mutantOf }) => mutantOf === undefined)
  const these = checked(`explore ${name}`, stories, wanted)
  const [told, left] = [
    stories.filter((story) => isTellable(story, these)),
    stories.filter((story) => !isTellable(story, these)),
  ]
  return {
    title: printSubject(name, these),
    subjects: told.map((scenario) => ({ name: scenario.name, scenario, choices: decided(scenario.choices, these) })),
    left: left.map(nameOf),
  }
}

/** Whether all that is asked for can be chosen for it. */
const isTellable = ({ choices }: Scenario, asked: Partial<Choices>): boolean => {
  const { tasks = choices.default.tasks, ...words } = asked
  const so = decided(choices, asked)
  const isAllowed = tasks >= choices.tasks.least && tasks <= choices.tasks.most
  return (
    isAllowed &&
    Object.entries(words).every(([name, value]) => so[name] === value && hasValue(choices.options[name], value))
  )
}

const hasValue = (option: Option | undefined, value: unknown): boolean =>
  option?.values.some((each) => each === value) ?? false

/** A scenario and the choices for it, from what was typed behind a verb. */
export const subjectOf = async (
  typed: string,
  flags: Flags,
  desk: Desk,
  command: 'explore' | 'show' | 'lockdep' | 'watch' | 'walk',
): Promise<Subject> => {
  const { name, asked: wanted } = asked(typed, flags)
  const scenario = await scenarioNamed(name, desk, { command, ms: flags.ms })
  return { name, scenario, choices: chosen(name, scenario, wanted) }
}
