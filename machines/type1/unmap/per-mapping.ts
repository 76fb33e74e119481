/**
 * Unmap as "[PATCH v13 11/22] vfio iommu: Add blocking notifier to notify DMA_UNMAP" (2016, never merged) does it: for
 * every mapping with pinned pages drop iommu->lock, call the chain, take the lock again and go on with the same
 * pointer.
 *
 * After the relock "even our dma pointer is suspect" (Alex Williamson's review): V13-1, V13-3. `unmapped` counts the
 * mapping before the notification, so a page pinned in the window leaves the mapping there and the size too large:
 * V13-2.
 */
import { assign, emit, setup } from 'xstate'
import * as steps from './steps.ts'

export const perMapping = setup({
  types: {} as steps.UnmapTypes,
  guards: {
    isBad: steps.isBad,
    bisects: steps.bisects,
    isNone: steps.isNone,
    beginsInside: steps.beginsInside,
    isForeign: steps.isForeign,
    isPinned: steps.isPinned,
    isPinnedAgain: steps.isPinnedAgain,
  },
  actions: {
    begin: assign(steps.begin),
    lock: emit(steps.lock),
    check: emit(steps.check),
    find: emit(steps.find),
    point: assign(steps.point),
    count: assign(steps.count),
    notify: emit(steps.notifyOfMapping),
    read: emit(steps.read),
    warn: emit(steps.warn),
    remove: emit(steps.remove),
    forget: assign(steps.forget),
    unlock: emit(steps.unlock),
    conclude: assign(steps.conclude),
    finish: emit(steps.finish),
    refuse: emit(steps.refuse),
    reset: assign(steps.reset),
  },
}).createMachine({
  id: 'perMapping',
  context: ({ input }) => steps.start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isBad', actions: ['begin', 'refuse', 'reset'] },
          { target: 'locking', actions: 'begin' },
        ],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: 'checking' } },
    checking: {
      entry: 'check',
      on: { CHECKED: [{ guard: 'bisects', target: 'refusing' }, { target: 'finding' }] },
    },
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
    removing: { entry: ['remove', 'forget'], on: { REMOVED: 'finding' } },
    unlocking: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
    refusing: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['refuse', 'reset'] } } },
  },
})
