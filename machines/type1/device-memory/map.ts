/**
 * VFIO_IOMMU_MAP_DMA of device memory on type1 (vfio_dma_do_map): iommu->lock is held from the moment the mapping is in the list until every
 * page is in the IOMMU. What a page is, the protocol says (GET_PFN); it is asked page by page, and if it refuses one the whole mapping
 * is taken back. A protocol that maps a dma-buf puts all of it into the IOMMU itself, under a lock of its own, and says so (`mapped`).
 *
 * The container is asked for its IOMMU before anything is locked, and nothing keeps the answer true: if its last user leaves then, the
 * vfio_iommu is freed under this call (B-25: derived, in every protocol).
 *
 * Source: vfio_fops_unl_ioctl, vfio_dma_do_map, vfio_pin_map_dma (5.11). Left out: checks of arguments (../map-checks.ts), protections, pages that lie together
 * going into the IOMMU at once: the lock is held, so nobody can tell.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { pageSize } from '../../mm/extent.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { DeviceDma as Dma } from '../backend/dma-list.ts'

export interface MapDeviceMemoryInput {
  readonly task: string
  readonly container: string
  readonly at: {
    /** The users of the container. */
    readonly users: string
    readonly lock: string
    readonly type1: string
    readonly hardware: string
    readonly protocol: string
  }
}

/** What is to be mapped: memory of a process, or the dma-buf of a device. */
interface Wanted {
  readonly iova: bigint
  readonly size: bigint
  readonly process: string | null
  readonly vaddr: bigint
  readonly dmabuf?: string
}

type Ret = number | string

interface MapContext extends MapDeviceMemoryInput {
  readonly caller: string | null
  readonly wanted: Wanted | null
  readonly dma: Pointer | null
  /** Bytes that are in the IOMMU. */
  readonly done: bigint
  readonly pfn: bigint | null
  /** All that is known of the mapping, when it is taken back. */
  readonly whole: Dma | null
  readonly ret: Ret
}

type MapEvent =
  | (Heard & {
      readonly type: 'CALL'
      readonly iova: bigint
      readonly size: bigint
      readonly process?: string | null
      readonly vaddr?: bigint
      readonly dmabuf?: string
    })
  | (Heard & { readonly type: 'ANSWER'; readonly ret?: Ret; readonly dma?: Pointer | Dma | null })
  | (Heard & { readonly type: 'RETURN'; readonly ret: Ret; readonly pfn?: bigint | null; readonly mapped?: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'REMOVED' })

const start = ({ task, container, at }: MapDeviceMemoryInput): MapContext => ({
  task,
  container,
  at,
  caller: null,
  wanted: null,
  dma: null,
  done: 0n,
  pfn: null,
  whole: null,
  ret: 0,
})

export const mapDeviceMemory = setup({
  types: {
    context: {} as MapContext,
    events: {} as MapEvent,
    emitted: {} as Said,
    input: {} as MapDeviceMemoryInput,
  },
  guards: {
    failed: ({ event }) => (event.type === 'ANSWER' || event.type === 'RETURN') && event.ret !== 0,
    isMapped: ({ event }) => event.type === 'RETURN' && event.mapped === true,
    isLastPage: ({ context: { done, wanted } }) => done + pageSize === wanted!.size,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from: caller, iova, size, process = null, vaddr = 0n, dmabuf } = event
      return { caller, wanted: { iova, size, process, vaddr, ...(dmabuf !== undefined && { dmabuf }) } }
    }),
    askContainer: emit(({ context: { at, task } }) => send(at.users, 'HAS_IOMMU', { task })),
    lock: emit(({ context: { at, task } }) => send(at.lock, 'LOCK', { task })),
    insert: emit(({ context: { at, task, wanted } }) => send(at.type1, 'INSERT', { task, ...wanted })),
    point: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { dma: event.dma as Pointer }
    }),
    getPfn: emit(({ context: { at, task, container, wanted, dma, done } }) => {
      const { iova, size, process, vaddr, dmabuf } = wanted!
      return send(at.protocol, 'CALL', {
        ...{ task, do: 'GET_PFN', container, process, dma, vaddr: vaddr + done },
        ...(dmabuf !== undefined && { dmabuf, iova, size }),
      })
    }),
    keepPfn: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { pfn: event.pfn! }
    }),
    map: emit(({ context: { at, task, container, wanted, done, pfn } }) =>
      send(at.hardware, 'MAP', { task, domain: container, iova: wanted!.iova + done, pfn }),
    ),
    count: assign({ done: ({ context: { done } }) => done + pageSize, pfn: null }),
    keepRet: assign(({ event }) => {
      assertEvent(event, ['ANSWER', 'RETURN'])
      return { ret: event.ret! }
    }),
    unmap: emit(({ context: { at, task, container, wanted } }) =>
      send(at.hardware, 'UNMAP', { task, domain: container, iova: wanted!.iova, size: wanted!.size }),
    ),
    read: emit(({ context: { at, task, dma } }) => send(at.type1, 'USE', { task, dma, site: 'vfio_remove_dma' })),
    keepWhole: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { whole: event.dma as Dma }
    }),
    forget: emit(({ context: { at, task, container, whole } }) =>
      send(at.protocol, 'CALL', { task, do: 'FORGET', container, dma: whole }),
    ),
    remove: emit(({ context: { at, task, dma } }) => send(at.type1, 'REMOVE', { task, dma, site: 'vfio_remove_dma' })),
    unlock: emit(({ context: { at, task } }) => send(at.lock, 'UNLOCK', { task })),
    conclude: assign(({ context }) => ({ ...start(context), caller: context.caller, ret: context.ret })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'mapDeviceMemory',
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
    locking: { entry: 'lock', on: { LOCKED: 'inserting' } },
    inserting: {
      entry: 'insert',
      on: {
        ANSWER: [
          { guard: 'failed', target: 'unlocking', actions: 'keepRet' },
          { target: 'getting pfn', actions: 'point' },
        ],
      },
    },
    'getting pfn': {
      entry: 'getPfn',
      on: {
        RETURN: [
          { guard: 'failed', target: 'unmapping', actions: 'keepRet' },
          { guard: 'isMapped', target: 'unlocking' },
          { target: 'mapping', actions: 'keepPfn' },
        ],
      },
    },
    mapping: {
      entry: 'map',
      on: {
        ANSWER: [
          { guard: 'isLastPage', target: 'unlocking' },
          { target: 'getting pfn', actions: 'count' },
        ],
      },
    },

    // Taking it back.
    unmapping: { entry: 'unmap', on: { ANSWER: 'reading' } },
    reading: { entry: 'read', on: { ANSWER: { target: 'forgetting', actions: 'keepWhole' } } },
    forgetting: { entry: 'forget', on: { RETURN: 'removing' } },
    removing: { entry: 'remove', on: { REMOVED: 'unlocking' } },

    unlocking: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
