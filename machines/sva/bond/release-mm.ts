/**
 * The mmu notifier's release: an address space is over, and its pages go as soon as this returns. Every device it is bound to is cut off. What
 * becomes of the bond is a choice (`atExit`, SVM-5):
 *
 *   drops-bond  it ends as if it were unbound; the driver is told before (mm_exit, 2018), and the PASID may go to somebody else
 *   keeps-bond  the PASID stops working, and stays what it was until it is unbound (5.8 and later)
 *
 * Who drops a bond lets go of the lock, so the others are looked up anew. One that is leaving is somebody else's to end.
 *
 * Source: "[RFC PATCH 29/30] vfio: Add support for Shared Virtual Memory" and its review (2017), the series of 2018, 5.8; mm/mmu_notifier.c
 * (release returns nothing, so an invalidation that times out goes unheard; the page tables are invalidated after it).
 * Left out: address spaces that nobody bound are not told apart from the others.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send } from '../../say.ts'
import type { Bond } from './bonds.ts'
import type { SvmForm } from './forms.ts'
import * as steps from './unbind-steps.ts'

export interface ReleaseMmInput extends steps.UnbindInput {
  readonly form: steps.UnbindInput['form'] & Pick<SvmForm, 'atExit'>
}

const firstLive = ({ event }: steps.Step): Bond | undefined =>
  event.type === 'ANSWER' ? event.bonds!.find(({ state }) => state === 'live') : undefined

export const releaseMm = setup({
  types: {} as steps.UnbindTypes & { input: ReleaseMmInput },
  guards: {
    isNone: (step) => firstLive(step) === undefined,
    keepsBond: ({ context }) => context.form.atExit === 'keeps-bond',
    tellsDriver: ({ context }) => context.at.mmExit !== undefined,
    hasGate: ({ context }) => context.at.gate !== undefined,
    asksDevice: steps.asksDeviceAtExit,
    invalidates: steps.invalidates,
    drains: steps.drains,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, mm: event.mm! }
    }),
    lock: emit(steps.lock),
    find: emit(({ context: { at, task, mm } }) => send(at.bonds, 'OF_MM', { task, mm })),
    keepBond: assign((step) => ({ bond: firstLive(step)!, how: steps.believed(step.context, 'unknown') })),
    markDead: emit(({ context }) => steps.mark(context, 'dead')),
    markLeaving: emit(steps.markLeaving),
    stopPasid: emit(steps.stopPasid),
    closeGate: emit(steps.beginMmExit),
    tellDriver: emit(({ context: { at, task, bond } }) => {
      const { device, pasid, mm } = bond!
      return send(at.mmExit!, 'CALL', { task, do: 'MM_EXIT', device, pasid, mm })
    }),
    openGate: emit(steps.endMmExit),
    tellDevice: emit(steps.tellDevice),
    keepLeft: assign(steps.keepLeft),
    clearEntry: emit(steps.clearEntry),
    invalidate: emit(steps.invalidate),
    drain: emit(steps.drain),
    del: emit(steps.del),
    keepOthers: assign(steps.keepOthers),
    releasePasid: emit(steps.releasePasid),
    /** Not the last: whoever puts the address space has one. */
    drop: emit(({ context: { at, task, mm } }) =>
      send(at.mms, 'ADD', { task, ptr: mm, site: 'iommu_notifier_release', field: 'count', by: -1 }),
    ),
    forgetBond: assign(steps.forgetBond),
    unlock: emit(steps.unlock),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(steps.reset),
  },
}).createMachine({
  id: 'releaseMm',
  context: ({ input }) => steps.start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'looking' } },
    looking: {
      entry: 'find',
      on: {
        ANSWER: [
          { guard: 'isNone', target: 'unlocking' },
          { guard: 'keepsBond', target: 'marking as dead', actions: 'keepBond' },
          { target: 'marking', actions: 'keepBond' },
        ],
      },
    },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },

    'marking as dead': { entry: 'markDead', on: { ANSWER: 'cutting off' } },
    'cutting off': {
      entry: 'clearEntry',
      on: {
        ANSWER: [
          { guard: 'invalidates', target: 'flushing' },
          { target: 'looking', actions: 'forgetBond' },
        ],
      },
    },
    flushing: { entry: 'invalidate', on: { ANSWER: { target: 'looking', actions: 'forgetBond' } } },

    marking: { entry: 'markLeaving', on: { ANSWER: 'stopping the PASID' } },
    'stopping the PASID': { entry: 'stopPasid', on: { ANSWER: 'letting others in' } },
    'letting others in': { entry: 'unlock', on: { UNLOCKED: 'unlocked' } },
    unlocked: {
      always: [
        { guard: 'tellsDriver', target: 'beginning mm_exit' },
        { guard: 'asksDevice', target: 'telling the device' },
        { target: 'clearing' },
      ],
    },
    'beginning mm_exit': { always: [{ guard: 'hasGate', target: 'closing the gate' }, { target: 'in mm_exit' }] },
    'closing the gate': { entry: 'closeGate', on: { ANSWER: 'in mm_exit' } },
    'in mm_exit': {
      entry: 'tellDriver',
      on: { RETURN: [{ guard: 'hasGate', target: 'opening the gate' }, { target: 'after mm_exit' }] },
    },
    'opening the gate': { entry: 'openGate', on: { ANSWER: 'after mm_exit' } },
    'after mm_exit': { always: [{ guard: 'asksDevice', target: 'telling the device' }, { target: 'clearing' }] },
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
      on: { ANSWER: [{ guard: 'drains', target: 'draining' }, { target: 'locking to drop' }] },
    },
    draining: { entry: 'drain', on: { ANSWER: 'locking to drop' } },
    'locking to drop': { entry: 'lock', on: { LOCKED: 'deleting' } },
    deleting: { entry: 'del', on: { ANSWER: { target: 'releasing the PASID', actions: 'keepOthers' } } },
    'releasing the PASID': { entry: 'releasePasid', on: { ANSWER: 'dropping' } },
    dropping: { entry: 'drop', on: { ANSWER: { target: 'looking', actions: 'forgetBond' } } },
  },
})
