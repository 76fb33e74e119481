/** A foreman and workers who do jobs that may fail, each by himself: most of what happens concerns one or two of them. */
import { assign, fromPromise, sendParent, sendTo, setup, type AnyStateMachine } from 'xstate'
import { always, sometimes, system } from '../process/index.ts'

const job = fromPromise(async () => 'done')

const worker = setup({ actors: { job } }).createMachine({
  id: 'worker',
  initial: 'idle',
  states: {
    idle: { on: { GO: 'busy' } },
    busy: {
      invoke: {
        src: 'job',
        id: 'job',
        onDone: { target: 'idle', actions: sendParent({ type: 'DONE' }) },
        onError: 'tired',
      },
      on: { REST: 'idle' },
    },
    tired: { on: { REST: 'idle' } },
  },
})

export const crew = (workers: number) => {
  const all = Array.from({ length: workers }, (_, at) => `w${at + 1}`)
  const foreman = setup({ types: { context: {} as { done: number } }, actors: { worker } }).createMachine({
    id: 'foreman',
    context: { done: 0 },
    invoke: all.map((id) => ({ src: 'worker' as const, id })),
    on: {
      DONE: [
        {
          guard: ({ context }) => context.done === 2,
          actions: [assign({ done: 0 }), sendTo('w1', { type: 'REST' })],
        },
        { actions: assign({ done: ({ context }) => context.done + 1 }) },
      ],
    },
  })
  return system(foreman as unknown as AnyStateMachine, {
    events: all.flatMap((to) => [
      { send: 'GO', to },
      { send: 'REST', to },
    ]),
    answers: { job: { resolves: ['done'], rejects: ['failed'] } },
    ignores: ['GO', 'REST'],
    properties: [
      always('three is never reached', (w) => w.root.context.done < 3),
      sometimes('all are tired', (w) => w.actors('worker').every((each) => each.matches('tired'))),
    ],
  })
}
