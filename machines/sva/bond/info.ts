/**
 * VFIO_DEVICE_GET_INFO, as far as the series of 2017 adds to it: a flag when both the device and the system can share virtual memory. Nothing that
 * happens to the device changes it.
 *
 * Source: "[RFC PATCH 29/30] vfio: Add support for Shared Virtual Memory" (Feb 2017), which says "a capability flag in device info". Its name
 * (VFIO_DEVICE_FLAGS_SVM) and value, the next that was free in 4.10, are not in what is left of the patch.
 * Left out: regions and interrupts (pci/information.ts).
 */
import { assertEvent, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Heard, Said } from '../../say.ts'

export interface SvmInfoInput {
  readonly task: string
  /** The device has PASIDs and page requests, and so has the IOMMU it is behind. */
  readonly svm: boolean
}

type SvmInfoEvent = Heard & { readonly type: 'CALL'; readonly argsz?: number }

const flags = { reset: 0x1, pci: 0x2, svm: 0x10 }
/** Up to and including num_irqs. */
const minimum = 16

export const svmInfo = setup({
  types: {
    context: {} as SvmInfoInput,
    events: {} as SvmInfoEvent,
    emitted: {} as Said,
    input: {} as SvmInfoInput,
  },
  guards: {
    isTooSmall: ({ event }) => {
      assertEvent(event, 'CALL')
      return (event.argsz ?? minimum) < minimum
    },
  },
  actions: {
    refuse: emit(({ event }) => answer(event, 'RETURN', { ret: '-EINVAL' })),
    tell: emit(({ context: { svm }, event }) =>
      answer(event, 'RETURN', { ret: 0, flags: flags.pci | flags.reset | (svm ? flags.svm : 0) }),
    ),
  },
}).createMachine({
  id: 'svmInfo',
  context: ({ input: { task, svm } }) => ({ task, svm }),
  initial: 'idle',
  states: {
    idle: { on: { CALL: [{ guard: 'isTooSmall', actions: 'refuse' }, { actions: 'tell' }] } },
  },
})
