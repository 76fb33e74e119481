/**
 * A system call as a procedure makes it: what it is asked with is known beforehand, since descriptors and buffers have names. Whoever calls gets
 * back what the kernel returned.
 */
import { assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'

interface AskedCallInput {
  readonly task: string
  /** Who makes system calls of this thread, and what is asked. */
  readonly to: string
  readonly args: Readonly<Record<string, unknown>>
}

interface AskedCallContext extends AskedCallInput {
  readonly caller: string | null
}

export const askedCall = setup({
  types: {
    context: {} as AskedCallContext,
    events: {} as Heard & { readonly type: 'CALL' | 'RETURN' },
    emitted: {} as Said,
    input: {} as AskedCallInput,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    ask: emit(({ context: { task, to, args } }) => send(to, 'CALL', { ...args, task })),
    pass: emit(({ context: { task, caller }, event: { type: _type, from: _from, task: _task, ...returned } }) =>
      send(caller!, 'RETURN', { ...returned, task }),
    ),
    end: assign({ caller: null }),
  },
}).createMachine({
  id: 'askedCall',
  context: ({ input }) => ({ ...input, caller: null }),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'calling', actions: ['begin', 'ask'] } } },
    calling: { on: { RETURN: { target: 'idle', actions: ['pass', 'end'] } } },
  },
})
