/**
 * A group leaves its container, in one of three ways: `unset`, the ioctl (VFIO_GROUP_UNSET_CONTAINER: -EINVAL without
 * a user, -EBUSY with more than one); `close`, the group's descriptor is closed and its own user goes; `dissolve`,
 * the caller was the last user and has already gone (vfio_group_try_dissolve_container). The last group takes every
 * mapping with it, pinned or not (V13-3, M-9).
 *
 * Source: Linux 4.19 __vfio_group_unset_container, vfio_iommu_type1_detach_group: container->group_lock for write,
 * then iommu->lock.
 * Left out: freeing the backend itself; moving a group between domains; containers that also have an IOMMU-capable
 * domain.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { hasOperation } from '../device/notifier-steps.ts'

export interface DetachInput {
  readonly task: string
  readonly at: {
    readonly group: string
    readonly container: string
    readonly groupLock: string
    /** iommu->lock. */
    readonly lock: string
    readonly type1: string
  }
}

type DetachContext = DetachInput & { readonly caller: string | null; readonly last: boolean }
type DetachEvent =
  | (Heard & { readonly type: 'CALL'; readonly how?: 'unset' | 'close' | 'dissolve' })
  | (Heard & { readonly type: 'UNSET'; readonly ret: number | string })
  | (Heard & { readonly type: 'DROPPED'; readonly last: boolean })
  | (Heard & { readonly type: 'BACKEND'; readonly backend: string; readonly groups: number })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'DETACHED' | 'LEFT' | 'REMOVED' })

const start = ({ task, at }: DetachInput): DetachContext => ({ task, at, caller: null, last: false })

export const detach = setup({
  types: {
    context: {} as DetachContext,
    events: {} as DetachEvent,
    emitted: {} as Said,
    input: {} as DetachInput,
  },
  guards: {
    isClose: ({ event }) => event.type === 'CALL' && event.how === 'close',
    isDissolve: ({ event }) => event.type === 'CALL' && event.how === 'dissolve',
    refused: ({ event }) => event.type === 'UNSET' && event.ret !== 0,
    hasOtherUsers: ({ event }) => event.type === 'DROPPED' && !event.last,
    isType1: ({ event }) => event.type === 'BACKEND' && hasOperation(event.backend),
    wasLastGroup: ({ context }) => context.last,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    unsetContainer: emit(({ context: { at, task } }) => send(at.group, 'UNSET_CONTAINER', { task })),
    dropUser: emit(({ context: { at, task } }) => send(at.group, 'DROP_USER', { task })),
    refuse: emit(({ context: { caller }, event }) => {
      assertEvent(event, 'UNSET')
      return answer({ ...event, from: caller! }, 'RETURN', { ret: event.ret })
    }),
    lockGroups: emit(({ context: { at, task } }) => send(at.groupLock, 'DOWN_WRITE', { task })),
    read: emit(({ context: { at, task } }) => send(at.container, 'READ', { task })),
    keepLast: assign(({ event }) => {
      assertEvent(event, 'BACKEND')
      return { last: event.groups === 1 }
    }),
    lock: emit(({ context: { at, task } }) => send(at.lock, 'LOCK', { task })),
    detach: emit(({ context: { at, task } }) => send(at.type1, 'DETACH', { task })),
    unlock: emit(({ context: { at, task } }) => send(at.lock, 'UNLOCK', { task })),
    leave: emit(({ context: { at, task } }) => send(at.group, 'LEAVE', { task })),
    remove: emit(({ context: { at, task } }) => send(at.container, 'REMOVE_GROUP', { task, group: at.group })),
    unlockGroups: emit(({ context: { at, task } }) => send(at.groupLock, 'UP_WRITE', { task })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'detach',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isDissolve', target: 'locking groups', actions: 'begin' },
          { guard: 'isClose', target: 'dropping user', actions: 'begin' },
          { target: 'unsetting', actions: 'begin' },
        ],
      },
    },
    unsetting: {
      entry: 'unsetContainer',
      on: {
        UNSET: [{ guard: 'refused', target: 'idle', actions: ['refuse', 'reset'] }, { target: 'locking groups' }],
      },
    },
    'dropping user': {
      entry: 'dropUser',
      on: {
        DROPPED: [
          { guard: 'hasOtherUsers', target: 'idle', actions: ['finish', 'reset'] },
          { target: 'locking groups' },
        ],
      },
    },
    'locking groups': { entry: 'lockGroups', on: { LOCKED: 'reading' } },
    reading: {
      entry: 'read',
      on: { BACKEND: [{ guard: 'isType1', target: 'locking', actions: 'keepLast' }, { target: 'leaving' }] },
    },
    locking: {
      entry: 'lock',
      on: { LOCKED: [{ guard: 'wasLastGroup', target: 'detaching' }, { target: 'unlocking' }] },
    },
    detaching: { entry: 'detach', on: { DETACHED: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: 'leaving' } },
    leaving: { entry: 'leave', on: { LEFT: 'removing' } },
    removing: { entry: 'remove', on: { REMOVED: 'unlocking groups' } },
    'unlocking groups': { entry: 'unlockGroups', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
