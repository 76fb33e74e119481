/**
 * Device memory is mapped through a dma-buf that its exporter revokes: how it ended (vfio-pci and iommufd of 6.19).
 *
 *   a map     attaches to the buffer and fills the IOMMU with dma_resv held, so a revocation comes before it (-ENODEV) or undoes it. There is
 *             no pfn to be had from a vma of device memory: -EFAULT (the buffer is for that).
 *   a move    memory disabled or enabled, a reset: under memory_lock for write `revoked` changes, and everybody attached takes his
 *             mapping out of the IOMMU before move_notify returns. It comes back only by mapping anew; the area stays, and unmapping
 *             it succeeds.
 *   clean-up  the last close: revoked for good, and the device's registration is given back. As merged this came after the device was
 *             disabled ('after-disable'), so an importer's DMA could still arrive in between (B-37, CVE-2026-53322); repaired, before.
 *
 * Being told of memory at all means this: there is nothing between keeping a mapping and revoking it.
 *
 * iommu->lock stands for iommufd's domains_rwsem and iova_rwsem; pages->mutex, which filling and move_notify take within dma_resv, is
 * left out: dma_resv serves. Left out too: get_file_active (see dma-buf-object.ts), a map of a part of a buffer.
 *
 * Source: vfio_pci_dmabuf.c (6.19), iommufd's pages.c.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { pageSize } from '../../mm/extent.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { Attachment } from './dma-buf-object.ts'

export interface DmaBufInput {
  readonly task: string
  readonly form: { readonly cleanup: 'after-disable' | 'before-disable' }
  readonly at: {
    readonly hardware: string
    readonly devices: Readonly<
      Record<
        string,
        {
          /** What counts its references. */
          readonly device: string
          readonly memoryLock: string
          readonly dmaResv: string
          readonly dmabuf: string
        }
      >
    >
  }
}

/** A range of a container's IOVA space. */
type Range = Omit<Attachment, 'mapped'>

type DmaBufContext = DmaBufInput & {
  readonly caller: string | null
  /** Whose buffer. */
  readonly device: string | null
  /** What it shall be: of a move. */
  readonly revoked: boolean
  /** To be put into the IOMMU: the rest of it, and what belongs there. */
  readonly range: Range | null
  readonly pfn: bigint
  /** To be taken out of it. */
  readonly mapped: readonly Range[]
  readonly ret: number | string
}

/** What is mapped, and the device whose buffer it is of, if it is of one. */
interface Wanted {
  readonly iova: bigint
  readonly size: bigint
  readonly dmabuf?: string
}

type DmaBufEvent =
  | (Heard & { readonly type: 'CALL'; readonly do: 'GET_PFN'; readonly container: string } & Wanted)
  | (Heard & { readonly type: 'CALL'; readonly do: 'FORGET'; readonly container: string; readonly dma: Wanted })
  | (Heard & { readonly type: 'CALL'; readonly do: 'RELEASE' | 'DISABLED'; readonly device: string })
  | (Heard & { readonly type: 'CALL'; readonly do: 'MEMORY'; readonly device: string; readonly on: boolean })
  | (Heard & {
      readonly type: 'ANSWER'
      readonly ret?: number | string
      readonly pfn?: bigint
      readonly listed?: boolean
      readonly revoked?: boolean
      readonly mapped?: readonly Range[]
    })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

const start = ({ task, form, at }: DmaBufInput): DmaBufContext => ({
  ...{ task, form, at },
  ...{ caller: null, device: null, revoked: false, range: null, pfn: 0n, mapped: [], ret: 0 },
})

const rangeOf = (container: string, { iova, size, dmabuf }: Wanted) => ({
  device: dmabuf ?? null,
  range: { container, iova, size },
})

const places = ({ at, device }: DmaBufContext) => at.devices[device!]!

