/**
 * The kernel's half of the page tables, which is in every address space that a device works on, and what the IOMMU's walk caches hold of it. A
 * walk is a step of the hardware's own: whoever flushes waits until none is under way, as an invalidation does.
 *
 * Source: CVE-2025-71089 and CVE-2025-71202 (B-58).
 * Left out: the levels of the page tables, more than one page of them, caches that forget by themselves.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import type { Heard, Said } from '../../say.ts'

export interface KernelWalksInput {
  /** The page that is in the kernel's page tables. */
  readonly page: Pointer | null
}

interface KernelWalksContext extends KernelWalksInput {
  /** What the walk caches hold, by device. */
  readonly cached: Readonly<Record<string, Pointer>>
  /** How many walks are under way. */
  readonly walks: number
}

type KernelWalksEvent =
  /** A walk begins, and ends. */
  | (Heard & { readonly type: 'WALK'; readonly device: string })
  | (Heard & { readonly type: 'WALKED' })
  | (Heard & { readonly type: 'PAGE' | 'FLUSH' })
  | (Heard & { readonly type: 'SET_PAGE'; readonly ptr: Pointer | null })

export const kernelWalks = setup({
  types: {
    context: {} as KernelWalksContext,
    events: {} as KernelWalksEvent,
    emitted: {} as Said,
    input: {} as KernelWalksInput,
    meta: {} as { readonly defers: readonly string[] },
  },
  guards: {
    isLast: ({ context }) => context.walks === 1,
  },
  actions: {
    /** What is cached is believed, whatever the page tables say meanwhile. */
    walk: enqueueActions(({ context: { page, cached, walks }, event, enqueue }) => {
      assertEvent(event, 'WALK')
      const ptr = cached[event.device] ?? page
      enqueue.assign({ walks: walks + 1, ...(ptr !== null && { cached: { ...cached, [event.device]: ptr } }) })
      enqueue.emit(answer(event, 'ANSWER', { ptr }))
    }),
    leave: assign({ walks: ({ context }) => context.walks - 1 }),
    tell: emit(({ context, event }) => answer(event, 'ANSWER', { ptr: context.page })),
    set: assign(({ event }) => {
      assertEvent(event, 'SET_PAGE')
      return { page: event.ptr }
    }),
    flush: assign({ cached: {} }),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
  },
}).createMachine({
  id: 'kernelWalks',
  context: ({ input: { page } }) => ({ page, cached: {}, walks: 0 }),
  initial: 'quiet',
  states: {
    quiet: {
      on: {
        WALK: { target: 'walking', actions: 'walk' },
        PAGE: { actions: 'tell' },
        SET_PAGE: { actions: ['set', 'done'] },
        FLUSH: { actions: ['flush', 'done'] },
      },
    },
    walking: {
      meta: { defers: ['FLUSH'] },
      on: {
        WALK: { actions: 'walk' },
        WALKED: [{ guard: 'isLast', target: 'quiet', actions: ['leave', 'done'] }, { actions: ['leave', 'done'] }],
        PAGE: { actions: 'tell' },
        SET_PAGE: { actions: ['set', 'done'] },
      },
    },
  },
})
