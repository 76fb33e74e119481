/**
 * exit_group, and what SIGKILL comes to: the address space goes first, then the descriptors are closed; files that nobody else has open are
 * released last, those of the descriptors before those that were only mapped.
 *
 * Source: kernel/exit.c, do_exit: exit_mm, exit_files, exit_task_work. Left out: the process's other threads go at once, wherever they are.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { OpenFile } from './files.ts'
import { send, type Heard, type Said } from '../say.ts'

interface ExitInput {
  readonly task: string
  readonly process: string
}

interface ExitContext extends ExitInput {
  readonly caller: string | null
  /** On whose behalf the caller asks: another thread may kill this one. */
  readonly asker: string
  readonly put: readonly string[]
  readonly ret: number | string
}

type ExitEvent =
  | (Heard & { readonly type: 'CALL' | 'RETURN' | 'LOCKED' | 'UNLOCKED' })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: number | string })
  | (Heard & { readonly type: 'EXITED'; readonly put: readonly string[] })
  | (Heard & { readonly type: 'DROPPED'; readonly released: readonly OpenFile[] })

const start = ({ task, process }: ExitInput): ExitContext => ({
  task,
  process,
  caller: null,
  asker: task,
  put: [],
  ret: 0,
})

export const exit = setup({
  types: {
    context: {} as ExitContext,
    events: {} as ExitEvent,
    emitted: {} as Said,
    input: {} as ExitInput,
  },
  guards: {
    isGone: ({ event }) => event.type === 'ANSWER' && event.ret !== 0,
    hasFiles: ({ context, event }) => event.type === 'DROPPED' && context.put.length + event.released.length > 0,
  },
  actions: {
    begin: assign(({ event }) => ({ caller: event.from, asker: event.task })),
    die: emit(({ context: { process, task } }) => send(`${process}.process`, 'EXIT', { task })),
    tooLate: assign({ ret: '-ESRCH' }),
    lock: emit(({ context: { process, task } }) => send(`${process}.mm.mmap_lock`, 'DOWN_WRITE', { task })),
    exitSpace: emit(({ context: { process, task } }) => send(`${process}.mm`, 'EXIT', { task })),
    keep: assign(({ event }) => {
      assertEvent(event, 'EXITED')
      return { put: event.put }
    }),
    unlock: emit(({ context: { process, task } }) => send(`${process}.mm.mmap_lock`, 'UP_WRITE', { task })),
    dropTable: emit(({ context: { process, task } }) => send('files', 'DROP', { task, table: process })),
    putFiles: emit(({ context: { task, put }, event }) => {
      assertEvent(event, 'DROPPED')
      return send(`${task}.put_files`, 'CALL', { task, files: put, released: event.released })
    }),
    finish: emit(({ context: { caller, asker, ret } }) => send(caller!, 'RETURN', { task: asker, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'exit',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'dying', actions: 'begin' } } },
    dying: {
      entry: 'die',
      on: {
        ANSWER: [{ guard: 'isGone', target: 'idle', actions: ['tooLate', 'finish', 'reset'] }, { target: 'locking' }],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: 'leaving memory' } },
    'leaving memory': { entry: 'exitSpace', on: { EXITED: { target: 'unlocking', actions: 'keep' } } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: 'closing' } },
    closing: {
      entry: 'dropTable',
      on: {
        DROPPED: [
          { guard: 'hasFiles', target: 'releasing', actions: 'putFiles' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    releasing: { on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
