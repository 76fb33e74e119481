/**
 * Holds an iommufd file, or lets go of it: a group whose container it is does, and so does every device that is bound to it. The
 * last reference takes everything with it that was made through the file.
 *
 * Source: iommufd_ctx_get, iommufd_ctx_put (7.x). The kernel runs the release once the system call is through.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'

export interface HoldFileInput {
  readonly task: string
  /** The iommufd file's actor. */
  readonly context: string
}

type HoldFileContext = HoldFileInput & { readonly caller: string | null; readonly puts: boolean }
type HoldFileEvent =
  | (Heard & { readonly type: 'CALL'; readonly how: 'get' | 'put' })
  | (Heard & { readonly type: 'FILE_IS'; readonly file: string })
  | (Heard & { readonly type: 'PUT'; readonly last: boolean; readonly file: string })
  | (Heard & { readonly type: 'GOT' | 'RETURN' })

const start = ({ task, context }: HoldFileInput): HoldFileContext => ({ task, context, caller: null, puts: false })

export const holdFile = setup({
  types: {
    context: {} as HoldFileContext,
    events: {} as HoldFileEvent,
    emitted: {} as Said,
    input: {} as HoldFileInput,
  },
  guards: {
    puts: ({ context }) => context.puts,
    wasLast: ({ event }) => event.type === 'PUT' && event.last,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, puts: event.how === 'put' }
    }),
    ask: emit(({ context: { task, context } }) => send(context, 'FILE', { task })),
    get: emit(({ context: { task }, event }) => {
      assertEvent(event, 'FILE_IS')
      return send('files', 'GET', { task, file: event.file })
    }),
    put: emit(({ context: { task }, event }) => {
      assertEvent(event, 'FILE_IS')
      return send('files', 'PUT', { task, file: event.file })
    }),
    release: emit(({ context: { task, context }, event }) => {
      assertEvent(event, 'PUT')
      return send(`${task}.${context}.release`, 'CALL', { task, file: event.file })
    }),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'holdFile',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'asking', actions: 'begin' } } },
    asking: {
      entry: 'ask',
      on: {
        FILE_IS: [
          { guard: 'puts', target: 'putting', actions: 'put' },
          { target: 'getting', actions: 'get' },
        ],
      },
    },
    getting: { on: { GOT: { target: 'idle', actions: ['finish', 'reset'] } } },
    putting: {
      on: {
        PUT: [
          { guard: 'wasLast', target: 'releasing', actions: 'release' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    releasing: { on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
