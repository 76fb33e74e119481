/**
 * Where a device keeps what its page faults are reported with (dev->iommu->fault_param), and how many bonds need it
 * (iopf_refcount). Nothing is there before the first bind of the device, and nothing after the last unbind.
 *
 * Source: iopf_queue_add_device and iopf_queue_remove_device, drivers/iommu/io-pgfault.c of 6.9; that binding does so
 * by itself, with a count, is of 6.15 (drivers sent IOMMU_DEV_FEAT_IOPF before).
 * Left out: RCU.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import type { Heard, Said } from '../../say.ts'

export interface FaultParamInput {
  readonly ptr?: Pointer | null
  /** Of the device, at the start. */
  readonly bonds?: number
}

type FaultParamEvent =
  | (Heard & { readonly type: 'READ' })
  | (Heard & { readonly type: 'SET'; readonly ptr: Pointer | null })
  | (Heard & { readonly type: 'COUNT'; readonly by: number })

export const faultParam = setup({
  types: {
    context: {} as Required<FaultParamInput>,
    events: {} as FaultParamEvent,
    emitted: {} as Said,
    input: {} as FaultParamInput,
  },
  actions: {
    tell: emit(({ context, event }) => answer(event, 'ANSWER', { ptr: context.ptr })),
    set: assign(({ event }) => {
      assertEvent(event, 'SET')
      return { ptr: event.ptr }
    }),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    count: assign(({ context, event }) => {
      assertEvent(event, 'COUNT')
      return { bonds: context.bonds + event.by }
    }),
    tellCount: emit(({ context, event }) => answer(event, 'ANSWER', { value: context.bonds })),
  },
}).createMachine({
  id: 'faultParam',
  context: ({ input: { ptr = null, bonds = 0 } }) => ({ ptr, bonds }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        READ: { actions: 'tell' },
        SET: { actions: ['set', 'done'] },
        COUNT: { actions: ['count', 'tellCount'] },
      },
    },
  },
})
