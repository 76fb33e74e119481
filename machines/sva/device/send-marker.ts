/**
 * The device sends a stop marker: all page requests of this use of the PASID have been sent, and any other is of another use. It goes the
 * way that page requests go. Nobody answers one; whether it was lost the device does not learn.
 *
 * Source: PCI Express PRI (stop marker messages).
 * Left out: nothing.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { EngineItem } from './device.ts'

export interface SendMarkerInput {
  readonly task: string
  readonly at: {
    /** The page request queue. */
    readonly queue: string
  }
}

type SendMarkerContext = SendMarkerInput & { readonly caller: string | null }

type SendMarkerEvent = (Heard & EngineItem & { readonly type: 'CALL' }) | (Heard & { readonly type: 'ANSWER' })

const start = ({ task, at }: SendMarkerInput): SendMarkerContext => ({ task, at, caller: null })

export const sendMarker = setup({
  types: {
    context: {} as SendMarkerContext,
    events: {} as SendMarkerEvent,
    emitted: {} as Said,
    input: {} as SendMarkerInput,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    mark: emit(({ context: { at, task }, event }) => {
      assertEvent(event, 'CALL')
      const { device, pasid, mm } = event
      return send(at.queue, 'MARKER', { task, device, pasid, meant: mm })
    }),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'sendMarker',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'marking', actions: ['begin', 'mark'] } } },
    marking: { on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
