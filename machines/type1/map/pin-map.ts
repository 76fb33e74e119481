/**
 * Pins the memory behind a mapping, charges it to whoever mapped it, and maps it in the container's IOMMU domain
 * (vfio_pin_map_dma; vfio_iommu_replay for a domain that is new). It is found in the memory of the process that makes the
 * call, which in a replay need not be the one that mapped it.
 *
 * Pages are looked at in order, and whichever is met first ends it: one that cannot be had (-EFAULT), or one more than the
 * process may lock (-ENOMEM, and a line in the log). Reserved pages (the zero page, device memory) are not charged, nor
 * those that a driver has pinned, because they are already. When anything fails, nothing is left.
 *
 * Up to 4.11 the limit is only looked at here, and what is charged for may be counted later (account-later.ts).
 *
 * Source: vfio_pin_pages_remote, vfio_lock_acct, vfio_pin_map_dma, Linux 5.15 and 6.1.
 * Left out: doing it piece by piece. The kernel gets up to 512 pages under one mmap_lock, charges and maps each run of
 * neighbours, and undoes it all when a later piece fails; here the pages are got at once, charged at once and mapped at
 * once. Only who looks at the account of the process from outside of iommu->lock meanwhile could tell.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { countPages, deviceOf, isZero, pageBytes, pageSize, type Extent } from '../../mm/extent.ts'
import { printk, send, type Heard, type Said } from '../../say.ts'
import type { Mapping } from '../backend/dma-list.ts'

export interface PinMapInput {
  readonly task: string
  /** In whose memory it is. */
  readonly process: string
  readonly at: {
    readonly dmar: string
    readonly domain: string
    /** Up to 4.11: the call that charges, and gives back, without waiting (account-later.ts). */
    readonly accountLater?: string
  }
}

interface Request extends Mapping {
  /** Which address space of the process that pays, unless the first. */
  readonly life?: number
  readonly vaddr: bigint
  /** CAP_IPC_LOCK: no limit counts. */
  readonly lockCap: boolean
  /** In pages: what the process that makes the call may lock. */
  readonly limit: number | null
  /** Pages, counted from the mapping's first, that are charged already. Sorted. */
  readonly charged: readonly number[]
}

interface PinMapContext extends PinMapInput {
  readonly caller: string | null
  readonly request: Request | null
  readonly extents: readonly Extent[]
  /** Device memory that was met and not asked about yet. */
  readonly devices: readonly { readonly device: string; readonly bar: number }[]
  /** Pages that have to be charged. */
  readonly cost: number
  /** Pages that are not reserved, whoever charged them. */
  readonly held: number
  /** What the owner may lock, where that is somebody else. */
  readonly ownLimit: number | null
  readonly ret: 0 | string
  /** The limit is what was met first. */
  readonly exceeded: boolean
}

