/**
 * The steps of iopt_unmap_iova_range (iommufd) that its three forms are put together from; each form is a chart of
 * its own.
 *
 * Source: drivers/iommu/iommufd/io_pagetable.c of 6.2 and 7.x. An empty range is -ENOENT, as bare IOMMU_IOAS_UNMAP
 * has it (and vfio's compatibility layer until 6.18, afb47765f923); only a request for the whole address space, or a caller
 * that does not mind, may find nothing and get 0. `size` is what the function reports as unmapped, also beside an errno: the compatibility
 * layer copies it back even then; null where a form reports nothing.
 * Where there is memory, what is in the domain is taken out of it before the area is freed, with domains_rwsem held.
 * Left out: cutting areas (TYPE1 v1 does it before), locked areas (num_locks). Taking a freed area out of the tree, which
 * needs iova.rwsem once more, is one step with freeing it: an area without pages is of no use to anybody in between.
 */
import { assertEvent } from 'xstate'
import { named, type Pointer } from '../../kernel/heap/pointer.ts'
import { complain, send, type Heard, type Said } from '../../say.ts'
import { addressSpace, type Backed } from '../ioas/area-list.ts'

export interface GatedInput {
  readonly task: string
  readonly at: {
    readonly domainsRwsem: string
    readonly iovaRwsem: string
    readonly ioas: string
    /** notifyAccesses of the same task. */
    readonly notify: string
    /** The call that takes pages out of the domain, and lets go of them. Absent in stories that are not about memory. */
    readonly unfill?: string
  }
  /** WARN_ON(tries > bound); the kernel's is 100. Smaller bounds make smaller worlds. gated-unlocked-check has none. */
  readonly retryBound?: number
}

export interface GatedContext {
  readonly task: string
  readonly at: GatedInput['at']
  readonly retryBound: number
  readonly caller: string | null
  /** What is left of the request: [start, last]. */
  readonly start: bigint
  readonly last: bigint
  readonly mayBeEmpty: boolean
  /** The area at hand, and what it was last seen to cover. */
  readonly area: { readonly ptr: Pointer; readonly iova: bigint; readonly size: bigint } | null
  /** What it has in the domain. */
  readonly filled: Backed | null
  readonly unmapped: bigint
  readonly tries: number
  readonly ret: number | string
}

type Nothing = { readonly area: null }
type Something = {
  readonly area: Pointer
  readonly iova: bigint
  readonly size: bigint
  readonly pages: boolean
  readonly accesses: number
}

export type GatedEvent =
  | (Heard & {
      readonly type: 'CALL'
      readonly iova: bigint
      readonly size: bigint
      /** Finding nothing is no error. */
      readonly mayBeEmpty?: boolean
    })
  | (Heard & { readonly type: 'CLEARED'; readonly filled?: Backed })
  | (Heard & { readonly type: 'FOUND' } & (Nothing | Something))
  | (Heard & { readonly type: 'ACCESSES'; readonly accesses: number })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'GATED' | 'FREED' | 'RETURN' })

export interface GatedTypes {
  context: GatedContext
  events: GatedEvent
  emitted: Said
  input: GatedInput
}

interface Step {
  readonly context: GatedContext
  readonly event: GatedEvent
}

const site = 'iopt_unmap_iova_range'

export const start = ({ task, at, retryBound = 100 }: GatedInput): GatedContext => ({
  task,
  at,
  retryBound,
  caller: null,
  start: 0n,
  last: 0n,
  mayBeEmpty: false,
  area: null,
  filled: null,
  unmapped: 0n,
  tries: 0,
  ret: 0,
})

// What is asked before a step.

export const isEmptyRequest = ({ event }: Step): boolean => event.type === 'CALL' && event.size <= 0n
export const overflows = ({ event }: Step): boolean => event.type === 'CALL' && event.iova + event.size > addressSpace

const met = (event: GatedEvent): Something | null => (event.type === 'FOUND' && event.area !== null ? event : null)

export const isNone = ({ event }: Step): boolean => met(event) === null
export const isNoneAtAll = (step: Step): boolean =>
  isNone(step) && step.context.unmapped === 0n && !step.context.mayBeEmpty
