/** Stateright's examples over shared variables (stateright 0.31, `examples/` and its tests), told again as tables. */
import { alike, named, processes, put, times, upTo, world, type World } from './worlds.ts'

type Manager = 'working' | 'prepared' | 'committed' | 'aborted'

export interface TwoPhase {
  readonly managers: readonly Manager[]
  readonly decision: 'none' | 'commit' | 'abort'
  /** Whom the transaction manager knows to be prepared. */
  readonly known: readonly boolean[]
  /** What was ever said, and stays said. */
  readonly said: { readonly prepared: readonly boolean[]; readonly commit: boolean; readonly abort: boolean }
}

/** Gray and Lamport's two-phase commit, as their TLA+ module TwoPhase has it, too. */
export const twoPhase = (count: number): World<TwoPhase> =>
  world<TwoPhase>(
    `two-phase commit ${count}`,
    {
      managers: times(count, 'working'),
      decision: 'none',
      known: times(count, false),
      said: { prepared: times(count, false), commit: false, abort: false },
    },
    {
      tm: {
        commit: {
          when: ({ decision, known }) => decision === 'none' && known.every(Boolean),
          do: ({ said }) => ({ decision: 'commit', said: { ...said, commit: true } }),
        },
        abort: {
          when: ({ decision }) => decision === 'none',
          do: ({ said }) => ({ decision: 'abort', said: { ...said, abort: true } }),
        },
        ...named(
          upTo(count).map((rm) => [
            `hears p${rm}`,
            {
              when: ({ decision, said }: TwoPhase) => decision === 'none' && said.prepared[rm]!,
              do: ({ known }: TwoPhase) => ({ known: put(known, rm, true) }),
            },
          ]),
        ),
      },
      ...processes<TwoPhase>(count, (rm) => {
        const becomes =
          (state: Manager) =>
          ({ managers }: TwoPhase) => ({ managers: put(managers, rm, state) })
        return {
          prepare: {
            when: ({ managers }) => managers[rm] === 'working',
            do: ({ managers, said }) => ({
              managers: put(managers, rm, 'prepared'),
              said: { ...said, prepared: put(said.prepared, rm, true) },
            }),
          },
          'give up': { when: ({ managers }) => managers[rm] === 'working', do: becomes('aborted') },
          'hear commit': { when: ({ said }) => said.commit, do: becomes('committed') },
          'hear abort': { when: ({ said }) => said.abort, do: becomes('aborted') },
        }
      }),
    },
    count > 1 ? alike(count, { lists: ['managers', 'known', 'said.prepared'] }) : undefined,
  )

export interface Increment {
  readonly count: number
  readonly threads: readonly { readonly at: 'read' | 'write' | 'done'; readonly read: number }[]
}

/** A counter that each thread reads and then writes. */
export const increment = (count: number): World<Increment> =>
  world<Increment>(
    `increment ${count}`,
    { count: 0, threads: times(count, { at: 'read', read: 0 }) },
    processes(count, (t) => ({
      read: {
        when: ({ threads }) => threads[t]!.at === 'read',
        do: (state) => ({ threads: put(state.threads, t, { at: 'write', read: state.count }) }),
      },
      write: {
        when: ({ threads }) => threads[t]!.at === 'write',
        do: ({ threads }) => ({
          count: threads[t]!.read + 1,
          threads: put(threads, t, { ...threads[t]!, at: 'done' }),
        }),
      },
    })),
    count > 1 ? alike(count, { lists: ['threads'] }) : undefined,
  )

interface Locked {
  readonly count: number
  readonly locked: boolean
  readonly threads: readonly { readonly at: number; readonly read: number }[]
}

/** The same with a lock around it: take, read, write, release. */
export const incrementLock = (count: number): World<Locked> => {
  const at = (t: number, point: number) => (state: Locked) => state.threads[t]!.at === point
  const onward = ({ threads }: Locked, t: number, read = threads[t]!.read) => ({
    threads: put(threads, t, { at: threads[t]!.at + 1, read }),
  })
  return world<Locked>(
    `increment with a lock ${count}`,
    { count: 0, locked: false, threads: times(count, { at: 0, read: 0 }) },
    processes(count, (t) => ({
      take: {
        when: (state) => at(t, 0)(state) && !state.locked,
        do: (state) => ({ ...onward(state, t), locked: true }),
      },
      read: { when: at(t, 1), do: (state) => onward(state, t, state.count) },
      write: { when: at(t, 2), do: (state) => ({ ...onward(state, t), count: state.threads[t]!.read + 1 }) },
      release: { when: at(t, 3), do: (state) => ({ ...onward(state, t), locked: false }) },
    })),
    count > 1 ? alike(count, { lists: ['threads'] }) : undefined,
  )
}

/** Bytes x and y, counted up one at a time; sought is 2x + 10y = 14, modulo 256. */
export const linearEquation = (): World<{ readonly x: number; readonly y: number }> =>
  world(
    'linear equation',
    { x: 0, y: 0 },
    {
      x: { up: { do: ({ x }) => ({ x: (x + 1) % 256 }) } },
      y: { up: { do: ({ y }) => ({ y: (y + 1) % 256 }) } },
    },
  )
