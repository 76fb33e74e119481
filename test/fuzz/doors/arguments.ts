/** What is typed: verbs, names, options and their values, with a slip or two. */
import { atDesk } from '../../cli/at-desk.ts'
import type { Attempt, Door } from '../attempt.ts'
import { oddWords, slipIn, type Chance } from '../chance.ts'

const bounds = ['--states', '60', '--ms', '2000', '--quiet']

/** Worlds of a hundred states at most. */
const names = ['stale-dma', 'first-page-only', 'deaf-driver', 'v1-tail', 'late-pin', 'nobody', 'stale-dma,unmap=gated']

const options = [
  ['--unmap', 'restart'],
  ['--unmap', 'gated'],
  ['--tasks', '2'],
  ['--tasks', '0'],
  ['--strategy', 'random', '--runs', '3'],
  ['--strategy', 'pct', '--runs', '2', '--preemptions', '1', '--seed', '7'],
  ['--seed', '4294967297'],
  ['--depth', '0'],
  ['--depth', '9'],
  ['--ignored', 'fail'],
  ['--no-reduction'],
  ['--stop-at-first'],
  ['--json'],
  ['--ascii'],
  ['--list'],
  ['--all'],
  ['--profile', '6.1'],
  ['--as', 'repaired'],
  ['--choose', 'lock=mutex'],
  ['--help'],
] as const

/** What is refused for itself already. */
const wrong = ['0', '4294967297', 'nobody', 'missing.jsonl', 'stale-dma@0:0']

const searching = ['explore', 'show', 'compare', 'lockdep']

const right = (chance: Chance): string[] => {
  const verb = chance.pick([...searching, ...searching, 'list', 'replay', 'export', 'conform', 'help'])
  const words =
    verb === 'export'
      ? [
          chance.pick(['mermaid', 'dot', 'json', 'scxml', 'smcat']),
          chance.pick(['mutex', 'restart', 'type1', 'stale-dma@0:0']),
        ]
      : verb === 'conform'
        ? ['missing.jsonl']
        : verb === 'list'
          ? []
          : [chance.pick(names)]
  const chosen = Array.from({ length: chance.upTo(3) }, () => chance.pick(options)).flat()
  return [verb, ...words, ...chosen, ...(searching.includes(verb) ? bounds : [])]
}

/** Whatever is slipped in, a search stays small: its bounds are typed once more, unless that would be the slip. */
const attempt = (chance: Chance): Attempt => {
  const words = right(chance)
  const fits: Attempt['fits'][] = []
  if (chance.oneIn(4) && !words.includes('help') && !wrong.some((each) => words.includes(each))) {
    const at = words.findIndex((word) => word.startsWith('--') && word !== '--help')
    if (at >= 0 && !words.includes('--help')) {
      const misspelt = `${words[at]}z`
      words[at] = misspelt
      fits.push(({ code, err }) =>
        code !== 2 ? `${misspelt} is accepted` : err.includes(misspelt) ? undefined : `${misspelt} is not named`,
      )
    }
  } else if (chance.oneIn(2)) {
    const at = chance.upTo(Math.max(1, words.length - bounds.length))
    words[at] = chance.oneIn(2) ? slipIn(chance, words[at]!) : chance.pick(oddWords)
  }
  return {
    said: `relock ${words.map((word) => JSON.stringify(word)).join(' ')}`,
    ask: () => atDesk(words),
    fits: (answer) => fits.map((fit) => fit!(answer)).find((fault) => fault !== undefined),
  }
}

export const argumentsDoor: Door = { name: 'arguments', attempt }
