/** A command line, from its words to an exit code. */
import { CommanderError } from 'commander'
import * as errors from '../report/errors.ts'
import type { Desk } from './desk.ts'
import { parseSubject } from '../report/address.ts'
import { isFamily } from '../scenarios/families.ts'
import { builtInScenario } from './built-in.ts'
import { program } from './program.ts'
import { tell } from './tell.ts'

/** What `explore` would take: the verb was left out. */
const isToExplore = async (word: string): Promise<boolean> => {
  const { scenario } = parseSubject(word)
  return isFamily(scenario) || (await builtInScenario(scenario)) !== undefined
}

export const run = async (words: readonly string[], desk: Desk): Promise<number> => {
  let code = 0
  const root = program(desk, (answer) => (code = answer))
  try {
    await root.parseAsync(words, { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) return tell(error, desk)
    // Help and version are what was asked for; the rest is a slip.
    if (error.exitCode === 0) return 0
    if (error.code === 'commander.help') return 2
    const verb = words.find((word) => !word.startsWith('-'))
    const about = root.commands.map((each) => each.name()).find((name) => name === verb)
    if (about === undefined && verb !== undefined && (await isToExplore(verb))) return tell(errors.noVerb(verb), desk)
    return tell(errors.wrongUsage(error.message, about), desk)
  }
}
