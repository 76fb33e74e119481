/**
 * Unmap as Alex Williamson proposed in his review of v13 11/22 ("notify per unmap request", 15 Nov 2016, untested,
 * never merged): the chain is called first, under no lock, with the range of the request; then everything happens in
 * one critical section.
 *
 * The pointer is never stale. What remains: a page pinned between the notification and the lock is only warned about
 * and leaks (ALT-1), and who is notified does not depend on whether anything will be unmapped (ALT-2 to ALT-5).
 */
import { emit } from 'xstate'
import * as shared from './unmap-chart.ts'
import * as steps from './steps.ts'

export const perRequest = shared.unmapping
  .extend({
    guards: {
      isForeign: steps.isForeign,
    },
    actions: {
      notify: emit(steps.notifyOfRequest),
      warn: emit(steps.warn),
    },
  })
  .createMachine({
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
      ...shared.locked,
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
      ...shared.takingOut,
      ...shared.ending,
    },
  })
