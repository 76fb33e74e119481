/**
 * close() of a device's descriptor. The file lives on while vmas map it; whoever drops the last reference releases the device.
 *
 * Source: fs/file_table.c. Left out: __fput as a task work; in a close it runs before the system call returns, with no lock
 * held.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../../say.ts'

export interface CloseDeviceFileInput {
  readonly task: string
  readonly device: string
  readonly at: { readonly file: string; readonly release: string }
}

type CloseDeviceFileContext = CloseDeviceFileInput & {
  readonly caller: string | null
  readonly process: string | null
  readonly ret: 0 | string
}

type CloseDeviceFileEvent =
  | (Heard & { readonly type: 'CALL'; readonly process: string })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: 0 | string; readonly last?: boolean })
  | (Heard & { readonly type: 'RETURN' })

const start = ({ task, device, at }: CloseDeviceFileInput): CloseDeviceFileContext => ({
  ...{ task, device, at },
  caller: null,
  process: null,
  ret: 0,
})

export const closeDeviceFile = setup({
  types: {
    context: {} as CloseDeviceFileContext,
    events: {} as CloseDeviceFileEvent,
    emitted: {} as Said,
    input: {} as CloseDeviceFileInput,
  },
  guards: {
    isLast: ({ event }) => event.type === 'ANSWER' && event.last === true,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, process: event.process }
    }),
    close: emit(({ context: { at, task, process } }) => send(at.file, 'CLOSE', { task, process })),
    keep: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { ret: event.ret }
    }),
    release: emit(({ context: { at, task, device, process } }) => send(at.release, 'CALL', { task, device, process })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'closeDeviceFile',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'closing', actions: 'begin' } } },
    closing: {
      entry: 'close',
      on: {
        ANSWER: [
          { guard: 'isLast', target: 'releasing' },
          { target: 'idle', actions: ['keep', 'finish', 'reset'] },
        ],
      },
    },
    releasing: { entry: 'release', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
