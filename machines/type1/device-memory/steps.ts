/**
 * The steps that the protocols of 2021 are put together from. Each protocol is a chart of its own beside this file, and says in which
 * order they come; what they share is how a step is said.
 *
 *   getting a pfn    vaddr_get_pfn: mmap_lock for read, the vma, its pte (through a fault where there is none), and what the protocol
 *                    does to hear of the device's release; iommu->lock is held by whoever maps
 *   forgetting       vfio_remove_dma, under iommu->lock: the pfnmaps of a mapping that goes
 *   telling          the walk over a device's chain (release, memory disable), and the callback of type1, inline
 *   working          what a kworker does with a pfnmap that was handed to it
 *
 * A chart works on one pfnmap at a time: the first of `pfnmaps`, or in a callback the one whose block was called. `fields` is what was last
 * read from one, or what it is being made of; all pfnmaps of a mapping are of one container, so its lock is found by any of them.
 *
 * queues 'once' needs no mark in the pfnmap: whoever unlinks it from its mapping does so under iommu->lock, and is the one who queues.
 *
 * Left out of all of them: telling drivers that pinned pages of the mapping (unmap_dma_pfn_list, the loop of ../unmap/restart.ts inside
 * the callback): no driver pins here. fixup_user_fault that dropped mmap_lock (-EAGAIN, the lookup begins anew). The mutex of the
 * head of an SRCU chain: it is taken inside one step.
 */
import { assertEvent } from 'xstate'
import { named, type Pointer } from '../../kernel/heap/pointer.ts'
import type { Vma } from '../../mm/vma/areas.ts'
import { complain, crash, send, type Heard, type Said } from '../../say.ts'
import type { DeviceDma as Dma } from '../backend/dma-list.ts'
import type { Form } from './forms.ts'

/** Who is where. Everything is named by what it belongs to. */
export interface Neighbours {
  readonly processes: Readonly<
    Record<string, { readonly mmapLock: string; readonly mm: string; readonly ptes: string }>
  >
  readonly containers: Readonly<Record<string, { readonly lock: string; readonly type1: string }>>
  readonly devices: Readonly<Record<string, DeviceNeighbours>>
  /** The fault handler as this task runs it. */
  readonly fault: string
  readonly hardware: string
  readonly pfnmaps: string
  readonly events: string
  /** The protocol as the kworker runs it: the full id of a call. */
  readonly worker: string
  /** vma-ops: the registry of vm_ops and its lock. */
  readonly vmOps?: string
  readonly vmOpsLock?: string
  /** vma-private: the shared structs. */
  readonly privates?: string
}

export interface DeviceNeighbours {
  /** Its life: references. */
  readonly device: string
  /** The users of its container. */
  readonly container: string
  /** The call that lets go of one of them, as this task makes it: the last one ends the container. */
  readonly closeContainer: string
  /** The chain, and the rwsem or SRCU of its head (absent with `unprotected`). */
  readonly notifier: string
  readonly guard?: string
  /** Base pfn of each BAR. */
  readonly bars?: Readonly<Record<number, bigint>>
  /** dma-buf: its buffer, and the locks around it. */
  readonly memoryLock?: string
  readonly dmabuf?: string
  readonly dmaResv?: string
}

export interface ProtocolInput {
  readonly task: string
  readonly at: Neighbours
  readonly form: Form
}

/** What a protocol is called for. */
export type Request =
  | ({ readonly do: 'GET_PFN'; readonly container: string; readonly process: string } & {
      readonly dma: Pointer
      readonly vaddr: bigint
    })
  /** The mapping goes; `dma` is all that is known of it. iommu->lock is held. */
  | { readonly do: 'FORGET'; readonly container: string; readonly dma: Dma }
  | { readonly do: 'RELEASE' | 'DISABLED'; readonly device: string }
  | { readonly do: 'MEMORY'; readonly device: string; readonly on: boolean }
  | { readonly do: 'WORK'; readonly pfnmap: Pointer }
  /** vma-private alone hears of these. */
  | { readonly do: 'MMAP'; readonly process: string; readonly device: string }
  | {
      readonly do: 'MMAPPED'
      readonly process: string
      readonly device: string
      readonly vma: Vma | null
      readonly private: Pointer
      readonly ret: Ret
    }
  | { readonly do: 'OPEN' | 'CLOSE'; readonly process: string; readonly vma: Vma }

