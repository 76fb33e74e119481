/**
 * The steps of mmap, munmap, mremap and fork where mappings of a device come and go. Each call is a chart of its own beside this file; what
 * they share is how a mapping is opened (vm_ops->open, after it was made by copying another) and closed, never which steps there are.
 *
 * How the driver finds the mappings it must zap is a choice:
 *
 *   never      it does not: everything is mapped at mmap and stays (up to 5.7)
 *   by-list    faults put mappings on a list, open zaps the copy so that it faults anew, close takes it off the list (5.8 to 6.9)
 *   by-inode   mappings are linked to the inode of the device, and nobody calls the driver (6.10; RFC v2 of 2021 for the idea)
 *
 * An open file is held by every mapping of it, and let go (fput) when the task goes back to user space: after mmap_lock.
 *
 * Source: mm/mmap.c (mmap_region, __split_vma, __do_munmap, unmap_region, remove_vma), mm/mremap.c (move_vma), kernel/fork.c (dup_mmap);
 * drivers/vfio/pci vfio_pci_mmap, _open, _close, Linux 5.8 to 6.10.
 * Left out: mmap_lock being downgraded while munmap clears, the driver's close taking
 * what VFIO put into vm_private_data for its own (fault.ts shows that).
 */
import { assertEvent } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { pageSize } from '../extent.ts'
import type { Mapped, Vma } from './areas.ts'
import { pfnOf, pgoffOf, type BarRange, type PgoffSpace } from './index-space.ts'
import type { Pte } from './ptes.ts'

export interface MmForm {
  readonly zap: 'never' | 'by-list' | 'by-inode'
  readonly pgoff: PgoffSpace
  /** When a fork opens a copy: after what was faulted in is copied into it, or before. */
  readonly fork: 'opens-last' | 'opens-first'
  /** The driver's fault handler leaves vm_private_data to VFIO; unless false. */
  readonly convertedDriver?: boolean
}

export interface ProcessAt {
  readonly mmapLock: string
  readonly mm: string
  readonly ptes: string
}

export interface DeviceAt {
  readonly file: string
  /** The call that follows the last fput. */
  readonly release: string
  readonly memoryLock?: string
  /** By list. */
  readonly vmaLock?: string
  readonly vmaList?: string
  /** By inode. */
  readonly iMmapRwsem?: string
  readonly inode?: string
}

export interface MmInput {
  readonly task: string
  readonly form: MmForm
  readonly bars: Readonly<Record<string, readonly BarRange[]>>
  readonly at: {
    readonly processes: Readonly<Record<string, ProcessAt>>
    readonly devices: Readonly<Record<string, DeviceAt>>
    readonly hardware?: string
    /** The driver's fault handler. */
    readonly fault?: string
    /** Where VFIO puts its own vm_ops around those of the driver. */
    readonly protocol?: string
  }
}

/** What a call was asked for: mmap, munmap, mremap and fork each have some of it. */
export interface Request {
  readonly start: bigint
  readonly size: bigint
  /** mremap: where it shall go. */
  readonly to: bigint
  /** fork: whose mappings are copied; `process` is the child as soon as they are. */
  readonly parent: string
  /** mmap: what is mapped, from which of its pages on; what has no device says which physical page. */
  readonly device: string | null
  readonly bar: number
  readonly page: bigint
  readonly pfn: bigint
  /** mmap: the driver refuses. */
  readonly fails: boolean
}

export interface VmaContext extends MmInput {
  readonly caller: string | null
  /** Whose mappings change. */
  readonly process: string
  readonly request: Request
  /** Mappings that were made and are to be opened, that became smaller, that are gone and to be closed. */
  readonly opened: readonly Vma[]
  readonly kept: readonly Vma[]
  readonly closed: readonly Vma[]
  /** mmap: what VFIO has put into vm_private_data. */
  readonly private: Pointer | null
  /** Devices whose file is to be let go, once for each time they are here. */
  readonly files: readonly string[]
  readonly ret: 0 | string
}

export type VmaEvent =
  | (Heard & { readonly type: 'CALL'; readonly process: string; readonly child?: string } & Partial<Request>)
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })
  | (Heard & { readonly type: 'RETURN'; readonly private?: Pointer })
  | (Heard & {
      readonly type: 'ANSWER'
      readonly ret?: 0 | string
      /** Of CUT, MOVE and COPY. */
      readonly opened?: readonly Vma[]
      readonly closed?: readonly Vma[]
      readonly kept?: readonly Vma[]
      /** Of LIST and INSERT. */
      readonly vmas?: readonly Vma[]
      readonly vma?: Vma | null
      /** Of READ. */
      readonly entries?: readonly Pte[]
      /** Of PUT. */
      readonly last?: boolean
    })

