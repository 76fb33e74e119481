/** Models of the BEEM suite (Pelánek, SPIN 2007), told again as tables: who is let in. */
import { processes, put, times, world, type World } from './worlds.ts'

/** Each takes the fork of his own, then the next one, and puts them back in that order. */
export const philosophers = (
  count: number,
): World<{ readonly at: readonly number[]; readonly forks: readonly boolean[] }> => {
  type State = { readonly at: readonly number[]; readonly forks: readonly boolean[] }
  return world<State>(
    'phils',
    { at: times(count, 0), forks: times(count, true) },
    processes<State>(count, (i) => {
      const next = (i + 1) % count
      const take = (from: number, fork: number) => ({
        when: ({ at, forks }: State) => at[i] === from && forks[fork]!,
        do: ({ at, forks }: State) => ({ at: put(at, i, from + 1), forks: put(forks, fork, false) }),
      })
      const free = (from: number, fork: number) => ({
        when: ({ at }: State) => at[i] === from,
        do: ({ at, forks }: State) => ({ at: put(at, i, (from + 1) % 4), forks: put(forks, fork, true) }),
      })
      return { 'take own': take(0, i), 'take next': take(1, next), 'free own': free(2, i), 'free next': free(3, next) }
    }),
  )
}

interface Timed {
  readonly at: readonly ('ncs' | 'try' | 'wait' | 'cs')[]
  readonly id: number
  readonly t: readonly number[]
}

const never = 255

/** Fischer's mutual exclusion by time: 2 until an attempt has to be made, 3 to wait after it. */
export const fischer = (count: number): World<Timed> =>
  world<Timed>(
    'fischer',
    { at: times(count, 'ncs'), id: 0, t: times(count, never) },
    {
      timer: {
        tick: {
          when: ({ t }) => !t.includes(0),
          do: ({ t }) => ({ t: t.map((each) => (each === never ? each : each - 1)) }),
        },
      },
      ...processes<Timed>(count, (i) => {
        const is = ({ at }: Timed, point: Timed['at'][number]) => at[i] === point
        const timed = ({ at, t }: Timed, point: Timed['at'][number], time: number) => ({
          at: put(at, i, point),
          t: put(t, i, time),
        })
        return {
          try: { when: (state) => is(state, 'ncs') && state.id === 0, do: (state) => timed(state, 'try', 2) },
          claim: { when: (state) => is(state, 'try'), do: (state) => ({ ...timed(state, 'wait', 3), id: i + 1 }) },
          look: { when: (state) => is(state, 'wait') && state.t[i] === 0, do: ({ t }) => ({ t: put(t, i, never) }) },
          enter: {
            when: (state) => is(state, 'wait') && state.t[i] === never && state.id === i + 1,
            do: ({ at }) => ({ at: put(at, i, 'cs') }),
          },
          'give up': {
            when: (state) => is(state, 'wait') && state.t[i] === never && state.id !== i + 1,
            do: ({ at }) => ({ at: put(at, i, 'ncs') }),
          },
          leave: { when: (state) => is(state, 'cs'), do: ({ at }) => ({ at: put(at, i, 'ncs'), id: 0 }) },
        }
      }),
    },
  )

interface Queue {
  readonly at: readonly string[]
  readonly next: readonly number[]
  readonly locked: readonly number[]
  readonly tail: number
  readonly pred: readonly number[]
}

/** Mellor-Crummey and Scott's lock. `lost`: whoever hands over clears its own word instead of the next one's. */
export const mcs = (count: number, lost: boolean): World<Queue> =>
  world<Queue>(
    'mcs',
    { at: times(count, 'ncs'), next: times(count, never), locked: times(count, 0), tail: never, pred: times(count, 0) },
    processes<Queue>(count, (i) => {
      const step = (
        from: string,
        to: string,
        change: (state: Queue) => Partial<Queue> = () => ({}),
        may: (state: Queue) => boolean = () => true,
      ) => ({
        when: (state: Queue) => state.at[i] === from && may(state),
        do: (state: Queue) => ({ at: put(state.at, i, to), ...change(state) }),
      })
      return {
        begin: step('ncs', 'p2', ({ next }) => ({ next: put(next, i, never) })),
        swap: step('p2', 'p3', ({ pred, tail }) => ({ pred: put(pred, i, tail), tail: i })),
        'enter at once': step('p3', 'cs', undefined, ({ pred }) => pred[i] === never),
        queue: step('p3', 'p4', undefined, ({ pred }) => pred[i] !== never),
        lock: step('p4', 'p5', ({ locked }) => ({ locked: put(locked, i, 1) })),
        link: step('p5', 'p6', ({ next, pred }) => ({ next: put(next, pred[i]!, i) })),
        enter: step('p6', 'cs', undefined, ({ locked }) => locked[i] === 0),
        'leave, alone': step('cs', 'p9', undefined, ({ next }) => next[i] === never),
        leave: step('cs', 'p13', undefined, ({ next }) => next[i] !== never),
        end: step(
          'p9',
          'ncs',
          () => ({ tail: never }),
          ({ tail }) => tail === i,
        ),
        'somebody comes': step('p9', 'p10', undefined, ({ tail }) => tail !== i),
        'he is there': step('p10', 'p13', undefined, ({ next }) => next[i] !== never),
        'hand over': step('p13', 'ncs', ({ next, locked }) => ({ locked: put(locked, lost ? i : next[i]!, 0) })),
      }
    }),
  )

interface Tournament {
  readonly at: readonly string[]
  readonly pos: readonly number[]
  readonly step: readonly number[]
  readonly j: readonly number[]
  readonly k: readonly number[]
}

/** Peterson's algorithm for more than two. */
export const petersonOf = (count: number): World<Tournament> =>
  world<Tournament>(
    'peterson',
    { at: times(count, 'ncs'), pos: times(count, 0), step: times(count, 0), j: times(count, 0), k: times(count, 0) },
    processes<Tournament>(count, (i) => {
      const step = (
        from: string,
        to: string,
        change: (state: Tournament) => Partial<Tournament>,
        may: (state: Tournament) => boolean = () => true,
      ) => ({
        when: (state: Tournament) => state.at[i] === from && may(state),
        do: (state: Tournament) => ({ at: put(state.at, i, to), ...change(state) }),
      })
      return {
        begin: step('ncs', 'wait', ({ j }) => ({ j: put(j, i, 1) })),
        climb: step(
          'wait',
          'q2',
          ({ pos, j }) => ({ pos: put(pos, i, j[i]!) }),
          ({ j }) => j[i]! < count,
        ),
        sign: step('q2', 'q3', ({ step: signed, j, k }) => ({ step: put(signed, j[i]! - 1, i), k: put(k, i, 0) })),
        look: step(
          'q3',
          'q3',
          ({ k }) => ({ k: put(k, i, k[i]! + 1) }),
          ({ pos, j, k }) => k[i]! < count && (k[i] === i || pos[k[i]!]! < j[i]!),
        ),
        pass: step(
          'q3',
          'wait',
          ({ j }) => ({ j: put(j, i, j[i]! + 1) }),
          ({ step: signed, j, k }) => signed[j[i]! - 1] !== i || k[i] === count,
        ),
        enter: step(
          'wait',
          'cs',
          () => ({}),
          ({ j }) => j[i] === count,
        ),
        leave: step('cs', 'ncs', ({ pos }) => ({ pos: put(pos, i, 0) })),
      }
    }),
  )
