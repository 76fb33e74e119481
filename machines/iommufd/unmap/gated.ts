/**
 * Unmap as iommufd does it today (iopt_unmap_iova_range, 7.x). An area with accesses is gated first: no new pins. Then
 * both locks are dropped, every access is told, and the search begins again from the locks. After 100 notifications in
 * vain it gives up, -EDEADLOCK and a warning instead of a panic. What was unmapped is passed by (8602018b1f17, 2026),
 * so nobody else's new mapping is touched.
 */
import { assign, emit, setup } from 'xstate'
import * as steps from './gated-steps.ts'

export const gated = setup({
  types: {} as steps.GatedTypes,
  guards: {
    isEmptyRequest: steps.isEmptyRequest,
    overflows: steps.overflows,
    isNone: steps.isNone,
    isNoneAtAll: steps.isNoneAtAll,
    hasNoPages: steps.hasNoPages,
    isCut: steps.isCut,
    isAccessed: steps.isAccessed,
    isOneTooMany: steps.isOneTooMany,
    isFilled: steps.isFilled,
    isPastTheEnd: steps.isPastTheEnd,
  },
  actions: {
    begin: assign(steps.begin),
    lockDomains: emit(steps.lockDomains),
    lockIova: emit(steps.lockIova),
    find: emit(steps.find),
    point: assign(steps.point),
    startHere: assign(steps.startHere),
    gate: emit(steps.gate),
    notify: emit(steps.notify),
    retry: assign(steps.retry),
    warn: emit(steps.warn),
    clearPages: emit(steps.clearPages),
    keepFilled: assign(steps.keepFilled),
    unfill: emit(steps.unfill),
    free: emit(steps.free),
    count: assign(steps.count),
    startBehind: assign(steps.startBehind),
    forget: assign(steps.forget),
    settle: assign(steps.settle),
    unlockIova: emit(steps.unlockIova),
    unlockDomains: emit(steps.unlockDomains),
    conclude: assign(steps.conclude),
    finish: emit(steps.finish),
    reset: assign(steps.reset),
  },
}).createMachine({
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
    'locking domains': { entry: 'lockDomains', on: { LOCKED: 'locking iova' } },
    'locking iova': { entry: 'lockIova', on: { LOCKED: 'finding' } },
    finding: {
      entry: 'find',
      on: {
        FOUND: [
          { guard: 'isNoneAtAll', target: 'unlocking iova', actions: { type: 'settle', params: { ret: '-ENOENT' } } },
          { guard: 'isNone', target: 'unlocking iova' },
          { guard: 'hasNoPages', target: 'unlocking iova', actions: { type: 'settle', params: { ret: '-EBUSY' } } },
          { guard: 'isCut', target: 'unlocking iova', actions: { type: 'settle', params: { ret: '-ENOENT' } } },
          { guard: 'isAccessed', target: 'gating', actions: ['point', 'startHere'] },
          { target: 'clearing', actions: 'point' },
        ],
      },
    },

    gating: { entry: 'gate', on: { GATED: 'dropping iova' } },
    'dropping iova': { entry: 'unlockIova', on: { UNLOCKED: 'dropping domains' } },
    'dropping domains': { entry: 'unlockDomains', on: { UNLOCKED: 'notifying' } },
    notifying: {
      entry: 'notify',
      on: {
        RETURN: [
          {
            guard: 'isOneTooMany',
            target: 'idle',
            actions: ['warn', { type: 'settle', params: { ret: '-EDEADLOCK' } }, 'finish', 'reset'],
          },
          { target: 'locking domains', actions: ['retry', 'forget'] },
        ],
      },
    },

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

    'unlocking iova': { entry: ['unlockIova', 'conclude'], on: { UNLOCKED: 'unlocking domains' } },
    'unlocking domains': { entry: 'unlockDomains', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
