/** `relock list`: what there is to explore. */
import type { Command } from 'commander'
import { listDocument, printJson } from '../../report/json.ts'
import { listFamilies, listScenarios, listStories } from '../../report/list.ts'
import { asOption } from '../../scenarios/choices.ts'
import { families, storiesOf } from '../../scenarios/families.ts'
import type { Scenario } from '../../scenarios/unmap/scenario.ts'
import { builtInScenarios } from '../built-in.ts'
import type { Desk } from '../desk.ts'
import { pageOf, withPaper, type Done, type PaperFlags } from '../flags.ts'
import { isPath, scenarioNamed } from '../subject.ts'

/** What one word on the command line stands for. `whole`: a story by its name, which is told with everything. */
interface Picked {
  readonly word: string
  readonly scenarios: readonly Scenario[]
  readonly whole: boolean
}

const pick = async (word: string, desk: Desk): Promise<Picked> => {
  const scenarios = await builtInScenarios()
  const found = scenarios.find(({ name }) => name === word)
  if (found) {
    const mutants = scenarios.filter(({ mutantOf }) => mutantOf === word)
    return { word, scenarios: [found, ...mutants], whole: true }
  }
  const some = isPath(word) ? [] : (storiesOf(word, scenarios) ?? scenarios.filter((each) => isAbout(each, word)))
  if (some.length > 0) return { word, scenarios: some, whole: false }
  const own = await scenarioNamed(word, desk, { command: 'list' })
  return { word, scenarios: [{ ...own, name: word }], whole: true }
}

const isAbout = ({ name, why, source, windows }: Scenario, word: string): boolean =>
  [name, why, source, ...windows].join(' ').toLowerCase().includes(word.toLowerCase())

const list = async (words: readonly string[], flags: PaperFlags, desk: Desk): Promise<number> => {
  const scenarios = await builtInScenarios()
  const picked: Picked[] = []
  for (const word of words) picked.push(await pick(word, desk))
  const page = pageOf(desk.out, desk.env, flags)
  const all = words.length === 0 ? scenarios : picked.flatMap((each) => each.scenarios)
  const told = (): string => {
    if (flags.all) return listScenarios(all, page, asOption)
    if (words.length === 0) return listFamilies(counts(scenarios), page)
    return picked
      .map(({ word, scenarios: some, whole }) =>
        whole ? listScenarios(some, page, asOption) : listStories(word, some, page),
      )
      .join('\n')
  }
  desk.out.write(flags.json ? printJson(listDocument(all)) : told())
  return 0
}

const counts = (scenarios: readonly Scenario[]) =>
  Object.entries(families).map(([name, about]) => {
    const stories = storiesOf(name, scenarios) ?? []
    const mutants = stories.filter(({ mutantOf }) => mutantOf !== undefined).length
    return { name, about, stories: stories.length - mutants, mutants }
  })

export const listCommand = (root: Command, desk: Desk, done: Done): Command =>
  withPaper(
    root
      .command('list [words...]')
      .description('what there is to explore: families, the stories of one, those with a word in them, or one')
      .option('--all', 'all of them, with everything'),
  ).action(async (words: string[], flags: PaperFlags) => done(await list(words, flags, desk)))