/** Somebody is still mapping it, or already unmapping it. */
export const hasNoPages = ({ event }: Step): boolean => !met(event)!.pages
export const isCut = ({ context: { start, last }, event }: Step): boolean => {
  const { iova, size } = met(event)!
  return iova < start || iova + size - 1n > last
}
export const isAccessed = ({ event }: Step): boolean => met(event)!.accesses > 0
/** `tries++; WARN_ON(tries > bound)`, after a notification. */
export const isOneTooMany = ({ context: { tries, retryBound } }: Step): boolean => tries >= retryBound
export const isPastTheEnd = ({ context: { start, last } }: Step): boolean => start > last
export const isFilled = ({ context: { filled } }: Step): boolean => filled !== null
export const isStillAccessed = ({ event }: Step): boolean => event.type === 'ACCESSES' && event.accesses > 0

// What is said.

export const lockDomains = ({ context: { at, task } }: Step) => send(at.domainsRwsem, 'DOWN_READ', { task })
export const lockIova = ({ context: { at, task } }: Step) => send(at.iovaRwsem, 'DOWN_WRITE', { task })
export const unlockIova = ({ context: { at, task } }: Step) => send(at.iovaRwsem, 'UP_WRITE', { task })
export const unlockDomains = ({ context: { at, task } }: Step) => send(at.domainsRwsem, 'UP_READ', { task })
export const find = ({ context: { at, task, start, last } }: Step) =>
  send(at.ioas, 'FIND', { task, iova: start, size: last - start + 1n })
export const gate = ({ context: { at, task, area } }: Step) => send(at.ioas, 'GATE', { task, area: area!.ptr })
export const notify = ({ context: { at, task, area } }: Step) =>
  send(at.notify, 'CALL', { task, iova: area!.iova, size: area!.size })
export const readAccesses = ({ context: { at, task, area } }: Step) =>
  send(at.ioas, 'READ_ACCESSES', { task, area: area!.ptr, site })
export const clearPages = ({ context: { at, task, area } }: Step) =>
  send(at.ioas, 'CLEAR_PAGES', { task, area: area!.ptr })
export const unfill = ({ context: { at, task, filled } }: Step) => send(at.unfill!, 'CALL', { task, ...filled })
export const free = ({ context: { at, task, area } }: Step) => send(at.ioas, 'FREE', { task, area: area!.ptr })
export const warn = ({ context: { area } }: Step) =>
  complain('warn', `WARNING in ${site}: an access did not let go`, { object: named(area!.ptr) })
export const finish = ({ context: { caller, task, ret, unmapped } }: Step) =>
  send(caller!, 'RETURN', { task, ret, size: unmapped })
/** An early return that loses the count of what was unmapped. */
export const finishUncounted = ({ context: { caller, task, ret } }: Step) =>
  send(caller!, 'RETURN', { task, ret, size: null })

// What is remembered.

export const begin = ({ event }: Step): Partial<GatedContext> => {
  assertEvent(event, 'CALL')
  const { from, iova, size, mayBeEmpty = iova === 0n && size >= addressSpace - 1n } = event
  return { caller: from, start: iova, last: iova + size - 1n, mayBeEmpty }
}
export const point = ({ event }: Step): Partial<GatedContext> => {
  const { area, iova, size } = met(event)!
  return { area: { ptr: area, iova, size } }
}
export const keepFilled = ({ event }: Step): Partial<GatedContext> => {
  assertEvent(event, 'CLEARED')
  return { filled: event.filled ?? null }
}
/** `start = area_first`: the search after the notification begins here. */
export const startHere = ({ context: { area } }: Step): Partial<GatedContext> => ({ start: area!.iova })
/** The cursor: what was unmapped is not looked at again, whoever has mapped there meanwhile. */
export const startBehind = ({ context: { area } }: Step): Partial<GatedContext> => ({ start: area!.iova + area!.size })
export const count = ({ context: { unmapped, area } }: Step): Partial<GatedContext> => ({
  unmapped: unmapped + area!.size,
  tries: 0,
})
export const retry = ({ context: { tries } }: Step): Partial<GatedContext> => ({ tries: tries + 1 })
export const settle = (_: Step, { ret }: { readonly ret: string }): Partial<GatedContext> => ({ ret })

// What is forgotten as soon as nothing can depend on it any more, so that runs that differ only there become one.

export const forget = (): Partial<GatedContext> => ({ area: null, filled: null })
export const conclude = ({ context }: Step): GatedContext => ({
  ...start(context),
  caller: context.caller,
  unmapped: context.unmapped,
  ret: context.ret,
})
export const reset = ({ context }: Step): GatedContext => start(context)
