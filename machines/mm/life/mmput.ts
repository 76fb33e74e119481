/**
 * mmput: a user of an address space is done with it. The last one takes it apart (exit_mmap): the MMU notifier's release is called first, so
 * that devices stop using it, then its page tables go, and its areas where any of them may be of a device. What is left of the mm_struct belongs to whoever has grabbed it (mmdrop.ts); its users
 * together have one of those references.
 *
 * Up to 5.17 the PASID was given back here, while devices may still be bound (B-55).
 *
 * mmput_async is the same, but that the last one leaves taking it apart to a kworker: for those who hold what that may wait for.
 *
 * Source: kernel/fork.c (__mmput), mm/mmap.c (exit_mmap). Left out: khugepaged, aio and whatever else ends with an address space.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { SvmForm } from '../../sva/bond/forms.ts'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface MmputInput {
  readonly task: string
  readonly form: Pick<SvmForm, 'pasidFreedAt'>
  readonly at: {
    /** Slab of the address spaces. */
    readonly mms: string
    readonly translation: string
    /** Call: the MMU notifier's release, if somebody registered one. */
    readonly release?: string
    /** Call: what unmaps areas, where somebody may have mapped a device. */
    readonly munmap?: string
    /** Call. */
    readonly mmdrop: string
    /** Slab of what says which PASID an address space has. */
    readonly iommuMms?: string
    readonly pasids?: Readonly<Record<number, string>>
    /** Of mmput_async: the workqueue, and the full id of the kworker's mmput. */
    readonly events?: string
    readonly worker?: string
  }
}

type MmputContext = MmputInput & {
  readonly caller: string | null
  readonly mm: Pointer | null
  readonly iommuMm: Pointer | null
  readonly pasid: number | null
}

type MmputEvent =
  /** `last`: that was found out already. */
  | (Heard & { readonly type: 'CALL'; readonly mm: Pointer; readonly last?: boolean })
  | (Heard & {
      readonly type: 'ANSWER'
      readonly value?: number
      readonly fields?: { readonly iommuMm?: Pointer | null; readonly pasid?: number; readonly process?: string }
    })
  | (Heard & { readonly type: 'RETURN' | 'QUEUED' })

const start = ({ task, form, at }: MmputInput): MmputContext => ({
  ...{ task, form, at },
  ...{ caller: null, mm: null, iommuMm: null, pasid: null },
})

export const mmput = setup({
  types: {
    context: {} as MmputContext,
    events: {} as MmputEvent,
    emitted: {} as Said,
    input: {} as MmputInput,
  },
  guards: {
    wasLast: ({ event }) => event.type === 'CALL' && event.last === true,
    isLast: ({ event }) => event.type === 'ANSWER' && event.value === 0,
    isAsync: ({ context }) => context.at.events !== undefined,
    hasNotifier: ({ context }) => context.at.release !== undefined,
    hasAreas: ({ context }) => context.at.munmap !== undefined,
    freesPasid: ({ context: { form, at } }) => form.pasidFreedAt === 'mmput' && at.iommuMms !== undefined,
    hasPasid: ({ event }) => event.type === 'ANSWER' && (event.fields?.iommuMm ?? null) !== null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, mm: event.mm }
    }),
    put: emit(({ context: { at, task, mm } }) =>
      send(at.mms, 'ADD', { task, ptr: mm, site: 'mmput', field: 'users', by: -1 }),
    ),
    leaveToWorker: emit(({ context: { at, task, mm } }) =>
      send(at.events!, 'QUEUE', { task, work: { call: at.worker!, args: { mm, last: true } } }),
    ),
    release: emit(({ context: { at, task, mm } }) => send(at.release!, 'CALL', { task, mm })),
    zap: emit(({ context: { at, task, mm } }) => send(at.translation, 'ZAP', { task, mm })),

    askWhose: emit(({ context: { at, task, mm } }) => send(at.mms, 'USE', { task, ptr: mm, site: 'exit_mmap' })),
    unmapAll: emit(({ context: { at, task }, event }) => {
      assertEvent(event, 'ANSWER')
      return send(at.munmap!, 'CALL', { task, process: event.fields!.process, start: 0n, size: 1n << 64n })
    }),
    look: emit(({ context: { at, task, mm } }) => send(at.mms, 'USE', { task, ptr: mm, site: '__mmput' })),
    keepIommuMm: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { iommuMm: event.fields!.iommuMm! }
    }),
    read: emit(({ context: { at, task, iommuMm } }) =>
      send(at.iommuMms!, 'USE', { task, ptr: iommuMm, site: 'mm_pasid_drop' }),
    ),
    keepPasid: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { iommuMm: null, pasid: event.fields!.pasid! }
    }),
    freePasid: emit(({ context: { at, task, pasid } }) => send(at.pasids![pasid!]!, 'FREE', { task })),

    drop: emit(({ context: { at, task, mm } }) => send(at.mmdrop, 'CALL', { task, mm })),
    /** All that is left is to return: runs that differ only in what was put become one. */
    conclude: assign(({ context }) => ({ ...start(context), caller: context.caller })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'mmput',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'wasLast', target: 'leaving', actions: 'begin' },
          { target: 'putting', actions: 'begin' },
        ],
      },
    },
    putting: {
      entry: 'put',
      on: {
        ANSWER: [
          { guard: 'isLast', target: 'leaving' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    leaving: {
      always: [
        { guard: 'isAsync', target: 'leaving to worker' },
        { guard: 'hasNotifier', target: 'releasing' },
        { target: 'zapping' },
      ],
    },
    'leaving to worker': { entry: 'leaveToWorker', on: { QUEUED: { target: 'idle', actions: ['finish', 'reset'] } } },
    releasing: { entry: 'release', on: { RETURN: 'zapping' } },
    zapping: {
      entry: 'zap',
      on: {
        ANSWER: [
          { guard: 'hasAreas', target: 'asking whose' },
          { guard: 'freesPasid', target: 'looking' },
          { target: 'dropping' },
        ],
      },
    },
    'asking whose': { entry: 'askWhose', on: { ANSWER: { target: 'unmapping', actions: 'unmapAll' } } },
    unmapping: { on: { RETURN: [{ guard: 'freesPasid', target: 'looking' }, { target: 'dropping' }] } },
    looking: {
      entry: 'look',
      on: { ANSWER: [{ guard: 'hasPasid', target: 'reading', actions: 'keepIommuMm' }, { target: 'dropping' }] },
    },
    reading: { entry: 'read', on: { ANSWER: { target: 'freeing PASID', actions: 'keepPasid' } } },
    'freeing PASID': { entry: 'freePasid', on: { ANSWER: 'dropping' } },
    dropping: {
      entry: ['drop', 'conclude'],
      on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } },
    },
  },
})
