/** Modules of the TLA+ Examples: protocols whose processes send each other messages. */
import { including, lists, named, processes, put, times, upTo, without, world, type World } from './worlds.ts'

type Frame = readonly [bit: number, value: number]

interface Alternating {
  readonly s: number
  readonly sAck: number
  readonly r: number
  readonly sent: number
  readonly received: number
  readonly frames: readonly Frame[]
  readonly acks: readonly number[]
}

/** Lossy queues of `most`: what would make one longer leads out of what TLC keeps; here, it is a step that changes nothing. */
export const alternatingBit = (values: number, most: number): World<Alternating> => {
  const append = <T>(queue: readonly T[], one: T) => (queue.length < most ? [...queue, one] : undefined)
  const sending = (state: Alternating, change: Partial<Alternating>, frame: Frame): Partial<Alternating> => {
    const frames = append(state.frames, frame)
    return frames === undefined ? {} : { ...change, frames }
  }
  const starts = lists(3, upTo(Math.max(2, values)))
    .filter(([bit, a, b]) => bit! < 2 && a! < values && b! < values)
    .map(([bit, sent, received]) => ({
      s: bit!,
      sAck: bit!,
      r: bit!,
      sent: sent!,
      received: received!,
      frames: [],
      acks: [],
    }))
  return world<Alternating>('AlternatingBit', starts, {
    sender: {
      ...named(
        upTo(values).map((d) => [
          `send ${d}`,
          {
            when: ({ s, sAck }: Alternating) => s === sAck,
            do: (state: Alternating) => sending(state, { s: 1 - state.s, sent: d }, [1 - state.s, d]),
          },
        ]),
      ),
      resend: { when: ({ s, sAck }) => s !== sAck, do: (state) => sending(state, {}, [state.s, state.sent]) },
      'hear ack': { when: ({ acks }) => acks.length > 0, do: ({ acks: [first, ...acks] }) => ({ sAck: first!, acks }) },
    },
    receiver: {
      hear: {
        when: ({ frames }) => frames.length > 0,
        do: ({ frames: [first, ...frames] }) => ({ r: first![0], received: first![1], frames }),
      },
      ack: {
        do: ({ acks, r }) => {
          const longer = append(acks, r)
          return longer === undefined ? {} : { acks: longer }
        },
      },
    },
    line: {
      ...named(
        upTo(most).map((at) => [
          `lose frame ${at}`,
          {
            when: ({ frames }: Alternating) => at < frames.length,
            do: ({ frames }: Alternating) => ({ frames: without(frames, at) }),
          },
        ]),
      ),
      ...named(
        upTo(most).map((at) => [
          `lose ack ${at}`,
          {
            when: ({ acks }: Alternating) => at < acks.length,
            do: ({ acks }: Alternating) => ({ acks: without(acks, at) }),
          },
        ]),
      ),
    },
  })
}

type Bits = Omit<Alternating, 'frames' | 'acks'>

/** The same without queues. */
export const alternatingBitCorrect = (values: number): World<Bits> =>
  world<Bits>(
    'ABCorrectness',
    lists(3, upTo(2)).map(([bit, sent, received]) => ({
      s: bit!,
      sAck: bit!,
      r: bit!,
      sent: sent!,
      received: received!,
    })),
    {
      sender: {
        ...named(
          upTo(values).map((d) => [
            `send ${d}`,
            {
              when: ({ s, sAck }: Bits) => s === sAck,
              do: ({ s }: Bits) => ({ s: 1 - s, sent: d }),
            },
          ]),
        ),
        'hear ack': { when: ({ r, sAck }) => r !== sAck, do: ({ r }) => ({ sAck: r }) },
      },
      receiver: { hear: { when: ({ r, s }) => r !== s, do: ({ s, sent }) => ({ r: s, received: sent }) } },
    },
  )

interface Ring {
  readonly initiates: readonly boolean[]
  readonly state: readonly ('candidate' | 'lost' | 'won')[]
  readonly begun: readonly boolean[]
  readonly ids: readonly (readonly number[])[]
}

