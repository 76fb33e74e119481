/**
 * VFIO_IOMMU_UNMAP_DMA of device memory on type1 (vfio_dma_do_unmap, vfio_remove_dma): every mapping that lies in the range leaves the IOMMU,
 * is forgotten by the protocol (FORGET) and freed, all of it with iommu->lock held. What the protocol does there, and what it leaves to
 * others, is what the stories are about. The container is asked for its IOMMU first, as in map.ts.
 *
 * Source: vfio_fops_unl_ioctl, vfio_iommu_type1.c of 5.11. Left out: checks of arguments and telling drivers that pin (../unmap has both), ranges that bisect
 * a mapping: such a mapping stays.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { DeviceDma as Dma } from '../backend/dma-list.ts'
import type { MapDeviceMemoryInput } from './map.ts'

interface UnmapContext extends MapDeviceMemoryInput {
  readonly caller: string | null
  readonly iova: bigint
  readonly size: bigint
  /** The mapping at hand. */
  readonly dma: Dma | null
  readonly unmapped: bigint
  readonly ret: number | string
}

type UnmapEvent =
  | (Heard & { readonly type: 'CALL'; readonly iova: bigint; readonly size: bigint })
  | (Heard & { readonly type: 'ANSWER'; readonly ret?: number | string; readonly dma?: Dma | null })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'REMOVED' | 'RETURN' })

const start = ({ task, container, at }: MapDeviceMemoryInput): UnmapContext => ({
  task,
  container,
  at,
  caller: null,
  iova: 0n,
  size: 0n,
  dma: null,
  unmapped: 0n,
  ret: 0,
})

export const unmapDeviceMemory = setup({
  types: {
    context: {} as UnmapContext,
    events: {} as UnmapEvent,
    emitted: {} as Said,
    input: {} as MapDeviceMemoryInput,
  },
  guards: {
    failed: ({ event }) => event.type === 'ANSWER' && event.ret !== 0,
    isNone: ({ event }) => event.type === 'ANSWER' && event.dma === null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from: caller, iova, size } = event
      return { caller, iova, size }
    }),
    askContainer: emit(({ context: { at, task } }) => send(at.users, 'HAS_IOMMU', { task })),
    keepRet: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { ret: event.ret! }
    }),
    lock: emit(({ context: { at, task } }) => send(at.lock, 'LOCK', { task })),
    find: emit(({ context: { at, task, iova, size } }) => send(at.type1, 'FIND_WHOLE', { task, iova, size })),
    point: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { dma: event.dma! }
    }),
    unmap: emit(({ context: { at, task, container, dma } }) =>
      send(at.hardware, 'UNMAP', { task, domain: container, iova: dma!.iova, size: dma!.size }),
    ),
    forget: emit(({ context: { at, task, container, dma } }) =>
      send(at.protocol, 'CALL', { task, do: 'FORGET', container, dma }),
    ),
    remove: emit(({ context: { at, task, dma } }) =>
      send(at.type1, 'REMOVE', { task, dma: dma!.ptr, site: 'vfio_remove_dma' }),
    ),
    count: assign(({ context: { unmapped, dma } }) => ({ unmapped: unmapped + dma!.size, dma: null })),
    unlock: emit(({ context: { at, task } }) => send(at.lock, 'UNLOCK', { task })),
    conclude: assign(({ context }) => ({ ...start(context), caller: context.caller, unmapped: context.unmapped })),
    finish: emit(({ context: { caller, task, ret, unmapped } }) =>
      send(caller!, 'RETURN', { task, ret, size: unmapped }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'unmapDeviceMemory',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'entering', actions: 'begin' } } },
    entering: {
      entry: 'askContainer',
      on: {
        ANSWER: [{ guard: 'failed', target: 'idle', actions: ['keepRet', 'finish', 'reset'] }, { target: 'locking' }],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: 'finding' } },
    finding: {
      entry: 'find',
      on: {
        ANSWER: [
          { guard: 'isNone', target: 'unlocking' },
          { target: 'unmapping', actions: 'point' },
        ],
      },
    },
    unmapping: { entry: 'unmap', on: { ANSWER: 'forgetting' } },
    forgetting: { entry: 'forget', on: { RETURN: 'removing' } },
    removing: { entry: 'remove', on: { REMOVED: { target: 'finding', actions: 'count' } } },
    unlocking: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
