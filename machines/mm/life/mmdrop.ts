/**
 * mmdrop: a reference to the mm_struct itself is let go of; the address space it stood for may be over since long. The last one frees it, and
 * with it what says which PASID it has. From 5.18 on the PASID is given back here: by then nothing is bound to it any more.
 *
 * Source: kernel/fork.c (__mmdrop), iommu-sva.c (mm_pasid_drop). Left out: the page directory; a CPU that still runs lazily on the mm.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { SvmForm } from '../../sva/bond/forms.ts'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface MmdropInput {
  readonly task: string
  readonly form: Pick<SvmForm, 'pasidFreedAt'>
  readonly at: {
    /** Slab of the address spaces. */
    readonly mms: string
    /** Slab of what says which PASID an address space has. */
    readonly iommuMms?: string
    readonly pasids?: Readonly<Record<number, string>>
  }
}

type MmdropContext = MmdropInput & {
  readonly caller: string | null
  readonly mm: Pointer | null
  readonly iommuMm: Pointer | null
  readonly pasid: number | null
}

type MmdropEvent =
  | (Heard & { readonly type: 'CALL'; readonly mm: Pointer })
  | (Heard & {
      readonly type: 'ANSWER'
      readonly value?: number
      readonly fields?: { readonly iommuMm?: Pointer | null; readonly pasid?: number }
    })

const start = ({ task, form, at }: MmdropInput): MmdropContext => ({
  ...{ task, form, at },
  ...{ caller: null, mm: null, iommuMm: null, pasid: null },
})

export const mmdrop = setup({
  types: {
    context: {} as MmdropContext,
    events: {} as MmdropEvent,
    emitted: {} as Said,
    input: {} as MmdropInput,
  },
  guards: {
    isLast: ({ event }) => event.type === 'ANSWER' && event.value === 0,
    knowsPasids: ({ context }) => context.at.iommuMms !== undefined,
    hasPasid: ({ event }) => event.type === 'ANSWER' && (event.fields?.iommuMm ?? null) !== null,
    freesPasid: ({ context }) => context.form.pasidFreedAt === 'mmdrop',
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, mm: event.mm }
    }),
    drop: emit(({ context: { at, task, mm } }) =>
      send(at.mms, 'ADD', { task, ptr: mm, site: 'mmdrop', field: 'count', by: -1 }),
    ),

    look: emit(({ context: { at, task, mm } }) => send(at.mms, 'USE', { task, ptr: mm, site: '__mmdrop' })),
    keepIommuMm: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { iommuMm: event.fields!.iommuMm! }
    }),
    read: emit(({ context: { at, task, iommuMm } }) =>
      send(at.iommuMms!, 'USE', { task, ptr: iommuMm, site: 'mm_pasid_drop' }),
    ),
    keepPasid: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { pasid: event.fields!.pasid! }
    }),
    freePasid: emit(({ context: { at, task, pasid } }) => send(at.pasids![pasid!]!, 'FREE', { task })),
    forgetPasid: assign({ pasid: null }),
    freeIommuMm: emit(({ context: { at, task, iommuMm } }) =>
      send(at.iommuMms!, 'FREE', { task, ptr: iommuMm, site: 'mm_pasid_drop' }),
    ),
    forgetIommuMm: assign({ iommuMm: null }),

    free: emit(({ context: { at, task, mm } }) => send(at.mms, 'FREE', { task, ptr: mm, site: '__mmdrop' })),
    forget: assign({ mm: null }),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'mmdrop',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'dropping', actions: 'begin' } } },
    dropping: {
      entry: 'drop',
      on: {
        ANSWER: [
          { guard: 'isLast', target: 'last' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    last: { always: [{ guard: 'knowsPasids', target: 'looking' }, { target: 'freeing' }] },
    looking: {
      entry: 'look',
      on: { ANSWER: [{ guard: 'hasPasid', target: 'deciding', actions: 'keepIommuMm' }, { target: 'freeing' }] },
    },
    deciding: { always: [{ guard: 'freesPasid', target: 'reading' }, { target: 'freeing iommu_mm' }] },
    reading: { entry: 'read', on: { ANSWER: { target: 'freeing PASID', actions: 'keepPasid' } } },
    'freeing PASID': { entry: ['freePasid', 'forgetPasid'], on: { ANSWER: 'freeing iommu_mm' } },
    'freeing iommu_mm': { entry: ['freeIommuMm', 'forgetIommuMm'], on: { ANSWER: 'freeing' } },
    freeing: {
      entry: ['free', 'forget'],
      on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } },
    },
  },
})
