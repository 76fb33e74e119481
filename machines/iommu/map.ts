/**
 * VFIO_IOMMU_MAP_DMA on type1 (vfio_dma_do_map): one critical section under iommu->lock, so a mapping is there whole or
 * not at all.
 *
 * Source: c086de818dd8 (4.10) and later. Left out: VADDR, pinning the pages and mapping them into IOMMU domains;
 * argument checks are type1's answer to MAP (all kernels refuse before anything happens; which of them did it under the
 * lock cannot be seen).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'
import type { Mapping } from './dma-list.ts'

export interface MapInput {
  readonly task: string
  readonly at: { readonly lock: string; readonly type1: string }
}

type Ret = number | string
type MapContext = MapInput & {
  readonly caller: string | null
  readonly mapping: Mapping | null
  readonly ret: Ret
}
type MapEvent =
  | (Heard & Mapping & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'MAPPED'; readonly ret: Ret })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

const start = ({ task, at }: MapInput): MapContext => ({ task, at, caller: null, mapping: null, ret: 0 })

export const map = setup({
  types: {
    context: {} as MapContext,
    events: {} as MapEvent,
    emitted: {} as Said,
    input: {} as MapInput,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { iova, size, prot, mm } = event
      return { caller: event.from, mapping: { iova, size, prot, mm } }
    }),
    lock: emit(({ context: { at, task } }) => send(at.lock, 'LOCK', { task })),
    map: emit(({ context: { at, task, mapping } }) => send(at.type1, 'MAP', { task, ...mapping })),
    keep: assign(({ event }) => {
      assertEvent(event, 'MAPPED')
      return { mapping: null, ret: event.ret }
    }),
    unlock: emit(({ context: { at, task } }) => send(at.lock, 'UNLOCK', { task })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'map',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'mapping' } },
    mapping: { entry: 'map', on: { MAPPED: { target: 'unlocking', actions: 'keep' } } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
