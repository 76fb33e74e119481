/**
 * exit: one thread ends, and lets go of what it shared with the others; the last one takes the process with it. Whoever kept a pointer to the
 * thread finds it without memory from now on (`task->mm`).
 *
 * Source: kernel/exit.c, do_exit: exit_mm, exit_files.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'

interface ExitThreadInput {
  readonly task: string
  readonly process: string
}

type ExitThreadContext = ExitThreadInput & { readonly caller: string | null }

type ExitThreadEvent =
  | (Heard & { readonly type: 'CALL' | 'UNSHARED' })
  | (Heard & { readonly type: 'LEFT'; readonly last: boolean })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })

const start = ({ task, process }: ExitThreadInput): ExitThreadContext => ({ task, process, caller: null })

export const exitThread = setup({
  types: {
    context: {} as ExitThreadContext,
    events: {} as ExitThreadEvent,
    emitted: {} as Said,
    input: {} as ExitThreadInput,
  },
  guards: {
    isLast: ({ event }) => event.type === 'LEFT' && event.last,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    leave: emit(({ context: { process, task } }) => send(`${process}.process`, 'EXIT_THREAD', { task })),
    unshare: emit(({ context: { process, task } }) => send('files', 'UNSHARE', { task, table: process })),
    exit: emit(({ context: { task } }) => send(`${task}.exit`, 'CALL', { task })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    pass: emit(({ context: { caller, task }, event }) => {
      assertEvent(event, 'RETURN')
      return send(caller!, 'RETURN', { task, ret: event.ret })
    }),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'exitThread',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'leaving', actions: 'begin' } } },
    leaving: { entry: 'leave', on: { LEFT: [{ guard: 'isLast', target: 'exiting' }, { target: 'unsharing' }] } },
    unsharing: { entry: 'unshare', on: { UNSHARED: { target: 'idle', actions: ['finish', 'reset'] } } },
    exiting: { entry: 'exit', on: { RETURN: { target: 'idle', actions: ['pass', 'reset'] } } },
  },
})