export interface VmaTypes {
  context: VmaContext
  events: VmaEvent
  emitted: Said
  input: MmInput
}

interface Step {
  readonly context: VmaContext
  readonly event: VmaEvent
}

const nothing: Request = {
  ...{ start: 0n, size: 0n, to: 0n, parent: '' },
  ...{ device: null, bar: 0, page: 0n, pfn: 0n, fails: false },
}

export const start = ({ task, form, bars, at }: MmInput): VmaContext => ({
  ...{ task, form, bars, at },
  caller: null,
  process: '',
  request: nothing,
  opened: [],
  kept: [],
  closed: [],
  private: null,
  files: [],
  ret: 0,
})

/** The BAR that is mapped, if it is one and there is such a BAR. */
const rangeOf = ({ bars }: MmInput, { device, bar }: Pick<Mapped, 'device' | 'bar'>): BarRange | undefined =>
  device === null ? undefined : bars[device]!.find((each) => each.bar === bar)

/** The first physical page of a mapping, as its driver counts. */
export const pfnOfVma = (input: MmInput, vma: Mapped): bigint => {
  const range = rangeOf(input, vma)
  return range === undefined ? vma.pgoff : pfnOf(input.form.pgoff, range, vma.pgoff)
}

const mine = ({ at, process }: VmaContext): ProcessAt => at.processes[process]!
const opening = ({ opened }: VmaContext): Vma => opened[0]!
const closing = ({ closed }: VmaContext): Vma => closed[0]!
const mapsOtherIn = ({ request }: VmaContext): boolean => request.device === null
const deviceAt = ({ at }: VmaContext, { device }: Mapped): DeviceAt => at.devices[device!]!

// What is asked before a step.

/** mmap: no file is mapped. */
export const mapsOther = ({ context }: Step): boolean => mapsOtherIn(context)
export const isShared = ({ context: { at, request } }: Step): boolean =>
  at.protocol !== undefined && request.device !== null
/** The driver's mmap refuses what lies beyond the BAR. */
export const isBadMmap = ({ context }: Step): boolean => {
  const { device, page, size, fails } = context.request
  const range = rangeOf(context, context.request)
  return device !== null && (fails || range === undefined || page + size / pageSize > range.pages)
}
/** Nobody will fault it in. */
export const isFilled = ({ context }: Step): boolean => context.form.zap === 'never' || mapsOtherIn(context)
export const isLinked = ({ context }: Step): boolean => context.form.zap === 'by-inode' && !mapsOtherIn(context)
export const hasFailed = ({ context }: Step): boolean => context.ret !== 0
export const noneToOpen = ({ context }: Step): boolean => context.opened.length === 0
export const noneToClose = ({ context }: Step): boolean => context.closed.length === 0
export const noFile = ({ context }: Step): boolean => context.files.length === 0
/** Of no device: no file, no vm_ops, nobody to call. */
export const opensOther = ({ context }: Step): boolean => opening(context).device === null
export const closesOther = ({ context }: Step): boolean => closing(context).device === null
export const opensWrapped = ({ context }: Step): boolean => opening(context).ops === 'vfio'
export const closesWrapped = ({ context }: Step): boolean => closing(context).ops === 'vfio'
export const opensFirst = ({ context }: Step): boolean => context.form.fork === 'opens-first'
export const isByList = ({ context }: Step): boolean => context.form.zap === 'by-list'
export const isByInode = ({ context }: Step): boolean => context.form.zap === 'by-inode'
export const isRefused = ({ event }: Step): boolean => event.type === 'ANSWER' && event.ret !== 0
export const wasLast = ({ event }: Step): boolean => event.type === 'ANSWER' && event.last === true

// What is said.

const ask = ({ task, process, at }: VmaContext, type: string, fields: object) =>
  send(at.processes[process]!.mm, type, { task, ...fields })

export const downWrite = ({ context }: Step) => send(mine(context).mmapLock, 'DOWN_WRITE', { task: context.task })
export const downWriteParent = ({ context: { at, task, request } }: Step) =>
  send(at.processes[request.parent]!.mmapLock, 'DOWN_WRITE', { task })