/** Whoever has the smallest number wins. */
export const changRoberts = (count: number): World<Ring> => {
  const starts = lists(count, [false, true]).map((initiates): Ring => ({
    initiates,
    state: initiates.map((each) => (each ? 'candidate' : 'lost')),
    begun: times(count, false),
    ids: times(count, []),
  }))
  return world<Ring>(
    'ChangRoberts',
    starts,
    processes(count, (n) => {
      const next = (n + 1) % count
      const passed = (ids: Ring['ids'], id: number) => put(ids, next, including(ids[next]!, id))
      return {
        begin: {
          when: ({ begun }) => !begun[n],
          do: ({ begun, initiates, ids }) => ({ begun: put(begun, n, true), ids: initiates[n] ? passed(ids, n) : ids }),
        },
        ...named(
          upTo(count).map((id) => [
            `take ${id}`,
            {
              when: ({ begun, ids }: Ring) => begun[n]! && ids[n]!.includes(id),
              do: ({ state, ids }: Ring) => {
                const left = put(
                  ids,
                  n,
                  ids[n]!.filter((each) => each !== id),
                )
                if (state[n] === 'lost') return { ids: passed(left, id) }
                if (id < n) return { ids: passed(left, id), state: put(state, n, 'lost' as const) }
                return id === n ? { ids: left, state: put(state, n, 'won' as const) } : { ids: left }
              },
            },
          ]),
        ),
      }
    }),
  )
}

interface Clocks {
  readonly clock: readonly number[]
  readonly requests: readonly (readonly number[])[]
  readonly acks: readonly (readonly number[])[]
  readonly inside: readonly number[]
  /** From whom, to whom. */
  readonly lines: readonly (readonly (readonly (readonly [type: 'request' | 'ack' | 'release', clock: number])[])[])[]
}

/** Lamport's queue of requests; clocks above `most` are out of what TLC keeps: here, such steps change nothing. */
export const lamportMutex = (count: number, most: number): World<Clocks> => {
  const others = (p: number) => upTo(count).filter((q) => q !== p)
  const post = (lines: Clocks['lines'], from: number, to: number, message: Clocks['lines'][number][number][number]) =>
    put(lines, from, put(lines[from]!, to, [...lines[from]![to]!, message]))
  const all = (lines: Clocks['lines'], from: number, message: Clocks['lines'][number][number][number]) =>
    others(from).reduce((so, to) => post(so, from, to, message), lines)
  const row = (table: readonly (readonly number[])[], p: number, q: number, value: number) =>
    put(table, p, put(table[p]!, q, value))
  return world<Clocks>(
    'LamportMutex',
    {
      clock: times(count, 1),
      requests: times(count, times(count, 0)),
      acks: times(count, []),
      inside: [],
      lines: times(count, times(count, [])),
    },
    processes(count, (p) => {
      const isFirst = ({ requests }: Clocks) =>
        others(p).every((q) => {
          const [own, other] = [requests[p]![p]!, requests[p]![q]!]
          return other === 0 || own < other || (own === other && p < q)
        })
      return {
        request: {
          when: ({ requests }) => requests[p]![p] === 0,
          do: ({ clock, requests, acks, lines }) => ({
            requests: row(requests, p, p, clock[p]!),
            acks: put(acks, p, [p]),
            lines: all(lines, p, ['request', clock[p]!]),
          }),
        },
        enter: {
          when: (state) => state.acks[p]!.length === count && isFirst(state),
          do: ({ inside }) => ({ inside: including(inside, p) }),
        },
        exit: {
          when: ({ inside }) => inside.includes(p),
          do: ({ inside, requests, acks, lines }) => ({
            inside: inside.filter((each) => each !== p),
            requests: row(requests, p, p, 0),
            acks: put(acks, p, []),
            lines: all(lines, p, ['release', 0]),
          }),
        },
        ...named(
          others(p).map((q) => [
            `hear p${q}`,
            {
              when: ({ lines }: Clocks) => lines[q]![p]!.length > 0,
              do: ({ clock, requests, acks, lines }: Clocks): Partial<Clocks> => {
                const [[type, at], ...rest] = lines[q]![p]! as [readonly ['request' | 'ack' | 'release', number]]
                const left = put(lines, q, put(lines[q]!, p, rest))
                if (type === 'ack') return { acks: put(acks, p, including(acks[p]!, q)), lines: left }
                if (type === 'release') return { requests: row(requests, p, q, 0), lines: left }
                const now = Math.max(clock[p]!, at) + 1
                if (now > most) return {}
                return {
                  clock: put(clock, p, now),
                  requests: row(requests, p, q, at),
                  lines: post(left, p, q, ['ack', 0]),
                }
              },
            },
          ]),
        ),
      }
    }),
  )
}
