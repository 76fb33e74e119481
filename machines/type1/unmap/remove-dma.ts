/**
 * A mapping goes (vfio_remove_dma): what of a device's memory it has in the IOMMU is taken out, and whatever the protocol has hung on it is
 * forgotten; then it is freed. iommu->lock is held throughout. Memory of a process is not in an IOMMU here: what is mapped for a driver that pins.
 *
 * Source: vfio_remove_dma, vfio_unmap_unpin (5.11), and what the series of 2021 put there. Left out: accounting (give-back.ts).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { isOfDevice, type Dma } from '../backend/dma-list.ts'

export interface RemoveDmaInput {
  readonly task: string
  /** The domain of the IOMMU. */
  readonly container: string
  readonly at: {
    readonly type1: string
    readonly hardware: string
    /** What device memory's protocol does about it, as the same task runs it. */
    readonly protocol: string
  }
}

interface RemoveDmaContext extends RemoveDmaInput {
  readonly caller: string | null
  readonly ptr: Pointer | null
  readonly site: string
  readonly dma: Dma | null
}

type RemoveDmaEvent =
  | (Heard & { readonly type: 'REMOVE'; readonly dma: Pointer; readonly site: string })
  | (Heard & { readonly type: 'ANSWER'; readonly dma?: Dma })
  | (Heard & { readonly type: 'RETURN' | 'REMOVED' })

const start = ({ task, container, at }: RemoveDmaInput): RemoveDmaContext => ({
  ...{ task, container, at },
  ...{ caller: null, ptr: null, site: '', dma: null },
})

export const removeDma = setup({
  types: {
    context: {} as RemoveDmaContext,
    events: {} as RemoveDmaEvent,
    emitted: {} as Said,
    input: {} as RemoveDmaInput,
  },
  guards: {
    isOfDevice: ({ event }) => event.type === 'ANSWER' && isOfDevice(event.dma!),
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'REMOVE')
      return { caller: event.from, ptr: event.dma, site: event.site }
    }),
    read: emit(({ context: { at, task, ptr } }) => send(at.type1, 'USE', { task, dma: ptr, site: 'vfio_unmap_unpin' })),
    keep: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { dma: event.dma! }
    }),
    unmap: emit(({ context: { at, task, container, dma } }) =>
      send(at.hardware, 'UNMAP', { task, domain: container, iova: dma!.iova, size: dma!.size }),
    ),
    forget: emit(({ context: { at, task, container, dma } }) =>
      send(at.protocol, 'CALL', { task, do: 'FORGET', container, dma }),
    ),
    remove: emit(({ context: { at, task, ptr, site } }) => send(at.type1, 'REMOVE', { task, dma: ptr, site })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'REMOVED', { task })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'removeDma',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { REMOVE: { target: 'reading', actions: 'begin' } } },
    reading: {
      entry: 'read',
      on: { ANSWER: [{ guard: 'isOfDevice', target: 'unmapping', actions: 'keep' }, { target: 'removing' }] },
    },
    unmapping: { entry: 'unmap', on: { ANSWER: 'forgetting' } },
    forgetting: { entry: 'forget', on: { RETURN: 'removing' } },
    removing: { entry: 'remove', on: { REMOVED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
