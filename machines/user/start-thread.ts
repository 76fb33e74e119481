/** clone, for a thread: it has its maker's rights, and shares everything else. From now on the table is shared, so system calls hold their files. */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'

interface StartThreadInput {
  readonly task: string
  readonly process: string
}

type StartThreadContext = StartThreadInput & { readonly caller: string | null }

type StartThreadEvent =
  | (Heard & { readonly type: 'CALL'; readonly as: string })
  | (Heard & { readonly type: 'ANSWER' | 'SHARED' })

const start = ({ task, process }: StartThreadInput): StartThreadContext => ({ task, process, caller: null })

export const startThread = setup({
  types: {
    context: {} as StartThreadContext,
    events: {} as StartThreadEvent,
    emitted: {} as Said,
    input: {} as StartThreadInput,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    clone: emit(({ context: { process, task }, event }) => {
      assertEvent(event, 'CALL')
      return send(`${process}.process`, 'CLONE', { task, as: event.as })
    }),
    share: emit(({ context: { process, task } }) => send('files', 'SHARE', { task, table: process })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'startThread',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'cloning', actions: ['begin', 'clone'] } } },
    cloning: { on: { ANSWER: 'sharing' } },
    sharing: { entry: 'share', on: { SHARED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
