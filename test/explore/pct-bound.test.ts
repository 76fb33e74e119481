/**
 * What PCT promises (Burckhardt et al., ASPLOS 2010): with n threads and k steps, a bug that d of its orderings make is found by a run with a
 * chance of 1/(n·k^(d−1)) at least. Of 1,000 seeds, one run each, as many have to find it, but for three standard deviations.
 */
import { expect, test } from 'vitest'
import { fromCommands, type Command } from '../../explore/commands/commands.ts'
import { explore } from '../../explore/index.ts'
import type { System } from '../../explore/system.ts'

const seeds = 1_000
/** How long a first run is taken to become, which nothing is known of. */
const assumedSteps = 100

type State = Readonly<Record<string, number>>

/** Processes that take one numbered step after another; nothing is possible any more once `bad` is so. */
const inSteps = (name: string, steps: Readonly<Record<string, readonly ((state: State) => State)[]>>): System<any> => {
  const zeros = Object.fromEntries(Object.keys(steps).map((process) => [process, 0]))
  const command = (process: string, at: number, change: (state: State) => State): Command<State> => ({
    when: (state) => state[process] === at && state['bad'] === 0,
    do: (state) => ({ ...change(state), [process]: at + 1 }),
  })
  return fromCommands<{ it: State }>({
    name,
    components: {
      it: {
        start: { ...zeros, bad: 0, x: 0 },
        processes: Object.fromEntries(
          Object.entries(steps).map(([process, changes]) => [
            process,
            Object.fromEntries(changes.map((change, at) => [`step ${at}`, command(process, at, change)])),
          ]),
        ),
        mayEnd: ({ bad }) => bad === 0,
      },
    },
  })
}

const idle = (count: number) => Array.from({ length: count }, () => (): State => ({}))

/** Bad when the last of n goes first. */
const lastFirst = (count: number) =>
  inSteps(
    `the last of ${count} first`,
    Object.fromEntries(
      Array.from({ length: count }, (_, process) => [
        `p${process}`,
        [(state: State): State => (process === count - 1 ? { bad: state['x'] === 0 ? 1 : 0 } : { x: 1 })],
      ]),
    ),
  )

/** Bad when the other looks between two neighbouring steps. */
const window = () =>
  inSteps('a window of one step', {
    a: [...idle(5), () => ({ x: 1 }), () => ({ x: 0 }), ...idle(3)],
    b: [({ x }) => ({ bad: x! }), ...idle(9)],
  })

test.each([
  ['one of two orders', lastFirst(2), 2, 1],
  ['one of four that has to be first', lastFirst(4), 4, 1],
  ['a window of one step', window(), 2, 2],
] as const)('pct finds as often as it promises: %s', async (_, system, threads, depth) => {
  const bound = 1 / (threads * assumedSteps ** (depth - 1))
  let found = 0
  for (let seed = 1; seed <= seeds; seed++) {
    const { findings } = await explore(system, [], { search: { pct: { seed, runs: 1, preemptions: depth - 1 } } })
    if (findings.length > 0) found++
  }
  const spread = Math.sqrt(seeds * bound * (1 - bound))
  expect(found).toBeGreaterThan(0)
  expect(found).toBeGreaterThanOrEqual(seeds * bound - 3 * spread)
})

test('without a preemption the window is never met', async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const { findings } = await explore(window(), [], { search: { pct: { seed, runs: 1, preemptions: 0 } } })
    expect(findings).toEqual([])
  }
})
