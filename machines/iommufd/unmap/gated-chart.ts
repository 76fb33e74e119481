/**
 * What the unmaps of iommufd have in common: the words of their steps, and the states in which several do the same. Each chart says where they stand in it,
 * and what is its own.
 */
import { assign, emit, setup } from 'xstate'
import * as steps from './gated-steps.ts'

export const gating = setup({
  types: {} as steps.GatedTypes,
  guards: {
    isEmptyRequest: steps.isEmptyRequest,
    isNone: steps.isNone,
    isNoneAtAll: steps.isNoneAtAll,
    hasNoPages: steps.hasNoPages,
    isCut: steps.isCut,
    isAccessed: steps.isAccessed,
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
})

/** Before an overflow was asked about. */
export const idle = {
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
} as const

/** An area is found, and barred to accesses, under both locks. */
export const finding = {
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
} as const

/** Its pages go, and it is freed without iova.rwsem; then the search begins where it began. */
export const clearing = {
  clearing: { entry: 'clearPages', on: { CLEARED: 'dropping iova to free' } },
  'dropping iova to free': { entry: 'unlockIova', on: { UNLOCKED: 'freeing' } },
  freeing: { entry: 'free', on: { FREED: { target: 'relocking iova', actions: ['count', 'forget'] } } },
  'relocking iova': { entry: 'lockIova', on: { LOCKED: 'finding' } },
} as const

/** What was unmapped is told. */
export const unlocking = {
  'unlocking iova': { entry: ['unlockIova', 'conclude'], on: { UNLOCKED: 'unlocking domains' } },
  'unlocking domains': { entry: 'unlockDomains', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
} as const

/** Whoever has pages of it is told, and asked to let go. */
export const notifying = {
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
} as const
