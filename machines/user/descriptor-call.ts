/** A call that does nothing but change the descriptor table: dup, eventfd. */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'

export interface DescriptorCallInput {
  readonly task: string
  readonly table: string
  readonly ask: 'DUP' | 'INSTALL'
}

type DescriptorCallContext = DescriptorCallInput & { readonly caller: string | null }

type DescriptorCallEvent =
  | (Heard & { readonly type: 'CALL'; readonly fd?: string; readonly as: string; readonly file?: string })
  | (Heard & { readonly type: 'DUPPED' | 'INSTALLED'; readonly ret: number | string })

const start = ({ task, table, ask }: DescriptorCallInput): DescriptorCallContext => ({ task, table, ask, caller: null })

export const descriptorCall = setup({
  types: {
    context: {} as DescriptorCallContext,
    events: {} as DescriptorCallEvent,
    emitted: {} as Said,
    input: {} as DescriptorCallInput,
  },
  guards: {
    isDup: ({ context }) => context.ask === 'DUP',
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    dup: emit(({ context: { task, table }, event }) => {
      assertEvent(event, 'CALL')
      return send('files', 'DUP', { task, table, fd: event.fd, as: event.as })
    }),
    installEventfd: emit(({ context: { task, table }, event }) => {
      assertEvent(event, 'CALL')
      return send('files', 'INSTALL', { task, table, fd: event.as, file: event.file, kind: 'eventfd', of: event.file })
    }),
    finish: emit(({ context: { caller, task }, event }) => {
      assertEvent(event, ['DUPPED', 'INSTALLED'])
      return send(caller!, 'RETURN', { task, ret: event.ret })
    }),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'descriptorCall',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isDup', target: 'waiting', actions: ['begin', 'dup'] },
          { target: 'waiting', actions: ['begin', 'installEventfd'] },
        ],
      },
    },
    waiting: {
      on: {
        DUPPED: { target: 'idle', actions: ['finish', 'reset'] },
        INSTALLED: { target: 'idle', actions: ['finish', 'reset'] },
      },
    },
  },
})
