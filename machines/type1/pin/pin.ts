/**
 * vfio_pin_pages, as a driver's task runs it, down into vfio_iommu_type1_pin_pages.
 *
 *   up to 5.18   the group becomes a container user for the duration (v13, 4.10)
 *   v13          with container->group_lock held for read around the backend: an assumption, from what v13 does in
 *                vfio_register_notifier (V13-5); on when `at.groupLock` is wired
 *   all          nobody listens: -EINVAL. Any listener will do, it need not be the caller's own (M-2)
 *
 * Two ways inside. Where a pin is a mark and no memory (no `at.memory`): one page, one message. Where it means memory: type1 says which
 * pages have to be got, in runs of one mapping, and whether to charge for them (not when an IOMMU has them mapped: then they are
 * pinned and charged already); each run is got and charged (pin-run.ts) and the whole is written down, or, when a later page fails,
 * given back. What was pinned for a moment stays marked as dirty.
 *
 *   5.12 to 6.2  waits, with the lock dropped, until no mapping's address is invalid any more (B-18)
 *
 * Source: Linux 4.10 to 6.1, vfio_iommu_type1_pin_pages. Left out: finding the group (-ENODEV).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { mostPages } from './page-range.ts'
import { firstFailing } from '../../kernel/checks.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { Prot } from '../backend/dma-list.ts'
import * as pages from './pages.ts'
import type { Run } from './pin-run.ts'

export type PinInput = pages.PagesInput & {
  readonly at: {
    /** The notifier chain, or the device list. */
    readonly listeners: string
    /** Where pinning means memory: the call that gets a run of it (pin-run.ts). */
    readonly memory?: string
  }
}

/** One page when nobody says how many. */
interface Request {
  readonly device: string
  readonly iova: bigint
  readonly prot: Prot | number
  readonly npage?: number
  readonly backend?: pages.Backend
}

/** What type1 says of a request: which memory it takes, up to the page where type1 itself says no. */
interface Plan {
  /** Whose refusal comes before that of the list. */
  readonly refused?: string
  /** Some address is invalid. */
  readonly wait?: true
  readonly ret: 0 | string
  readonly counted: boolean
  readonly runs: readonly Run[]
}

type PinContext = PinInput &
  pages.PagesContext & {
    readonly request: Request | null
    readonly plan: Plan | null
    /** How many pages of the request have been got, as far as they had to be. */
    readonly through: number
    /** Pages that were got, but not charged. */
    readonly free: readonly number[]
    readonly charges: readonly pages.Charge[]
  }
