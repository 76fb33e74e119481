/**
 * The kernel unmaps memory of its own (vfree) and frees the page table page that mapped it. Devices that share an address space share the
 * kernel's half of it with the CPU, and an IOMMU caches what it walks through; but nobody notifies it of the kernel's page tables, for which
 * there are no MMU notifiers. So the page may serve something else while the IOMMU still walks through it (B-58), unless it is told first.
 *
 * Source: pagetable_free_kernel and iommu_sva_invalidate_kva_range of the series that fixed CVE-2025-71202; CVE-2025-71089 for SVA without it.
 * Left out: the worker that frees many such pages at once; the CPUs' own TLBs, which are flushed.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { SvmForm } from '../sva/bond/forms.ts'
import type { Pointer } from '../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../say.ts'

export interface VfreeInput {
  readonly task: string
  readonly form: Pick<SvmForm, 'flushesKernelWalks'>
  readonly at: {
    /** How the IOMMU walks the kernel's page tables. */
    readonly walks: string
    /** Slab of the pages of the kernel's page tables. */
    readonly ptpages: string
  }
}

type VfreeContext = VfreeInput & {
  readonly caller: string | null
  readonly page: Pointer | null
}

type VfreeEvent =
  | (Heard & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'ANSWER'; readonly ret?: 0 | string; readonly ptr?: Pointer | null })

const start = ({ task, form, at }: VfreeInput): VfreeContext => ({
  ...{ task, form, at },
  ...{ caller: null, page: null },
})

export const vfree = setup({
  types: {
    context: {} as VfreeContext,
    events: {} as VfreeEvent,
    emitted: {} as Said,
    input: {} as VfreeInput,
  },
  guards: {
    isNone: ({ event }) => event.type === 'ANSWER' && event.ptr === null,
    flushes: ({ context }) => context.form.flushesKernelWalks,
  },
  actions: {
    begin: assign(({ event }) => ({ caller: event.from })),
    read: emit(({ context: { at, task } }) => send(at.walks, 'PAGE', { task })),
    keep: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { page: event.ptr! }
    }),
    unlink: emit(({ context: { at, task } }) => send(at.walks, 'SET_PAGE', { task, ptr: null })),
    flush: emit(({ context: { at, task } }) => send(at.walks, 'FLUSH', { task })),
    free: emit(({ context: { at, task, page } }) =>
      send(at.ptpages, 'FREE', { task, ptr: page, site: 'pagetable_free_kernel' }),
    ),
    forget: assign({ page: null }),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'vfree',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'reading', actions: 'begin' } } },
    reading: {
      entry: 'read',
      on: {
        ANSWER: [
          { guard: 'isNone', target: 'idle', actions: ['finish', 'reset'] },
          { target: 'unlinking', actions: 'keep' },
        ],
      },
    },
    unlinking: {
      entry: 'unlink',
      on: { ANSWER: [{ guard: 'flushes', target: 'flushing' }, { target: 'freeing' }] },
    },
    flushing: { entry: 'flush', on: { ANSWER: 'freeing' } },
    freeing: {
      entry: ['free', 'forget'],
      on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } },
    },
  },
})
