/** Modules of the TLA+ Examples, told again as tables: processes that share variables. */
import { including, isEqual, named, processes, put, times, upTo, world, type World } from './worlds.ts'

/** Gray and Lamport's TCommit: managers that see each other. */
export const transactionCommit = (count: number): World<{ readonly rm: readonly string[] }> =>
  world(
    'TCommit',
    { rm: times(count, 'working') },
    processes(count, (r) => ({
      prepare: { when: ({ rm }) => rm[r] === 'working', do: ({ rm }) => ({ rm: put(rm, r, 'prepared') }) },
      commit: {
        when: ({ rm }) => rm[r] === 'prepared' && rm.every((each) => each === 'prepared' || each === 'committed'),
        do: ({ rm }) => ({ rm: put(rm, r, 'committed') }),
      },
      abort: {
        when: ({ rm }) => (rm[r] === 'working' || rm[r] === 'prepared') && !rm.includes('committed'),
        do: ({ rm }) => ({ rm: put(rm, r, 'aborted') }),
      },
    })),
  )

export const handshake = (): World<{ readonly p: number; readonly c: number }> =>
  world(
    'two-phase handshake',
    { p: 0, c: 0 },
    {
      producer: { flip: { when: ({ p, c }) => p === c, do: ({ p }) => ({ p: 1 - p }) } },
      consumer: { flip: { when: ({ p, c }) => p !== c, do: ({ c }) => ({ c: 1 - c }) } },
    },
  )

interface Line {
  readonly value: number
  readonly ready: number
  readonly taken: number
}

const idle = (values: number): readonly Line[] =>
  upTo(values).flatMap((value) => [0, 1].map((bit) => ({ value, ready: bit, taken: bit })))
const isFree = ({ ready, taken }: Line) => ready === taken
const sent = (line: Line, value: number): Line => ({ ...line, value, ready: 1 - line.ready })
const received = (line: Line): Line => ({ ...line, taken: 1 - line.taken })

/** Specifying Systems, chapter 3. */
export const channel = (values: number): World<{ readonly line: Line }> =>
  world(
    'Channel',
    idle(values).map((line) => ({ line })),
    {
      sender: named(
        upTo(values).map((d) => [
          `send ${d}`,
          {
            when: ({ line }: { readonly line: Line }) => isFree(line),
            do: ({ line }: { readonly line: Line }) => ({ line: sent(line, d) }),
          },
        ]),
      ),
      receiver: { receive: { when: ({ line }) => !isFree(line), do: ({ line }) => ({ line: received(line) }) } },
    },
  )

interface Fifo {
  readonly into: Line
  readonly queue: readonly number[]
  readonly out: Line
}

/** Chapter 4. What would make the queue longer than `most` leads out of what TLC keeps: here, a step that changes nothing. */
export const innerFifo = (values: number, most: number): World<Fifo> =>
  world<Fifo>(
    'InnerFIFO',
    idle(values).flatMap((into) => idle(values).map((out) => ({ into, queue: [], out }))),
    {
      sender: named(
        upTo(values).map((d) => [
          `send ${d}`,
          {
            when: ({ into }: Fifo) => isFree(into),
            do: ({ into }: Fifo) => ({ into: sent(into, d) }),
          },
        ]),
      ),
      buffer: {
        receive: {
          when: ({ into }) => !isFree(into),
          do: ({ into, queue }) => (queue.length < most ? { into: received(into), queue: [...queue, into.value] } : {}),
        },
        send: {
          when: ({ queue, out }) => queue.length > 0 && isFree(out),
          do: ({ queue: [first, ...queue], out }) => ({ queue, out: sent(out, first!) }),
        },
      },
      receiver: { receive: { when: ({ out }) => !isFree(out), do: ({ out }) => ({ out: received(out) }) } },
    },
  )

export const hourClock = (): World<{ readonly hour: number }> =>
  world(
    'HourClock',
    upTo(12).map((hour) => ({ hour: hour + 1 })),
    {
      clock: { tick: { do: ({ hour }) => ({ hour: (hour % 12) + 1 }) } },
    },
  )

