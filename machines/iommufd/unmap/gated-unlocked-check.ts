/**
 * Unmap in iommufd as of 6.2: after the notification it reads area->num_accesses with no lock held, through a pointer
 * from before. Whoever unmapped the same area meanwhile has freed it. If accesses are left: a warning and
 * -EDEADLOCK, in a return that forgets to report what was unmapped before. No bound on notifications, and no cursor
 * (gated-no-cursor.ts).
 */
import { emit } from 'xstate'
import * as shared from './gated-chart.ts'
import * as steps from './gated-steps.ts'

export const gatedUnlockedCheck = shared.gating
  .extend({
    guards: {
      isStillAccessed: steps.isStillAccessed,
    },
    actions: {
      readAccesses: emit(steps.readAccesses),
      finishUncounted: emit(steps.finishUncounted),
    },
  })
  .createMachine({
    id: 'gatedUnlockedCheck',
    context: ({ input }) => steps.start(input),
    initial: 'idle',
    states: {
      ...shared.idle,
      ...shared.finding,
      notifying: { entry: 'notify', on: { RETURN: 'reading accesses' } },
      'reading accesses': {
        entry: 'readAccesses',
        on: {
          ACCESSES: [
            {
              guard: 'isStillAccessed',
              target: 'idle',
              actions: ['warn', { type: 'settle', params: { ret: '-EDEADLOCK' } }, 'finishUncounted', 'reset'],
            },
            { target: 'locking domains', actions: 'forget' },
          ],
        },
      },

      ...shared.clearing,
      ...shared.unlocking,
    },
  })
