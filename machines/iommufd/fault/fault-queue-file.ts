/**
 * read, write and the last close of a fault queue's descriptor. Where no device has page requests nothing is ever in it: a read has nothing to tell, and
 * what is written answers no fault.
 *
 * Source: iommufd_fault_fops_read, _write, iommufd_eventq_fops_release (drivers/iommu/iommufd/eventq.c, 7.x).
 * Left out: that the descriptor holds the iommufd file.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { firstFailing } from '../../kernel/checks.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { faultsOf } from './fault-queue.ts'

export interface FaultQueueFileInput {
  readonly task: string
  /** The iommufd file. */
  readonly context: string
  readonly how: 'read' | 'write' | 'release'
  /** Devices have page requests. */
  readonly asks?: boolean
}

type FaultQueueFileEvent =
  | (Heard & {
      readonly type: 'CALL'
      readonly len?: number
      readonly file: string
      readonly cookie?: number
      readonly code?: number
    })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: number | string; readonly requests?: readonly object[] })
  | (Heard & { readonly type: 'NOTED' })

/** Of a fault, and of an answer to one. */
const sizes = { read: 40, write: 8 }

const returned = (how: 'read' | 'write', len: number): 0 | string =>
  firstFailing([
    [len % sizes[how] !== 0, '-ESPIPE'],
    [how === 'write' && len > 0, '-EINVAL'],
  ]) ?? 0

export const faultQueueFile = setup({
  types: {
    context: {} as FaultQueueFileInput & { readonly caller: string | null },
    events: {} as FaultQueueFileEvent,
    emitted: {} as Said,
    input: {} as FaultQueueFileInput,
  },
  guards: {
    releases: ({ context }) => context.how === 'release',
    asks: ({ context }) => context.asks === true,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    close: emit(({ context: { task, context }, event }) => {
      assertEvent(event, 'CALL')
      return send(context, 'CLOSE_QUEUE', { task, file: event.file })
    }),
    askQueue: emit(({ context: { task, how }, event }) => {
      assertEvent(event, 'CALL')
      const { len = 0, cookie = 0, code = 0 } = event
      const what = how === 'read' ? { len } : { len, cookie, code }
      return send(faultsOf(event.file), how === 'read' ? 'READ' : 'RESPOND', { task, ...what })
    }),
    tellAnswer: emit(({ context: { caller, task }, event }) => {
      assertEvent(event, 'ANSWER')
      const { ret, requests } = event
      return send(caller!, 'RETURN', { task, ret, ...(requests && { requests }) })
    }),
    tell: emit(({ context: { how }, event }) => {
      assertEvent(event, 'CALL')
      return answer(event, 'RETURN', { ret: how === 'release' ? 0 : returned(how, event.len ?? 0) })
    }),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign({ caller: null }),
  },
}).createMachine({
  id: 'faultQueueFile',
  context: ({ input: { task, context, how, asks = false } }) => ({
    ...{ task, context, how, caller: null },
    ...(asks && { asks }),
  }),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'releases', target: 'closing', actions: ['begin', 'close'] },
          { guard: 'asks', target: 'asking', actions: ['begin', 'askQueue'] },
          { actions: 'tell' },
        ],
      },
    },
    asking: { on: { ANSWER: { target: 'idle', actions: ['tellAnswer', 'reset'] } } },
    closing: { on: { NOTED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
