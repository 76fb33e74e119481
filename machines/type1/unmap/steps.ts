/**
 * The steps of VFIO_IOMMU_UNMAP_DMA on type1 (vfio_dma_do_unmap) that its protocols are put together from. Each
 * protocol is a chart of its own beside this file; what they share is how a step is said, never in which order.
 *
 * Arguments are checked when the call comes: kernels before 5.8 did so without the lock, later ones under it, and nobody can
 * see the difference. In a small Linux the ioctl has checked them (unmap-ioctl.ts) and says which life of the backend it
 * means; there a mapping may have a dirty bitmap to be copied, and be mapped in an IOMMU domain and charged to a process.
 * Left out of all of them: batching of IOTLB syncs.
 */
import { assertEvent } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { named } from '../../kernel/heap/pointer.ts'
import { complain, crash, send, type Heard, type Said } from '../../say.ts'
import type { UserBitmap } from '../dirty/dirty-bitmap.ts'
import { shown } from '../dirty/dirty-tracking.ts'
import { isBadRange } from '../backend/dma-list.ts'
import type { Charge } from '../backend/vfio-iommu.ts'

export interface UnmapInput {
  readonly task: string
  readonly at: {
    readonly lock: string
    readonly type1: string
    /** The call that tells whoever listens, if anybody does: notifierCallChain or notifyDevices of the same task. */
    readonly notify: string
    /** Where there is memory of devices: the call that takes a mapping out of the IOMMU before it is freed (remove-dma.ts). */
    readonly remove?: string
    /** In a small Linux: the IOMMU, and the call that gives locked memory back (give-back.ts). */
    readonly iommu?: { readonly dmar: string; readonly domain: string; readonly giveBack: string }
  }
  /** In a small Linux the backend knows. */
  readonly v2?: boolean
  /** BUG_ON(++retries > bound); the kernel's is 10. Smaller bounds make smaller worlds. */
  readonly retryBound?: number
}

export interface UnmapContext {
  readonly task: string
  readonly at: UnmapInput['at']
  readonly v2: boolean
  /** The rest of a request in a small Linux. */
  readonly more: UnmapMore | null
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

/** What a request in a small Linux also says, and what has come of it so far. */
export interface UnmapMore {
  readonly backend: Pointer
  readonly all: boolean
  /** Where the dirty bits go. */
  readonly user: UserBitmap | null
  /** Where the walk goes on; null when it is at its end. */
  readonly walk: Pointer | 'first' | null
  /** What was found, while its owner is asked about. */
  readonly found: Something | null
  readonly undo: Undo | null
  readonly ret: 0 | string
}

/** What a mapping that was removed leaves behind. */
export interface Undo {
  readonly iova: bigint
  readonly size: bigint
  readonly charges: readonly Charge[]
}

type Nothing = { readonly dma: null }
type Something = {
  readonly dma: Pointer
  readonly iova: bigint
  readonly size: bigint
  readonly mm: string
  /** The thread it belongs to, where it belongs to one (up to 4.17). */
  readonly thread?: string
  readonly pinned: boolean
  readonly next?: Pointer | null
}

export type UnmapEvent =
  | (Heard & {
      readonly type: 'CALL'
      readonly mm: string
      readonly iova: bigint
      readonly size: bigint
      readonly backend?: Pointer
      readonly all?: boolean
      readonly user?: UserBitmap | null
    })
  | (Heard & { readonly type: 'CHECKED'; readonly ret: 0 | string })
  | (Heard & { readonly type: 'FOUND' } & (Nothing | Something))
  | (Heard & { readonly type: 'THREAD'; readonly there: boolean })
  | (Heard & { readonly type: 'READ_RESULT'; readonly pinned: boolean })
  | (Heard & { readonly type: 'REPORTED'; readonly ret: 0 | string; readonly user: UserBitmap })
  | (Heard & { readonly type: 'REMOVED'; readonly undo?: Undo })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'UNMAPPED' | 'RETURN' })

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

