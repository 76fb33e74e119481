/** Tables of guarded commands: one component that all processes share, components that talk, several starts. */
import { always, eventually, sometimes } from '../../explore/claims/properties.ts'
import { fromCommands } from '../../explore/commands/commands.ts'
import type { Property, System } from '../../explore/system.ts'

interface Counter {
  readonly count: number
  readonly read: readonly (number | null)[]
  readonly done: readonly boolean[]
}

const put = <T>(list: readonly T[], at: number, value: T): readonly T[] =>
  list.map((each, index) => (index === at ? value : each))

/** Two threads that read a counter and write it, with nothing to keep them apart. */
export const tableOfCounter = (): System<{ readonly shared: Counter }> => {
  const thread = (t: number) => ({
    read: {
      when: ({ read, done }: Counter) => read[t] === null && !done[t],
      do: ({ read, count }: Counter) => ({ read: put(read, t, count) }),
    },
    write: {
      when: ({ read }: Counter) => read[t] !== null,
      do: ({ read, done }: Counter) => ({ count: read[t]! + 1, read: put(read, t, null), done: put(done, t, true) }),
    },
  })
  return fromCommands<{ readonly shared: Counter }>({
    name: 'table of a counter',
    components: {
      shared: {
        start: { count: 0, read: [null, null], done: [false, false] },
        processes: { a: thread(0), b: thread(1) },
        mayEnd: ({ done }) => done.every(Boolean),
      },
    },
  })
}

export const tableOfCounterProperties: readonly Property[] = [
  always('both count', (v: { readonly shared: Counter }) => v.shared.count === 2, {
    when: (v: { readonly shared: Counter }) => v.shared.done.every(Boolean),
    finding: 'bug',
  }),
  sometimes('two', (v: { readonly shared: Counter }) => v.shared.count === 2),
  eventually('both end', (v: { readonly shared: Counter }) => v.shared.done.every(Boolean)),
]

interface Asking {
  readonly left: number
  readonly answers: readonly string[]
}

interface Channels {
  readonly one: Asking
  readonly two: Asking
  readonly server: { readonly on: boolean; readonly served: number }
}

/** Clients that ask a server over channels, and a server that may be switched off and on for ever; how much each asks is anybody's choice. */
export const tableOfChannels = (): System<Channels> => {
  const client = {
    start: [
      { left: 1, answers: [] },
      { left: 2, answers: [] },
    ] as readonly Asking[],
    processes: {
      user: {
        ask: {
          when: ({ left }: Asking) => left > 0,
          do: ({ left }: Asking) => ({ left: left - 1 }),
          sends: ({ left }: Asking) => [{ to: 'server', type: 'ASK', left }],
        },
      },
    },
    receives: {
      ANSWER: {
        do: ({ answers }: Asking, { served }: { readonly [field: string]: unknown }) => ({
          answers: [...answers, String(served)],
        }),
      },
    },
    mayEnd: ({ left }: Asking) => left === 0,
  }
  return fromCommands<Channels>({
    name: 'table of channels',
    components: {
      one: client,
      two: client,
      server: {
        start: { on: true, served: 0 },
        processes: { switch: { flip: { do: ({ on }: { readonly on: boolean }) => ({ on: !on }) } } },
        receives: {
          ASK: {
            when: ({ on }) => on,
            do: ({ served }) => ({ served: served + 1 }),
            sends: ({ served }, { from }) => [{ to: from, type: 'ANSWER', served }],
          },
        },
        mayEnd: true,
      },
    },
  })
}

export const tableOfChannelsProperties: readonly Property[] = [
  always('what is served was asked', (v: { readonly server: { readonly served: number } }) => v.server.served <= 4),
  sometimes(
    'all four',
    (v: { readonly one: Asking; readonly two: Asking }) => v.one.answers.length + v.two.answers.length === 4,
  ),
  eventually('somebody is served', (v: { readonly server: { readonly served: number } }) => v.server.served > 0),
]

/** A process that may do one thing or another, which takes the other away. */
export const tableOfChoices = (): System<{ readonly it: { readonly at: number } }> =>
  fromCommands<{ it: { readonly at: number } }>({
    name: 'table of choices',
    components: {
      it: {
        start: { at: 0 },
        processes: {
          p: {
            left: { when: ({ at }) => at === 0, do: () => ({ at: 1 }) },
            right: { when: ({ at }) => at === 0, do: () => ({ at: 2 }) },
          },
          q: { further: { when: ({ at }) => at === 1, do: () => ({ at: 3 }) } },
        },
        mayEnd: ({ at }) => at !== 2,
      },
    },
  })
