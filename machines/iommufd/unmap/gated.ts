/**
 * Unmap as iommufd does it today (iopt_unmap_iova_range, 7.x). An area with accesses is gated first: no new pins. Then
 * both locks are dropped, every access is told, and the search begins again from the locks. After 100 notifications in
 * vain it gives up, -EDEADLOCK and a warning instead of a panic. What was unmapped is passed by (8602018b1f17, 2026),
 * so nobody else's new mapping is touched.
 */
import { assign, emit } from 'xstate'
import * as shared from './gated-chart.ts'
import * as steps from './gated-steps.ts'

export const gated = shared.gating
  .extend({
    guards: {
      overflows: steps.overflows,
      isOneTooMany: steps.isOneTooMany,
      isFilled: steps.isFilled,
      isPastTheEnd: steps.isPastTheEnd,
    },
    actions: {
      retry: assign(steps.retry),
      keepFilled: assign(steps.keepFilled),
      unfill: emit(steps.unfill),
      startBehind: assign(steps.startBehind),
    },
  })
  .createMachine({
    id: 'gated',
    context: ({ input }) => steps.start(input),
    initial: 'idle',
    states: {
      idle: {
        on: {
          CALL: [
            {
              guard: 'isEmptyRequest',
              actions: ['begin', { type: 'settle', params: { ret: '-EINVAL' } }, 'finish', 'reset'],
            },
            {
              guard: 'overflows',
              actions: ['begin', { type: 'settle', params: { ret: '-EOVERFLOW' } }, 'finish', 'reset'],
            },
            { target: 'locking domains', actions: 'begin' },
          ],
        },
      },
      ...shared.finding,
      ...shared.notifying,

      clearing: { entry: 'clearPages', on: { CLEARED: { target: 'dropping iova to free', actions: 'keepFilled' } } },
      'dropping iova to free': {
        entry: 'unlockIova',
        on: { UNLOCKED: [{ guard: 'isFilled', target: 'unfilling' }, { target: 'freeing' }] },
      },
      unfilling: { entry: 'unfill', on: { RETURN: 'freeing' } },
      freeing: {
        entry: 'free',
        on: { FREED: { target: 'relocking iova', actions: ['count', 'startBehind', 'forget'] } },
      },
      'relocking iova': {
        entry: 'lockIova',
        on: { LOCKED: [{ guard: 'isPastTheEnd', target: 'unlocking iova' }, { target: 'finding' }] },
      },

      ...shared.unlocking,
    },
  })