type PinEvent =
  | (Heard & Request & { readonly type: 'CALL' })
  | (Heard & Plan & { readonly type: 'PIN_RUNS' })
  | (Heard & { readonly type: 'AWAITED'; readonly open: boolean })
  | (Heard & {
      readonly type: 'RETURN'
      readonly ret: 0 | string
      readonly done: number
      readonly charged: number
      readonly free: readonly number[]
    })
  | (Heard & { readonly type: 'USER' | 'PINNED'; readonly ret: pages.Ret })
  | (Heard & { readonly type: 'EMPTY'; readonly empty: boolean })
  | (Heard & { readonly type: 'DROPPED'; readonly last: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

const start = ({ task, era, v2, at }: PinInput): PinContext => ({
  task,
  era,
  v2,
  at,
  caller: null,
  request: null,
  ret: 0,
  plan: null,
  through: 0,
  free: [],
  charges: [],
})

const refusal = ({ npage = 1 }: Request): string | undefined =>
  firstFailing([
    [npage === 0, '-EINVAL'],
    [npage > mostPages, '-E2BIG'],
  ])
const requestOf = ({ device, iova, prot, npage, backend }: Request): Request => ({
  ...{ device, iova, prot },
  ...(npage !== undefined && { npage }),
  ...(backend !== undefined && { backend }),
})

const runAt = ({ plan }: PinContext): Run => plan!.runs[0]!
/** One more process to give back to, or more pages of one that is there already. */
function charging(charges: readonly pages.Charge[], run: Run, more: number): readonly pages.Charge[] {
  if (more === 0) return charges
  const { mm, thread, life } = run
  const isSame = (charge: pages.Charge): boolean => charge.mm === mm && charge.thread === thread && charge.life === life
  const before = charges.find(isSame)
  const account = before ?? { mm, ...(thread !== undefined && { thread }), ...(life !== undefined && { life }) }
  return [...charges.filter((charge) => !isSame(charge)), { ...account, pages: (before?.pages ?? 0) + more }]
}

export const pin = setup({
  types: {
    context: {} as PinContext,
    events: {} as PinEvent,
    emitted: {} as Said,
    input: {} as PinInput,
  },
  guards: {
    isGroupUser: ({ context }) => pages.isGroupUser(context),
    isRefused: ({ event }) => event.type === 'USER' && event.ret !== 0,
    takesGroupLock: ({ context }) => pages.takesGroupLock(context),
    wasLastUser: ({ context, event }) => context.at.detach !== undefined && event.type === 'DROPPED' && event.last,
    isV1: ({ context }) => !context.v2,
    isNobody: ({ event }) => event.type === 'EMPTY' && event.empty,
    isBad: ({ event }) => event.type === 'CALL' && refusal(event) !== undefined,
    meansMemory: ({ context }) => context.at.memory !== undefined,
    isRefusedByBackend: ({ event }) => event.type === 'PIN_RUNS' && event.refused !== undefined,
    hasToWait: ({ event }) => event.type === 'PIN_RUNS' && event.wait === true,
    isClosed: ({ event }) => event.type === 'AWAITED' && !event.open,
    isShortOfMemory: ({ context }) => context.plan!.runs.length > 0,
    failedAtOnce: ({ context }) => context.ret !== 0 && context.through === 0,
    owes: ({ context }) => context.charges.length > 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, request: requestOf(event) }
    }),
    refuse: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, ret: refusal(event)! }
    }),
    addUser: emit(({ context }) => pages.addUser(context)),
    downRead: emit(({ context }) => pages.downRead(context)),
    lock: emit(({ context }) => pages.lock(context)),
    isEmpty: emit(({ context: { at, task } }) => send(at.listeners, 'IS_EMPTY', { task })),
    pin: emit(({ context: { at, task, request } }) => send(at.type1, 'PIN', { task, ...request })),
    keep: assign(({ event }) => {
      assertEvent(event, ['USER', 'PINNED'])
      return { ret: event.ret }
    }),
    denied: assign({ ret: '-EACCES' }),
    unheard: assign({ ret: '-EINVAL' }),
    lookUp: emit(({ context: { at, task, request } }) => {
      const { backend, iova, npage = 1, prot } = request!
      return send(at.type1, 'PIN_PAGES', { task, backend, iova, npage, prot })
    }),
    keepPlan: assign(({ event }) => {
      assertEvent(event, 'PIN_RUNS')
      const { refused, ret, counted, runs } = event
      return { ret: refused ?? ret, plan: { ret, counted, runs } }
    }),
    awaitAddress: emit(({ context: { at, task, request } }) =>
      send(at.type1, 'AWAIT_VADDR', { task, backend: request!.backend }),
    ),
    closed: assign({ ret: '-EFAULT' }),
    get: emit(({ context }) => {
      const { at, task, plan } = context
      return send(at.memory!, 'CALL', { task, run: runAt(context), counted: plan!.counted })
    }),
    /** The first page that fails decides, whatever type1 says of later ones. */
    keepMemory: assign(({ context, event }) => {
      assertEvent(event, 'RETURN')
      const run = runAt(context)
      const { index } = run
      const { plan, free, charges } = context
      return {
        ...(event.ret !== 0 && { ret: event.ret }),
        plan: { ...plan!, runs: event.ret === 0 ? plan!.runs.slice(1) : [] },
        through: index + event.done,
        free: [...free, ...event.free.map((page) => index + page)],
        charges: charging(charges, run, event.charged),
      }
    }),
    write: emit(({ context: { at, task, request, ret, through, free } }) => {
      const { backend, iova, npage = 1 } = request!
      const ok = ret === 0
      return send(at.type1, 'PIN_DONE', {
        ...{ task, backend, iova, npage, ok },
        ...(ok ? { through: npage, free } : { through, free: [] }),
      })
    }),
    keepCount: assign(({ context, event }) => {
      assertEvent(event, 'PINNED')
      return context.ret === 0 ? { ret: event.ret, charges: [] } : {}
    }),
    giveBack: emit(({ context }) => pages.giveBack(context, context.charges)),
    forget: assign({ request: null, plan: null, through: 0, free: [], charges: [] }),
    unlock: emit(({ context }) => pages.unlock(context)),
    upRead: emit(({ context }) => pages.upRead(context)),
    dropUser: emit(({ context }) => pages.dropUser(context)),
    dissolve: emit(({ context }) => pages.dissolve(context)),
    finish: emit(({ context }) => pages.finish(context)),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'pin',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isBad', actions: ['refuse', 'finish', 'reset'] },
          { target: 'entering', actions: 'begin' },
        ],
      },
    },
    entering: { always: [{ guard: 'isGroupUser', target: 'joining' }, { target: 'joined' }] },
    joining: {
      entry: 'addUser',
      on: {
        USER: [{ guard: 'isRefused', target: 'idle', actions: ['keep', 'finish', 'reset'] }, { target: 'joined' }],
      },
    },
    joined: { always: [{ guard: 'takesGroupLock', target: 'reading' }, { target: 'inside' }] },
    reading: { entry: 'downRead', on: { LOCKED: 'inside' } },
    inside: { always: [{ guard: 'isV1', target: 'leaving', actions: 'denied' }, { target: 'locking' }] },
    locking: {
      entry: 'lock',
      on: { LOCKED: [{ guard: 'meansMemory', target: 'looking up' }, { target: 'asking' }] },
    },
    'looking up': {
      entry: 'lookUp',
      on: {
        PIN_RUNS: [
          { guard: 'isRefusedByBackend', target: 'unlocking', actions: 'keepPlan' },
          { guard: 'hasToWait', target: 'dropping lock' },
          { target: 'asking', actions: 'keepPlan' },
        ],
      },
    },
    asking: {
      entry: 'isEmpty',
      on: {
        EMPTY: [
          { guard: 'isNobody', target: 'unlocking', actions: 'unheard' },
          { guard: 'meansMemory', target: 'next run' },
          { target: 'pinning' },
        ],
      },
    },
    pinning: { entry: 'pin', on: { PINNED: { target: 'unlocking', actions: 'keep' } } },

    'next run': {
      always: [
        { guard: 'isShortOfMemory', target: 'getting' },
        { guard: 'failedAtOnce', target: 'unlocking' },
        { target: 'writing' },
      ],
    },
    getting: { entry: 'get', on: { RETURN: { target: 'next run', actions: 'keepMemory' } } },
    writing: { entry: 'write', on: { PINNED: { target: 'settling', actions: 'keepCount' } } },
    settling: { always: [{ guard: 'owes', target: 'giving back' }, { target: 'unlocking' }] },
    'giving back': { entry: 'giveBack', on: { RETURN: 'unlocking' } },

    'dropping lock': { entry: 'unlock', on: { UNLOCKED: 'waiting' } },
    waiting: {
      entry: 'awaitAddress',
      on: {
        AWAITED: [{ guard: 'isClosed', target: 'leaving', actions: ['closed', 'forget'] }, { target: 'locking' }],
      },
    },

    unlocking: { entry: ['forget', 'unlock'], on: { UNLOCKED: 'leaving' } },
    leaving: { always: [{ guard: 'takesGroupLock', target: 'unreading' }, { target: 'left' }] },
    unreading: { entry: 'upRead', on: { UNLOCKED: 'left' } },
    left: {
      always: [
        { guard: 'isGroupUser', target: 'dropping' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
    dropping: {
      entry: 'dropUser',
      on: {
        DROPPED: [
          { guard: 'wasLastUser', target: 'dissolving' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    dissolving: { entry: 'dissolve', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
