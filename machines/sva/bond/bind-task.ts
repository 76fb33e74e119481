/**
 * iommu_bind_task, later iommu_sva_bind_device of 2018: a device may use an address space, by a PASID that the IOMMU core picks. An address space
 * has one PASID for all the devices it is bound to; only a bond that is live counts, since the PASID of one that is leaving is being given
 * back. What binding the same pair again means was discussed for a year, and is a choice (`again`, SVM-6).
 *
 * The bond holds the address space by mm_count: the mm_struct stays, and its pages may go.
 *
 * Source: "[RFC PATCH 29/30] vfio: Add support for Shared Virtual Memory" (Feb 2017) for how it is called; the series of 2018 for the one PASID.
 * Left out: the permission to bind somebody else's address space (30/30); an IOMMU or a device that cannot do it.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { Bond } from './bonds.ts'
import type { SvmForm } from './forms.ts'

export interface BindTaskInput {
  readonly task: string
  readonly form: Pick<SvmForm, 'again'>
  readonly at: {
    /** The lock of the IOMMU core. */
    readonly lock: string
    readonly bonds: string
    readonly mms: string
    readonly translation: string
    readonly allocPasid: string
  }
}

type BindTaskContext = BindTaskInput & {
  readonly caller: string | null
  readonly device: string
  readonly mm: Pointer | null
  readonly pasid: number | null
  readonly ret: 0 | string
}

type BindTaskEvent =
  | (Heard & { readonly type: 'CALL'; readonly device: string; readonly mm: Pointer })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })
  /** Of OF_MM, and of the others. */
  | (Heard & { readonly type: 'ANSWER'; readonly bonds?: readonly Bond[] })
  /** Of the call that picks a PASID. */
  | (Heard & { readonly type: 'RETURN'; readonly ret: 0 | string; readonly pasid?: number })

interface Step {
  readonly context: BindTaskContext
  readonly event: BindTaskEvent
}

const start = ({ task, form, at }: BindTaskInput): BindTaskContext => ({
  ...{ task, form, at },
  ...{ caller: null, device: '', mm: null, pasid: null, ret: 0 },
})

const live = ({ event }: Step): readonly Bond[] =>
  event.type === 'ANSWER' ? (event.bonds ?? []).filter(({ state }) => state === 'live') : []

const ofPair = (step: Step): Bond | undefined => live(step).find(({ device }) => device === step.context.device)

export const bindTask = setup({
  types: {
    context: {} as BindTaskContext,
    events: {} as BindTaskEvent,
    emitted: {} as Said,
    input: {} as BindTaskInput,
  },
  guards: {
    isBoundAndCounts: (step) => step.context.form.again === 'counted' && ofPair(step) !== undefined,
    isBoundAndRefuses: (step) => step.context.form.again === 'refused' && ofPair(step) !== undefined,
    isBound: (step) => ofPair(step) !== undefined,
    isBoundElsewhere: (step) => live(step).length > 0,
    isRefused: ({ event }) => event.type === 'RETURN' && event.ret !== 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, device: event.device, mm: event.mm }
    }),
    lock: emit(({ context: { at, task } }) => send(at.lock, 'LOCK', { task })),
    find: emit(({ context: { at, task, mm } }) => send(at.bonds, 'OF_MM', { task, mm })),
    keepPasidOfBond: assign((step) => ({ pasid: (ofPair(step) ?? live(step)[0]!).pasid })),
    count: emit(({ context: { at, task, device, pasid, mm } }) =>
      send(at.bonds, 'COUNT', { task, device, pasid, mm, by: 1 }),
    ),
    refuse: assign({ ret: '-EEXIST' }),
    pick: emit(({ context: { at, task, mm } }) => send(at.allocPasid, 'CALL', { task, mm })),
    keepPasid: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { pasid: event.pasid! }
    }),
    keepError: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { ret: event.ret }
    }),
    grab: emit(({ context: { at, task, mm } }) =>
      send(at.mms, 'ADD', { task, ptr: mm, site: 'iommu_bind_task', field: 'count', by: 1 }),
    ),
    add: emit(({ context: { at, task, device, pasid, mm } }) => send(at.bonds, 'ADD', { task, device, pasid, mm })),
    setEntry: emit(({ context: { at, task, device, pasid, mm } }) =>
      send(at.translation, 'SET_ENTRY', { task, device, pasid, mm }),
    ),
    unlock: emit(({ context: { at, task } }) => send(at.lock, 'UNLOCK', { task })),
    /** Runs that differ only in what was asked for become one. */
    conclude: assign(({ context }) => {
      const { caller, pasid, ret } = context
      return { ...start(context), caller, pasid, ret }
    }),
    finish: emit(({ context: { caller, task, pasid, ret } }) =>
      send(caller!, 'RETURN', { task, ret, ...(ret === 0 && { pasid }) }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'bindTask',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'looking' } },
    looking: {
      entry: 'find',
      on: {
        ANSWER: [
          { guard: 'isBoundAndCounts', target: 'counting', actions: 'keepPasidOfBond' },
          { guard: 'isBoundAndRefuses', target: 'unlocking', actions: 'refuse' },
          { guard: 'isBound', target: 'unlocking', actions: 'keepPasidOfBond' },
          { guard: 'isBoundElsewhere', target: 'grabbing', actions: 'keepPasidOfBond' },
          { target: 'picking a PASID' },
        ],
      },
    },
    counting: { entry: 'count', on: { ANSWER: 'unlocking' } },
    'picking a PASID': {
      entry: 'pick',
      on: {
        RETURN: [
          { guard: 'isRefused', target: 'unlocking', actions: 'keepError' },
          { target: 'grabbing', actions: 'keepPasid' },
        ],
      },
    },
    grabbing: { entry: 'grab', on: { ANSWER: 'adding' } },
    adding: { entry: 'add', on: { ANSWER: 'entering' } },
    entering: { entry: 'setEntry', on: { ANSWER: 'unlocking' } },
    unlocking: { entry: ['unlock', 'conclude'], on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
