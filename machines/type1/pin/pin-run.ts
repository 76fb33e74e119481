/**
 * Gets the memory behind some pages of one mapping for a driver, and charges it to its owner: vfio_pin_page_external,
 * for a run of pages.
 *
 * The kernel goes page by page: get the page (mmap_lock for read), charge it (mmap_lock for write). Here it is as many pages at once as
 * cannot meet the limit before the last of them, so no page is got that the kernel would not have got. The zero page is not
 * charged. Device memory can be got, but has no struct page, and that is an error.
 *
 * Returns `done`: how many pages came before the one that failed; `charged`: how many of them are charged, and are to be given back
 * when the request fails; `free`: which are not, counted from the beginning of the run.
 *
 * Source: Linux 6.1 vfio_pin_page_external, vfio_lock_acct. Left out: its log line at the limit (it names task and pid).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { deviceOf, isZero, pageSize, type Extent } from '../../mm/extent.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { Account } from './pages.ts'

/** Pages that follow one another in one mapping. */
export interface Run extends Account {
  /** Which page of the request is its first. */
  readonly index: number
  readonly vaddr: bigint
  readonly pages: number
  readonly write: boolean
  /** The mapping was made with CAP_IPC_LOCK: no limit. */
  readonly lockCap: boolean
}

export interface PinRunInput {
  readonly task: string
  /** A mapping keeps whose memory it was (since 6.3): when that is gone there is nothing to pin. */
  readonly remembers?: boolean
  /** Up to 4.11: the call that charges without waiting (account-later.ts). */
  readonly accountLater?: string
}

type PinRunContext = PinRunInput & {
  readonly caller: string | null
  readonly run: Run | null
  readonly counted: boolean
  /** In pages. */
  readonly limit: number | null
  /** What the owner has locked, as last seen. */
  readonly locked: number | null
  readonly done: number
  readonly charged: number
  readonly free: readonly number[]
  /** Got, but not charged yet. */
  readonly owed: number
  /** Device memory that was met. */
  readonly device: { readonly device: string; readonly bar: number } | null
  readonly ret: 0 | string
}

