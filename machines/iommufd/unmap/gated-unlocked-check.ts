/**
 * Unmap in iommufd as of 6.2: after the notification it reads area->num_accesses with no lock held, through a pointer
 * from before. Whoever unmapped the same area meanwhile has freed it. If accesses are left: a warning and
 * -EDEADLOCK, in a return that forgets to report what was unmapped before. No bound on notifications, and no cursor
 * (gated-no-cursor.ts).
 */
import { assign, emit, setup } from 'xstate'
import * as steps from './gated-steps.ts'

export const gatedUnlockedCheck = setup({
  types: {} as steps.GatedTypes,
  guards: {
    isEmptyRequest: steps.isEmptyRequest,
    isNone: steps.isNone,
    isNoneAtAll: steps.isNoneAtAll,
    hasNoPages: steps.hasNoPages,
    isCut: steps.isCut,
    isAccessed: steps.isAccessed,
    isStillAccessed: steps.isStillAccessed,
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
    readAccesses: emit(steps.readAccesses),
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
    finishUncounted: emit(steps.finishUncounted),
    reset: assign(steps.reset),
  },
}).createMachine({
  id: 'gatedUnlockedCheck',
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

    clearing: { entry: 'clearPages', on: { CLEARED: 'dropping iova to free' } },
    'dropping iova to free': { entry: 'unlockIova', on: { UNLOCKED: 'freeing' } },
    freeing: { entry: 'free', on: { FREED: { target: 'relocking iova', actions: ['count', 'forget'] } } },
    'relocking iova': { entry: 'lockIova', on: { LOCKED: 'finding' } },

    'unlocking iova': { entry: ['unlockIova', 'conclude'], on: { UNLOCKED: 'unlocking domains' } },
    'unlocking domains': { entry: 'unlockDomains', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
