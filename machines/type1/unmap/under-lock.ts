/**
 * Unmap, with iommu->lock held all the way, notification included: the simplest thing that could be written, and what
 * v13's comment ("Notifier callback would call vfio_unpin_pages() which would acquire iommu->lock") says cannot work. A
 * callback that unpins waits for the lock of its own task.
 *
 * Source: the alternative v13 11/22 argues against; no kernel did this. Everything else as in per-mapping.ts.
 */
import { assign, emit, setup } from 'xstate'
import * as steps from './steps.ts'

export const underLock = setup({
  types: {} as steps.UnmapTypes,
  guards: {
    isBad: steps.isBad,
    bisects: steps.bisects,
    isNone: steps.isNone,
    beginsInside: steps.beginsInside,
    isForeign: steps.isForeign,
    isPinned: steps.isPinned,
  },
  actions: {
    begin: assign(steps.begin),
    lock: emit(steps.lock),
    check: emit(steps.check),
    find: emit(steps.find),
    point: assign(steps.point),
    count: assign(steps.count),
    notify: emit(steps.notifyOfMapping),
    remove: emit(steps.remove),
    forget: assign(steps.forget),
    unlock: emit(steps.unlock),
    conclude: assign(steps.conclude),
    finish: emit(steps.finish),
    refuse: emit(steps.refuse),
    reset: assign(steps.reset),
  },
}).createMachine({
  id: 'underLock',
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
          { guard: 'isPinned', target: 'notifying', actions: ['point', 'count'] },
          { target: 'removing', actions: ['point', 'count'] },
        ],
      },
    },
    notifying: { entry: 'notify', on: { RETURN: 'removing' } },
    removing: { entry: ['remove', 'forget'], on: { REMOVED: 'finding' } },
    unlocking: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
    refusing: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['refuse', 'reset'] } } },
  },
})
