/**
 * What handling a page request is made of, whichever IOMMU core does it (handle-fault.ts, report-fault.ts). It happens
 * on the page request queue's own thread, one entry after the other: a stop marker is passed on to its PASID; behind an
 * overflow no PASID waits for one any more; a request is answered once its group is complete, by having the page
 * faulted in, in the address space that is bound to the PASID now. The device cannot be told that it is another than
 * the one it meant.
 */
import { assertEvent } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard } from '../../say.ts'

/** As the page request queue hands it out. */
export type FaultEntry =
  | {
      readonly kind: 'request'
      readonly device: string
      readonly pasid: number
      readonly prgi: number
      /** Of its group. */
      readonly last: boolean
      /** The address space the device meant. */
      readonly meant: Pointer | null
    }
  | { readonly kind: 'marker'; readonly device: string; readonly pasid: number; readonly meant: Pointer | null }
  | { readonly kind: 'overflow' }

export type PageRequest = Extract<FaultEntry, { readonly kind: 'request' }>

export interface FaultAt {
  readonly bonds: string
  readonly mms: string
  readonly translation: string
  readonly mmput: string
  readonly devices: Readonly<Record<string, string>>
  readonly pasids: Readonly<Record<number, string>>
}

export interface FaultInput {
  readonly task: string
  readonly at: FaultAt
}

export interface FaultContext extends FaultInput {
  readonly caller: string | null
  readonly request: PageRequest | null
  readonly mm: Pointer | null
  /** What the device is told. */
  readonly ret: 'success' | 'invalid' | 'failure'
  /** That are still to be told of an overflow. */
  readonly told: readonly string[]
}

export type FaultEvent =
  | (Heard & { readonly type: 'CALL' } & FaultEntry)
  | (Heard & {
      readonly type: 'ANSWER'
      readonly ptr?: Pointer | null
      readonly mm?: Pointer | null
      readonly value?: number
      readonly fields?: unknown
    })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'QUEUED' | 'RETURN' })

type Change = Partial<Pick<FaultContext, 'caller' | 'request' | 'mm' | 'ret' | 'told'>>

interface Step {
  readonly context: FaultContext
  readonly event: FaultEvent
}

export const fresh = { caller: null, request: null, mm: null, ret: 'failure', told: [] } as const

export const answered = ({ event }: { readonly event: FaultEvent }) => {
  assertEvent(event, 'ANSWER')
  return event
}

// What is asked.

export const isMarker = ({ event }: Step): boolean => event.type === 'CALL' && event.kind === 'marker'
export const isOverflow = ({ event }: Step): boolean => event.type === 'CALL' && event.kind === 'overflow'
export const isNobodys = (step: Step): boolean => answered(step).mm === null
/** mmget_not_zero: the process is over, though its bond is not. */
export const isOver = (step: Step): boolean => answered(step).value === 0
export const hasMm = ({ context }: Step): boolean => context.mm !== null
export const hasToldAll = ({ context }: Step): boolean => context.told.length === 0

// What is said.

export const mark = ({ context: { at, task }, event }: Step) => {
  assertEvent(event, 'CALL')
  return send(at.pasids[(event as FaultEntry & { readonly kind: 'marker' }).pasid]!, 'MARKER', { task })
}
export const tellDrained = ({ context: { task, told } }: Step) => send(told[0]!, 'DRAINED', { task })
export const lookUp = ({ context: { at, task, request } }: Step) =>
  send(at.bonds, 'LOOKUP', { task, device: request!.device, pasid: request!.pasid })
export const getMm = ({ context: { at, task, mm } }: Step, site: string) =>
  send(at.mms, 'INC_NOT_ZERO', { task, ptr: mm, site, field: 'users' })
export const faultIn = ({ context: { at, task, mm } }: Step) => send(at.translation, 'FAULT_IN', { task, mm })
export const putMm = ({ context: { at, task, mm } }: Step) => send(at.mmput, 'CALL', { task, mm })
export const respond = ({ context: { at, task, request, ret, mm } }: Step) => {
  const { device, pasid, prgi, meant } = request!
  return send(at.devices[device]!, 'RESPONSE', { task, pasid, prgi, ret, meant, by: mm })
}
export const finish = ({ context: { caller, task } }: Step) => send(caller!, 'RETURN', { task, ret: 0 })

// What is remembered.

export const begin = ({ context, event }: Step): Change => {
  assertEvent(event, 'CALL')
  const { from: caller } = event
  switch (event.kind) {
    case 'request': {
      const { kind, device, pasid, prgi, last, meant } = event
      return { caller, request: { kind, device, pasid, prgi, last, meant } }
    }
    case 'overflow':
      return { caller, told: Object.values(context.at.pasids) }
    default:
      return { caller }
  }
}
export const nextTold = ({ context }: Step): Change => ({ told: context.told.slice(1) })
export const keepMm = (step: Step): Change => ({ mm: answered(step).mm!, ret: 'success' })
