/** A call that does nothing but change the descriptor table: dup, and what makes a file of nothing: eventfd, memfd_create. */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { FileKind } from '../kernel/released.ts'
import { send, type Heard, type Said } from '../say.ts'

export interface DescriptorCallInput {
  readonly task: string
  readonly table: string
  readonly ask: 'DUP' | 'INSTALL'
  /** Of the file that is made: an eventfd, unless it says otherwise. */
  readonly kind?: FileKind
}

type DescriptorCallContext = Required<DescriptorCallInput> & { readonly caller: string | null }

type DescriptorCallEvent =
  | (Heard & { readonly type: 'CALL'; readonly fd?: string; readonly as: string; readonly file?: string })
  | (Heard & { readonly type: 'DUPPED' | 'INSTALLED'; readonly ret: number | string })

const start = ({ task, table, ask, kind = 'eventfd' }: DescriptorCallInput): DescriptorCallContext => ({
  ...{ task, table, ask, kind, caller: null },
})

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
    install: emit(({ context: { task, table, kind }, event }) => {
      assertEvent(event, 'CALL')
      return send('files', 'INSTALL', { task, table, fd: event.as, file: event.file, kind, of: event.file })
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
          { target: 'waiting', actions: ['begin', 'install'] },
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