type PinRunEvent =
  | (Heard & { readonly type: 'CALL'; readonly run: Run; readonly counted: boolean })
  | (Heard & {
      readonly type: 'LIMITS'
      readonly memlock: number | null
      readonly alive: boolean
      readonly life?: number
    })
  | (Heard & {
      readonly type: 'PINNED'
      readonly extents: readonly Extent[]
      readonly ret: 0 | string
      readonly locked: number
    })
  | (Heard & { readonly type: 'ACCOUNTED' | 'FAULTED'; readonly ret: 0 | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RETURN' })

const start = ({ task, remembers, accountLater }: PinRunInput): PinRunContext => ({
  task,
  ...(remembers && { remembers }),
  ...(accountLater !== undefined && { accountLater }),
  caller: null,
  run: null,
  counted: false,
  limit: null,
  locked: null,
  done: 0,
  charged: 0,
  free: [],
  owed: 0,
  device: null,
  ret: 0,
})

/** How many pages may be got before somebody has to look at the account again. */
function sizeOfNext({ run, counted, limit, locked, done }: PinRunContext): number {
  const left = run!.pages - done
  if (!counted || limit === null) return left
  return locked === null ? 1 : Math.min(left, Math.max(1, limit - locked + 1))
}

/** What was got: pages up to the first of a device, and which of them are the zero page. */
function taken(extents: readonly Extent[], from: number) {
  let pages = 0
  const free: number[] = []
  for (const extent of extents) {
    const device = deviceOf(extent)
    if (device !== null) return { pages, free, device }
    if (isZero(extent)) for (let page = 0; page < extent.pages; page++) free.push(from + pages + page)
    pages += extent.pages
  }
  return { pages, free, device: null }
}

const memoryOf = ({ run }: PinRunContext): string => `${run!.mm}.mm`

export const pinRun = setup({
  types: {
    context: {} as PinRunContext,
    events: {} as PinRunEvent,
    emitted: {} as Said,
    input: {} as PinRunInput,
  },
  guards: {
    isGone: ({ context: { run, remembers }, event }) =>
      event.type === 'LIMITS' && (!event.alive || (remembers === true && (run!.life ?? 0) !== (event.life ?? 0))),
    isDeferred: ({ context }) => context.accountLater !== undefined,
    isDeferredAndOver: ({ context: { accountLater, locked, owed, limit } }) =>
      accountLater !== undefined && limit !== null && locked! + owed > limit,
    isDevice: ({ context }) => context.device !== null,
    owes: ({ context }) => context.owed > 0,
    failed: ({ context }) => context.ret !== 0,
    isRefused: ({ event }) => event.type === 'ACCOUNTED' && event.ret !== 0,
    isDone: ({ context }) => context.done === context.run!.pages,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, run: event.run, counted: event.counted }
    }),
    askLimits: emit(({ context: { run, task } }) => {
      const { mm, thread } = run!
      return send(`${mm}.process`, 'LIMITS', { task, ...(thread !== undefined && { of: thread }) })
    }),
    keepLimit: assign(({ context, event }) => {
      assertEvent(event, 'LIMITS')
      return { limit: context.run!.lockCap ? null : event.memlock }
    }),
    gone: assign({ ret: '-ENODEV' }),
    downRead: emit(({ context }) => send(`${memoryOf(context)}.mmap_lock`, 'DOWN_READ', { task: context.task })),
    pin: emit(({ context }) => {
      const { run, done, task } = context
      const { vaddr, write } = run!
      const pages = sizeOfNext(context)
      return send(memoryOf(context), 'PIN', { task, vaddr: vaddr + BigInt(done) * pageSize, pages, write })
    }),
    keepPages: assign(({ context, event }) => {
      assertEvent(event, 'PINNED')
      const { pages, free, device } = taken(event.extents, context.done)
      return {
        locked: event.locked,
        done: context.done + pages,
        owed: context.counted ? pages - free.length : 0,
        free: [...context.free, ...free],
        device,
        ret: device === null ? event.ret : 0,
      }
    }),
    fault: emit(({ context: { device, task } }) => send(`${device!.device}.pci`, 'FAULT', { task, bar: device!.bar })),
    /** The page can be got, but the caller cannot use what has no struct page. */
    noPage: assign(({ event }) => {
      assertEvent(event, 'FAULTED')
      return { device: null, ret: event.ret === 0 ? '-EINVAL' : '-EFAULT' }
    }),
    upRead: emit(({ context }) => send(`${memoryOf(context)}.mmap_lock`, 'UP_READ', { task: context.task })),
    downWrite: emit(({ context }) => send(`${memoryOf(context)}.mmap_lock`, 'DOWN_WRITE', { task: context.task })),
    account: emit(({ context }) => {
      const { run, owed, limit, task } = context
      const which = run!.life === undefined ? {} : { life: run!.life }
      return send(memoryOf(context), 'ACCOUNT', { task, pages: owed, limit, ...which })
    }),
    chargeLater: emit(({ context: { task, accountLater, run, owed } }) =>
      send(accountLater!, 'CALL', { task, charges: [{ mm: run!.mm, pages: -owed }] }),
    ),
    charge: assign(({ context: { charged, owed, locked } }) => ({
      charged: charged + owed,
      locked: locked! + owed,
      owed: 0,
    })),
    /** The last of them was one too many. */
    overLimit: assign(({ context }) => ({ ret: '-ENOMEM', done: context.done - 1, owed: 0 })),
    refused: assign(({ context, event }) => {
      assertEvent(event, 'ACCOUNTED')
      return { ret: event.ret, done: context.done - 1, owed: 0 }
    }),
    upWrite: emit(({ context }) => send(`${memoryOf(context)}.mmap_lock`, 'UP_WRITE', { task: context.task })),
    finish: emit(({ context: { caller, task, ret, done, charged, free } }) =>
      send(caller!, 'RETURN', { task, ret, done, charged, free }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'pinRun',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'asking limits', actions: 'begin' } } },
    'asking limits': {
      entry: 'askLimits',
      on: {
        LIMITS: [
          { guard: 'isGone', target: 'idle', actions: ['gone', 'finish', 'reset'] },
          { target: 'locking', actions: 'keepLimit' },
        ],
      },
    },
    locking: { entry: 'downRead', on: { LOCKED: 'pinning' } },
    pinning: { entry: 'pin', on: { PINNED: { target: 'looking', actions: 'keepPages' } } },
    looking: { always: [{ guard: 'isDevice', target: 'faulting' }, { target: 'unlocking' }] },
    faulting: { entry: 'fault', on: { FAULTED: { target: 'unlocking', actions: 'noPage' } } },
    unlocking: { entry: 'upRead', on: { UNLOCKED: 'got' } },
    got: { always: [{ guard: 'owes', target: 'owing' }, { target: 'charged' }] },
    owing: {
      always: [
        { guard: 'isDeferredAndOver', target: 'charged', actions: 'overLimit' },
        { guard: 'isDeferred', target: 'charging later' },
        { target: 'locking account' },
      ],
    },
    'charging later': { entry: 'chargeLater', on: { RETURN: { target: 'charged', actions: 'charge' } } },
    'locking account': { entry: 'downWrite', on: { LOCKED: 'accounting' } },
    accounting: {
      entry: 'account',
      on: {
        ACCOUNTED: [
          { guard: 'isRefused', target: 'unlocking account', actions: 'refused' },
          { target: 'unlocking account', actions: 'charge' },
        ],
      },
    },
    'unlocking account': { entry: 'upWrite', on: { UNLOCKED: 'charged' } },
    charged: {
      always: [
        { guard: 'failed', target: 'idle', actions: ['finish', 'reset'] },
        { guard: 'isDone', target: 'idle', actions: ['finish', 'reset'] },
        { target: 'locking' },
      ],
    },
  },
})
