/**
 * The steps of VFIO_IOMMU_UNMAP_DMA on type1 (vfio_dma_do_unmap) that its protocols are put together from. Each
 * protocol is a chart of its own beside this file; what they share is how a step is said, never in which order.
 *
 * Left out of all of them: flags (dirty bitmap, ALL, VADDR), batching of IOTLB syncs, the IOMMU domains. Arguments are
 * checked when the call comes: kernels before 5.8 did so without the lock, later ones under it, and nobody can see the
 * difference.
 */
import { assertEvent } from 'xstate'
import type { Pointer } from '../../kernel/pointer.ts'
import { named } from '../../kernel/pointer.ts'
import { complain, crash, send, type Heard, type Said } from '../../say.ts'
import { isBadRange } from '../dma-list.ts'

export interface UnmapInput {
  readonly task: string
  readonly at: {
    readonly lock: string
    readonly type1: string
    /** The call that tells whoever listens, if anybody does: notifierCallChain or notifyDevices of the same task. */
    readonly notify: string
  }
  readonly v2: boolean
  /** BUG_ON(++retries > bound); the kernel's is 10. Smaller bounds make smaller worlds. */
  readonly retryBound?: number
}

export interface UnmapContext {
  readonly task: string
  readonly at: UnmapInput['at']
  readonly v2: boolean
  readonly retryBound: number
  readonly caller: string | null
  /** The request. */
  readonly mm: string | null
  readonly iova: bigint
  readonly size: bigint
  /** `dma`: the pointer at hand and what it was last seen to cover. */
  readonly dma: { readonly ptr: Pointer; readonly iova: bigint; readonly size: bigint } | null
  readonly unmapped: bigint
  /** `dma_last`: an address, not a life; whoever lives there next is taken for the same mapping (M-6). */
  readonly last: string | null
  readonly retries: number
}

type Nothing = { readonly dma: null }
type Something = {
  readonly dma: Pointer
  readonly iova: bigint
  readonly size: bigint
  readonly mm: string
  readonly pinned: boolean
}

export type UnmapEvent =
  | (Heard & { readonly type: 'CALL'; readonly mm: string; readonly iova: bigint; readonly size: bigint })
  | (Heard & { readonly type: 'CHECKED'; readonly ret: 0 | string })
  | (Heard & { readonly type: 'FOUND' } & (Nothing | Something))
  | (Heard & { readonly type: 'READ_RESULT'; readonly pinned: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'REMOVED' | 'RETURN' })

export interface UnmapTypes {
  context: UnmapContext
  events: UnmapEvent
  emitted: Said
  input: UnmapInput
}

interface Step {
  readonly context: UnmapContext
  readonly event: UnmapEvent
}

const site = 'vfio_dma_do_unmap'

export const start = ({ task, at, v2, retryBound = 10 }: UnmapInput): UnmapContext => ({
  task,
  at,
  v2,
  retryBound,
  caller: null,
  mm: null,
  iova: 0n,
  size: 0n,
  dma: null,
  unmapped: 0n,
  last: null,
  retries: 0,
})

// What is asked before a step.

export const isBad = ({ event }: Step): boolean => event.type === 'CALL' && isBadRange(event.iova, event.size)
export const bisects = ({ event }: Step): boolean => event.type === 'CHECKED' && event.ret !== 0

const met = (event: UnmapEvent): Something | null => (event.type === 'FOUND' && event.dma !== null ? event : null)

export const isNone = ({ event }: Step): boolean => met(event) === null
/** v1 takes whole mappings without refusing anything: a request that begins inside one stops there. */
export const beginsInside = ({ context: { v2, iova }, event }: Step): boolean => !v2 && iova > met(event)!.iova
/** Somebody else's memory: `dma->task->mm != current->mm`. */
export const isForeign = ({ context: { mm }, event }: Step): boolean => mm !== met(event)!.mm
export const isPinned = ({ event }: Step): boolean => met(event)!.pinned
export const isPinnedAgain = ({ event }: Step): boolean => event.type === 'READ_RESULT' && event.pinned

