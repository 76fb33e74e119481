/** Modules of the TLA+ Examples: whether it is over, found out by nodes and by prisoners. */
import { lists, named, processes, put, times, upTo, world, type Commands, type World } from './worlds.ts'

interface Active {
  readonly active: readonly boolean[]
  readonly detected: boolean
}

const pairs = (count: number): readonly (readonly [number, number])[] =>
  upTo(count).flatMap((i) => upTo(count).map((j) => [i, j] as const))

const isNone = (active: readonly boolean[]): boolean => active.every((each) => !each)
const starts = (count: number): readonly Active[] =>
  lists(count, [false, true]).flatMap((active) => [
    { active, detected: false },
    ...(isNone(active) ? [{ active, detected: true }] : []),
  ])

/** Whoever stops may have it detected at once, where that is another state. */
const stopping = <State extends Active>(i: number, over: (after: State) => boolean): Commands<State> => {
  const after = (state: State): State => ({ ...state, active: put(state.active, i, false) })
  const some = (change: object): Partial<State> => change as Partial<State>
  return {
    [`stop ${i}`]: { when: ({ active }) => active[i]!, do: ({ active }) => some({ active: put(active, i, false) }) },
    [`stop ${i}, seen`]: {
      when: (state) => state.active[i]! && state.detected !== over(after(state)),
      do: (state) => some({ active: put(state.active, i, false), detected: over(after(state)) }),
    },
  }
}

export const syncTermination = (count: number): World<Active> =>
  world<Active>('SyncTerminationDetection', starts(count), {
    nodes: {
      ...Object.assign({}, ...upTo(count).map((i) => stopping<Active>(i, ({ active }) => isNone(active)))),
      ...named(
        pairs(count).map(([i, j]) => [
          `${i} wakes ${j}`,
          {
            when: ({ active }: Active) => active[i]!,
            do: ({ active }: Active) => ({ active: put(active, j, true) }),
          },
        ]),
      ),
      detect: { when: ({ active }) => isNone(active), do: () => ({ detected: true }) },
    },
  })

interface Jail {
  readonly a: boolean
  readonly b: boolean
  readonly count: number
  readonly used: readonly number[]
}

/** Two switches; the first prisoner counts. */
export const prisoners = (count: number): World<Jail> => {
  const others = count - 1
  return world<Jail>(
    'Prisoners',
    lists(2, [false, true]).map(([a, b]) => ({ a: a!, b: b!, count: 0, used: times(others, 0) })),
    {
      counter: { visit: { do: ({ a, b, count: counted }) => (a ? { a: false, count: counted + 1 } : { b: !b }) } },
      ...processes<Jail>(others, (i) => ({
        visit: {
          do: ({ a, b, used }) => (!a && used[i]! < 2 ? { a: true, used: put(used, i, used[i]! + 1) } : { b: !b }),
        },
      })),
    },
  )
}

interface Light {
  readonly on: boolean
  readonly count: number
  readonly announced: boolean
  readonly used: readonly boolean[]
  readonly visited: readonly boolean[]
}

/** One light, off; the first prisoner counts, himself included. */
export const onePrisonersLight = (count: number): World<Light> =>
  world<Light>(
    'Prisoner',
    { on: false, count: 1, announced: false, used: times(count, false), visited: times(count, false) },
    processes(count, (i) => ({
      visit: {
        do: ({ on, count: counted, used, visited }) => {
          const seen = put(visited, i, true)
          if (i > 0) return !on && !used[i] ? { on: true, used: put(used, i, true), visited: seen } : { visited: seen }
          const now = counted + Number(on)
          return { on: false, count: now, announced: now >= count, visited: seen }
        },
      },
    })),
  )
