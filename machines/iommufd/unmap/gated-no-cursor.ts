/**
 * Unmap in iommufd before the fix of 2026 (8602018b1f17): like gated, but after an area is gone the search begins where
 * it began before. iova.rwsem was dropped to free that area, so whoever maps there meanwhile is found and unmapped too,
 * or, while still mapping, makes the unmap fail with -EBUSY.
 */
import { assign, emit, setup } from 'xstate'
import * as steps from './gated-steps.ts'

export const gatedNoCursor = setup({
  types: {} as steps.GatedTypes,
  guards: {
    isEmptyRequest: steps.isEmptyRequest,
    isNone: steps.isNone,
    isNoneAtAll: steps.isNoneAtAll,
    hasNoPages: steps.hasNoPages,
    isCut: steps.isCut,
    isAccessed: steps.isAccessed,
    isOneTooMany: steps.isOneTooMany,
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
    free: emit(steps.free),
    count: assign(steps.count),
    forget: assign(steps.forget),
    settle: assign(steps.settle),
    unlockIova: emit(steps.unlockIova),
    unlockDomains: emit(steps.unlockDomains),
    conclude: assign(steps.conclude),
    finish: emit(steps.finish),
    reset: assign(steps.reset),
  },
}).createMachine({
  id: 'gatedNoCursor',
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

    clearing: { entry: 'clearPages', on: { CLEARED: 'dropping iova to free' } },
    'dropping iova to free': { entry: 'unlockIova', on: { UNLOCKED: 'freeing' } },
    freeing: { entry: 'free', on: { FREED: { target: 'relocking iova', actions: ['count', 'forget'] } } },
    'relocking iova': { entry: 'lockIova', on: { LOCKED: 'finding' } },

    'unlocking iova': { entry: ['unlockIova', 'conclude'], on: { UNLOCKED: 'unlocking domains' } },
    'unlocking domains': { entry: 'unlockDomains', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