interface Flags {
  readonly at: readonly number[]
  readonly flag: readonly boolean[]
  readonly turn: number
}

export const peterson = (): World<Flags> =>
  world<Flags>(
    'Peterson',
    { at: [0, 0], flag: [false, false], turn: 0 },
    processes(2, (p) => {
      const step = (
        from: number,
        to: number,
        change: (state: Flags) => Partial<Flags> = () => ({}),
        may: (state: Flags) => boolean = () => true,
      ) => ({
        when: (state: Flags) => state.at[p] === from && may(state),
        do: (state: Flags) => ({ at: put(state.at, p, to), ...change(state) }),
      })
      return {
        try: step(0, 1),
        'raise flag': step(1, 2, ({ flag }) => ({ flag: put(flag, p, true) })),
        'give way': step(2, 3, () => ({ turn: 1 - p })),
        enter: step(3, 4, undefined, ({ flag, turn }) => !flag[1 - p] || turn === p),
        leave: step(4, 5),
        'lower flag': step(5, 0, ({ flag }) => ({ flag: put(flag, p, false) })),
      }
    }),
  )

export const lock = (count: number): World<{ readonly at: readonly number[]; readonly free: boolean }> =>
  world<{ readonly at: readonly number[]; readonly free: boolean }>(
    'Lock',
    { at: times(count, 0), free: true },
    processes(count, (p) => ({
      try: { when: ({ at }) => at[p] === 0, do: ({ at }) => ({ at: put(at, p, 1) }) },
      take: { when: ({ at, free }) => at[p] === 1 && free, do: ({ at }) => ({ at: put(at, p, 2), free: false }) },
      leave: { when: ({ at }) => at[p] === 2, do: ({ at }) => ({ at: put(at, p, 3) }) },
      release: { when: ({ at }) => at[p] === 3, do: ({ at }) => ({ at: put(at, p, 0), free: true }) },
    })),
  )

interface Dinner {
  readonly forks: readonly { readonly of: number; readonly clean: boolean }[]
  readonly hungry: readonly boolean[]
  readonly at: readonly ('loop' | 'think' | 'eat')[]
}

/** Chandy and Misra's: dirty forks are given away, and washed on the way. */
export const hygienicPhilosophers = (count: number): World<Dinner> =>
  world<Dinner>(
    'DiningPhilosophers',
    {
      forks: upTo(count).map((f) => ({ of: f === 1 ? 0 : f, clean: false })),
      hungry: times(count, true),
      at: times(count, 'loop'),
    },
    processes(count, (p) => {
      const [left, right] = [p, (p + 1) % count]
      const neighbours = { [left]: (p + count - 1) % count, [right]: (p + 1) % count }
      return {
        loop: {
          when: ({ at }) => at[p] === 'loop',
          do: ({ forks, hungry, at }) => {
            const dirty = [left, right].find((f) => forks[f]!.of === p && !forks[f]!.clean)
            const given = dirty === undefined ? forks : put(forks, dirty, { of: neighbours[dirty]!, clean: true })
            const canEat = [left, right].every((f) => forks[f]!.of === p && forks[f]!.clean)
            return { forks: given, at: put(at, p, !hungry[p] ? 'think' : canEat ? 'eat' : 'loop') }
          },
        },
        think: {
          when: ({ at }) => at[p] === 'think',
          do: ({ hungry, at }) => ({ hungry: put(hungry, p, true), at: put(at, p, 'loop') }),
        },
        eat: {
          when: ({ at }) => at[p] === 'eat',
          do: ({ forks, hungry, at }) => ({
            forks: [left, right].reduce((so, f) => put(so, f, { of: so[f]!.of, clean: false }), forks),
            hungry: put(hungry, p, false),
            at: put(at, p, 'loop'),
          }),
        },
      }
    }),
  )