export const start = ({ task, at, v2 = true, retryBound = 10 }: UnmapInput): UnmapContext => ({
  task,
  at,
  v2,
  more: null,
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

export const isBad = ({ event }: Step): boolean =>
  event.type === 'CALL' && event.backend === undefined && isBadRange(event.iova, event.size)
export const bisects = ({ event }: Step): boolean => event.type === 'CHECKED' && event.ret !== 0

/** The mapping at hand: what was found just now, or before its owner was asked about. */
const met = ({ context: { more }, event }: Step): Something | null => {
  if (event.type === 'FOUND') return event.dma === null ? null : event
  return more?.found ?? null
}

export const isNone = (step: Step): boolean => met(step) === null
/** v1 takes whole mappings without refusing anything: a request that begins inside one stops there. */
export const beginsInside = (step: Step): boolean => !step.context.v2 && step.context.iova > met(step)!.iova
/** Somebody else's memory: `dma->task->mm != current->mm`. */
export const isForeign = (step: Step): boolean => step.context.mm !== met(step)!.mm
/** It belongs to a thread of the own process, which may have exited: then `dma->task->mm` is not there any more. */
export const isThreads = (step: Step): boolean => met(step)!.thread !== undefined && !isForeign(step)
export const hasNoOwner = ({ event }: Step): boolean => event.type === 'THREAD' && !event.there
export const isPinned = (step: Step): boolean => met(step)!.pinned
export const isPinnedAgain = ({ event }: Step): boolean => event.type === 'READ_RESULT' && event.pinned

const isLast = (step: Step): boolean => met(step)!.dma.id === step.context.last
export const isPinnedAndLast = (step: Step): boolean => isPinned(step) && isLast(step)
/** BUG_ON(++retries > 10): the first meeting sets 0, the 2nd to the 11th count to 10, the 12th is one too many. */
export const isOneTooMany = (step: Step): boolean =>
  isPinnedAndLast(step) && step.context.retries >= step.context.retryBound

/** The dirty bits of a mapping are copied before it goes. */
export const wantsBitmap = ({ context: { more } }: Step): boolean => more !== null && more.user !== null
export const isUnreported = ({ event }: Step): boolean => event.type === 'REPORTED' && event.ret !== 0
export const isInIommu = ({ event }: Step): boolean => event.type === 'REMOVED' && event.undo !== undefined
export const isCharged = ({ context: { more } }: Step): boolean => more!.undo!.charges.length > 0
/** Nothing comes after what was removed. Old stories look once more. */
export const isThrough = ({ context: { more } }: Step): boolean => more !== null && more.walk === null

// What is said.

export const lock = ({ context: { at, task } }: Step) => send(at.lock, 'LOCK', { task })
export const unlock = ({ context: { at, task } }: Step) => send(at.lock, 'UNLOCK', { task })
export const check = ({ context: { at, task, iova, size, more } }: Step) =>
  send(at.type1, 'CHECK', {
    ...{ task, iova, size },
    ...(more && { backend: more.backend, all: more.all, bitmap: more.user !== null }),
  })
export const find = ({ context: { at, task, iova, size, more } }: Step) =>
  send(at.type1, 'FIND', { task, iova, size, ...(more && { backend: more.backend, walk: more.walk }) })
export const askOwner = ({ context: { task, mm }, event }: Step) => {
  assertEvent(event, 'FOUND')
  return send(`${mm}.process`, 'HAS_THREAD', { task, thread: (event as Something).thread })
}
export const read = ({ context: { at, task, dma } }: Step) =>
  send(at.type1, 'READ', { task, dma: dma!.ptr, what: 'pfn_list', site })
export const report = ({ context: { at, task, dma, iova, more } }: Step) => {
  const { backend, user } = more!
  return send(at.type1, 'REPORT', { task, dma: dma!.ptr, base: iova, user, backend })
}
export const remove = ({ context: { at, task, dma, more } }: Step) =>
  send(at.remove ?? at.type1, 'REMOVE', {
    ...{ task, dma: dma!.ptr, site: 'vfio_remove_dma' },
    ...(more && { backend: more.backend }),
  })
export const unmapFromIommu = ({ context: { at, task, more } }: Step) => {
  const { dmar, domain } = at.iommu!
  const { iova, size } = more!.undo!
  return send(dmar, 'UNMAP', { task, domain, iova, size })
}
export const giveBack = ({ context: { at, task, more } }: Step) =>
  send(at.iommu!.giveBack, 'CALL', { task, charges: more!.undo!.charges })
export const notifyOfMapping = ({ context: { at, task, dma } }: Step) =>
  send(at.notify, 'CALL', { task, iova: dma!.iova, size: dma!.size, dma: dma!.ptr })
export const notifyOfRequest = ({ context: { at, task, iova, size } }: Step) =>
  send(at.notify, 'CALL', { task, iova, size, dma: null })
/** `size` is what is copied back to the user: nothing on an error. */
export const finish = ({ context: { caller, task, unmapped, more } }: Step) => {
  const ret = more?.ret ?? 0
  const bitmap = more?.user ? shown(more.user) : {}
  return send(caller!, 'RETURN', { task, ret, size: ret === 0 ? unmapped : null, ...bitmap })
}
export const refuse = ({ context: { caller, task } }: Step) =>
  send(caller!, 'RETURN', { task, ret: '-EINVAL', size: null })

export const warn = (step: Step) =>
  complain('warn', `WARNING in ${site}: pages pinned again`, { object: named(met(step)?.dma ?? step.context.dma!.ptr) })
export const bug = (step: Step) => crash('bug', `kernel BUG in ${site}: retries`, { object: named(met(step)!.dma) })

// What is remembered.

export const begin = ({ event }: Step): Partial<UnmapContext> => {
  assertEvent(event, 'CALL')
  const { from: caller, mm, iova, size, backend, all = false, user = null } = event
  if (backend === undefined) return { caller, mm, iova, size }
  return { caller, mm, iova, size, more: { backend, all, user, walk: 'first', found: null, undo: null, ret: 0 } }
}
export const point = (step: Step): Partial<UnmapContext> => {
  const { more } = step.context
  const { dma: ptr, iova, size, next = null } = met(step)!
  return { dma: { ptr, iova, size }, more: more && { ...more, walk: next, found: null } }
}
export const keepFound = (step: Step): Partial<UnmapContext> => {
  const { dma, iova, size, mm, pinned, next = null } = met(step)!
  return { more: { ...step.context.more!, found: { dma, iova, size, mm, pinned, next } } }
}
/** The search begins anew after this. */
const again = ({ context: { more } }: Step) => ({ more: more && { ...more, walk: 'first' as const } })
export const count = ({ context: { unmapped, dma } }: Step): Partial<UnmapContext> => ({
  unmapped: unmapped + dma!.size,
})
export const keepReport = ({ context: { more }, event }: Step): Partial<UnmapContext> => {
  assertEvent(event, 'REPORTED')
  return { more: { ...more!, user: event.user, ret: event.ret } }
}
export const owe = ({ context: { more }, event }: Step): Partial<UnmapContext> => {
  assertEvent(event, 'REMOVED')
  return { more: { ...more!, undo: event.undo! } }
}
export const firstMeeting = (step: Step): Partial<UnmapContext> => ({
  last: step.context.dma!.ptr.id,
  retries: 0,
  ...again(step),
})
export const retry = (step: Step): Partial<UnmapContext> => ({ retries: step.context.retries + 1, ...again(step) })

// What is forgotten as soon as nothing can depend on it any more, so that runs that differ only there become one.

export const forget = (): Partial<UnmapContext> => ({ dma: null })
/** Once `dma_last` itself is removed it is not met again before the lock is dropped, and by then it points elsewhere. */
export const forgetLast = ({ context: { dma, last } }: Step): Partial<UnmapContext> =>
  dma?.ptr.id === last ? { last: null, retries: 0 } : {}
export const conclude = ({ context }: Step): UnmapContext => ({
  ...start(context),
  caller: context.caller,
  unmapped: context.unmapped,
  more: context.more && { ...context.more, found: null },
})
export const forgetUndo = ({ context: { more } }: Step): Partial<UnmapContext> => ({
  more: more && { ...more, undo: null },
})
export const reset = ({ context }: Step): UnmapContext => start(context)
