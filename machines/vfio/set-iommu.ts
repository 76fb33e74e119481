/**
 * VFIO_SET_IOMMU on a container that has a backend already: -EINVAL, but only after container->group_lock was taken
 * for write. Here for that lock: a waiting writer makes later readers wait behind it (V13-5).
 *
 * Source: Linux 4.19 vfio_ioctl_set_iommu.
 * Left out: the first, successful SET_IOMMU.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'

export interface SetIommuInput {
  readonly task: string
  readonly at: { readonly groupLock: string; readonly container: string }
}

type SetIommuContext = SetIommuInput & { readonly caller: string | null; readonly ret: number | string }
type SetIommuEvent =
  | (Heard & { readonly type: 'SET'; readonly ret: number | string })
  | (Heard & { readonly type: 'CALL' | 'LOCKED' | 'UNLOCKED' })

const start = ({ task, at }: SetIommuInput): SetIommuContext => ({ task, at, caller: null, ret: 0 })

export const setIommu = setup({
  types: {
    context: {} as SetIommuContext,
    events: {} as SetIommuEvent,
    emitted: {} as Said,
    input: {} as SetIommuInput,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    lock: emit(({ context: { at, task } }) => send(at.groupLock, 'DOWN_WRITE', { task })),
    set: emit(({ context: { at, task } }) => send(at.container, 'SET_IOMMU', { task })),
    keepRet: assign(({ event }) => {
      assertEvent(event, 'SET')
      return { ret: event.ret }
    }),
    unlock: emit(({ context: { at, task } }) => send(at.groupLock, 'UP_WRITE', { task })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'setIommu',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'setting' } },
    setting: { entry: 'set', on: { SET: { target: 'unlocking', actions: 'keepRet' } } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