interface Desk {
  readonly reading: readonly number[]
  readonly writing: readonly number[]
  readonly queue: readonly { readonly kind: 'read' | 'write'; readonly who: number }[]
}

export const readersWriters = (count: number): World<Desk> =>
  world<Desk>(
    'ReadersWriters',
    { reading: [], writing: [], queue: [] },
    {
      head: {
        read: {
          when: ({ queue: [first], writing }) => first?.kind === 'read' && writing.length === 0,
          do: ({ queue: [first, ...queue], reading }) => ({ queue, reading: including(reading, first!.who) }),
        },
        write: {
          when: ({ queue: [first], reading, writing }) =>
            first?.kind === 'write' && writing.length === 0 && reading.length === 0,
          do: ({ queue: [first, ...queue], writing }) => ({ queue, writing: including(writing, first!.who) }),
        },
      },
      ...processes<Desk>(count, (who) => {
        const ask = (kind: 'read' | 'write') => ({
          when: ({ queue }: Desk) => !queue.some((each) => isEqual(each, { kind, who })),
          do: ({ queue }: Desk) => ({ queue: [...queue, { kind, who }] }),
        })
        return {
          'ask to read': ask('read'),
          'ask to write': ask('write'),
          stop: {
            when: ({ reading, writing }) => reading.includes(who) || writing.includes(who),
            do: ({ reading, writing }) =>
              reading.includes(who)
                ? { reading: reading.filter((each) => each !== who) }
                : { writing: writing.filter((each) => each !== who) },
          },
        }
      }),
    },
  )

export const barrier = (count: number): World<{ readonly at: readonly number[] }> =>
  world<{ readonly at: readonly number[] }>(
    'Barrier',
    { at: times(count, 0) },
    {
      ...processes<{ readonly at: readonly number[] }>(count, (i) => ({
        arrive: { when: ({ at }) => at[i] === 0, do: ({ at }) => ({ at: put(at, i, 1) }) },
      })),
      all: { go: { when: ({ at }) => at.every((each) => each === 1), do: () => ({ at: times(count, 0) }) } },
    },
  )

interface Smokers {
  readonly missing: number | null
  readonly smoking: readonly boolean[]
}

/** Two of three ingredients are offered: one is missing, and whoever has it smokes. */
export const cigaretteSmokers = (): World<Smokers> =>
  world<Smokers>(
    'CigaretteSmokers',
    upTo(3).map((missing) => ({ missing, smoking: times(3, false) })),
    {
      smokers: {
        start: {
          when: ({ missing }) => missing !== null,
          do: ({ missing, smoking }) => ({ missing: null, smoking: put(smoking, missing!, true) }),
        },
      },
      dealer: named(
        upTo(3).map((next) => [
          `offer without ${next}`,
          {
            when: ({ missing }: Smokers) => missing === null,
            do: () => ({ missing: next, smoking: times(3, false) }),
          },
        ]),
      ),
    },
  )

/** x[i] := 1; y[i] := x[i − 1]; over when all have done both. */
export const simple = (
  count: number,
): World<{ readonly at: readonly number[]; readonly x: readonly number[]; readonly y: readonly number[] }> =>
  world<{ readonly at: readonly number[]; readonly x: readonly number[]; readonly y: readonly number[] }>(
    'Simple',
    { at: times(count, 0), x: times(count, 0), y: times(count, 0) },
    {
      ...processes<{ readonly at: readonly number[]; readonly x: readonly number[]; readonly y: readonly number[] }>(
        count,
        (i) => ({
          write: { when: ({ at }) => at[i] === 0, do: ({ at, x }) => ({ at: put(at, i, 1), x: put(x, i, 1) }) },
          read: {
            when: ({ at }) => at[i] === 1,
            do: ({ at, x, y }) => ({ at: put(at, i, 2), y: put(y, i, x[(i + count - 1) % count]!) }),
          },
        }),
      ),
      all: { rest: { when: ({ at }) => at.every((each) => each === 2), do: () => ({}) } },
    },
  )
