/**
 * The bonds the IOMMU core knows: which address space a device may use, by which PASID. Changed and read under the core's lock.
 *
 *   live     a fault of that PASID is one of this address space
 *   leaving  somebody is unbinding it, and waits for the device or the queue without the lock
 *   dead     its address space is over, and nobody has unbound it yet
 *
 * While a bond is leaving there may be a new one of the same device and PASID, where another device kept the PASID alive. Who looks for a bond
 * wants the live one; who deletes one, or brings it back, wants the one that is leaving. Who means the bond of one address space and no
 * other says so (`mm`).
 *
 * Source: struct io_mm and iommu_bond of the series of 2017 and 2018; the pasid_array of a group (6.2) for what is asked by PASID.
 * Left out: the lists by which a bond is found from its device and from its address space.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { isSame, type Pointer } from '../../kernel/heap/pointer.ts'
import type { Heard, Said } from '../../say.ts'

export interface Bond {
  readonly device: string
  readonly pasid: number
  readonly mm: Pointer
  /** How often it was bound. */
  readonly users: number
  readonly state: 'live' | 'dead' | 'leaving'
}

interface BondsContext {
  readonly bonds: readonly Bond[]
}

interface Wanted {
  readonly device: string
  readonly pasid: number
  readonly mm?: Pointer
}

type BondsEvent =
  | (Heard & { readonly type: 'FIND' | 'DEL' } & Wanted)
  | (Heard & { readonly type: 'COUNT'; readonly by: number } & Wanted)
  | (Heard & { readonly type: 'MARK'; readonly state: Bond['state'] } & Wanted)
  | (Heard & { readonly type: 'LOOKUP'; readonly device: string; readonly pasid: number })
  | (Heard & { readonly type: 'ADD' } & Pick<Bond, 'device' | 'pasid' | 'mm'>)
  | (Heard & { readonly type: 'FIND_MM'; readonly device: string; readonly mm: Pointer })
  | (Heard & { readonly type: 'OF_MM'; readonly mm: Pointer })
  | (Heard & { readonly type: 'OF_DEVICE'; readonly device: string })

interface Step {
  readonly context: BondsContext
  readonly event: BondsEvent
}

/** In one order, however they came: those of the same pair keep theirs. */
const byPair = (one: Bond, other: Bond): number =>
  one.device === other.device ? one.pasid - other.pasid : one.device < other.device ? -1 : 1

const firstOf = (bonds: readonly Bond[], state: Bond['state']): Bond | undefined =>
  bonds.find((bond) => bond.state === state) ?? bonds[0]

/** The bond a message is about. */
const meant = ({ context, event }: Step): Bond | undefined => {
  assertEvent(event, ['FIND', 'COUNT', 'MARK', 'DEL'])
  const { device, pasid, mm } = event
  const bonds = context.bonds.filter(
    (bond) => bond.device === device && bond.pasid === pasid && (mm === undefined || isSame(bond.mm, mm)),
  )
  const isOfLeaving = event.type === 'DEL' || (event.type === 'MARK' && event.state === 'live')
  return firstOf(bonds, isOfLeaving ? 'leaving' : 'live')
}

const changed = (step: Step, fields: Partial<Bond>): BondsContext => {
  const bond = meant(step)
  return { bonds: step.context.bonds.map((each) => (each === bond ? { ...each, ...fields } : each)) }
}

export const bonds = setup({
  types: {
    context: {} as BondsContext,
    events: {} as BondsEvent,
    emitted: {} as Said,
  },
  guards: {
    isThere: (step) => meant(step) !== undefined,
  },
  actions: {
    add: assign(({ context, event }) => {
      assertEvent(event, 'ADD')
      const { device, pasid, mm } = event
      return { bonds: [...context.bonds, { device, pasid, mm, users: 1, state: 'live' as const }].sort(byPair) }
    }),
    mark: assign((step) => {
      assertEvent(step.event, 'MARK')
      return changed(step, { state: step.event.state })
    }),
    countAndTell: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'COUNT')
      const step = { context, event }
      const users = meant(step)!.users + event.by
      enqueue.assign(changed(step, { users }))
      enqueue.emit(answer(event, 'ANSWER', { users }))
    }),
    del: assign((step) => {
      const bond = meant(step)
      return { bonds: step.context.bonds.filter((each) => each !== bond) }
    }),

    tell: emit((step) => answer(step.event, 'ANSWER', { bond: meant(step) ?? null })),
    tellOfPair: emit(({ context, event }) => {
      assertEvent(event, 'FIND_MM')
      const { device, mm } = event
      const found = context.bonds.filter((bond) => bond.device === device && isSame(bond.mm, mm))
      return answer(event, 'ANSWER', { bond: firstOf(found, 'live') ?? null })
    }),
    tellOfMm: emit(({ context, event }) => {
      assertEvent(event, 'OF_MM')
      return answer(event, 'ANSWER', { bonds: context.bonds.filter(({ mm }) => isSame(mm, event.mm)) })
    }),
    tellOfDevice: emit(({ context, event }) => {
      assertEvent(event, 'OF_DEVICE')
      return answer(event, 'ANSWER', { bonds: context.bonds.filter(({ device }) => device === event.device) })
    }),
    tellMm: emit(({ context, event }) => {
      assertEvent(event, 'LOOKUP')
      const { device, pasid } = event
      const bond = context.bonds.findLast(
        (each) => each.device === device && each.pasid === pasid && each.state === 'live',
      )
      return answer(event, 'ANSWER', { mm: bond?.mm ?? null })
    }),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    /** Said once it is gone: how many are left with its PASID, on whatever device. */
    deleted: emit(({ context, event }) => {
      assertEvent(event, 'DEL')
      const others = context.bonds.filter(({ pasid }) => pasid === event.pasid).length
      return answer(event, 'ANSWER', { ret: 0, others })
    }),
    none: emit(({ event }) => answer(event, 'ANSWER', { ret: '-ESRCH' })),
    noneCounted: emit(({ event }) => answer(event, 'ANSWER', { users: 0 })),
  },
}).createMachine({
  id: 'bonds',
  context: { bonds: [] },
  initial: 'ready',
  states: {
    ready: {
      on: {
        FIND: { actions: 'tell' },
        FIND_MM: { actions: 'tellOfPair' },
        OF_MM: { actions: 'tellOfMm' },
        OF_DEVICE: { actions: 'tellOfDevice' },
        LOOKUP: { actions: 'tellMm' },
        ADD: { actions: ['add', 'done'] },
        COUNT: [{ guard: 'isThere', actions: 'countAndTell' }, { actions: 'noneCounted' }],
        MARK: [{ guard: 'isThere', actions: ['mark', 'done'] }, { actions: 'none' }],
        DEL: [{ guard: 'isThere', actions: ['del', 'deleted'] }, { actions: 'none' }],
      },
    },
  },
})
