/**
 * The device tries an address of the kernel's with the PASID of a process. It will not be let: but to see that, the IOMMU walks the page
 * tables, whose upper half is the kernel's in every address space, and takes what its walk cache holds of them. A page of theirs that was
 * freed meanwhile may hold anything by then.
 *
 * Source: CVE-2025-71089 and CVE-2025-71202 (B-58).
 * Left out: the levels of the page tables, what is found in a page that somebody else has.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { named, type Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { Access, EngineItem } from './device.ts'

export interface WalkKernelInput {
  readonly task: string
  readonly at: {
    /** The IOMMU's way through the kernel's page tables. */
    readonly walks: string
    readonly device: string
    /** The pages of the kernel's page tables. */
    readonly ptpages: string
  }
}

type WalkKernelContext = WalkKernelInput & {
  readonly caller: string | null
  /** Which device. */
  readonly device: string | null
  /** As if nothing had been there. */
  readonly access: Access | null
}

type WalkKernelEvent =
  | (Heard & EngineItem & { readonly type: 'CALL' })
  /** Where the walk got to. */
  | (Heard & { readonly type: 'ANSWER'; readonly ptr?: Pointer | null })

const start = ({ task, at }: WalkKernelInput): WalkKernelContext => ({
  ...{ task, at },
  ...{ caller: null, device: null, access: null },
})

export const walkKernel = setup({
  types: {
    context: {} as WalkKernelContext,
    events: {} as WalkKernelEvent,
    emitted: {} as Said,
    input: {} as WalkKernelInput,
  },
  guards: {
    isNowhere: ({ event }) => event.type === 'ANSWER' && event.ptr === null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from: caller, device, pasid, mm } = event
      return { caller, device, access: { ret: 'abort' as const, pasid, meant: named(mm!), mm: null, unbound: false } }
    }),
    walk: emit(({ context: { at, task, device } }) => send(at.walks, 'WALK', { task, device })),
    use: emit(({ context: { at, task }, event }) => {
      assertEvent(event, 'ANSWER')
      return send(at.ptpages, 'USE', { task, ptr: event.ptr, site: 'iommu page walk' })
    }),
    deny: assign(({ context }) => ({ access: { ...context.access!, ret: 'denied' as const } })),
    leave: emit(({ context: { at, task } }) => send(at.walks, 'WALKED', { task })),
    record: emit(({ context: { at, task, access } }) => send(at.device, 'RECORD', { task, access })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'walkKernel',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'walking', actions: 'begin' } } },
    walking: {
      entry: 'walk',
      on: {
        ANSWER: [
          { guard: 'isNowhere', target: 'leaving' },
          { target: 'reading', actions: 'use' },
        ],
      },
    },
    reading: { on: { ANSWER: { target: 'leaving', actions: 'deny' } } },
    leaving: { entry: 'leave', on: { ANSWER: 'recording' } },
    recording: { entry: 'record', on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
