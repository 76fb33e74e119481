/**
 * Unmap in iommufd before the fix of 2026 (8602018b1f17): like gated, but after an area is gone the search begins where
 * it began before. iova.rwsem was dropped to free that area, so whoever maps there meanwhile is found and unmapped too,
 * or, while still mapping, makes the unmap fail with -EBUSY.
 */
import { assign } from 'xstate'
import * as shared from './gated-chart.ts'
import * as steps from './gated-steps.ts'

export const gatedNoCursor = shared.gating
  .extend({
    guards: {
      isOneTooMany: steps.isOneTooMany,
    },
    actions: {
      retry: assign(steps.retry),
    },
  })
  .createMachine({
    id: 'gatedNoCursor',
    context: ({ input }) => steps.start(input),
    initial: 'idle',
    states: {
      ...shared.idle,
      ...shared.finding,
      ...shared.notifying,

      ...shared.clearing,
      ...shared.unlocking,
    },
  })