export type Ret = number | string

/** struct pfnmap_obj. */
export interface Pfnmap {
  /** pfnmap->iommu. */
  readonly container: string
  readonly device: string
  /** vma-to-pfn. */
  readonly dma?: Pointer | null
  readonly base?: bigint
}

export interface ProtocolContext extends ProtocolInput {
  readonly caller: string | null
  readonly asked: Request | null
  readonly vma: Vma | null
  readonly pfn: bigint | null
  /** The pte was looked for once, and a fault brought it in. */
  readonly faulted: boolean
  /** The mapping at hand. */
  readonly dma: Dma | null
  /** Those that are being registered or given up; the first is at hand. */
  readonly pfnmaps: readonly Pointer[]
  readonly fields: Pfnmap | null
  /** Blocks of the chain that were called, the last one just now. */
  readonly been: readonly string[]
  readonly ret: Ret
}

export type ProtocolEvent =
  | (Heard & { readonly type: 'CALL' } & Request)
  | (Heard & {
      readonly type: 'ANSWER'
      readonly ret?: Ret
      readonly vma?: Vma | null
      readonly pfn?: bigint | null
      readonly dma?: Dma | null
      readonly ptr?: Pointer
      readonly fields?: Pfnmap
      /** vma-ops: somebody registered these vm_ops. */
      readonly registered?: boolean
      /** vma-private. */
      readonly value?: number
    })
  | (Heard & { readonly type: 'RETURN'; readonly ret: Ret })
  | (Heard & { readonly type: 'NB'; readonly nb: string | null })
  | (Heard & { readonly type: 'DELETED'; readonly ret: Ret })
  | (Heard & { readonly type: 'QUEUED'; readonly twice?: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'SYNCHRONIZED' | 'ADDED' | 'REMOVED' })

export interface ProtocolTypes {
  context: ProtocolContext
  events: ProtocolEvent
  emitted: Said
  input: ProtocolInput
}

interface Step {
  readonly context: ProtocolContext
  readonly event: ProtocolEvent
}

export const start = ({ task, at, form }: ProtocolInput): ProtocolContext => ({
  task,
  at,
  form,
  caller: null,
  asked: null,
  vma: null,
  pfn: null,
  faulted: false,
  dma: null,
  pfnmaps: [],
  fields: null,
  been: [],
  ret: 0,
})

/** The request of a call that is known to be of this kind. */
const asked = <What extends Request['do']>({ asked }: ProtocolContext, ..._what: readonly What[]) =>
  asked as Extract<Request, { readonly do: What }>

const mmOf = (context: ProtocolContext) => context.at.processes[asked(context, 'GET_PFN').process]!
const iommuOf = ({ at, fields }: ProtocolContext) => at.containers[fields!.container]!
/** The device whose memory the pfnmap at hand stands for. */
const deviceOf = ({ at, fields }: ProtocolContext) => at.devices[fields!.device]!
/** The device whose chain is walked. */
const tellerOf = (context: ProtocolContext) => context.at.devices[asked(context, 'RELEASE', 'MEMORY').device]!
const toMap = (context: ProtocolContext) => context.at.containers[asked(context, 'GET_PFN').container]!

/** The notifier block lies in the pfnmap, so a block goes by the pfnmap's name. */
const pfnmapOf = (nb: string): Pointer => {
  const [id, gen] = nb.split('#')
  return { id: id!, gen: Number(gen) }
}
/** The pfnmap whose callback runs. */
export const calledBack = ({ been }: ProtocolContext): Pointer => pfnmapOf(been.at(-1)!)

// What a call is for. Each kind of request is a flow of its own.