export const upWriteParent = ({ context: { at, task, request } }: Step) =>
  send(at.processes[request.parent]!.mmapLock, 'UP_WRITE', { task })
export const upWrite = ({ context }: Step) => send(mine(context).mmapLock, 'UP_WRITE', { task: context.task })

/** mmap needs the descriptor itself; from then on the mapping will hold the file. */
export const getFile = ({ context: { at, task, process, request } }: Step) =>
  send(at.devices[request.device!]!.file, 'GET', { task, fd: true, process })
export const insert = ({ context }: Step) => {
  const { form, request } = context
  const { start: from, size, device, bar, page, pfn } = request
  const range = rangeOf(context, request)
  const pgoff = range === undefined ? pfn : pgoffOf(form.pgoff, range, page)
  const ops = device === null ? null : 'driver'
  return ask(context, 'INSERT', { start: from, size, device, bar, pgoff, ops, private: null })
}
export const tellMmap = ({ context: { at, task, process, request } }: Step) =>
  send(at.protocol!, 'CALL', { task, do: 'MMAP', process, device: request.device })
export const tellMmapped = ({ context }: Step) => {
  const { at, task, process, request, opened, private: data, ret } = context
  const vma = ret === 0 ? opened[0]! : null
  return send(at.protocol!, 'CALL', { task, do: 'MMAPPED', process, device: request.device, vma, private: data, ret })
}
export const cut = ({ context }: Step) => {
  const { start: from, size } = context.request
  return ask(context, 'CUT', { start: from, size })
}

export const move = ({ context }: Step) => {
  const { start: from, to } = context.request
  return ask(context, 'MOVE', { start: from, to })
}
/** What was mapped goes along (move_page_tables). */
export const moveEntries = ({ context }: Step) => {
  const { start: from, size } = closing(context)
  return send(mine(context).ptes, 'MOVE', { task: context.task, start: from, to: context.request.to, size })
}
export const list = ({ context: { at, task, request } }: Step) =>
  send(at.processes[request.parent]!.mm, 'LIST', { task })
export const copy = ({ context, event }: Step) => {
  assertEvent(event, 'ANSWER')
  return ask(context, 'COPY', { vmas: event.vmas })
}
/** fork: the page tables of both (copy_page_range), the child's first. */
export const holdEntries = ({ context }: Step) => send(mine(context).ptes, 'HOLD', { task: context.task })
export const readEntries = ({ context }: Step) => {
  const { at, task, request } = context
  const { start: from, size } = opening(context)
  return send(at.processes[request.parent]!.ptes, 'READ', { task, start: from, size })
}
export const fillEntries = ({ context, event }: Step) => {
  assertEvent(event, 'ANSWER')
  return send(mine(context).ptes, 'FILL', { task: context.task, entries: event.entries })
}
/** Where nothing is faulted in: all of a mapping, at once. */
export const fill = ({ context }: Step) => {
  const vma = opening(context)
  const { start: vaddr, size } = vma
  return send(mine(context).ptes, 'SET', { task: context.task, vaddr, pfn: pfnOfVma(context, vma), size })
}

export const holdFile = ({ context }: Step) =>
  send(deviceAt(context, opening(context)).file, 'GET', { task: context.task })
export const tellOpen = ({ context }: Step) => {
  const { at, task, process } = context
  return send(at.protocol!, 'CALL', { task, do: 'OPEN', process, vma: opening(context) })
}
/** The driver's open: the copy faults anew, and only then is it on the list. */
export const zapOpened = ({ context }: Step) => {
  const { start: from, size } = opening(context)
  const { to, start: old } = context.request
  return send(mine(context).ptes, 'CLEAR', {
    ...{ task: context.task, start: from, size },
    // mremap: what is mapped goes along only afterwards.
    ...(to !== 0n && { copyOf: old }),
  })
}
export const lockToLink = ({ context }: Step) =>
  send(deviceAt(context, opening(context)).iMmapRwsem!, 'DOWN_WRITE', { task: context.task })
/** Together with what it was split from, which is smaller now. */
export const link = ({ context }: Step) => {
  const { task, process, kept } = context
  const vma = opening(context)
  const vmas = [...kept.filter(({ device }) => device === vma.device), vma]
  return send(deviceAt(context, vma).inode!, 'LINK', { task, process, vmas })
}
export const unlockLinked = ({ context }: Step) =>
  send(deviceAt(context, opening(context)).iMmapRwsem!, 'UP_WRITE', { task: context.task })

