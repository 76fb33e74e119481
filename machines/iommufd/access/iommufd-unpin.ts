/**
 * A vendor driver unpins pages through its access: the access's ioas_lock, then iova.rwsem for read, never
 * domains.rwsem. An unmap that notifies holds none of them, so it cannot be in the way. `ret` is how many pages; a
 * page that is not pinned is a warning, not an errno.
 *
 * Source: iommufd_access_unpin_pages (6.5 and later).
 * Left out: runs of pages.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'

export interface IommufdUnpinInput {
  readonly task: string
  readonly at: { readonly ioasLock: string; readonly iovaRwsem: string; readonly ioas: string }
}

type IommufdUnpinContext = IommufdUnpinInput & {
  readonly caller: string | null
  readonly iovas: readonly bigint[]
  readonly ret: number | string
}
type IommufdUnpinEvent =
  | (Heard & { readonly type: 'CALL'; readonly iovas: readonly bigint[] })
  | (Heard & { readonly type: 'UNPINNED'; readonly ret: number | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

const start = ({ task, at }: IommufdUnpinInput): IommufdUnpinContext => ({ task, at, caller: null, iovas: [], ret: 0 })

export const iommufdUnpin = setup({
  types: {
    context: {} as IommufdUnpinContext,
    events: {} as IommufdUnpinEvent,
    emitted: {} as Said,
    input: {} as IommufdUnpinInput,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, iovas: event.iovas }
    }),
    lockIoas: emit(({ context: { at, task } }) => send(at.ioasLock, 'LOCK', { task })),
    lockIova: emit(({ context: { at, task } }) => send(at.iovaRwsem, 'DOWN_READ', { task })),
    unpin: emit(({ context: { at, task, iovas } }) => send(at.ioas, 'UNPIN', { task, iovas })),
    keepRet: assign(({ event }) => {
      assertEvent(event, 'UNPINNED')
      return { ret: event.ret, iovas: [] }
    }),
    unlockIova: emit(({ context: { at, task } }) => send(at.iovaRwsem, 'UP_READ', { task })),
    unlockIoas: emit(({ context: { at, task } }) => send(at.ioasLock, 'UNLOCK', { task })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'iommufdUnpin',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking ioas', actions: 'begin' } } },
    'locking ioas': { entry: 'lockIoas', on: { LOCKED: 'locking iova' } },
    'locking iova': { entry: 'lockIova', on: { LOCKED: 'unpinning' } },
    unpinning: { entry: 'unpin', on: { UNPINNED: { target: 'unlocking iova', actions: 'keepRet' } } },
    'unlocking iova': { entry: 'unlockIova', on: { UNLOCKED: 'unlocking ioas' } },
    'unlocking ioas': { entry: 'unlockIoas', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