export const getsPfn = ({ event }: Step): boolean => event.type === 'CALL' && event.do === 'GET_PFN'
export const forgets = ({ event }: Step): boolean => event.type === 'CALL' && event.do === 'FORGET'
export const works = ({ event }: Step): boolean => event.type === 'CALL' && event.do === 'WORK'
/** A device is released; or its memory goes or comes, and mappings are to be changed for that. */
export const tells = ({ context: { form }, event }: Step): boolean =>
  event.type === 'CALL' &&
  (event.do === 'RELEASE' ||
    (event.do === 'MEMORY' && (form.memory === 'revoke' || (form.memory === 'unmap' && !event.on))))
export const isWorking = ({ context: { asked } }: Step): boolean => asked!.do === 'WORK'
export const isTelling = ({ context: { asked } }: Step): boolean => asked!.do === 'RELEASE' || asked!.do === 'MEMORY'

// The traits of a form.

export const isRwsem = ({ context: { form } }: Step): boolean => form.chain === 'rwsem'
export const isSrcu = ({ context: { form } }: Step): boolean => form.chain === 'srcu'
export const isUnprotected = ({ context: { form } }: Step): boolean => form.chain === 'unprotected'
export const isBackground = ({ context: { form } }: Step): boolean => form.unregister === 'background'
export const holdsIommu = ({ context: { form } }: Step): boolean => form.holdsIommu
/** Memory that is off is forbidden, not unmapped. */
export const changesPermissions = ({ context: { asked, form } }: Step): boolean =>
  asked!.do === 'MEMORY' && form.memory === 'revoke'

// What is asked on the way to a pfn.

export const failed = ({ event }: Step): boolean =>
  (event.type === 'ANSWER' || event.type === 'RETURN') && event.ret !== undefined && event.ret !== 0
export const isNowhere = ({ event }: Step): boolean => event.type === 'ANSWER' && event.vma === null
export const hasNoPte = ({ event }: Step): boolean => event.type === 'ANSWER' && event.pfn === null
/** The fault brought nothing in, or it went again. */
export const hasNoPteAgain = (step: Step): boolean => hasNoPte(step) && step.context.faulted

const iovaOf = ({ iova, vaddr: first }: Dma, vaddr: bigint): bigint => iova + vaddr - first

/** Some pfnmap stands for this page already; ANSWER says what is known of the mapping. One for all of it does not ask whose page it is. */
export const isCovered = ({ context, event }: Step): boolean => {
  assertEvent(event, 'ANSWER')
  const dma = event.dma!
  if (!coversEveryVma(context)) return dma.pfnmaps.length > 0
  const page = iovaOf(dma, asked(context, 'GET_PFN').vaddr)
  const { device } = context.vma!
  return dma.pfnmaps.some((each) => each.device === device && each.iova <= page && page < each.iova + each.size)
}
/** `vma->vm_ops->open`, read from a vma without vm_ops. */
export const readsNoOps = ({ context: { vma, form } }: Step): boolean => vma!.ops === null && !form.checksOps
export const isForeign = ({ context: { vma } }: Step): boolean => vma!.ops === null
export const isForeignAndStrict = (step: Step): boolean => isForeign(step) && isStrict(step)
export const isStrict = ({ context: { form } }: Step): boolean => form.strict

// What is asked when pfnmaps are given up, and in the callback.

export const isDone = ({ context: { pfnmaps } }: Step): boolean => pfnmaps.length === 0
export const isDoneInCallback = (step: Step): boolean => isDone(step) && isTelling(step)
/** vma-ops: nobody registered these vm_ops, or not any more. */
export const isUnknown = ({ event }: Step): boolean => event.type === 'ANSWER' && event.registered === false
export const isUnknownAndStrict = (step: Step): boolean => isUnknown(step) && isStrict(step)
/** It is to be unregistered already. */
export const isQueuedTwice = ({ event }: Step): boolean => event.type === 'QUEUED' && event.twice === true
export const isNotListed = ({ event }: Step): boolean => event.type === 'DELETED' && event.ret === '-ENOENT'
export const isEnd = ({ event }: Step): boolean => event.type === 'NB' && event.nb === null
/** No mapping points at the pfnmap any more. */
export const isGone = ({ event }: Step): boolean => event.type === 'ANSWER' && event.dma === null
/** It took the pfnmap from its mapping, or does not care who did. */
export const queues = (step: Step): boolean =>
  !changesPermissions(step) && (step.context.dma !== null || step.context.form.queues === 'each-time')

