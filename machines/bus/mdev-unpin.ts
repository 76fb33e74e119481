/**
 * A vendor driver unpins one page it no longer needs and forgets it, whatever the answer; careful or careless as in
 * mdev-pin.ts.
 *
 * Source: vfio_unpin_pages of 4.10. `ret` is what that returned: how many, or an errno.
 * Left out: several pages in one call.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'

export interface MdevUnpinInput {
  readonly task: string
  readonly device: string
  readonly careful?: boolean
  readonly at: { readonly driver: string; readonly driverLock: string; readonly unpin: string }
}

type MdevUnpinContext = Required<MdevUnpinInput> & {
  readonly caller: string | null
  readonly iova: bigint
  readonly ret: number | string
}
type MdevUnpinEvent =
  | (Heard & { readonly type: 'CALL'; readonly iova: bigint })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'FORGOTTEN' })

const start = ({ task, device, careful, at }: MdevUnpinInput): MdevUnpinContext => ({
  task,
  device,
  careful: careful ?? true,
  at,
  caller: null,
  iova: 0n,
  ret: 0,
})

export const mdevUnpin = setup({
  types: {
    context: {} as MdevUnpinContext,
    events: {} as MdevUnpinEvent,
    emitted: {} as Said,
    input: {} as MdevUnpinInput,
  },
  guards: {
    isCareful: ({ context }) => context.careful,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, iova: event.iova }
    }),
    lock: emit(({ context: { at, task } }) => send(at.driverLock, 'LOCK', { task })),
    unpin: emit(({ context: { at, task, device, iova } }) => send(at.unpin, 'CALL', { task, device, iovas: [iova] })),
    keepRet: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { ret: event.ret }
    }),
    forget: emit(({ context: { at, task, iova } }) => send(at.driver, 'FORGET', { task, iovas: [iova] })),
    unlock: emit(({ context: { at, task } }) => send(at.driverLock, 'UNLOCK', { task })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    /** What is asked for is over: runs that differ only in that become one. */
    conclude: assign(({ context }) => ({ ...start(context), caller: context.caller, ret: context.ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'mdevUnpin',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isCareful', target: 'locking', actions: 'begin' },
          { target: 'unpinning', actions: 'begin' },
        ],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: 'unpinning' } },
    unpinning: { entry: 'unpin', on: { RETURN: { target: 'forgetting', actions: 'keepRet' } } },
    forgetting: {
      entry: 'forget',
      on: {
        FORGOTTEN: [
          { guard: 'isCareful', target: 'unlocking' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    unlocking: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
