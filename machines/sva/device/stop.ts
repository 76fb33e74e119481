/**
 * A device is told to stop using a PASID, in the way that only its driver knows: the callback that the RFC wished for, and what a user
 * driver does by itself. Which of the two ways of PCI Express it has is a property of the device:
 *
 *   flushed   it has stopped, and a stop marker will say where its page requests end
 *   clean     it has stopped, and all its page requests were answered
 *   silent    there is no such way, or nobody knows it: `unknown`
 *
 * Source: "[RFC PATCH 29/30] vfio: Add support for Shared Virtual Memory" (Feb 2017), the mail ("Ideally there should be a callback
 * for each PCI device"); PCI Express (managing PASID usage on page request groups).
 * Left out: a device that does not answer.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'

/** What a device does when it is told to stop using a PASID. */
export type StopAnswer = 'flushed' | 'clean' | 'silent'

export interface StopInput {
  readonly task: string
  readonly answers: StopAnswer
  readonly at: { readonly device: string }
}

type StopContext = StopInput & { readonly caller: string | null }

type StopEvent =
  | (Heard & { readonly type: 'CALL'; readonly pasid: number | null; readonly mm?: Pointer | null })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: 'flushed' | 'clean' })

const start = ({ task, answers, at }: StopInput): StopContext => ({ task, answers, at, caller: null })

const pasidOf = (event: StopEvent): number | null => {
  assertEvent(event, 'CALL')
  return event.pasid
}

export const stop = setup({
  types: {
    context: {} as StopContext,
    events: {} as StopEvent,
    emitted: {} as Said,
    input: {} as StopInput,
  },
  guards: {
    isNothing: ({ event }) => pasidOf(event) === null,
    isSilent: ({ context }) => context.answers === 'silent',
    isClean: ({ context }) => context.answers === 'clean',
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    stop: emit(({ context: { at, task }, event }) => {
      assertEvent(event, 'CALL')
      const { pasid, mm = null } = event
      return send(at.device, 'STOP', { task, pasid, mm })
    }),
    stopClean: emit(({ context: { at, task }, event }) =>
      send(at.device, 'STOP_CLEAN', { task, pasid: pasidOf(event) }),
    ),
    nothing: emit(({ context: { task }, event }) => send(event.from, 'RETURN', { task, ret: 'nothing bound' })),
    unknown: emit(({ context: { task }, event }) => send(event.from, 'RETURN', { task, ret: 'unknown' })),
    finish: emit(({ context: { caller, task }, event }) => {
      assertEvent(event, 'ANSWER')
      return send(caller!, 'RETURN', { task, ret: event.ret })
    }),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'stop',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isNothing', actions: 'nothing' },
          { guard: 'isSilent', actions: 'unknown' },
          { guard: 'isClean', target: 'stopping', actions: ['begin', 'stopClean'] },
          { target: 'stopping', actions: ['begin', 'stop'] },
        ],
      },
    },
    stopping: { on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