// What is said on the way to a pfn.

export const lockMm = ({ context }: Step) => send(mmOf(context).mmapLock, 'DOWN_READ', { task: context.task })
export const unlockMm = ({ context }: Step) => send(mmOf(context).mmapLock, 'UP_READ', { task: context.task })
export const findVma = ({ context }: Step) =>
  send(mmOf(context).mm, 'FIND', { task: context.task, vaddr: asked(context, 'GET_PFN').vaddr })
export const readPte = ({ context }: Step) =>
  send(mmOf(context).ptes, 'GET', { task: context.task, vaddr: asked(context, 'GET_PFN').vaddr })
export const fault = ({ context }: Step) => {
  const { process, vaddr } = asked(context, 'GET_PFN')
  return send(context.at.fault, 'CALL', { task: context.task, process, vaddr, vma: context.vma })
}
export const readDma = ({ context }: Step) =>
  send(toMap(context).type1, 'USE', {
    task: context.task,
    dma: asked(context, 'GET_PFN').dma,
    site: 'vaddr_get_pfn',
  })
export const oops = (site: string) => () =>
  crash('bug', `BUG: kernel NULL pointer dereference in ${site}`, { detail: 'vma->vm_ops is NULL' })

// Registering: references first, then the chain, then the mapping points at it.

export const getDevice = ({ context: { at, task, vma } }: Step) =>
  send(at.devices[vma!.device!]!.device, 'GET', { task })
export const allocate = ({ context: { at, task, fields } }: Step) => send(at.pfnmaps, 'ALLOC', { task, fields })
export const addUser = ({ context }: Step) => send(deviceOf(context).container, 'ADD_USER', { task: context.task })
export const getIommu = ({ context }: Step) => send(iommuOf(context).type1, 'GET', { task: context.task })
export const addBlock = ({ context }: Step) =>
  send(deviceOf(context).notifier, 'ADD', { task: context.task, nb: named(context.pfnmaps[0]!) })
export const link = ({ context }: Step) => {
  const { task, pfnmaps, dma, fields } = context
  const { device } = fields!
  return send(iommuOf(context).type1, 'LINK_PFNMAP', {
    task,
    dma: dma!.ptr,
    pfnmap: pfnmaps[0]!,
    device,
    ...coveredBy(context),
  })
}
const coversEveryVma = ({ form }: ProtocolContext): boolean => form.covers === 'every-vma'
/** What of the mapping the new pfnmap stands for: all of it, or what the vma at hand is behind. */
const coveredBy = (context: ProtocolContext): { readonly iova: bigint; readonly size: bigint } => {
  const { dma, vma } = context
  const { iova, size, vaddr } = dma!
  if (!coversEveryVma(context)) return { iova, size }
  const from = vma!.start > vaddr ? vma!.start : vaddr
  const to = vma!.start + vma!.size < vaddr + size ? vma!.start + vma!.size : vaddr + size
  return { iova: iovaOf(dma!, from), size: to - from }
}

// vma-ops: the registry, under vm_ops_lock.

export const lockOps = ({ context: { at, task } }: Step) => send(at.vmOpsLock!, 'LOCK', { task })
export const unlockOps = ({ context: { at, task } }: Step) => send(at.vmOpsLock!, 'UNLOCK', { task })
export const lookUpOps = ({ context: { at, task, vma, form } }: Step) =>
  send(at.vmOps!, 'LOOK_UP', { task, ops: vma!.ops, users: form.keepsOps ? 1 : 0 })
/** What is registered was registered with a driver's vm_ops. */
export const lookUpOpsAgain = ({ context: { at, task, form } }: Step) =>
  send(at.vmOps!, 'LOOK_UP', { task, ops: 'driver', users: form.keepsOps ? -1 : 0 })

// Giving the pfnmap at hand up.

export const readPfnmap =
  (site: string) =>
  ({ context: { at, task, pfnmaps } }: Step) =>
    send(at.pfnmaps, 'USE', { task, ptr: pfnmaps[0]!, site })
