/** Scenario files of one's own, with slips in what they describe and in what their properties answer. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { atDesk, type Outcome } from '../../cli/at-desk.ts'
import type { Attempt, Door } from '../attempt.ts'
import { changeIn, type Chance } from '../chance.ts'
import { isKnownField, story, worlds } from '../stories.ts'

const answers = [
  'w.finished',
  'w.mappings().length',
  'undefined',
  'null',
  'Promise.resolve(true)',
  '"yes"',
  'w.mapped(0x1000, "nobody")',
  'w.task("nobody").finished',
  'w.nothing.at.all',
  '(() => { throw null })()',
  '(() => { throw "a word" })()',
  '(() => { throw new Error("mine") })()',
]

/** Answers that say yes or no. */
const sound = answers.slice(0, 1)

const source = (told: object, world: object, answer: string): string => `import { always, scenario } from 'relock'
export default scenario({
  ...${JSON.stringify(told)},
  describe: () => (${JSON.stringify(world)}),
  properties: [always('it holds', (w) => ${answer})],
})
`

export const scenarioFilesDoor: Door = {
  name: 'scenario files',
  attempt: (chance: Chance, folder: string): Attempt => {
    const path = join(folder, 'own.mjs')
    const how = chance.upTo(4)
    const answer = how === 0 ? chance.pick(answers) : 'w.finished'
    const changed = how === 0 ? undefined : changeIn(chance, how === 1 ? story : worlds.vfio)
    const told = how === 1 ? changed!.value : story
    const world = how > 1 ? changed!.value : worlds.vfio
    writeFileSync(path, source(told as object, world as object, answer))
    const known = changed && isKnownField(changed.at)
    const mustFail = (changed?.what === 'misspelt' && known) || (how === 0 && !sound.includes(answer))
    return {
      said: changed
        ? `a scenario file with ${changed.what} ${changed.at.join('.')}: ${JSON.stringify(changed.value)}`
        : `a property that answers ${answer}`,
      ask: () => atDesk(['explore', path, '--states', '80', '--ms', '5000', '--quiet']),
      fits: (result) => named(result) ?? (mustFail && result.code !== 2 ? 'it is accepted' : undefined),
    }
  },
}

const named = ({ code, err }: Outcome): string | undefined =>
  code !== 2 || /own\.mjs/.test(err) ? undefined : 'the file is not named'
