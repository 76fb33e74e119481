/** close: the descriptor goes at once; the file behind it is released by whoever drops its last reference. */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { OpenFile } from './files.ts'
import { send, type Heard, type Said } from '../say.ts'

interface CloseInput {
  readonly task: string
  readonly table: string
}

type CloseContext = CloseInput & { readonly caller: string | null; readonly ret: number | string }

type CloseEvent =
  | (Heard & { readonly type: 'CALL'; readonly fd: string })
  | (Heard & OpenFile & { readonly type: 'CLOSED'; readonly ret: number | string; readonly last: boolean })
  | (Heard & { readonly type: 'RETURN' })

const start = ({ task, table }: CloseInput): CloseContext => ({ task, table, caller: null, ret: 0 })

export const close = setup({
  types: {
    context: {} as CloseContext,
    events: {} as CloseEvent,
    emitted: {} as Said,
    input: {} as CloseInput,
  },
  guards: {
    wasLast: ({ event }) => event.type === 'CLOSED' && event.last,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    close: emit(({ context: { task, table }, event }) => {
      assertEvent(event, 'CALL')
      return send('files', 'CLOSE', { task, table, fd: event.fd })
    }),
    keep: assign(({ event }) => {
      assertEvent(event, 'CLOSED')
      return { ret: event.ret }
    }),
    release: emit(({ context: { task }, event }) => {
      assertEvent(event, 'CLOSED')
      const { file, kind, of } = event
      return send(`${task}.put_files`, 'CALL', { task, files: [], released: [{ file, kind, of }] })
    }),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'close',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'closing', actions: ['begin', 'close'] } } },
    closing: {
      on: {
        CLOSED: [
          { guard: 'wasLast', target: 'releasing', actions: ['keep', 'release'] },
          { target: 'idle', actions: ['keep', 'finish', 'reset'] },
        ],
      },
    },
    releasing: { on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
