/**
 * A vendor driver unpins pages it no longer needs and forgets them, whatever the answer; careful or careless as in
 * mdev-pin.ts.
 *
 * Source: vfio_unpin_pages of 4.10; a range of pages, and void, since 6.0. `ret` is what that returned: how many, or an
 * errno; 0 when void: then a count that vfio_unpin_pages does not take is a WARN, and nothing happens.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../kernel/answer.ts'
import { complain, send, type Heard, type Said } from '../say.ts'
import { mostPages, pagesFrom } from '../type1/pin/page-range.ts'

export interface MdevUnpinInput {
  readonly task: string
  readonly device: string
  readonly careful?: boolean
  readonly at: { readonly driver: string; readonly driverLock: string; readonly unpin: string }
}

type MdevUnpinContext = Required<MdevUnpinInput> & {
  readonly caller: string | null
  readonly iovas: readonly bigint[]
  readonly ret: number | string
}
type MdevUnpinEvent =
  | (Heard & { readonly type: 'CALL'; readonly iova: bigint; readonly npage?: number })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'FORGOTTEN' })

const start = ({ task, device, careful, at }: MdevUnpinInput): MdevUnpinContext => ({
  task,
  device,
  careful: careful ?? true,
  at,
  caller: null,
  iovas: [],
  ret: 0,
})

const isCount = (npage: number): boolean => npage > 0 && npage <= mostPages

export const mdevUnpin = setup({
  types: {
    context: {} as MdevUnpinContext,
    events: {} as MdevUnpinEvent,
    emitted: {} as Said,
    input: {} as MdevUnpinInput,
  },
  guards: {
    isCareful: ({ context }) => context.careful,
    isBadCount: ({ event }) => event.type === 'CALL' && event.npage !== undefined && !isCount(event.npage),
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, iovas: pagesFrom(event.iova, event.npage) }
    }),
    warn: emit(() => complain('warn', 'WARNING in vfio_unpin_pages: no pages, or too many')),
    nothing: emit(({ event }) => answer(event, 'RETURN', { ret: 0 })),
    lock: emit(({ context: { at, task } }) => send(at.driverLock, 'LOCK', { task })),
    unpin: emit(({ context: { at, task, device, iovas } }) => send(at.unpin, 'CALL', { task, device, iovas })),
    keepRet: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { ret: event.ret }
    }),
    forget: emit(({ context: { at, task, iovas } }) => send(at.driver, 'FORGET', { task, iovas })),
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
          { guard: 'isBadCount', actions: ['warn', 'nothing'] },
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
