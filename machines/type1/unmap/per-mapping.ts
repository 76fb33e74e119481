/**
 * Unmap as "[PATCH v13 11/22] vfio iommu: Add blocking notifier to notify DMA_UNMAP" (2016, never merged) does it: for
 * every mapping with pinned pages drop iommu->lock, call the chain, take the lock again and go on with the same
 * pointer.
 *
 * After the relock "even our dma pointer is suspect" (Alex Williamson's review): V13-1, V13-3. `unmapped` counts the
 * mapping before the notification, so a page pinned in the window leaves the mapping there and the size too large:
 * V13-2.
 */
import { emit } from 'xstate'
import * as shared from './unmap-chart.ts'
import * as steps from './steps.ts'

export const perMapping = shared.unmapping
  .extend({
    guards: {
      isForeign: steps.isForeign,
      isPinnedAgain: steps.isPinnedAgain,
    },
    actions: {
      notify: emit(steps.notifyOfMapping),
      read: emit(steps.read),
      warn: emit(steps.warn),
    },
  })
  .createMachine({
    id: 'perMapping',
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
            { guard: 'isPinned', target: 'dropping', actions: ['point', 'count'] },
            { target: 'removing', actions: ['point', 'count'] },
          ],
        },
      },
      dropping: { entry: 'unlock', on: { UNLOCKED: 'notifying' } },
      notifying: { entry: 'notify', on: { RETURN: 'relocking' } },
      relocking: { entry: 'lock', on: { LOCKED: 'looking' } },
      looking: {
        entry: 'read',
        on: {
          READ_RESULT: [{ guard: 'isPinnedAgain', target: 'unlocking', actions: 'warn' }, { target: 'removing' }],
        },
      },
      ...shared.takingOut,
      ...shared.ending,
    },
  })
