/**
 * Unmap, with iommu->lock held all the way, notification included: the simplest thing that could be written, and what
 * v13's comment ("Notifier callback would call vfio_unpin_pages() which would acquire iommu->lock") says cannot work. A
 * callback that unpins waits for the lock of its own task.
 *
 * Source: the alternative v13 11/22 argues against; no kernel did this. Everything else as in per-mapping.ts.
 */
import { emit } from 'xstate'
import * as shared from './unmap-chart.ts'
import * as steps from './steps.ts'

export const underLock = shared.unmapping
  .extend({
    guards: {
      isForeign: steps.isForeign,
    },
    actions: {
      notify: emit(steps.notifyOfMapping),
    },
  })
  .createMachine({
    id: 'underLock',
    context: ({ input }) => steps.start(input),
    initial: 'idle',
    states: {
      ...shared.beginning,
      finding: {
        entry: 'find',
        on: {
          FOUND: [
            { guard: 'isNone', target: 'unlocking' },
            { guard: 'beginsInside', target: 'unlocking' },
            { guard: 'isForeign', target: 'unlocking' },
            { guard: 'isPinned', target: 'notifying', actions: ['point', 'count'] },
            { target: 'removing', actions: ['point', 'count'] },
          ],
        },
      },
      notifying: { entry: 'notify', on: { RETURN: 'removing' } },
      ...shared.takingOut,
      ...shared.ending,
    },
  })