export const dmaBuf = setup({
  types: {
    context: {} as DmaBufContext,
    events: {} as DmaBufEvent,
    emitted: {} as Said,
    input: {} as DmaBufInput,
  },
  guards: {
    isMapOfVma: ({ event }) => event.type === 'CALL' && event.do === 'GET_PFN' && event.dmabuf === undefined,
    isMap: ({ event }) => event.type === 'CALL' && event.do === 'GET_PFN',
    isUnmap: ({ event }) => event.type === 'CALL' && event.do === 'FORGET' && event.dma.dmabuf !== undefined,
    isMove: ({ event }) => event.type === 'CALL' && event.do === 'MEMORY',
    /** The hook in which this kernel cleans up. */
    isCleanUp: ({ context: { form }, event }) =>
      event.type === 'CALL' && event.do === (form.cleanup === 'after-disable' ? 'DISABLED' : 'RELEASE'),
    isRefused: ({ event }) => event.type === 'ANSWER' && event.ret !== 0,
    isLastPage: ({ context }) => context.range!.size === pageSize,
    isListed: ({ event }) => event.type === 'ANSWER' && event.listed === true,
    changes: ({ context, event }) =>
      event.type === 'ANSWER' && event.listed === true && event.revoked !== context.revoked,
    isMapped: ({ event }) => event.type === 'ANSWER' && event.mapped !== undefined && event.mapped.length > 0,
    hasMore: ({ context }) => context.mapped.length > 1,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from: caller } = event
      switch (event.do) {
        case 'GET_PFN':
          return { caller, ...rangeOf(event.container, event) }
        case 'FORGET':
          return { caller, ...rangeOf(event.container, event.dma) }
        case 'MEMORY':
          return { caller, device: event.device, revoked: !event.on }
        default:
          return { caller, device: event.device }
      }
    }),
    lock: emit(({ context }) => send(places(context).dmaResv, 'LOCK', { task: context.task })),
    unlock: emit(({ context }) => send(places(context).dmaResv, 'UNLOCK', { task: context.task })),
    downWrite: emit(({ context }) => send(places(context).memoryLock, 'DOWN_WRITE', { task: context.task })),
    upWrite: emit(({ context }) => send(places(context).memoryLock, 'UP_WRITE', { task: context.task })),
    read: emit(({ context }) => send(places(context).dmabuf, 'READ', { task: context.task })),

    attach: emit(({ context }) => send(places(context).dmabuf, 'ATTACH', { task: context.task, ...context.range })),
    keep: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { ret: event.ret! }
    }),
    keepPfn: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { pfn: event.pfn! }
    }),
    map: emit(({ context: { at, task, range, pfn } }) =>
      send(at.hardware, 'MAP', { task, domain: range!.container, iova: range!.iova, pfn }),
    ),
    advance: assign(({ context: { range, pfn } }) => ({
      range: { ...range!, iova: range!.iova + pageSize, size: range!.size - pageSize },
      pfn: pfn + 1n,
    })),

    detach: emit(({ context }) => {
      const { container, iova } = context.range!
      return send(places(context).dmabuf, 'DETACH', { task: context.task, container, iova })
    }),

    move: emit(({ context }) => send(places(context).dmabuf, 'MOVE', { task: context.task, revoked: context.revoked })),
    cleanUp: emit(({ context }) => send(places(context).dmabuf, 'CLEAN_UP', { task: context.task })),
    list: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { mapped: event.mapped! }
    }),
    shorten: assign(({ context }) => ({ mapped: context.mapped.slice(1) })),
    unmap: emit(({ context: { at, task, mapped } }) => {
      const { container, iova, size } = mapped[0]!
      return send(at.hardware, 'UNMAP', { task, domain: container, iova, size })
    }),
    unregister: emit(({ context }) => send(places(context).device, 'PUT', { task: context.task })),

    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    fault: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: '-EFAULT' })),
    finishMap: emit(({ context: { caller, task, ret } }) =>
      send(caller!, 'RETURN', { task, ret, ...(ret === 0 && { mapped: true }) }),
    ),
    /** What was asked for is over: runs that differ only in that become one. */
    conclude: assign(({ context }) => {
      const { caller, device, ret } = context
      return { ...start(context), caller, device, ret }
    }),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'dmaBuf',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isMapOfVma', actions: ['begin', 'fault', 'reset'] },
          { guard: 'isMap', target: 'locking to attach', actions: 'begin' },
          { guard: 'isUnmap', target: 'locking to detach', actions: 'begin' },
          { guard: 'isMove', target: 'reading', actions: 'begin' },
          { guard: 'isCleanUp', target: 'locking memory', actions: 'begin' },
          { actions: ['begin', 'finish', 'reset'] },
        ],
      },
    },

    'locking to attach': { entry: 'lock', on: { LOCKED: 'attaching' } },
    attaching: {
      entry: 'attach',
      on: {
        ANSWER: [
          { guard: 'isRefused', target: 'leaving map', actions: 'keep' },
          { target: 'mapping', actions: 'keepPfn' },
        ],
      },
    },
    mapping: {
      entry: 'map',
      on: {
        ANSWER: [
          { guard: 'isLastPage', target: 'leaving map' },
          { target: 'mapping', actions: 'advance', reenter: true },
        ],
      },
    },
    'leaving map': {
      entry: ['unlock', 'conclude'],
      on: { UNLOCKED: { target: 'idle', actions: ['finishMap', 'reset'] } },
    },

    'locking to detach': { entry: 'lock', on: { LOCKED: 'detaching' } },
    detaching: { entry: 'detach', on: { ANSWER: 'unlocking' } },

    reading: {
      entry: 'read',
      on: {
        ANSWER: [
          { guard: 'changes', target: 'locking to move' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    'locking to move': { entry: 'lock', on: { LOCKED: 'moving' } },
    moving: {
      entry: 'move',
      on: { ANSWER: [{ guard: 'isMapped', target: 'notifying', actions: 'list' }, { target: 'unlocking' }] },
    },
    notifying: {
      entry: 'unmap',
      on: {
        ANSWER: [{ guard: 'hasMore', target: 'notifying', actions: 'shorten', reenter: true }, { target: 'unlocking' }],
      },
    },
    unlocking: {
      entry: ['unlock', 'conclude'],
      on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } },
    },

    'locking memory': { entry: 'downWrite', on: { LOCKED: 'looking' } },
    looking: {
      entry: 'read',
      on: { ANSWER: [{ guard: 'isListed', target: 'locking to clean up' }, { target: 'unlocking memory' }] },
    },
    'locking to clean up': { entry: 'lock', on: { LOCKED: 'cleaning up' } },
    'cleaning up': {
      entry: 'cleanUp',
      on: { ANSWER: [{ guard: 'isMapped', target: 'revoking', actions: 'list' }, { target: 'leaving clean-up' }] },
    },
    revoking: {
      entry: 'unmap',
      on: {
        ANSWER: [
          { guard: 'hasMore', target: 'revoking', actions: 'shorten', reenter: true },
          { target: 'leaving clean-up' },
        ],
      },
    },
    'leaving clean-up': { entry: ['unlock', 'conclude'], on: { UNLOCKED: 'unregistering' } },
    unregistering: { entry: 'unregister', on: { ANSWER: 'unlocking memory' } },
    'unlocking memory': {
      entry: ['upWrite', 'conclude'],
      on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } },
    },
  },
})
