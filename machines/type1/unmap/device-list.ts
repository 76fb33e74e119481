/**
 * Unmap since 6.0: 8cfc5b60751b "vfio: Replace the iommu notifier with a device list"; unchanged in 7.x. As restart.ts,
 * but dropping and retaking iommu->lock is the business of vfio_notify_dma_unmap (notify-devices.ts), and `again:`
 * comes with the lock held. With nobody listed the lock is not even dropped, and a pinned mapping runs straight into
 * BUG_ON(++retries > 10) (observed on 6.1).
 *
 * Two things differ from restart.ts besides: whose memory it is no longer matters, and `ret` is 0 from the first pass
 * on (5.12), so a check that fails after a restart ends the request as a success with the size removed so far (M-4).
 */
import { assign, emit, setup } from 'xstate'
import * as steps from './steps.ts'

export const deviceListUnmap = setup({
  types: {} as steps.UnmapTypes,
  guards: {
    isBad: steps.isBad,
    bisects: steps.bisects,
    isNone: steps.isNone,
    beginsInside: steps.beginsInside,
    isOneTooMany: steps.isOneTooMany,
    isPinnedAndLast: steps.isPinnedAndLast,
    isPinned: steps.isPinned,
    wantsBitmap: steps.wantsBitmap,
    isUnreported: steps.isUnreported,
    isInIommu: steps.isInIommu,
    isCharged: steps.isCharged,
    isThrough: steps.isThrough,
  },
  actions: {
    begin: assign(steps.begin),
    lock: emit(steps.lock),
    check: emit(steps.check),
    find: emit(steps.find),
    point: assign(steps.point),
    firstMeeting: assign(steps.firstMeeting),
    retry: assign(steps.retry),
    bug: emit(steps.bug),
    notify: emit(steps.notifyOfMapping),
    report: emit(steps.report),
    keepReport: assign(steps.keepReport),
    count: assign(steps.count),
    remove: emit(steps.remove),
    owe: assign(steps.owe),
    unmapFromIommu: emit(steps.unmapFromIommu),
    giveBack: emit(steps.giveBack),
    forgetUndo: assign(steps.forgetUndo),
    forget: assign(steps.forget),
    forgetLast: assign(steps.forgetLast),
    unlock: emit(steps.unlock),
    conclude: assign(steps.conclude),
    finish: emit(steps.finish),
    refuse: emit(steps.refuse),
    reset: assign(steps.reset),
  },
}).createMachine({
  id: 'deviceListUnmap',
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
    reporting: {
      entry: 'report',
      on: {
        REPORTED: [
          { guard: 'isUnreported', target: 'unlocking', actions: 'keepReport' },
          { target: 'removing', actions: ['keepReport', 'count'] },
        ],
      },
    },
    removing: {
      entry: ['remove', 'forgetLast', 'forget'],
      on: {
        REMOVED: [
          { guard: 'isInIommu', target: 'unmapping', actions: 'owe' },
          { guard: 'isThrough', target: 'unlocking' },
          { target: 'finding' },
        ],
      },
    },
    unmapping: { entry: 'unmapFromIommu', on: { UNMAPPED: 'unmapped' } },
    unmapped: { always: [{ guard: 'isCharged', target: 'uncharging' }, { target: 'removed' }] },
    uncharging: { entry: 'giveBack', on: { RETURN: 'removed' } },
    removed: {
      entry: 'forgetUndo',
      always: [{ guard: 'isThrough', target: 'unlocking' }, { target: 'finding' }],
    },
    unlocking: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
    refusing: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['refuse', 'reset'] } } },
    dead: {},
  },
})
