/**
 * What unmaps have in common, whatever their protocol: the words of their steps, and the states in which several do the same. Each chart says where they
 * stand in it, and what is its own.
 */
import { assign, emit, setup } from 'xstate'
import * as steps from './steps.ts'

export const unmapping = setup({
  types: {} as steps.UnmapTypes,
  guards: {
    isBad: steps.isBad,
    bisects: steps.bisects,
    isNone: steps.isNone,
    beginsInside: steps.beginsInside,
    isPinned: steps.isPinned,
  },
  actions: {
    begin: assign(steps.begin),
    lock: emit(steps.lock),
    check: emit(steps.check),
    find: emit(steps.find),
    point: assign(steps.point),
    count: assign(steps.count),
    remove: emit(steps.remove),
    forget: assign(steps.forget),
    unlock: emit(steps.unlock),
    conclude: assign(steps.conclude),
    finish: emit(steps.finish),
    refuse: emit(steps.refuse),
    reset: assign(steps.reset),
  },
})

/** The words of those, besides, that begin again after a notification, as often as they may. */
export const repeating = unmapping.extend({
  guards: {
    isOneTooMany: steps.isOneTooMany,
    isPinnedAndLast: steps.isPinnedAndLast,
    wantsBitmap: steps.wantsBitmap,
    isUnreported: steps.isUnreported,
    isInIommu: steps.isInIommu,
    isCharged: steps.isCharged,
    isThrough: steps.isThrough,
  },
  actions: {
    firstMeeting: assign(steps.firstMeeting),
    retry: assign(steps.retry),
    bug: emit(steps.bug),
    notify: emit(steps.notifyOfMapping),
    report: emit(steps.report),
    keepReport: assign(steps.keepReport),
    owe: assign(steps.owe),
    unmapFromIommu: emit(steps.unmapFromIommu),
    giveBack: emit(steps.giveBack),
    forgetUndo: assign(steps.forgetUndo),
    forgetLast: assign(steps.forgetLast),
  },
})

/** Under iommu->lock it is checked whether the request cuts a mapping in two. */
export const locked = {
  locking: { entry: 'lock', on: { LOCKED: 'checking' } },
  checking: {
    entry: 'check',
    on: { CHECKED: [{ guard: 'bisects', target: 'refusing' }, { target: 'finding' }] },
  },
} as const

/** The same, behind a look at the request by itself. */
export const beginning = {
  idle: {
    on: {
      CALL: [
        { guard: 'isBad', actions: ['begin', 'refuse', 'reset'] },
        { target: 'locking', actions: 'begin' },
      ],
    },
  },
  ...locked,
} as const

/** Its dirty pages are told before a mapping goes. */
export const reporting = {
  reporting: {
    entry: 'report',
    on: {
      REPORTED: [
        { guard: 'isUnreported', target: 'unlocking', actions: 'keepReport' },
        { target: 'removing', actions: ['keepReport', 'count'] },
      ],
    },
  },
} as const

/** A mapping goes, and nothing is asked of it. */
export const takingOut = { removing: { entry: ['remove', 'forget'], on: { REMOVED: 'finding' } } } as const

/** A mapping goes; where the IOMMU has it, it is taken out there, and pages are given back to whoever was charged. */
export const removing = {
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
} as const

/** What was unmapped is told, or why nothing was. */
export const ending = {
  unlocking: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  refusing: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['refuse', 'reset'] } } },
} as const
