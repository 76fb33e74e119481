/**
 * execve: the process goes on with other, empty memory; the old one goes with everything that was mapped in it. Descriptors stay open.
 *
 * Source: fs/exec.c, begin_new_exec, exec_mmap. Left out: the program, close-on-exec, what becomes of capabilities (they stay), and that the
 * process's other threads are stopped first: they go at once, wherever they are.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'

interface ExecInput {
  readonly task: string
  readonly process: string
}

type ExecContext = ExecInput & { readonly caller: string | null; readonly put: readonly string[] }

type ExecEvent =
  | (Heard & { readonly type: 'CALL' | 'ANSWER' | 'LOCKED' | 'UNLOCKED' | 'RETURN' })
  | (Heard & { readonly type: 'EXITED'; readonly put: readonly string[] })

const start = ({ task, process }: ExecInput): ExecContext => ({ task, process, caller: null, put: [] })

export const exec = setup({
  types: {
    context: {} as ExecContext,
    events: {} as ExecEvent,
    emitted: {} as Said,
    input: {} as ExecInput,
  },
  guards: {
    hasFiles: ({ context }) => context.put.length > 0,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    lock: emit(({ context: { process, task } }) => send(`${process}.mm.mmap_lock`, 'DOWN_WRITE', { task })),
    change: emit(({ context: { process, task } }) => send(`${process}.mm`, 'EXEC', { task })),
    keep: assign(({ event }) => {
      assertEvent(event, 'EXITED')
      return { put: event.put }
    }),
    unlock: emit(({ context: { process, task } }) => send(`${process}.mm.mmap_lock`, 'UP_WRITE', { task })),
    tellProcess: emit(({ context: { process, task } }) => send(`${process}.process`, 'EXEC', { task })),
    putFiles: emit(({ context: { task, put } }) =>
      send(`${task}.put_files`, 'CALL', { task, files: put, released: [] }),
    ),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'exec',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'telling', actions: 'begin' } } },
    telling: { entry: 'tellProcess', on: { ANSWER: 'locking' } },
    locking: { entry: 'lock', on: { LOCKED: 'changing' } },
    changing: { entry: 'change', on: { EXITED: { target: 'unlocking', actions: 'keep' } } },
    unlocking: {
      entry: 'unlock',
      on: {
        UNLOCKED: [
          { guard: 'hasFiles', target: 'releasing' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    releasing: { entry: 'putFiles', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
