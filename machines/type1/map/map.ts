/**
 * VFIO_IOMMU_MAP_DMA on type1 (vfio_dma_do_map): one critical section under iommu->lock, so a mapping is there whole or
 * not at all. Where the container has an IOMMU domain the pages are pinned and mapped in between (pin-map.ts), and the
 * backend is told afterwards; the kernel links the mapping first and lets it grow, which nobody can see. A request for a new
 * address (VADDR) is another procedure (map-vaddr.ts).
 *
 * Source: c086de818dd8 (4.10) and later; Linux 5.15, 6.1.
 * Argument checks are type1's answer to MAP in the stories about unmap (all kernels refuse before anything happens; which
 * of them did it under the lock cannot be seen); in a small Linux they come first (map-checks.ts).
 * Left out: that the dirty bitmap of a mapping cannot be had after its pages were pinned.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import type { Profile } from '../../profile.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { Mapping, Prot } from '../backend/dma-list.ts'
import { mapError, protOf, type MapArguments } from './map-checks.ts'

export interface MapInput {
  readonly task: string
  readonly at: { readonly lock: string; readonly type1: string }
  /** In a small Linux: which kernel, who maps, and the procedures this one calls. */
  readonly linux?: {
    readonly profile: Profile
    readonly process: string
    readonly pinMap: string
    readonly mapVaddr: string
  }
}

type Ret = number | string
interface MapContext extends MapInput {
  readonly caller: string | null
  readonly mapping: Mapping | null
  /** What a request in a small Linux also says: where the memory is, and of which backend; and what the process may lock. */
  readonly more: { readonly vaddr: bigint; readonly backend: Pointer } | null
  readonly limits: { readonly limit: number | null; readonly lockCap: boolean; readonly life?: number } | null
  readonly locked: number
  readonly ret: Ret
}

type Call = Heard & {
  readonly type: 'CALL'
  readonly iova: bigint
  readonly size: bigint
  readonly prot?: Prot
  readonly mm?: string
} & Partial<MapArguments> & { readonly backend?: Pointer }

type MapEvent =
  | Call
  | (Heard & {
      readonly type: 'LIMITS'
      readonly memlock: number | null
      readonly ipcLock: boolean
      readonly life?: number
    })
  | (Heard & { readonly type: 'MAPPED'; readonly ret: Ret; readonly pin?: boolean })
  | (Heard & { readonly type: 'RETURN'; readonly ret: Ret; readonly locked?: number })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'LINKED' })

const start = ({ task, at, linux }: MapInput): MapContext => ({
  ...{ task, at },
  ...(linux && { linux }),
  ...{ caller: null, mapping: null, more: null, limits: null, locked: 0, ret: 0 },
})

const errorOf = ({ linux }: MapContext, event: MapEvent): string | undefined =>
  linux && mapError(linux.profile, event as Call & MapArguments)

/** The mapping as it will be, with the memory behind it. */
const wholeOf = ({ mapping, more, limits }: MapContext) => ({
  ...mapping,
  ...(more && { ...more, lockCap: limits!.lockCap }),
  ...lifeOf(limits),
})

/** A request for access, or for a new address: never both (map-checks.ts). */
const isAboutAddress = ({ mapping }: MapContext): boolean => (mapping!.prot as Prot | null) === null

/** Which address space of the process it is, unless the first. */
const lifeOf = (limits: MapContext['limits']) => (limits?.life === undefined ? {} : { life: limits.life })

export const map = setup({
  types: {
    context: {} as MapContext,
    events: {} as MapEvent,
    emitted: {} as Said,
    input: {} as MapInput,
  },
  guards: {
    isWrong: ({ context, event }) => errorOf(context, event) !== undefined,
    isVaddrUpdate: ({ context }) => isAboutAddress(context),
    isLinux: ({ context }) => context.linux !== undefined,
    needsPages: ({ event }) => event.type === 'MAPPED' && event.pin === true,
    failed: ({ event }) => event.type === 'RETURN' && event.ret !== 0,
  },
  actions: {
    begin: assign(({ context: { linux }, event }) => {
      assertEvent(event, 'CALL')
      const { from: caller, iova, size, prot, mm, flags, vaddr, backend } = event
      if (!linux) return { caller, mapping: { iova, size, prot: prot!, mm: mm! } }
      const mapping = { iova, size, prot: protOf(flags!)!, mm: linux.process }
      return { caller, mapping, more: { vaddr: vaddr!, backend: backend! } }
    }),
    refuse: emit(({ context, event }) =>
      send(event.from, 'RETURN', { task: context.task, ret: errorOf(context, event) }),
    ),
    mapVaddr: emit(({ context: { task, linux, mapping, more, limits } }) => {
      const { iova, size, mm } = mapping!
      return send(linux!.mapVaddr, 'CALL', { task, iova, size, mm, ...more, ...lifeOf(limits) })
    }),
    askLimits: emit(({ context: { task, linux } }) => send(`${linux!.process}.process`, 'LIMITS', { task })),
    keepLimits: assign(({ event }) => {
      assertEvent(event, 'LIMITS')
      const { memlock, ipcLock, life } = event
      return { limits: { limit: memlock, lockCap: ipcLock, ...(life !== undefined && { life }) } }
    }),
    lock: emit(({ context: { at, task } }) => send(at.lock, 'LOCK', { task })),
    map: emit(({ context }) => send(context.at.type1, 'MAP', { task: context.task, ...wholeOf(context) })),
    pinMap: emit(({ context }) => {
      const { task, linux, limits } = context
      const { backend: _, ...mapping } = wholeOf(context) as Mapping & { readonly backend?: Pointer }
      return send(linux!.pinMap, 'CALL', { task, ...mapping, limit: limits!.limit, charged: [] })
    }),
    keepLocked: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { locked: event.locked! }
    }),
    link: emit(({ context }) => {
      const { task, at, locked } = context
      return send(at.type1, 'LINK', { task, ...wholeOf(context), locked })
    }),
    keep: assign(({ event }) => {
      assertEvent(event, ['MAPPED', 'RETURN'])
      return { mapping: null, more: null, limits: null, ret: event.ret }
    }),
    forget: assign({ mapping: null, more: null, limits: null, locked: 0 }),
    unlock: emit(({ context: { at, task } }) => send(at.lock, 'UNLOCK', { task })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'map',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isWrong', actions: 'refuse' },
          { guard: 'isLinux', target: 'asking limits', actions: 'begin' },
          { target: 'locking', actions: 'begin' },
        ],
      },
    },
    updating: {
      entry: 'mapVaddr',
      on: { RETURN: { target: 'idle', actions: ['keep', 'finish', 'reset'] } },
    },
    'asking limits': {
      entry: 'askLimits',
      on: {
        LIMITS: [
          { guard: 'isVaddrUpdate', target: 'updating', actions: 'keepLimits' },
          { target: 'locking', actions: 'keepLimits' },
        ],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: 'mapping' } },
    mapping: {
      entry: 'map',
      on: {
        MAPPED: [
          { guard: 'needsPages', target: 'pinning' },
          { target: 'unlocking', actions: 'keep' },
        ],
      },
    },
    pinning: {
      entry: 'pinMap',
      on: {
        RETURN: [
          { guard: 'failed', target: 'unlocking', actions: 'keep' },
          { target: 'linking', actions: 'keepLocked' },
        ],
      },
    },
    linking: { entry: ['link', 'forget'], on: { LINKED: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
