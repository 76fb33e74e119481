/**
 * A vendor driver pins some pages and writes down that it did. Careful, it holds its own lock over both, so that its
 * dma_unmap callback sees either no pin or a pin that it knows of. Careless (`careful: false`), it takes no lock and
 * records afterwards: a callback in between finds nothing to unpin.
 *
 * Source: vfio_pin_pages of 4.10 and the duty that goes with it; a range of pages since 6.0. `ret` is that of
 * vfio_pin_pages: how many, or an errno.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'

export interface MdevPinInput {
  readonly task: string
  readonly device: string
  readonly careful?: boolean
  readonly at: { readonly driver: string; readonly driverLock: string; readonly pin: string }
}

type MdevPinContext = Required<MdevPinInput> & {
  readonly caller: string | null
  readonly iova: bigint
  readonly prot: string | number
  /** One page when nobody says how many. */
  readonly npage: number | null
  readonly ret: number | string
}
type MdevPinEvent =
  | (Heard & { readonly type: 'CALL'; readonly iova: bigint; readonly prot?: string | number; readonly npage?: number })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RECORDED' })

const start = ({ task, device, careful, at }: MdevPinInput): MdevPinContext => ({
  task,
  device,
  careful: careful ?? true,
  at,
  caller: null,
  iova: 0n,
  prot: 'rw',
  npage: null,
  ret: 0,
})

/** The pages a request is about; a single one goes without saying. */
const pagesOf = ({ iova, npage }: MdevPinContext) => ({ iova, ...(npage !== null && { npage }) })

export const mdevPin = setup({
  types: {
    context: {} as MdevPinContext,
    events: {} as MdevPinEvent,
    emitted: {} as Said,
    input: {} as MdevPinInput,
  },
  guards: {
    isCareful: ({ context }) => context.careful,
    failed: ({ event }) => event.type === 'RETURN' && typeof event.ret === 'string',
    failedCarefully: ({ context, event }) =>
      context.careful && event.type === 'RETURN' && typeof event.ret === 'string',
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, iova: event.iova, prot: event.prot ?? 'rw', npage: event.npage ?? null }
    }),
    lock: emit(({ context: { at, task } }) => send(at.driverLock, 'LOCK', { task })),
    pin: emit(({ context }) => {
      const { at, task, device, prot } = context
      return send(at.pin, 'CALL', { task, device, ...pagesOf(context), prot })
    }),
    keepRet: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { ret: event.ret }
    }),
    record: emit(({ context }) => send(context.at.driver, 'RECORD', { task: context.task, ...pagesOf(context) })),
    unlock: emit(({ context: { at, task } }) => send(at.driverLock, 'UNLOCK', { task })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    /** What is asked for is over: runs that differ only in that become one. */
    conclude: assign(({ context }) => ({ ...start(context), caller: context.caller, ret: context.ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'mdevPin',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isCareful', target: 'locking', actions: 'begin' },
          { target: 'pinning', actions: 'begin' },
        ],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: 'pinning' } },
    pinning: {
      entry: 'pin',
      on: {
        RETURN: [
          { guard: 'failedCarefully', target: 'unlocking', actions: 'keepRet' },
          { guard: 'failed', target: 'idle', actions: ['keepRet', 'finish', 'reset'] },
          { target: 'recording', actions: 'keepRet' },
        ],
      },
    },
    recording: {
      entry: 'record',
      on: {
        RECORDED: [
          { guard: 'isCareful', target: 'unlocking' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    unlocking: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
