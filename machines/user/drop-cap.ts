/** capset, without one capability: CAP_SYS_RESOURCE or CAP_SYS_RAWIO. */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'

type DropCapContext = { readonly task: string; readonly process: string; readonly caller: string | null }
type DropCapEvent =
  | (Heard & { readonly type: 'CALL'; readonly cap: 'resource' | 'rawio' })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: number | string })

export const dropCap = setup({
  types: {
    context: {} as DropCapContext,
    events: {} as DropCapEvent,
    emitted: {} as Said,
    input: {} as { readonly task: string; readonly process: string },
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    drop: emit(({ context: { task, process }, event }) => {
      assertEvent(event, 'CALL')
      return send(process, event.cap === 'resource' ? 'DROP_RESOURCE' : 'DROP_RAWIO', { task })
    }),
    finish: emit(({ context: { caller, task }, event }) => {
      assertEvent(event, 'ANSWER')
      return send(caller!, 'RETURN', { task, ret: event.ret })
    }),
    reset: assign({ caller: null }),
  },
}).createMachine({
  id: 'dropCap',
  context: ({ input: { task, process } }) => ({ task, process, caller: null }),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'asking', actions: ['begin', 'drop'] } } },
    asking: { on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
