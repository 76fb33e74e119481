/** Two-phase commit as one machine, as one writes it: one participant more is six times the states. */
import { assign, setup } from 'xstate'

type Vote = 'working' | 'prepared' | 'committed' | 'aborted'

interface Protocol {
  readonly participants: readonly Vote[]
  /** Who has said that he is prepared, and of whom the coordinator has heard it. */
  readonly said: readonly boolean[]
  readonly heard: readonly boolean[]
}

type Of = { readonly of: number }

export const twoPhase = (participants: number) =>
  setup({
    types: {
      context: {} as Protocol,
      events: {} as
        | { type: 'COMMIT' | 'ABORT' }
        | ({ type: 'PREPARE' | 'GIVE_UP' | 'HEAR' | 'OBEY_COMMIT' | 'OBEY_ABORT' } & Of),
    },
    guards: {
      isWorking: ({ context, event }) => context.participants[(event as Of).of] === 'working',
      hasSaid: ({ context, event }) => context.said[(event as Of).of] === true,
      allAreHeard: ({ context }) => context.heard.every((each) => each),
    },
    actions: {
      prepare: assign({
        participants: ({ context, event }) => context.participants.with((event as Of).of, 'prepared'),
        said: ({ context, event }) => context.said.with((event as Of).of, true),
      }),
      giveUp: assign({
        participants: ({ context, event }) => context.participants.with((event as Of).of, 'aborted'),
      }),
      hear: assign({ heard: ({ context, event }) => context.heard.with((event as Of).of, true) }),
      commit: assign({
        participants: ({ context, event }) => context.participants.with((event as Of).of, 'committed'),
      }),
    },
  }).createMachine({
    id: 'protocol',
    context: {
      participants: Array.from({ length: participants }, () => 'working'),
      said: Array.from({ length: participants }, () => false),
      heard: Array.from({ length: participants }, () => false),
    },
    initial: 'open',
    on: {
      PREPARE: { guard: 'isWorking', actions: 'prepare' },
      GIVE_UP: { guard: 'isWorking', actions: 'giveUp' },
    },
    states: {
      open: {
        on: {
          HEAR: { guard: 'hasSaid', actions: 'hear' },
          COMMIT: { guard: 'allAreHeard', target: 'committed' },
          ABORT: 'aborted',
        },
      },
      committed: { on: { OBEY_COMMIT: { actions: 'commit' } } },
      aborted: { on: { OBEY_ABORT: { actions: 'giveUp' } } },
    },
  })

export const twoPhaseEvents = (participants: number) => [
  { type: 'COMMIT' as const },
  { type: 'ABORT' as const },
  ...(['PREPARE', 'GIVE_UP', 'HEAR', 'OBEY_COMMIT', 'OBEY_ABORT'] as const).flatMap((type) =>
    Array.from({ length: participants }, (_, of) => ({ type, of })),
  ),
]
