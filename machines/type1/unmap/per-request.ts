/**
 * Unmap as Alex Williamson proposed in his review of v13 11/22 ("notify per unmap request", 15 Nov 2016, untested,
 * never merged): the chain is called first, under no lock, with the range of the request; then everything happens in
 * one critical section.
 *
 * The pointer is never stale. What remains: a page pinned between the notification and the lock is only warned about
 * and leaks (ALT-1), and who is notified does not depend on whether anything will be unmapped (ALT-2 to ALT-5).
 */
import { assign, emit, setup } from 'xstate'
import * as steps from './steps.ts'

export const perRequest = setup({
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
    notify: emit(steps.notifyOfRequest),
    lock: emit(steps.lock),
    check: emit(steps.check),
    find: emit(steps.find),
    point: assign(steps.point),
    count: assign(steps.count),
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
  id: 'perRequest',
  context: ({ input }) => steps.start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isBad', actions: ['begin', 'refuse', 'reset'] },
          { target: 'notifying', actions: 'begin' },
        ],
      },
    },
    notifying: { entry: 'notify', on: { RETURN: 'locking' } },
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
          { guard: 'isPinned', target: 'removing', actions: ['point', 'count', 'warn'] },
          { target: 'removing', actions: ['point', 'count'] },
        ],
      },
    },
    removing: { entry: ['remove', 'forget'], on: { REMOVED: 'finding' } },
    unlocking: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
    refusing: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['refuse', 'reset'] } } },
  },
})
