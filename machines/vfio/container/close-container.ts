/**
 * One user of a container goes: its descriptor, a device that was released, a notifier that was unregistered. The last one
 * dissolves the container: whatever is still mapped is unmapped, and the vfio_iommu is freed. A notifier holds a user of its
 * device's container, which is not the one whose vfio_iommu it points to when device memory is mapped in another container.
 *
 * The lock is part of what is freed. Here it is let go of afterwards: whoever waits for it finds that the vfio_iommu is gone in
 * either order.
 *
 * Source: Linux 5.11 vfio_group_try_dissolve_container, vfio_iommu_type1_detach_group (vfio_iommu_unmap_unpin_all),
 * vfio_iommu_type1_release.
 * Left out: the group's descriptor, several groups in a container, IOMMU domains that go with their last group.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { DeviceDma as Dma } from '../../type1/backend/dma-list.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface CloseContainerInput {
  readonly task: string
  readonly container: string
  readonly at: {
    readonly users: string
    readonly lock: string
    readonly type1: string
    readonly hardware: string
    /** The protocol, as this task runs it. */
    readonly protocol: string
  }
}

type CloseContainerContext = CloseContainerInput & {
  readonly caller: string | null
  /** What is still to be removed. */
  readonly dmas: readonly Dma[]
}

type CloseContainerEvent =
  | (Heard & { readonly type: 'CALL' | 'LOCKED' | 'UNLOCKED' | 'REMOVED' | 'RETURN' })
  | (Heard & { readonly type: 'ANSWER'; readonly last?: boolean; readonly dmas?: readonly Dma[] })

const start = ({ task, container, at }: CloseContainerInput): CloseContainerContext => ({
  ...{ task, container, at },
  caller: null,
  dmas: [],
})

export const closeContainer = setup({
  types: {
    context: {} as CloseContainerContext,
    events: {} as CloseContainerEvent,
    emitted: {} as Said,
    input: {} as CloseContainerInput,
  },
  guards: {
    isLast: ({ event }) => event.type === 'ANSWER' && event.last === true,
    isDone: ({ context }) => context.dmas.length === 0,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    dropUser: emit(({ context: { at, task } }) => send(at.users, 'DROP_USER', { task })),
    lock: emit(({ context: { at, task } }) => send(at.lock, 'LOCK', { task })),
    list: emit(({ context: { at, task } }) => send(at.type1, 'LIST', { task })),
    keep: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { dmas: event.dmas! }
    }),
    unmap: emit(({ context: { at, task, container, dmas } }) => {
      const { iova, size } = dmas[0]!
      return send(at.hardware, 'UNMAP', { task, domain: container, iova, size })
    }),
    tellForget: emit(({ context: { at, task, container, dmas } }) =>
      send(at.protocol, 'CALL', { task, do: 'FORGET', container, dma: dmas[0]! }),
    ),
    remove: emit(({ context: { at, task, dmas } }) =>
      send(at.type1, 'REMOVE', { task, dma: dmas[0]!.ptr, site: 'vfio_remove_dma' }),
    ),
    shorten: assign(({ context }) => ({ dmas: context.dmas.slice(1) })),
    unlock: emit(({ context: { at, task } }) => send(at.lock, 'UNLOCK', { task })),
    free: emit(({ context: { at, task } }) => send(at.type1, 'FREE', { task })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'closeContainer',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'dropping user', actions: 'begin' } } },
    'dropping user': {
      entry: 'dropUser',
      on: {
        ANSWER: [
          { guard: 'isLast', target: 'locking' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: 'listing' } },
    listing: { entry: 'list', on: { ANSWER: { target: 'listed', actions: 'keep' } } },
    listed: { always: [{ guard: 'isDone', target: 'freeing' }, { target: 'unmapping' }] },
    unmapping: { entry: 'unmap', on: { ANSWER: 'forgetting' } },
    forgetting: { entry: 'tellForget', on: { RETURN: 'removing' } },
    removing: { entry: 'remove', on: { REMOVED: { target: 'listed', actions: 'shorten' } } },
    freeing: { entry: 'free', on: { ANSWER: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