export const clear = ({ context }: Step) => {
  const { start: from, size } = closing(context)
  return send(mine(context).ptes, 'CLEAR', { task: context.task, start: from, size })
}
export const lockToUnlink = ({ context }: Step) =>
  send(deviceAt(context, closing(context)).iMmapRwsem!, 'DOWN_WRITE', { task: context.task })
export const unlink = ({ context }: Step) => {
  const { task, process } = context
  const vma = closing(context)
  return send(deviceAt(context, vma).inode!, 'UNLINK', { task, process, vma: vma.ptr })
}
export const unlockUnlinked = ({ context }: Step) =>
  send(deviceAt(context, closing(context)).iMmapRwsem!, 'UP_WRITE', { task: context.task })
export const lockToDrop = ({ context }: Step) =>
  send(deviceAt(context, closing(context)).vmaLock!, 'LOCK', { task: context.task })
/** The driver's close. */
export const drop = ({ context }: Step) => {
  const { task, process } = context
  const vma = closing(context)
  return send(deviceAt(context, vma).vmaList!, 'DROP', { task, process, vma: vma.ptr })
}
export const unlockDropped = ({ context }: Step) =>
  send(deviceAt(context, closing(context)).vmaLock!, 'UNLOCK', { task: context.task })
export const tellClose = ({ context }: Step) => {
  const { at, task, process } = context
  return send(at.protocol!, 'CALL', { task, do: 'CLOSE', process, vma: closing(context) })
}

export const letGo = ({ context: { at, task, files } }: Step) => send(at.devices[files[0]!]!.file, 'PUT', { task })
export const release = ({ context: { at, task, process, files } }: Step) => {
  const device = files[0]!
  return send(at.devices[device]!.release, 'CALL', { task, device, process })
}
export const finish = ({ context: { caller, task, ret } }: Step) => send(caller!, 'RETURN', { task, ret })

// What is noted down.

export const begin = ({ event }: Step): Partial<VmaContext> => {
  assertEvent(event, 'CALL')
  const { start: from, size, to, device, bar, page, pfn, fails } = event
  const asked = { start: from, size, to, device, bar, page, pfn, fails }
  const given = Object.entries(asked).filter(([, value]) => value !== undefined)
  return { caller: event.from, process: event.process, request: { ...nothing, ...Object.fromEntries(given) } }
}
/** The mappings of the child are those that will change. */
export const beginFork = ({ event }: Step): Partial<VmaContext> => {
  assertEvent(event, 'CALL')
  return { caller: event.from, process: event.child!, request: { ...nothing, parent: event.process } }
}
export const keepVma = ({ event }: Step): Partial<VmaContext> => {
  assertEvent(event, 'ANSWER')
  const { vma = null, ret = 0 } = event
  return { opened: vma === null ? [] : [vma], ret }
}
export const keepPrivate = ({ event }: Step): Partial<VmaContext> => {
  assertEvent(event, 'RETURN')
  return { private: event.private ?? null }
}
export const badDescriptor = (): Partial<VmaContext> => ({ ret: '-EBADF' })
export const fail = (): Partial<VmaContext> => ({ ret: '-EINVAL' })
/** A mapping that did not come about holds no file. */
export const keepFile = ({ context: { request } }: Step): Partial<VmaContext> => ({
  files: request.device === null ? [] : [request.device],
})
export const keepChange = ({ event }: Step): Partial<VmaContext> => {
  assertEvent(event, 'ANSWER')
  const { opened = [], closed = [], kept = [], ret = 0 } = event
  return { opened, closed, kept, ret }
}
export const nextToOpen = ({ context }: Step): Partial<VmaContext> => ({ opened: context.opened.slice(1) })
export const nextToClose = ({ context }: Step): Partial<VmaContext> => ({
  closed: context.closed.slice(1),
  files: [...context.files, ...(closing(context).device === null ? [] : [closing(context).device!])],
})
export const nextFile = ({ context }: Step): Partial<VmaContext> => ({ files: context.files.slice(1) })
/** What is left to do is to let go of files: runs that differ only in what was changed become one. */
export const conclude = ({ context }: Step): VmaContext => {
  const { caller, process, files, ret } = context
  return { ...start(context), caller, process, files, ret }
}
export const reset = ({ context }: Step): VmaContext => start(context)
