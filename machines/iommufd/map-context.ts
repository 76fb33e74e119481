/**
 * mmap of an iommufd file: what a queue of the hardware would offer there. Nothing of this machine has one.
 *
 * Source: iommufd_fops_mmap (drivers/iommu/iommufd/main.c), which came with IOMMU_HW_QUEUE_ALLOC (between 6.12 and 7.2).
 */
import { assertEvent, emit, setup } from 'xstate'
import { answer } from '../kernel/answer.ts'
import { firstFailing } from '../kernel/checks.ts'
import type { Heard, Said } from '../say.ts'

type MapContextContext = { readonly exists: boolean }
type MapContextEvent = Heard & { readonly type: 'CALL'; readonly private?: number }

export const mapContext = setup({
  types: {
    context: {} as MapContextContext,
    events: {} as MapContextEvent,
    emitted: {} as Said,
    input: {} as MapContextContext & { readonly task: string },
  },
  actions: {
    refuse: emit(({ context: { exists }, event }) => {
      assertEvent(event, 'CALL')
      const ret = firstFailing([
        [!exists, '-ENODEV'],
        [Boolean(event.private), '-EINVAL'],
      ])
      return answer(event, 'RETURN', { ret: ret ?? '-ENXIO' })
    }),
  },
}).createMachine({
  id: 'mapContext',
  context: ({ input: { exists } }) => ({ exists }),
  initial: 'idle',
  states: { idle: { on: { CALL: { actions: 'refuse' } } } },
})