export const lockChain = ({ context }: Step) => send(deviceOf(context).guard!, 'DOWN_WRITE', { task: context.task })
export const unlockChain = ({ context }: Step) => send(deviceOf(context).guard!, 'UP_WRITE', { task: context.task })
export const deleteBlock = ({ context }: Step) =>
  send(deviceOf(context).notifier, 'DELETE', { task: context.task, nb: named(context.pfnmaps[0]!) })
export const synchronize = ({ context }: Step) => send(deviceOf(context).guard!, 'SYNCHRONIZE', { task: context.task })
export const dropUser = ({ context }: Step) => send(deviceOf(context).closeContainer, 'CALL', { task: context.task })
export const putDevice = ({ context }: Step) => send(deviceOf(context).device, 'PUT', { task: context.task })
export const putIommu = ({ context }: Step) => send(iommuOf(context).type1, 'PUT', { task: context.task })
export const free =
  (site: string) =>
  ({ context: { at, task, pfnmaps } }: Step) =>
    send(at.pfnmaps, 'FREE', { task, ptr: pfnmaps[0]!, site })
export const unlink = ({ context }: Step) => {
  const { at, task, asked, fields, dma, pfnmaps } = context
  const container = asked!.do === 'FORGET' ? asked!.container : fields!.container
  return send(at.containers[container]!.type1, 'UNLINK_PFNMAP', { task, dma: dma!.ptr, pfnmap: pfnmaps[0]! })
}
/** INIT_WORK and schedule_work. */
export const queue = ({ context: { at, task, pfnmaps } }: Step) => handOver(at, task, pfnmaps[0]!)
export const doubleUnregister = ({ context: { pfnmaps } }: Step) =>
  complain('double-unregister', 'double unregister of a notifier', { object: named(pfnmaps[0]!) })
export const willUnregisterTwice = ({ context: { been } }: Step) =>
  complain('double-unregister', 'double unregister of a notifier', {
    object: been.at(-1)!,
    detail: 'its unregistration is queued already, and will be done twice',
  })

const handOver = ({ events, worker }: Neighbours, task: string, pfnmap: Pointer) =>
  send(events, 'QUEUE', {
    ...{ task, item: pfnmap, init: true },
    work: { call: worker, args: { do: 'WORK', pfnmap } },
  })

// Telling: the walk, and the callback inline.

export const enterChain = ({ context }: Step) =>
  send(tellerOf(context).guard!, isRwsem({ context } as Step) ? 'DOWN_READ' : 'READ_LOCK', { task: context.task })
export const leaveChain = ({ context }: Step) =>
  send(tellerOf(context).guard!, isRwsem({ context } as Step) ? 'UP_READ' : 'READ_UNLOCK', { task: context.task })
export const next = ({ context }: Step) =>
  send(tellerOf(context).notifier, 'NEXT', { task: context.task, after: context.been })
export const readCalledBack =
  (site: string) =>
  ({ context }: Step) =>
    send(context.at.pfnmaps, 'USE', { task: context.task, ptr: calledBack(context), site })
export const lockIommu = ({ context }: Step) => send(iommuOf(context).lock, 'LOCK', { task: context.task })
export const unlockIommu = ({ context }: Step) => send(iommuOf(context).lock, 'UNLOCK', { task: context.task })
export const findByPfnmap = ({ context }: Step) =>
  send(iommuOf(context).type1, 'BY_PFNMAP', { task: context.task, pfnmap: calledBack(context) })
export const unlinkCalledBack = ({ context }: Step) =>
  send(iommuOf(context).type1, 'UNLINK_PFNMAP', {
    task: context.task,
    dma: context.dma!.ptr,
    pfnmap: calledBack(context),
  })
export const unmap = ({ context: { at, task, fields, dma } }: Step) =>
  send(at.hardware, 'UNMAP', { task, domain: fields!.container, iova: dma!.iova, size: dma!.size })
export const remove = ({ context }: Step) =>
  send(iommuOf(context).type1, 'REMOVE', { task: context.task, dma: context.dma!.ptr, site: 'vfio_remove_dma' })
