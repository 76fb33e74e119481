/**
 * Unmap since 6.0: 8cfc5b60751b "vfio: Replace the iommu notifier with a device list"; unchanged in 7.x. As restart.ts,
 * but dropping and retaking iommu->lock is the business of vfio_notify_dma_unmap (notify-devices.ts), and `again:`
 * comes with the lock held. With nobody listed the lock is not even dropped, and a pinned mapping runs straight into
 * BUG_ON(++retries > 10) (observed on 6.1).
 *
 * Two things differ from restart.ts besides: whose memory it is no longer matters, and `ret` is 0 from the first pass
 * on (5.12), so a check that fails after a restart ends the request as a success with the size removed so far (M-4).
 */
import * as shared from './unmap-chart.ts'
import * as steps from './steps.ts'

export const deviceListUnmap = shared.repeating.createMachine({
  id: 'deviceListUnmap',
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
          { guard: 'isOneTooMany', target: 'dead', actions: 'bug' },
          { guard: 'isPinnedAndLast', target: 'notifying', actions: ['point', 'retry'] },
          { guard: 'isPinned', target: 'notifying', actions: ['point', 'firstMeeting'] },
          { guard: 'wantsBitmap', target: 'reporting', actions: 'point' },
          { target: 'removing', actions: ['point', 'count'] },
        ],
      },
    },
    notifying: { entry: ['notify', 'forget'], on: { RETURN: 'rechecking' } },
    rechecking: {
      entry: 'check',
      on: { CHECKED: [{ guard: 'bisects', target: 'unlocking' }, { target: 'finding' }] },
    },
    ...shared.reporting,
    ...shared.removing,
    ...shared.ending,
    dead: {},
  },
})
