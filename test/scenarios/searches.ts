/** Where many searches are made for a report: those of all that a scenario can do are made once for all tests, and the others here. */
import { isDeepStrictEqual } from 'node:util'
import type { Flags } from '../../cli/flags.ts'
import { searched } from '../../cli/searched.ts'
import type { Elsewhere } from '../../cli/threads/elsewhere.ts'
import type { Taken } from '../../explore/outcome/taken.ts'
import { choiceNames } from '../../scenarios/choices.ts'
import { findScenario } from '../../scenarios/index.ts'
import { explored } from './explored.ts'

/** What decides which scenario it is, and how it is told. */
const besides = new Set<string>([...choiceNames, 'tasks', 'choose', 'quiet', 'json', 'ascii', 'all'])
const plain = { strategy: 'breadth', reduction: true, symmetry: true, ignored: 'show' }

const isPlain = (flags: Flags): boolean => {
  const left = Object.entries(flags).filter(([name]) => !besides.has(name))
  return isDeepStrictEqual(Object.fromEntries(left), plain)
}

export const searches: Elsewhere = {
  many: 1,
  search: async ({ name, choices, flags, taken: isWanted }, stop, heard) => {
    const scenario = findScenario(name)!
    if (isPlain(flags) && scenario.inversions === undefined && !isWanted)
      return { report: await explored(scenario, choices), taken: [] }
    const taken: Taken[] = []
    const onTaken = isWanted ? (each: Taken) => taken.push(each) : undefined
    return { report: await searched(scenario, choices, flags, { stop, known() {} }, heard, onTaken), taken }
  },
  outline: async () => undefined,
  end() {},
}
