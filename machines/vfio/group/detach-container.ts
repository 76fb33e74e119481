/**
 * A group leaves its container (vfio_group_detach_container; up to 5.18 __vfio_group_unset_container). Whoever calls
 * has made sure that nobody else uses the group: from 5.19 on by holding group_rwsem for write, before that by having
 * taken container_users to 0. The last group to leave frees the IOMMU driver's data; only then does the container
 * forget it, and an ioctl on its way there holds no lock (B-25).
 *
 * Source: Linux 6.1 container.c and vfio_main.c; 4.19 vfio.c.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { callOf, containerLock, iommuGroup } from '../names.ts'

export interface DetachContainerInput {
  readonly task: string
  readonly container: string
  /** Groups whose DMA is claimed for the container: from 5.19 on, and only real ones. */
  readonly owned: readonly string[]
  /** A group's own user is still counted (from 5.19 on). */
  readonly counts: boolean
}

interface DetachContainerContext extends DetachContainerInput {
  readonly caller: string | null
  readonly group: string | null
  readonly driver: Pointer | null
}

type DetachContainerEvent =
  | (Heard & { readonly type: 'CALL'; readonly group: string })
  | (Heard & { readonly type: 'DRIVER_IS'; readonly data: Pointer | null })
  | (Heard & { readonly type: 'DELETED'; readonly last: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RETURN' | 'RELEASED' | 'DROPPED' | 'LEFT' | 'CLEARED' })

const start = ({ task, container, owned, counts }: DetachContainerInput): DetachContainerContext => ({
  ...{ task, container, owned, counts },
  caller: null,
  group: null,
  driver: null,
})

export const detachContainer = setup({
  types: {
    context: {} as DetachContainerContext,
    events: {} as DetachContainerEvent,
    emitted: {} as Said,
    input: {} as DetachContainerInput,
  },
  guards: {
    hasDriver: ({ event }) => event.type === 'DRIVER_IS' && event.data !== null,
    ownsDma: ({ context }) => context.owned.includes(context.group!),
    countsUsers: ({ context }) => context.counts,
    freesDriver: ({ context, event }) => event.type === 'DELETED' && event.last && context.driver !== null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, group: event.group }
    }),
    lock: emit(({ context: { task, container } }) => send(containerLock(container), 'DOWN_WRITE', { task })),
    askDriver: emit(({ context: { task, container } }) => send(container, 'DRIVER', { task })),
    keepDriver: assign(({ event }) => {
      assertEvent(event, 'DRIVER_IS')
      return { driver: event.data }
    }),
    detach: emit(({ context: { task, container, group, driver } }) =>
      send(callOf(task, container, 'detach_group'), 'CALL', { task, group, backend: driver }),
    ),
    releaseOwner: emit(({ context: { task, group } }) => send(iommuGroup(group!), 'RELEASE', { task })),
    dropUser: emit(({ context: { task, group } }) => send(group!, 'DROP_USER', { task })),
    leave: emit(({ context: { task, group } }) => send(group!, 'LEAVE', { task })),
    delete: emit(({ context: { task, container, group } }) => send(container, 'DELETE_GROUP', { task, group })),
    free: emit(({ context: { task, container, driver } }) =>
      send(callOf(task, container, 'release_backend'), 'CALL', { task, backend: driver }),
    ),
    clear: emit(({ context: { task, container } }) => send(container, 'CLEAR_DRIVER', { task })),
    unlock: emit(({ context: { task, container } }) => send(containerLock(container), 'UP_WRITE', { task })),
    finish: emit(({ context: { task, caller } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'detachContainer',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'asking driver' } },
    'asking driver': {
      entry: 'askDriver',
      on: { DRIVER_IS: [{ guard: 'hasDriver', target: 'detaching', actions: 'keepDriver' }, { target: 'detached' }] },
    },
    detaching: { entry: 'detach', on: { RETURN: 'detached' } },
    detached: {
      always: [
        { guard: 'ownsDma', target: 'releasing owner' },
        { guard: 'countsUsers', target: 'dropping user' },
        { target: 'leaving' },
      ],
    },
    'releasing owner': { entry: 'releaseOwner', on: { RELEASED: 'dropping user' } },
    'dropping user': { entry: 'dropUser', on: { DROPPED: 'leaving' } },
    leaving: { entry: 'leave', on: { LEFT: 'deleting' } },
    deleting: {
      entry: 'delete',
      on: { DELETED: [{ guard: 'freesDriver', target: 'freeing' }, { target: 'unlocking' }] },
    },
    freeing: { entry: 'free', on: { RETURN: 'clearing' } },
    clearing: { entry: 'clear', on: { CLEARED: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
