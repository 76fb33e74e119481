/**
 * A vendor driver pins a page through its access: the access's ioas_lock, then iova.rwsem for read. Behind a gate,
 * set by an unmap under way, -EINVAL. `ret` is that of vfio_pin_pages: 1, or an errno.
 *
 * Source: iommufd_access_pin_pages (6.5 and later).
 * Left out: several pages, protection, an access without an IOAS (-ENOENT).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'

export interface IommufdPinInput {
  readonly task: string
  readonly at: { readonly ioasLock: string; readonly iovaRwsem: string; readonly ioas: string }
}

type IommufdPinContext = IommufdPinInput & {
  readonly caller: string | null
  readonly request: { readonly device: string; readonly iova: bigint } | null
  readonly ret: number | string
}
type IommufdPinEvent =
  | (Heard & { readonly type: 'CALL'; readonly device: string; readonly iova: bigint })
  | (Heard & { readonly type: 'PINNED'; readonly ret: number | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

const start = ({ task, at }: IommufdPinInput): IommufdPinContext => ({ task, at, caller: null, request: null, ret: 0 })

export const iommufdPin = setup({
  types: {
    context: {} as IommufdPinContext,
    events: {} as IommufdPinEvent,
    emitted: {} as Said,
    input: {} as IommufdPinInput,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, request: { device: event.device, iova: event.iova } }
    }),
    lockIoas: emit(({ context: { at, task } }) => send(at.ioasLock, 'LOCK', { task })),
    lockIova: emit(({ context: { at, task } }) => send(at.iovaRwsem, 'DOWN_READ', { task })),
    pin: emit(({ context: { at, task, request } }) => send(at.ioas, 'PIN', { task, ...request })),
    keepRet: assign(({ event }) => {
      assertEvent(event, 'PINNED')
      return { ret: event.ret, request: null }
    }),
    unlockIova: emit(({ context: { at, task } }) => send(at.iovaRwsem, 'UP_READ', { task })),
    unlockIoas: emit(({ context: { at, task } }) => send(at.ioasLock, 'UNLOCK', { task })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'iommufdPin',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking ioas', actions: 'begin' } } },
    'locking ioas': { entry: 'lockIoas', on: { LOCKED: 'locking iova' } },
    'locking iova': { entry: 'lockIova', on: { LOCKED: 'pinning' } },
    pinning: { entry: 'pin', on: { PINNED: { target: 'unlocking iova', actions: 'keepRet' } } },
    'unlocking iova': { entry: 'unlockIova', on: { UNLOCKED: 'unlocking ioas' } },
    'unlocking ioas': { entry: 'unlockIoas', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
