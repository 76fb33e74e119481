/** Two-phase commit as a system of actors: a coordinator that gives up waiting, and participants of whom each asks his database. */
import { assign, fromPromise, sendParent, sendTo, setup, type AnyStateMachine } from 'xstate'
import { always, sometimes, system } from '../process/index.ts'

const vote = fromPromise(async () => true)

const participant = setup({ actors: { vote } }).createMachine({
  id: 'participant',
  initial: 'voting',
  states: {
    voting: {
      invoke: {
        src: 'vote',
        id: 'vote',
        onDone: { target: 'prepared', actions: sendParent({ type: 'YES' }) },
        onError: { target: 'aborted', actions: sendParent({ type: 'NO' }) },
      },
    },
    prepared: {},
    aborted: {},
    committed: {},
  },
  on: { COMMIT: '.committed', ABORT: '.aborted' },
})

const all = (participants: number): readonly string[] => Array.from({ length: participants }, (_, at) => `p${at + 1}`)

const coordinator = (participants: number): AnyStateMachine =>
  setup({ types: { context: {} as { yes: number } }, actors: { participant } }).createMachine({
    id: 'coordinator',
    context: { yes: 0 },
    initial: 'collecting',
    invoke: all(participants).map((id) => ({ src: 'participant' as const, id })),
    on: { YES: {}, NO: {} },
    states: {
      collecting: {
        after: { 1000: 'aborted' },
        always: { guard: ({ context }) => context.yes === participants, target: 'committed' },
        on: { YES: { actions: assign({ yes: ({ context }) => context.yes + 1 }) }, NO: 'aborted' },
      },
      committed: { entry: all(participants).map((id) => sendTo(id, { type: 'COMMIT' })) },
      aborted: { entry: all(participants).map((id) => sendTo(id, { type: 'ABORT' })) },
    },
  }) as unknown as AnyStateMachine

export const twoPhaseActors = (participants: number) =>
  system(coordinator(participants), {
    events: [],
    answers: { vote: { resolves: [true], rejects: ['no'] } },
    properties: [
      always('nobody commits while another aborts', (w) => {
        const them = w.actors('participant')
        return !(them.some((each) => each.matches('committed')) && them.some((each) => each.matches('aborted')))
      }),
      sometimes('all commit', (w) => w.actors('participant').every((each) => each.matches('committed'))),
    ],
  })
