/**
 * How a bond ends, whether somebody unbinds it or its address space does: the steps that both calls take, each of which is a chart beside this
 * file.
 *
 * Under the core's lock the bond is marked as leaving, so that nobody finds it any more; then, without the lock, the device stops using the
 * PASID, the entry goes before the caches do (so that nobody fills them again), what the device asked for before is handled; and under the
 * lock again the bond is deleted and the PASID given back. Whoever is waited for (the device, the queue, a driver's mm_exit) may need the lock.
 *
 * Whom to believe that the device has stopped is a choice (`trusts`). Nobody to ask: unknown.
 *
 * Source: "[RFC PATCH 29/30] vfio: Add support for Shared Virtual Memory" (Feb 2017), the commit message; the series of 2018 for mm_exit.
 * Left out: the command queue of the IOMMU, other than that it may time out.
 */
import { assertEvent } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { Bond } from './bonds.ts'
import type { SvmForm } from './forms.ts'

/** How a device left a PASID. */
export type Left = 'clean' | 'flushed' | 'unknown'

export interface UnbindAt {
  /** The lock of the IOMMU core. */
  readonly lock: string
  readonly bonds: string
  readonly mms: string
  readonly pasids: Readonly<Record<number, string>>
  readonly translation: string
  /** To be drained; the queue's own thread cannot wait for it, and has none. */
  readonly queue?: string
  /** The callback of each device that has one. */
  readonly stop?: Readonly<Record<string, string>>
  /** Closed while a driver's mm_exit runs. */
  readonly gate?: string
}

export interface UnbindInput {
  readonly task: string
  readonly form: Pick<SvmForm, 'dropsMm' | 'trusts' | 'drains' | 'invalidates'> & Partial<Pick<SvmForm, 'atExit'>>
  readonly at: UnbindAt & {
    /** Of who unbinds: the bond's reference may be the last. */
    readonly mmdrop?: string
    /** The driver's, told when an address space ends. */
    readonly mmExit?: string
  }
}

/** What is asked for: the bond of a device and a PASID, whose it must be; or the bonds of an address space. */
interface Asked {
  readonly device: string
  readonly pasid: number | null
  readonly mm: Pointer | null
}

export type UnbindContext = UnbindInput &
  Asked & {
    readonly caller: string | null
    /** The one that is ended, as it was found. */
    readonly bond: Bond | null
    readonly how: Left
    /** The bonds that are left with its PASID. */
    readonly others: number
    /** It was the last user's, and is no more. */
    readonly last: boolean
    /** Whose unbind will be answered, for the story. */
    readonly unbound: Pointer | null
    readonly ret: 0 | string
  }

export type UnbindEvent =
  | (Heard & {
      readonly type: 'CALL'
      readonly device?: string
      readonly pasid?: number
      readonly how?: Left
      readonly mm?: Pointer
      readonly unbound?: Pointer
    })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })
  /** Of the device's callback it is how it left. */
  | (Heard & { readonly type: 'RETURN'; readonly ret?: 0 | string })
  | (Heard & {
      readonly type: 'ANSWER'
      readonly ret?: 0 | string
      /** Of FIND. */
      readonly bond?: Bond | null
      /** Of OF_MM. */
      readonly bonds?: readonly Bond[]
      /** Of DEL. */
      readonly others?: number
      /** Of an mm. */
      readonly fields?: { readonly users: number }
    })

export interface UnbindTypes {
  context: UnbindContext
  events: UnbindEvent
  emitted: Said
}

export interface Step {
  readonly context: UnbindContext
  readonly event: UnbindEvent
}

const noBond = { bond: null, how: 'unknown', others: 0 } as const

export const start = ({ task, form, at }: UnbindInput): UnbindContext => ({
  ...{ task, form, at },
  ...{ caller: null, device: '', pasid: null, mm: null, last: false, unbound: null, ret: 0 },
  ...noBond,
})

/** What is believed before anybody is asked. */
export const believed = ({ form }: UnbindInput, said: Left): Left =>
  form.trusts === 'user' ? said : form.trusts === 'anybody' ? 'clean' : 'unknown'

const callbackOf = ({ at, bond }: UnbindContext): string | undefined => at.stop?.[bond!.device]

/** Which bond is meant. */
const which = ({ bond }: UnbindContext) => {
  const { device, pasid, mm } = bond!
  return { device, pasid, mm }
}

const entry = ({ task, bond }: UnbindContext) => ({ task, device: bond!.device, pasid: bond!.pasid })

const ofPasid = (context: UnbindContext, type: string, fields: object = {}) =>
  send(context.at.pasids[context.bond!.pasid]!, type, { task: context.task, ...fields })

const asks = (context: UnbindContext): boolean => context.form.trusts === 'device' && callbackOf(context) !== undefined

// What is asked before a step.

export const asksDevice = ({ context }: Step): boolean => asks(context)
/** When a process ends there is no user to say it: then whoever believes users asks the device, if there is "a callback for each PCI device". */
export const asksDeviceAtExit = ({ context }: Step): boolean =>
  context.form.trusts !== 'anybody' && callbackOf(context) !== undefined
export const invalidates = ({ context }: Step): boolean => context.form.invalidates
export const drains = ({ context: { form, at, how } }: Step): boolean =>
  form.drains && how !== 'unknown' && at.queue !== undefined
export const isRefused = ({ event }: Step): boolean => event.type === 'ANSWER' && event.ret !== 0

// What is said.

export const lock = ({ context: { at, task } }: Step) => send(at.lock, 'LOCK', { task })
export const unlock = ({ context: { at, task } }: Step) => send(at.lock, 'UNLOCK', { task })
export const mark = (context: UnbindContext, state: Bond['state']) =>
  send(context.at.bonds, 'MARK', { task: context.task, ...which(context), state })
export const markLeaving = ({ context }: Step) => mark(context, 'leaving')
export const stopPasid = ({ context }: Step) => ofPasid(context, 'STOP')
export const tellDevice = ({ context }: Step) =>
  send(callbackOf(context)!, 'CALL', { task: context.task, pasid: context.bond!.pasid, mm: context.bond!.mm })
export const beginMmExit = ({ context }: Step) => send(context.at.gate!, 'BEGIN', entry(context))
export const endMmExit = ({ context }: Step) => send(context.at.gate!, 'END', entry(context))
export const clearEntry = ({ context }: Step) => send(context.at.translation, 'CLEAR_ENTRY', entry(context))
export const invalidate = ({ context }: Step) => send(context.at.translation, 'INVALIDATE', entry(context))
export const drain = ({ context: { at, task } }: Step) => send(at.queue!, 'DRAIN', { task })
export const del = ({ context }: Step) => send(context.at.bonds, 'DEL', { task: context.task, ...which(context) })
export const releasePasid = ({ context }: Step) =>
  ofPasid(context, 'RELEASE', { how: context.how, others: context.others })
export const keepPasid = ({ context }: Step) => ofPasid(context, 'KEEP')

// What is noted down.

export const keepLeft = ({ event }: Step): Pick<UnbindContext, 'how'> => {
  assertEvent(event, 'RETURN')
  return { how: event.ret as Left }
}
export const keepOthers = ({ event }: Step): Pick<UnbindContext, 'others'> => {
  assertEvent(event, 'ANSWER')
  return { others: event.others! }
}
/** Runs that differ only in how the device left become one. */
export const forgetHow = (): Pick<UnbindContext, 'how' | 'others'> => ({ how: noBond.how, others: noBond.others })
export const forgetBond = (): typeof noBond => noBond
export const reset = ({ context }: Step): UnbindContext => start(context)
