/** Calls of the library with something in their arguments that is not as it should be. */
import {
  always,
  linux,
  explore,
  replay,
  scenario,
  toScenario,
  type ExploreOptions,
  type LinuxDescription,
  type LinuxView,
} from '../../../index.ts'
import { visible } from '../../../report/words.ts'
import type { Outcome } from '../../cli/at-desk.ts'
import type { Attempt, Door } from '../attempt.ts'
import { changeIn, oddWords, type Chance } from '../chance.ts'
import { exploring, isKnownField, story, worlds } from '../stories.ts'

/** Errors that are made for people. */
const ours = ['ModelError', 'UserError', 'MalformedCase', 'NoCases']

/** The code that the program would end with, had the call been its own. */
const called = async (call: () => unknown): Promise<Outcome> => {
  try {
    await call()
    return { code: 0, out: '', err: '' }
  } catch (error) {
    const { name, message } = error as Error
    const isOurs = ours.includes(name)
    // Nothing is printed here: whoever catches it prints it as he likes.
    return { code: isOurs ? 2 : 4, out: '', err: visible(isOurs ? message : `${name}: ${message}`) }
  }
}

const holds = [always<LinuxView>('nobody is through', (w) => !w.finished)]

const world = linux(worlds.vfio as unknown as LinuxDescription)

/** Each with the arguments that are right for it. */
const calls: readonly { readonly name: string; readonly given: unknown; call(given: never): unknown }[] = [
  ...Object.entries(worlds).map(([name, given]) => ({
    ...{ name, given },
    call: (changed: LinuxDescription) => linux(changed),
  })),
  { name: 'explore', given: exploring, call: (given: ExploreOptions) => explore(world, holds, given) },
  {
    name: 'scenario',
    given: story,
    call: (given: object) => scenario({ ...given, describe: () => worlds.vfio, properties: [] } as never),
  },
  {
    name: 'toScenario',
    given: { name: 'fuzzed', why: 'to be changed', options: { lock: { values: ['window', 'mutex'] } } },
    call: (given: object) => toScenario({ ...given, world: () => world, properties: [] } as never),
  },
]

const attempt = (chance: Chance): Attempt => {
  if (chance.oneIn(8)) {
    const schedule = Array.from({ length: chance.upTo(4) }, () =>
      chance.pick<unknown>([0, 1, 99, -1, 0.5, ...oddWords]),
    )
    return {
      said: `replay(world, ${JSON.stringify(schedule)})`,
      ask: () => called(() => replay(world, schedule as never)),
    }
  }
  const { name, given, call } = chance.pick(calls)
  const { what, at, value } = changeIn(chance, given)
  const mustFail =
    (what === 'misspelt' || what === 'added') &&
    isKnownField(at) &&
    !(name === 'toScenario' && at[0] === 'options' && at.length === 2)
  return {
    said: `${name}(${JSON.stringify(value)}), ${what} ${at.join('.')}`,
    ask: () => called(() => call(value as never)),
    fits: ({ code }) => (mustFail && what === 'misspelt' && code !== 2 ? 'it is accepted' : undefined),
  }
}

export const libraryDoor: Door = { name: 'library calls', attempt }
