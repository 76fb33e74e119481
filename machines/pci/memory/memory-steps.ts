/**
 * What a write to COMMAND.MEMORY (set-memory.ts) and a reset (reset.ts) of one device have in common: how processors lose their
 * mappings, which locks are held then, and when the IOMMU side is told.
 *
 * Source: Linux 5.15 vfio_pci_zap_and_down_write_memory_lock (by-list), 6.10 and later (by-inode, after memory_lock is held),
 * before 5.8 neither; vfio_pci_dma_buf_move of 6.19, which is called with memory_lock held for write, for what is told.
 * The series of 2021 tell nothing ("what I don't tackle here is when device memory is disabled"): when a user wants them to,
 * the protocol is told under memory_lock, which orders it with whatever maps, or outside of it, before memory goes and after it
 * has come back.
 */
import { assertEvent } from 'xstate'
import type { Form } from '../../type1/device-memory/forms.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface MemoryInput extends Pick<Form, 'zap' | 'memory' | 'tellsMemory'> {
  readonly task: string
  /** What is turned off and on: memory (default), or the device itself. */
  readonly turns?: 'memory' | 'power'
  /** For the power: whether processors' mappings are cared for (default true). */
  readonly cares?: boolean
  readonly device: string
  readonly at: {
    readonly memoryLock: string
    readonly hardware: string
    /** The protocol, as this task runs it, where it is told. */
    readonly protocol?: string
    /** The zap of this device, where there is one, and the lock that the one by list comes back with. */
    readonly zap?: string
    readonly vmaLock?: string
  }
}

export interface MemoryContext extends MemoryInput {
  readonly caller: string | null
  /** What memory is to become; a reset brings it back as it was. */
  readonly on: boolean
}

export type MemoryEvent =
  | (Heard & { readonly type: 'CALL'; readonly on?: boolean })
  | (Heard & { readonly type: 'ANSWER'; readonly on?: readonly string[] })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RETURN' })

export interface MemoryTypes {
  context: MemoryContext
  events: MemoryEvent
  emitted: Said
  input: MemoryInput
}

interface Step {
  readonly context: MemoryContext
  readonly event: MemoryEvent
}

export const start = ({ task, device, at, zap, memory, tellsMemory, turns, cares }: MemoryInput): MemoryContext => ({
  ...{ task, device, at, zap, memory, tellsMemory },
  ...(turns !== undefined && { turns }),
  ...(cares !== undefined && { cares }),
  caller: null,
  on: false,
})

// What is asked before a step.

/** Nobody's mappings are looked at, and no lock is taken. */
export const isCareless = ({ context }: Step): boolean => context.cares === false
export const isOn = ({ context }: Step): boolean => context.on
export const zapsByList = ({ context }: Step): boolean => context.zap === 'by-list'
export const zapsByInode = ({ context }: Step): boolean => context.zap === 'by-inode'

const isTold = ({ memory }: MemoryContext): boolean => memory !== 'keep'
const isUnderLock = ({ tellsMemory }: MemoryContext): boolean => tellsMemory === 'under-memory-lock'
/** What was unmapped does not come back. */
const isToldOfReturn = ({ memory, on }: MemoryContext): boolean => memory === 'revoke' && on

export const tellsOffFirst = ({ context }: Step): boolean => isTold(context) && !isUnderLock(context)
export const tellsOffLocked = ({ context }: Step): boolean => isTold(context) && isUnderLock(context)
export const tellsOnLocked = ({ context }: Step): boolean => isToldOfReturn(context) && isUnderLock(context)
export const tellsOnLast = ({ context }: Step): boolean => isToldOfReturn(context) && !isUnderLock(context)

// What is said.

export const callZap = ({ context: { at, task } }: Step) => send(at.zap!, 'CALL', { task, try: false })
export const unlockVmas = ({ context: { at, task } }: Step) => send(at.vmaLock!, 'UNLOCK', { task })
export const lock = ({ context: { at, task } }: Step) => send(at.memoryLock, 'DOWN_WRITE', { task })
export const unlock = ({ context: { at, task } }: Step) => send(at.memoryLock, 'UP_WRITE', { task })
const tell = ({ at, task, device }: MemoryContext, on: boolean) =>
  send(at.protocol!, 'CALL', { task, do: 'MEMORY', device, on })
export const tellOff = ({ context }: Step) => tell(context, false)
export const tellOn = ({ context }: Step) => tell(context, true)
export const set = ({ context: { at, task, device, on, turns } }: Step) =>
  send(at.hardware, turns === 'power' ? 'SET_POWER' : 'SET_MEMORY', { task, device, on })
export const resetDevice = ({ context: { at, task, device } }: Step) =>
  send(at.hardware, 'RESET', { task, devices: [device] })
export const restore = ({ context: { at, task, device } }: Step) =>
  send(at.hardware, 'RESTORE', { task, devices: [device] })
export const finish = ({ context: { caller, task } }: Step) => send(caller!, 'RETURN', { task, ret: 0 })

// What is remembered.

export const begin = ({ event }: Step): Partial<MemoryContext> => {
  assertEvent(event, 'CALL')
  return { caller: event.from, on: event.on ?? false }
}
export const save = ({ event }: Step): Partial<MemoryContext> => {
  assertEvent(event, 'ANSWER')
  return { on: event.on!.length > 0 }
}
export const reset = ({ context }: Step): MemoryContext => start(context)