type PinMapEvent =
  | (Heard & Request & { readonly type: 'CALL' })
  | (Heard & {
      readonly type: 'PINNED'
      readonly extents: readonly Extent[]
      readonly ret: 0 | string
      readonly locked: number
    })
  | (Heard & { readonly type: 'FAULTED'; readonly ret: 0 | string })
  | (Heard & { readonly type: 'LIMITS'; readonly memlock: number | null })
  | (Heard & { readonly type: 'ACCOUNTED' | 'MAPPED'; readonly ret: 0 | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RETURN' })

const start = ({ task, process, at }: PinMapInput): PinMapContext => ({
  ...{ task, process, at },
  ...{
    caller: null,
    request: null,
    extents: [],
    devices: [],
    cost: 0,
    held: 0,
    ownLimit: null,
    ret: 0,
    exceeded: false,
  },
})

interface Looked {
  /** The page that would be one too many, counted from the first; as many as there are when none is. */
  readonly stop: number
  readonly cost: number
}

/** Counts what has to be charged, page after page, up to the one that is too many. */
function look(extents: readonly Extent[], charged: readonly number[], room: number): Looked {
  let page = 0
  let cost = 0
  for (const extent of extents) {
    const end = page + extent.pages
    if (isReserved(extent)) {
      page = end
      continue
    }
    const already = charged.filter((index) => index >= page && index < end)
    if (cost + extent.pages - already.length > room) return { stop: pageAfter(page, room - cost, already), cost: room }
    cost += extent.pages - already.length
    page = end
  }
  return { stop: page, cost }
}

/** The page that comes after `count` pages from `first` on that are not charged already. */
function pageAfter(first: number, count: number, already: readonly number[]): number {
  let page = first + count
  for (const index of already) if (index <= page) page++
  return page
}

const isReserved = (extent: Extent): boolean => isZero(extent) || deviceOf(extent) !== null

/** The devices whose memory lies in the first `stop` pages. */
function devicesIn(extents: readonly Extent[], stop: number) {
  const found: { device: string; bar: number }[] = []
  let page = 0
  for (const extent of extents) {
    const device = page < stop ? deviceOf(extent) : null
    if (device !== null && !found.some((other) => other.device === device.device && other.bar === device.bar))
      found.push(device)
    page += extent.pages
  }
  return found
}

const prots = { r: 1, w: 2, rw: 3 } as const

const memory = (process: string): string => `${process}.mm`
const lifeOf = ({ life }: Request) => (life === undefined ? {} : { life })
const isOwn = ({ process, request }: PinMapContext): boolean => request!.mm === process

export const pinMap = setup({
  types: {
    context: {} as PinMapContext,
    events: {} as PinMapEvent,
    emitted: {} as Said,
    input: {} as PinMapInput,
  },
  guards: {
    hasDevices: ({ context }) => context.devices.length > 0,
    isExceeded: ({ context }) => context.exceeded,
    failed: ({ context }) => context.ret !== 0,
    isFree: ({ context }) => context.cost === 0,
    isDeferred: ({ context }) => context.at.accountLater !== undefined,
    isStrangers: ({ context }) => !isOwn(context) && !context.request!.lockCap,
    // The account of a process that is gone can still be charged.
    refused: ({ event }) =>
      (event.type === 'ACCOUNTED' || event.type === 'MAPPED') && event.ret !== 0 && event.ret !== '-ESRCH',
    isFaulty: ({ event }) => event.type === 'FAULTED' && event.ret !== 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { iova, size, prot, mm, life, vaddr, lockCap, limit, charged } = event
      const whose = { mm, ...(life !== undefined && { life }) }
      return { caller: event.from, request: { iova, size, prot, ...whose, vaddr, lockCap, limit, charged } }
    }),
    downRead: emit(({ context: { task, process } }) => send(`${memory(process)}.mmap_lock`, 'DOWN_READ', { task })),
    pin: emit(({ context: { task, process, request } }) => {
      const { vaddr, size, prot } = request!
      return send(memory(process), 'PIN', { task, vaddr, pages: Number(size / pageSize), write: prot !== 'r' })
    }),
    look: assign(({ context: { request }, event }) => {
      assertEvent(event, 'PINNED')
      const { extents, ret, locked } = event
      const { limit, lockCap, charged } = request!
      const room = lockCap || limit === null ? Infinity : Math.max(0, limit - locked)
      const { stop, cost } = look(extents, charged, room)
      const exceeded = stop < countPages(extents)
      const held = countPages(extents.filter((extent) => !isReserved(extent)))
      return { extents, cost, held, exceeded, devices: devicesIn(extents, stop), ret: exceeded ? '-ENOMEM' : ret }
    }),
    lockDevice: emit(({ context: { task, devices } }) =>
      send(`${devices[0]!.device}.memory_lock`, 'DOWN_READ', { task }),
    ),
    fault: emit(({ context: { task, devices } }) =>
      send(`${devices[0]!.device}.pci`, 'FAULT', { task, bar: devices[0]!.bar }),
    ),
    cannotFault: assign({ ret: '-EFAULT', exceeded: false }),
    unlockDevice: emit(({ context: { task, devices } }) =>
      send(`${devices[0]!.device}.memory_lock`, 'UP_READ', { task }),
    ),
    nextDevice: assign(({ context: { devices, ret, exceeded } }) => ({
      // The first that fails ends it; nothing the others say can change that any more.
      devices: ret === '-EFAULT' && !exceeded ? [] : devices.slice(1),
    })),
    upRead: emit(({ context: { task, process } }) => send(`${memory(process)}.mmap_lock`, 'UP_READ', { task })),
    warn: emit(({ context: { request } }) =>
      printk(4, `vfio_pin_pages_remote: RLIMIT_MEMLOCK (${request!.limit! * pageBytes}) exceeded`),
    ),
    keepOwnLimit: assign(({ context: { request } }) => ({ ownLimit: request!.lockCap ? null : request!.limit })),
    askLimits: emit(({ context: { task, request } }) => send(`${request!.mm}.process`, 'LIMITS', { task })),
    keepLimits: assign(({ event }) => {
      assertEvent(event, 'LIMITS')
      return { ownLimit: event.memlock }
    }),
    downWrite: emit(({ context: { task, request } }) =>
      send(`${memory(request!.mm)}.mmap_lock`, 'DOWN_WRITE', { task }),
    ),
    charge: emit(({ context: { task, request, cost, ownLimit } }) =>
      send(memory(request!.mm), 'ACCOUNT', { task, pages: cost, limit: ownLimit, ...lifeOf(request!) }),
    ),
    uncharge: emit(({ context: { task, request, cost } }) =>
      send(memory(request!.mm), 'ACCOUNT', { task, pages: -cost, limit: null, ...lifeOf(request!) }),
    ),
    chargeLater: emit(({ context: { task, at, request, cost } }) =>
      send(at.accountLater!, 'CALL', { task, charges: [{ mm: request!.mm, pages: -cost }] }),
    ),
    giveBackLater: emit(({ context: { task, at, request, cost } }) =>
      send(at.accountLater!, 'CALL', { task, charges: [{ mm: request!.mm, pages: cost }] }),
    ),
    fail: assign(({ event }) => {
      assertEvent(event, ['ACCOUNTED', 'MAPPED'])
      return { ret: event.ret }
    }),
    upWrite: emit(({ context: { task, request } }) => send(`${memory(request!.mm)}.mmap_lock`, 'UP_WRITE', { task })),
    map: emit(({ context: { task, at, request, extents } }) => {
      const { iova, prot } = request!
      return send(at.dmar, 'MAP', { task, domain: at.domain, iova, prot: prots[prot], extents })
    }),
    forgetExtents: assign({ extents: [] }),
    finish: emit(({ context: { caller, task, ret, cost, held } }) =>
      send(caller!, 'RETURN', { task, ret, ...(ret === 0 ? { locked: cost, held } : { locked: 0 }) }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'pinMap',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'downRead', on: { LOCKED: 'pinning' } },
    pinning: { entry: 'pin', on: { PINNED: { target: 'looking', actions: 'look' } } },
    looking: { always: [{ guard: 'hasDevices', target: 'locking device' }, { target: 'unlocking' }] },
    // Device memory is faulted in, which its device may refuse.
    'locking device': { entry: 'lockDevice', on: { LOCKED: 'faulting' } },
    faulting: {
      entry: 'fault',
      on: {
        FAULTED: [
          { guard: 'isFaulty', target: 'unlocking device', actions: 'cannotFault' },
          { target: 'unlocking device' },
        ],
      },
    },
    'unlocking device': { entry: 'unlockDevice', on: { UNLOCKED: { target: 'looking', actions: 'nextDevice' } } },
    unlocking: { entry: 'upRead', on: { UNLOCKED: 'got' } },
    got: {
      always: [
        { guard: 'isExceeded', target: 'idle', actions: ['warn', 'finish', 'reset'] },
        { guard: 'failed', target: 'idle', actions: ['finish', 'reset'] },
        { guard: 'isFree', target: 'mapping' },
        { guard: 'isDeferred', target: 'charging later' },
        { guard: 'isStrangers', target: 'asking limits' },
        { target: 'locking account', actions: 'keepOwnLimit' },
      ],
    },
    'charging later': { entry: 'chargeLater', on: { RETURN: 'mapping' } },
    'asking limits': { entry: 'askLimits', on: { LIMITS: { target: 'locking account', actions: 'keepLimits' } } },
    'locking account': { entry: 'downWrite', on: { LOCKED: 'charging' } },
    charging: {
      entry: 'charge',
      on: {
        ACCOUNTED: [
          { guard: 'refused', target: 'unlocking account', actions: 'fail' },
          { target: 'unlocking account' },
        ],
      },
    },
    'unlocking account': { entry: 'upWrite', on: { UNLOCKED: 'charged' } },
    charged: {
      always: [{ guard: 'failed', target: 'idle', actions: ['finish', 'reset'] }, { target: 'mapping' }],
    },
    mapping: {
      entry: ['map', 'forgetExtents'],
      on: {
        MAPPED: [
          { guard: 'refused', target: 'not mapped', actions: 'fail' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    'not mapped': {
      always: [
        { guard: 'isFree', target: 'idle', actions: ['finish', 'reset'] },
        { guard: 'isDeferred', target: 'giving back later' },
        { target: 'locking back' },
      ],
    },
    'giving back later': { entry: 'giveBackLater', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
    'locking back': { entry: 'downWrite', on: { LOCKED: 'uncharging' } },
    uncharging: { entry: 'uncharge', on: { ACCOUNTED: 'unlocking account' } },
  },
})