const isLast = ({ context: { last }, event }: Step): boolean => met(event)!.dma.id === last
export const isPinnedAndLast = (step: Step): boolean => isPinned(step) && isLast(step)
/** BUG_ON(++retries > 10): the first meeting sets 0, the 2nd to the 11th count to 10, the 12th is one too many. */
export const isOneTooMany = (step: Step): boolean =>
  isPinnedAndLast(step) && step.context.retries >= step.context.retryBound

// What is said.

export const lock = ({ context: { at, task } }: Step) => send(at.lock, 'LOCK', { task })
export const unlock = ({ context: { at, task } }: Step) => send(at.lock, 'UNLOCK', { task })
export const check = ({ context: { at, task, iova, size } }: Step) => send(at.type1, 'CHECK', { task, iova, size })
export const find = ({ context: { at, task, iova, size } }: Step) => send(at.type1, 'FIND', { task, iova, size })
export const read = ({ context: { at, task, dma } }: Step) =>
  send(at.type1, 'READ', { task, dma: dma!.ptr, what: 'pfn_list', site })
export const remove = ({ context: { at, task, dma } }: Step) =>
  send(at.type1, 'REMOVE', { task, dma: dma!.ptr, site: 'vfio_remove_dma' })
export const notifyOfMapping = ({ context: { at, task, dma } }: Step) =>
  send(at.notify, 'CALL', { task, iova: dma!.iova, size: dma!.size, dma: dma!.ptr })
export const notifyOfRequest = ({ context: { at, task, iova, size } }: Step) =>
  send(at.notify, 'CALL', { task, iova, size, dma: null })
/** `size` is what is copied back to the user: nothing on an error. */
export const finish = ({ context: { caller, task, unmapped } }: Step) =>
  send(caller!, 'RETURN', { task, ret: 0, size: unmapped })
export const refuse = ({ context: { caller, task } }: Step) =>
  send(caller!, 'RETURN', { task, ret: '-EINVAL', size: null })

export const warn = ({ event, context: { dma } }: Step) =>
  complain('warn', `WARNING in ${site}: pages pinned again`, { object: named(met(event)?.dma ?? dma!.ptr) })
export const bug = ({ event }: Step) =>
  crash('bug', `kernel BUG in ${site}: retries`, { object: named(met(event)!.dma) })

// What is remembered.

export const begin = ({ event }: Step): Partial<UnmapContext> => {
  assertEvent(event, 'CALL')
  return { caller: event.from, mm: event.mm, iova: event.iova, size: event.size }
}
export const point = ({ event }: Step): Partial<UnmapContext> => {
  const { dma: ptr, iova, size } = met(event)!
  return { dma: { ptr, iova, size } }
}
export const count = ({ context: { unmapped, dma } }: Step): Partial<UnmapContext> => ({
  unmapped: unmapped + dma!.size,
})
export const firstMeeting = ({ event }: Step): Partial<UnmapContext> => ({ last: met(event)!.dma.id, retries: 0 })
export const retry = ({ context }: Step): Partial<UnmapContext> => ({ retries: context.retries + 1 })

// What is forgotten as soon as nothing can depend on it any more, so that runs that differ only there become one.

export const forget = (): Partial<UnmapContext> => ({ dma: null })
/** Once `dma_last` itself is removed it is not met again before the lock is dropped, and by then it points elsewhere. */
export const forgetLast = ({ context: { dma, last } }: Step): Partial<UnmapContext> =>
  dma?.ptr.id === last ? { last: null, retries: 0 } : {}
export const conclude = ({ context }: Step): UnmapContext => ({
  ...start(context),
  caller: context.caller,
  unmapped: context.unmapped,
})
export const reset = ({ context }: Step): UnmapContext => start(context)
