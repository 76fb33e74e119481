/** What `relock completion` does: what a shell offers behind `relock`, as a script for it; read off the commands themselves. */
import type { Command, Option } from 'commander'
import { profileNames } from '../../machines/profile.ts'
import { bash } from '../../report/completion/bash.ts'
import { fish } from '../../report/completion/fish.ts'
import type { OfferedOption, Place, Verb } from '../../report/completion/words.ts'
import { zsh } from '../../report/completion/zsh.ts'
import { machineFormatNames, runFormatNames } from '../../report/formats/names.ts'
import { choiceNames, isKnown, knownChoices, type ChoiceName } from '../../scenarios/choices.ts'
import { families } from '../../scenarios/families.ts'
import { builtInMachines, builtInScenarios } from '../built-in.ts'
import { strategies } from '../flags.ts'
import { reporterNames } from '../reporters.ts'
import { shells, type Shell } from '../shells.ts'

const scripts: Readonly<Record<Shell, (verbs: readonly Verb[]) => string>> = { bash, zsh, fish }

type Words = Readonly<Record<string, readonly string[]>>

/** What may stand for an argument of a verb, or of an option. */
const wordsFor = async (root: Command): Promise<Words> => {
  const scenarios = await builtInScenarios()
  const names = scenarios.map(({ name }) => name)
  const groups = Object.keys(families)
  const choices = scenarios.flatMap(({ choices: { options } }) =>
    Object.entries(options).flatMap(([name, { values }]) => values.map((value) => ({ name, value }))),
  )
  /** Those that a story has; of a choice that only files of one's own have, all there are. */
  const valuesOf = (option: ChoiceName): readonly string[] => {
    const told = new Set(choices.flatMap(({ name, value }) => (name === option ? [value] : [])))
    return told.size > 0 ? [...told] : knownChoices[option].values
  }
  const machines = Object.keys(await builtInMachines())
  return {
    ...Object.fromEntries(choiceNames.map((name) => [`--${name}`, valuesOf(name)])),
    '--choose': [...new Set(choices.flatMap(({ name, value }) => (isKnown(name) ? [] : [`${name}=${value}`])))],
    '--reporter': reporterNames,
    '--pace': ['step'],
    'conform --profile': profileNames,
    'list words': [...groups, ...names],
    'explore scenario': [...groups, 'all', ...names],
    'swarm scenario': [...groups, 'all', ...names],
    'swarm --strategies': strategies,
    'show scenario': names,
    'walk scenario': names,
    'compare scenario|family': [...groups, ...names],
    'lockdep scenario': names,
    'machines pattern': machines,
    'export format': [...new Set([...machineFormatNames, ...runFormatNames])],
    'export what': machines,
    'completion shell': shells,
    'help command': verbsOf(root).map((verb) => verb.name()),
  }
}

/** Arguments that may be files, besides words. */
const files = ['words', 'scenario', 'scenario|family', 'address', 'path', 'file', 'what']

const verbsOf = (root: Command): readonly Command[] => root.createHelp().visibleCommands(root)

const optionOf = (verb: string, option: Option, known: Words): OfferedOption => {
  const { long, short, description, argChoices, required, optional, flags } = option
  const name = long ?? short!
  const words = argChoices ?? known[`${verb} ${name}`] ?? known[name] ?? []
  const [, argument = ''] = /[<[](.*)[\]>]/.exec(flags) ?? []
  return {
    names: [long, short].filter((each) => typeof each === 'string'),
    about: description,
    ...((required || optional) && { takes: { words, files: argument === 'file', beside: !required } }),
  }
}

const verbOf = (command: Command, known: Words): Verb => {
  const name = command.name()
  return {
    name,
    about: command.description(),
    options: command
      .createHelp()
      .visibleOptions(command)
      .map((option) => optionOf(name, option, known)),
    places: command.registeredArguments.map((argument): Place => {
      const words = known[`${name} ${argument.name()}`] ?? []
      return { words, files: files.includes(argument.name()) }
    }),
    repeats: command.registeredArguments.at(-1)?.variadic ?? false,
  }
}

/** The script, with everything that can be typed. */
export const completed = async (shell: Shell, root: Command): Promise<string> => {
  const known = await wordsFor(root)
  return scripts[shell](verbsOf(root).map((verb) => verbOf(verb, known)))
}
