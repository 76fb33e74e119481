/**
 * Unmap as merged: c086de818dd8 (4.10), with this shape up to 5.11. For a mapping with pinned pages drop iommu->lock,
 * call the chain, and begin again from the lock (`again:`): no pointer survives the window, except `dma_last`, which is
 * only compared.
 *
 * Up to 4.17 a mapping belongs to the thread that made it, and once that has exited it is nobody's: the request ends there
 * as at somebody else's memory (B-40; 48d8476b41ee "vfio/type1: Fix task tracking for QEMU vCPU hotplug").
 *
 * A mapping that is met pinned 12 times in a row panics: BUG_ON(++retries > 10) (M-1). `unmapped` counts what was
 * really removed, but the check after a restart may fail when part of the range is gone already: -EINVAL, and no size
 * is copied back (M-4).
 */
import { assign, emit } from 'xstate'
import * as shared from './unmap-chart.ts'
import * as steps from './steps.ts'

export const restart = shared.repeating
  .extend({
    guards: {
      isForeign: steps.isForeign,
      isThreads: steps.isThreads,
      hasNoOwner: steps.hasNoOwner,
    },
    actions: {
      keepFound: assign(steps.keepFound),
      askOwner: emit(steps.askOwner),
    },
  })
  .createMachine({
    id: 'restart',
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
            { guard: 'isThreads', target: 'asking owner', actions: 'keepFound' },
            { guard: 'isForeign', target: 'unlocking' },
            { target: 'found' },
          ],
        },
      },
      'asking owner': {
        entry: 'askOwner',
        on: { THREAD: [{ guard: 'hasNoOwner', target: 'unlocking' }, { target: 'found' }] },
      },
      found: {
        always: [
          { guard: 'isOneTooMany', target: 'dead', actions: 'bug' },
          { guard: 'isPinnedAndLast', target: 'dropping', actions: ['point', 'retry'] },
          { guard: 'isPinned', target: 'dropping', actions: ['point', 'firstMeeting'] },
          { guard: 'wantsBitmap', target: 'reporting', actions: 'point' },
          { target: 'removing', actions: ['point', 'count'] },
        ],
      },
      dropping: { entry: 'unlock', on: { UNLOCKED: 'notifying' } },
      notifying: { entry: ['notify', 'forget'], on: { RETURN: 'locking' } },
      ...shared.reporting,
      ...shared.removing,
      ...shared.ending,
      dead: {},
    },
  })
