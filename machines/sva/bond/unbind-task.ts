/**
 * iommu_unbind_task: a bond ends because somebody says so; unbind-steps.ts says how. Bound more often than once, it only counts. What is given
 * with the PASID may say whose it must be (`mm`): the bond of another address space that still lives is not found.
 *
 * The story may want to know whose unbind will be answered (`unbound`): that is said under the lock, so that a bind that comes next takes it back,
 * and not at all if the pair is bound anew already.
 *
 * When the caches cannot be invalidated all is as it was before, but for what the device was told, and the call fails.
 *
 * Source: "[RFC PATCH 29/30] vfio: Add support for Shared Virtual Memory" (Feb 2017); "unbind() waited until any concurrent mm_exit() finished"
 * (2018), where there is a gate.
 * Left out: unbinding a device that goes away.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { isSame } from '../../kernel/heap/pointer.ts'
import { send } from '../../say.ts'
import type { Bond } from './bonds.ts'
import * as steps from './unbind-steps.ts'

export interface UnbindTaskInput extends steps.UnbindInput {
  readonly at: steps.UnbindAt & { readonly mmdrop: string }
}

const found = ({ event }: steps.Step): Bond | null => {
  assertEvent(event, 'ANSWER')
  return event.bond!
}

export const unbindTask = setup({
  types: {} as steps.UnbindTypes & { input: UnbindTaskInput },
  guards: {
    hasGate: ({ context }) => context.at.gate !== undefined,
    isNone: (step) => (found(step) ?? { state: 'leaving' }).state === 'leaving',
    isOfAnother: (step) => {
      const { mm } = step.context
      return mm !== null && !isSame(mm, found(step)!.mm)
    },
    isAlive: ({ event }) => event.type === 'ANSWER' && event.fields!.users > 0,
    hasOtherUsers: ({ context }) => context.bond!.users > 1,
    wasLive: ({ context }) => context.bond!.state === 'live',
    isToldOf: ({ context }) => context.unbound !== null,
    isBoundAnew: (step) => found(step)?.state === 'live',
    keepsMm: ({ context }) => !context.form.dropsMm,
    hasFailed: ({ context }) => context.ret !== 0,
    asksDevice: steps.asksDevice,
    invalidates: steps.invalidates,
    drains: steps.drains,
    isRefused: steps.isRefused,
  },
  actions: {
    begin: assign(({ context, event }) => {
      assertEvent(event, 'CALL')
      const { from: caller, device, pasid, mm = null, unbound = null, how } = event
      return { caller, device: device!, pasid: pasid!, mm, unbound, how: steps.believed(context, how!) }
    }),
    waitForMmExit: emit(({ context: { at, task, device, pasid } }) => send(at.gate!, 'WAIT', { task, device, pasid })),
    lock: emit(steps.lock),
    find: emit(({ context: { at, task, device, pasid } }) => send(at.bonds, 'FIND', { task, device, pasid })),
    keepBond: assign((step) => ({ bond: found(step), device: '', pasid: null, mm: null })),
    lookAtMm: emit(({ context: { at, task, bond } }) =>
      send(at.mms, 'USE', { task, ptr: bond!.mm, site: 'iommu_unbind_task' }),
    ),
    refuse: assign({ ret: '-ESRCH' }),
    count: emit(({ context: { at, task, bond } }) => {
      const { device, pasid, mm } = bond!
      return send(at.bonds, 'COUNT', { task, device, pasid, mm, by: -1 })
    }),
    markLeaving: emit(steps.markLeaving),
    stopPasid: emit(steps.stopPasid),
    tellDevice: emit(steps.tellDevice),
    keepLeft: assign(steps.keepLeft),
    clearEntry: emit(steps.clearEntry),
    invalidate: emit(steps.invalidate),
    drain: emit(steps.drain),
    del: emit(steps.del),
    keepOthers: assign(steps.keepOthers),
    releasePasid: emit(steps.releasePasid),
    findOfPair: emit(({ context: { at, task, bond, unbound } }) =>
      send(at.bonds, 'FIND_MM', { task, device: bond!.device, mm: unbound }),
    ),
    tellUnbound: emit(({ context: { at, task, bond, unbound } }) =>
      send(at.translation, 'UNBOUND', { task, device: bond!.device, mm: unbound }),
    ),
    drop: emit(({ context: { at, task, bond } }) => send(at.mmdrop!, 'CALL', { task, mm: bond!.mm })),
    wasLast: assign({ last: true }),

    keepError: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { ret: event.ret! }
    }),
    setEntry: emit(({ context: { at, task, bond } }) => {
      const { device, pasid, mm } = bond!
      return send(at.translation, 'SET_ENTRY', { task, device, pasid, mm })
    }),
    markAsBefore: emit(({ context }) => steps.mark(context, context.bond!.state)),
    keepPasid: emit(steps.keepPasid),

    unlock: emit(steps.unlock),
    /** Runs that differ only in what was asked for, or in how the device left, become one. */
    conclude: assign(({ context }) => {
      const { caller, last, ret } = context
      return { ...steps.start(context), caller, last, ret }
    }),
    forgetHow: assign(steps.forgetHow),
    finish: emit(({ context: { caller, task, last, ret } }) =>
      send(caller!, 'RETURN', { task, ret, ...(ret === 0 && { last }) }),
    ),
    reset: assign(steps.reset),
  },
}).createMachine({
  id: 'unbindTask',
  context: ({ input }) => steps.start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'hasGate', target: 'waiting for mm_exit', actions: 'begin' },
          { target: 'locking', actions: 'begin' },
        ],
      },
    },
    'waiting for mm_exit': { entry: 'waitForMmExit', on: { ANSWER: 'locking' } },
    locking: { entry: 'lock', on: { LOCKED: 'looking' } },
    looking: {
      entry: 'find',
      on: {
        ANSWER: [
          { guard: 'isNone', target: 'unlocking', actions: 'refuse' },
          { guard: 'isOfAnother', target: 'looking whose', actions: 'keepBond' },
          { target: 'found', actions: 'keepBond' },
        ],
      },
    },
    'looking whose': {
      entry: 'lookAtMm',
      on: { ANSWER: [{ guard: 'isAlive', target: 'unlocking', actions: 'refuse' }, { target: 'found' }] },
    },
    found: { always: [{ guard: 'hasOtherUsers', target: 'counting' }, { target: 'marking' }] },
    counting: { entry: 'count', on: { ANSWER: 'unlocking' } },
    unlocking: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },

    marking: { entry: 'markLeaving', on: { ANSWER: 'stopping the PASID' } },
    'stopping the PASID': { entry: 'stopPasid', on: { ANSWER: 'letting others in' } },
    'letting others in': {
      entry: 'unlock',
      on: { UNLOCKED: [{ guard: 'asksDevice', target: 'telling the device' }, { target: 'clearing' }] },
    },
    'telling the device': { entry: 'tellDevice', on: { RETURN: { target: 'clearing', actions: 'keepLeft' } } },
    clearing: {
      entry: 'clearEntry',
      on: {
        ANSWER: [
          { guard: 'invalidates', target: 'invalidating' },
          { guard: 'drains', target: 'draining' },
          { target: 'locking to drop' },
        ],
      },
    },
    invalidating: {
      entry: 'invalidate',
      on: {
        ANSWER: [
          { guard: 'isRefused', target: 'locking to keep', actions: 'keepError' },
          { guard: 'drains', target: 'draining' },
          { target: 'locking to drop' },
        ],
      },
    },
    draining: { entry: 'drain', on: { ANSWER: 'locking to drop' } },
    'locking to drop': { entry: 'lock', on: { LOCKED: 'deleting' } },
    deleting: { entry: 'del', on: { ANSWER: { target: 'releasing the PASID', actions: 'keepOthers' } } },
    'releasing the PASID': {
      entry: 'releasePasid',
      on: { ANSWER: [{ guard: 'isToldOf', target: 'looking for another' }, { target: 'leaving' }] },
    },
    'looking for another': {
      entry: 'findOfPair',
      on: { ANSWER: [{ guard: 'isBoundAnew', target: 'leaving' }, { target: 'telling of the end' }] },
    },
    'telling of the end': { entry: 'tellUnbound', on: { ANSWER: 'leaving' } },

    'locking to keep': {
      entry: 'lock',
      on: { LOCKED: [{ guard: 'wasLive', target: 'restoring' }, { target: 'marking as before' }] },
    },
    restoring: { entry: 'setEntry', on: { ANSWER: 'marking as before' } },
    'marking as before': { entry: 'markAsBefore', on: { ANSWER: 'keeping the PASID' } },
    'keeping the PASID': { entry: 'keepPasid', on: { ANSWER: 'leaving' } },

    leaving: {
      entry: ['unlock', 'forgetHow'],
      on: {
        UNLOCKED: [
          { guard: 'hasFailed', target: 'idle', actions: ['finish', 'reset'] },
          { guard: 'keepsMm', target: 'idle', actions: ['wasLast', 'finish', 'reset'] },
          { target: 'dropping', actions: 'wasLast' },
        ],
      },
    },
    dropping: { entry: ['drop', 'conclude'], on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
