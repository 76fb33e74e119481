/**
 * VFIO_IOMMU_MAP_DMA with VADDR: gives a mapping whose address was taken away a new one. Nobody looks at the new address;
 * the pages stay those that were pinned. If another process does it than the one that owns the mapping, the mapping
 * becomes its own: its account is charged first, which may fail, and then the other's is relieved.
 *
 * Source: vfio_dma_do_map, vfio_change_dma_owner, Linux 6.1.192 (before 6.3 and its backports the owner stayed).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { Charge } from '../backend/vfio-iommu.ts'

export interface MapVaddrInput {
  readonly task: string
  readonly at: { readonly lock: string; readonly type1: string; readonly giveBack: string }
}

interface Request {
  readonly iova: bigint
  readonly size: bigint
  readonly vaddr: bigint
  /** The process that makes the call. */
  readonly mm: string
  /** Which address space of it, unless the first. */
  readonly life?: number
  readonly backend: Pointer
}

interface MapVaddrContext extends MapVaddrInput {
  readonly caller: string | null
  readonly request: Request | null
  readonly dma: Pointer | null
  /** Who owned it so far, and what that cost; null when nothing moves. */
  readonly before: Charge | null
  readonly limits: { readonly limit: number | null; readonly lockCap: boolean } | null
  readonly ret: 0 | string
}

type MapVaddrEvent =
  | (Heard & Request & { readonly type: 'CALL' })
  | (Heard & {
      readonly type: 'VADDR_CHECKED'
      readonly ret: 0 | string
      readonly dma?: Pointer
      readonly before?: Charge
    })
  | (Heard & { readonly type: 'LIMITS'; readonly memlock: number | null; readonly ipcLock: boolean })
  | (Heard & { readonly type: 'ACCOUNTED'; readonly ret: 0 | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RETURN' | 'VADDR_SET' })

const start = ({ task, at }: MapVaddrInput): MapVaddrContext => ({
  ...{ task, at },
  ...{ caller: null, request: null, dma: null, before: null, limits: null, ret: 0 },
})

const addressSpaceOf = ({ mm, life }: Request) => ({ mm, ...(life !== undefined && { life }) })

export const mapVaddr = setup({
  types: {
    context: {} as MapVaddrContext,
    events: {} as MapVaddrEvent,
    emitted: {} as Said,
    input: {} as MapVaddrInput,
  },
  guards: {
    isRefused: ({ event }) => (event.type === 'VADDR_CHECKED' || event.type === 'ACCOUNTED') && event.ret !== 0,
    moves: ({ event }) => event.type === 'VADDR_CHECKED' && event.before !== undefined,
    isFree: ({ context }) => context.before!.pages === 0,
    failed: ({ context }) => context.ret !== 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { iova, size, vaddr, mm, life, backend } = event
      return { caller: event.from, request: { iova, size, vaddr, mm, backend, ...(life !== undefined && { life }) } }
    }),
    lock: emit(({ context: { at, task } }) => send(at.lock, 'LOCK', { task })),
    check: emit(({ context: { at, task, request } }) => {
      const { iova, size, backend } = request!
      return send(at.type1, 'CHECK_VADDR', { task, iova, size, ...addressSpaceOf(request!), backend })
    }),
    fail: assign(({ event }) => {
      assertEvent(event, ['VADDR_CHECKED', 'ACCOUNTED'])
      return { ret: event.ret }
    }),
    point: assign(({ event }) => {
      assertEvent(event, 'VADDR_CHECKED')
      return { dma: event.dma!, before: event.before ?? null }
    }),
    askLimits: emit(({ context: { task, request } }) => send(`${request!.mm}.process`, 'LIMITS', { task })),
    keepLimits: assign(({ event }) => {
      assertEvent(event, 'LIMITS')
      return { limits: { limit: event.ipcLock ? null : event.memlock, lockCap: event.ipcLock } }
    }),
    downWrite: emit(({ context: { task, request } }) => send(`${request!.mm}.mm.mmap_lock`, 'DOWN_WRITE', { task })),
    charge: emit(({ context: { task, request, before, limits } }) =>
      send(`${request!.mm}.mm`, 'ACCOUNT', {
        ...{ task, pages: before!.pages, limit: limits!.limit },
        ...(request!.life !== undefined && { life: request!.life }),
      }),
    ),
    upWrite: emit(({ context: { task, request } }) => send(`${request!.mm}.mm.mmap_lock`, 'UP_WRITE', { task })),
    giveBack: emit(({ context: { at, task, before } }) => send(at.giveBack, 'CALL', { task, charges: [before!] })),
    set: emit(({ context: { at, task, request, dma, before, limits } }) => {
      const { vaddr, backend } = request!
      const owner = before === null ? {} : { owner: { ...addressSpaceOf(request!), lockCap: limits!.lockCap } }
      return send(at.type1, 'SET_VADDR', { task, dma, vaddr, backend, ...owner })
    }),
    unlock: emit(({ context: { at, task } }) => send(at.lock, 'UNLOCK', { task })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'mapVaddr',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'checking' } },
    checking: {
      entry: 'check',
      on: {
        VADDR_CHECKED: [
          { guard: 'isRefused', target: 'unlocking', actions: 'fail' },
          { guard: 'moves', target: 'asking limits', actions: 'point' },
          { target: 'setting', actions: 'point' },
        ],
      },
    },
    'asking limits': { entry: 'askLimits', on: { LIMITS: { target: 'owning', actions: 'keepLimits' } } },
    owning: { always: [{ guard: 'isFree', target: 'setting' }, { target: 'locking account' }] },
    'locking account': { entry: 'downWrite', on: { LOCKED: 'charging' } },
    charging: {
      entry: 'charge',
      on: {
        ACCOUNTED: [
          { guard: 'isRefused', target: 'unlocking account', actions: 'fail' },
          { target: 'unlocking account' },
        ],
      },
    },
    'unlocking account': { entry: 'upWrite', on: { UNLOCKED: 'charged' } },
    charged: { always: [{ guard: 'failed', target: 'unlocking' }, { target: 'relieving' }] },
    relieving: { entry: 'giveBack', on: { RETURN: 'setting' } },
    setting: { entry: 'set', on: { VADDR_SET: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
