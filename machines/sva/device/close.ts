/**
 * close() of a device's descriptor. Whoever lets go of the file last releases the device: its bonds with it.
 *
 * Source: fs/file_table.c. Left out: __fput as a task work; in a close it runs before the system call returns, with no lock held.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'

export interface SvmCloseInput {
  readonly task: string
  readonly at: {
    readonly file: string
    /** The call that makes and ends bonds of this device. */
    readonly protocol: string
  }
}

type SvmCloseContext = SvmCloseInput & { readonly caller: string | null; readonly process: string | null }

type SvmCloseEvent =
  | (Heard & { readonly type: 'CALL'; readonly process: string })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: 0 | string; readonly last: boolean })
  | (Heard & { readonly type: 'RETURN' })

const start = ({ task, at }: SvmCloseInput): SvmCloseContext => ({ task, at, caller: null, process: null })

export const svmClose = setup({
  types: {
    context: {} as SvmCloseContext,
    events: {} as SvmCloseEvent,
    emitted: {} as Said,
    input: {} as SvmCloseInput,
  },
  guards: {
    isRefused: ({ event }) => event.type === 'ANSWER' && event.ret !== 0,
    isLast: ({ event }) => event.type === 'ANSWER' && event.last,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, process: event.process }
    }),
    close: emit(({ context: { at, task, process } }) => send(at.file, 'CLOSE', { task, process })),
    release: emit(({ context: { at, task, process } }) => send(at.protocol, 'CALL', { task, do: 'RELEASE', process })),
    refuse: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: '-EBADF' })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'svmClose',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'closing', actions: 'begin' } } },
    closing: {
      entry: 'close',
      on: {
        ANSWER: [
          { guard: 'isRefused', target: 'idle', actions: ['refuse', 'reset'] },
          { guard: 'isLast', target: 'releasing' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    releasing: { entry: 'release', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