/** Forbids or allows what the pfnmap stands for. */
export const allow = ({ context }: Step) => {
  const { at, task, fields, dma } = context
  const { iova, size } = dma!.pfnmaps.find(({ ptr }) => ptr.id === calledBack(context).id)!
  const { on } = asked(context, 'MEMORY')
  return send(at.hardware, 'ALLOW', { task, domain: fields!.container, iova, size, allowed: on })
}
export const queueCalledBack = ({ context }: Step) => handOver(context.at, context.task, calledBack(context))

export const finish = ({ context: { caller, task, ret } }: Step) => send(caller!, 'RETURN', { task, ret })
export const finishPfn = ({ context: { caller, task, ret, pfn } }: Step) =>
  send(caller!, 'RETURN', { task, ret, pfn: ret === 0 ? pfn : null })

// What is remembered.

export const begin = ({ event }: Step): Partial<ProtocolContext> => {
  assertEvent(event, 'CALL')
  const { type: _type, from: caller, task: _task, ...request } = event
  return { caller, asked: request as Request }
}
/** Of a mapping that goes, its pfnmaps go one after the other. */
export const pointAll = ({ context }: Step): Partial<ProtocolContext> => {
  const { dma } = asked(context, 'FORGET')
  return { dma, pfnmaps: dma.pfnmaps.map(({ ptr }) => ptr) }
}
export const pointWork = ({ context }: Step): Partial<ProtocolContext> => ({ pfnmaps: [asked(context, 'WORK').pfnmap] })
export const keepVma = ({ event }: Step): Partial<ProtocolContext> => {
  assertEvent(event, 'ANSWER')
  return { vma: event.vma! }
}
export const keepPfn = ({ event }: Step): Partial<ProtocolContext> => {
  assertEvent(event, 'ANSWER')
  return { pfn: event.pfn! }
}
export const noteFault = (): Partial<ProtocolContext> => ({ faulted: true })
export const keepDma = ({ event }: Step): Partial<ProtocolContext> => {
  assertEvent(event, 'ANSWER')
  return { dma: event.dma! }
}
/** What the new pfnmap is made of. */
export const describe = ({ context }: Step): Partial<ProtocolContext> => ({
  fields: { container: asked(context, 'GET_PFN').container, device: context.vma!.device! },
})
export const keepPfnmap = ({ event }: Step): Partial<ProtocolContext> => {
  assertEvent(event, 'ANSWER')
  return { pfnmaps: [event.ptr!] }
}
export const keepFields = ({ event }: Step): Partial<ProtocolContext> => {
  assertEvent(event, 'ANSWER')
  return { fields: event.fields! }
}
export const keepRet = ({ event }: Step): Partial<ProtocolContext> => {
  assertEvent(event, ['ANSWER', 'RETURN'])
  return { ret: event.ret! }
}
export const noSuchPage = (): Partial<ProtocolContext> => ({ ret: '-EFAULT' })
export const noSuchDevice = (): Partial<ProtocolContext> => ({ ret: '-ENODEV' })
export const point = ({ context, event }: Step): Partial<ProtocolContext> => {
  assertEvent(event, 'NB')
  return { been: [...context.been, event.nb!] }
}
/** The mapping goes for one of its pfnmaps; the others have to go, too. */
export const pointOthers = ({ context }: Step): Partial<ProtocolContext> => ({
  pfnmaps: context.dma!.pfnmaps.map(({ ptr }) => ptr).filter(({ id }) => id !== calledBack(context).id),
})

// What is forgotten as soon as nothing can depend on it any more, so that runs that differ only there become one.

export const dropFirst = ({ context: { pfnmaps } }: Step): Partial<ProtocolContext> => ({ pfnmaps: pfnmaps.slice(1) })
export const forgetLookup = (): Partial<ProtocolContext> => ({
  vma: null,
  faulted: false,
  dma: null,
  pfnmaps: [],
  fields: null,
})
export const forgetCallback = (): Partial<ProtocolContext> => ({ dma: null, fields: null })
export const reset = ({ context }: Step): ProtocolContext => start(context)
