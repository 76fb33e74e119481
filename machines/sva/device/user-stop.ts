/**
 * A user driver tells its device to stop using the PASID that its process was given: what a user must do before it says at UNBIND that the
 * PASID is flushed or clean. What the device answered is returned.
 *
 * Source: "[RFC PATCH 29/30] vfio: Add support for Shared Virtual Memory" (Feb 2017): "Users need to specify the state of a PASID when
 * unbinding".
 * Left out: how the device is told (its registers, mapped into the process).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface UserStopInput {
  readonly task: string
  readonly device: string
  readonly at: {
    readonly processes: Readonly<Record<string, string>>
    /** The device's own way to stop: a call. */
    readonly stop: string
  }
}

type UserStopContext = UserStopInput & { readonly caller: string | null }

type UserStopEvent =
  | (Heard & { readonly type: 'CALL'; readonly process: string })
  | (Heard & { readonly type: 'ANSWER'; readonly mm: Pointer | null; readonly pasid: number | null })
  | (Heard & { readonly type: 'RETURN'; readonly ret: string })

const start = ({ task, device, at }: UserStopInput): UserStopContext => ({ task, device, at, caller: null })

export const userStop = setup({
  types: {
    context: {} as UserStopContext,
    events: {} as UserStopEvent,
    emitted: {} as Said,
    input: {} as UserStopInput,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    ask: emit(({ context: { at, task, device }, event }) => {
      assertEvent(event, 'CALL')
      return send(at.processes[event.process]!, 'CURRENT', { task, device })
    }),
    stop: emit(({ context: { at, task }, event }) => {
      assertEvent(event, 'ANSWER')
      return send(at.stop, 'CALL', { task, pasid: event.pasid, mm: event.mm })
    }),
    finish: emit(({ context: { caller, task }, event }) => {
      assertEvent(event, 'RETURN')
      return send(caller!, 'RETURN', { task, ret: event.ret })
    }),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'userStop',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'asking', actions: ['begin', 'ask'] } } },
    asking: { on: { ANSWER: { target: 'stopping', actions: 'stop' } } },
    stopping: { on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
