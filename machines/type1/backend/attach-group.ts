/**
 * A group joins a container that has a type1 backend (vfio_iommu_type1_attach_group): nothing more than a name for an emulated
 * one; a group with an IOMMU joins the container's domain, or brings one, in which everything that is mapped is pinned and
 * mapped before anybody may use it (vfio_iommu_replay). If that fails, nothing of it is left.
 *
 * Source: Linux 6.1; before 6.3 and its backports a replay waited until every mapping had an address (B-18).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { Refilled, Replayed } from './group-changes.ts'
import type { Account } from '../pin/pages.ts'
import { accountOf, type Charge } from './vfio-iommu.ts'

export interface AttachGroupInput {
  readonly task: string
  /** The process in whose memory pages are looked for, and whose limit counts. */
  readonly process: string
  readonly at: {
    readonly lock: string
    readonly type1: string
    readonly dmar: string
    readonly domain: string
    readonly pinMap: string
    readonly giveBack: string
  }
}

interface Coming {
  readonly group: string
  readonly devices: readonly string[]
  readonly emulated: boolean
  readonly backend: Pointer
}

interface AttachGroupContext extends AttachGroupInput {
  readonly caller: string | null
  readonly coming: Coming | null
  /** The domain is new, so it goes again if anything fails. */
  readonly isNew: boolean
  readonly left: readonly Replayed[]
  readonly done: readonly (Refilled & Account)[]
  readonly limit: number | null
  readonly ret: 0 | string
}

type AttachGroupEvent =
  | (Heard & Coming & { readonly type: 'CALL' })
  | (Heard & {
      readonly type: 'ATTACHED'
      readonly ret?: 0 | string
      readonly wait?: true
      readonly domain?: 'new' | 'joined'
      readonly replay?: readonly Replayed[]
    })
  | (Heard & { readonly type: 'LIMITS'; readonly memlock: number | null })
  | (Heard & { readonly type: 'RETURN'; readonly ret: 0 | string; readonly locked?: number; readonly held?: number })
  | (Heard & { readonly type: 'AWAITED'; readonly open: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'JOINED' | 'DETACHED' | 'FREED' })

const start = ({ task, process, at }: AttachGroupInput): AttachGroupContext => ({
  ...{ task, process, at },
  ...{ caller: null, coming: null, isNew: false, left: [], done: [], limit: null, ret: 0 },
})

/** What has been charged for mappings so far. */
const chargesOf = ({ done }: AttachGroupContext): readonly Charge[] =>
  done.filter(({ locked }) => locked > 0).map((each) => ({ ...accountOf(each), pages: each.locked }))

export const attachGroup = setup({
  types: {
    context: {} as AttachGroupContext,
    events: {} as AttachGroupEvent,
    emitted: {} as Said,
    input: {} as AttachGroupInput,
  },
  guards: {
    mustWait: ({ event }) => event.type === 'ATTACHED' && event.wait === true,
    isSettled: ({ event }) => event.type === 'ATTACHED' && event.domain === undefined,
    isOver: ({ event }) => event.type === 'AWAITED' && !event.open,
    hasJoined: ({ context }) => !context.isNew,
    isEmpty: ({ context }) => context.left.length === 0,
    failed: ({ event }) => event.type === 'RETURN' && event.ret !== 0,
    isFree: ({ context }) => chargesOf(context).length === 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { group, devices, emulated, backend } = event
      return { caller: event.from, coming: { group, devices, emulated, backend } }
    }),
    lock: emit(({ context: { at, task } }) => send(at.lock, 'LOCK', { task })),
    attach: emit(({ context: { at, task, coming } }) => send(at.type1, 'ATTACH', { task, ...coming! })),
    keep: assign(({ event }) => {
      assertEvent(event, 'ATTACHED')
      return { ret: event.ret!, isNew: event.domain === 'new', left: event.replay ?? [] }
    }),
    attachDevices: emit(({ context: { at, task, coming } }) =>
      send(at.dmar, 'ATTACH', { task, domain: at.domain, devices: coming!.devices }),
    ),
    askLimits: emit(({ context: { task, process } }) => send(`${process}.process`, 'LIMITS', { task })),
    keepLimit: assign(({ event }) => {
      assertEvent(event, 'LIMITS')
      return { limit: event.memlock }
    }),
    pinMap: emit(({ context: { at, task, left, limit } }) => {
      const { dma: _, ...mapping } = left[0]!
      return send(at.pinMap, 'CALL', { task, ...mapping, limit })
    }),
    keepDone: assign(({ context: { left, done }, event }) => {
      assertEvent(event, 'RETURN')
      const { dma } = left[0]!
      const account = accountOf(left[0]!)
      return { left: left.slice(1), done: [...done, { dma, ...account, locked: event.locked!, held: event.held! }] }
    }),
    fail: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { ret: event.ret, left: [] }
    }),
    join: emit(({ context: { at, task, coming, done } }) => send(at.type1, 'JOIN', { task, ...coming!, done })),
    giveBack: emit(({ context }) =>
      send(context.at.giveBack, 'CALL', { task: context.task, charges: chargesOf(context) }),
    ),
    detachDevices: emit(({ context: { at, task, coming } }) =>
      send(at.dmar, 'DETACH', { task, domain: at.domain, devices: coming!.devices }),
    ),
    freeDomain: emit(({ context: { at, task } }) => send(at.dmar, 'FREE', { task, domain: at.domain })),
    forget: assign({ left: [], done: [], limit: null }),
    unlock: emit(({ context: { at, task } }) => send(at.lock, 'UNLOCK', { task })),
    awaitVaddr: emit(({ context: { at, task, coming } }) =>
      send(at.type1, 'AWAIT_VADDR', { task, backend: coming!.backend }),
    ),
    sentAway: assign({ ret: '-EFAULT' }),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'attachGroup',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'attaching' } },
    attaching: {
      entry: 'attach',
      on: {
        ATTACHED: [
          { guard: 'mustWait', target: 'letting go' },
          { guard: 'isSettled', target: 'unlocking', actions: 'keep' },
          { target: 'attaching devices', actions: 'keep' },
        ],
      },
    },
    'letting go': { entry: 'unlock', on: { UNLOCKED: 'waiting' } },
    waiting: {
      entry: 'awaitVaddr',
      on: {
        AWAITED: [{ guard: 'isOver', target: 'idle', actions: ['sentAway', 'finish', 'reset'] }, { target: 'locking' }],
      },
    },
    'attaching devices': {
      entry: 'attachDevices',
      on: {
        ATTACHED: [
          { guard: 'hasJoined', target: 'unlocking' },
          { guard: 'isEmpty', target: 'joining' },
          { target: 'asking limits' },
        ],
      },
    },
    'asking limits': { entry: 'askLimits', on: { LIMITS: { target: 'replaying', actions: 'keepLimit' } } },
    replaying: {
      always: [{ guard: 'isEmpty', target: 'joining' }, { target: 'mapping' }],
    },
    mapping: {
      entry: 'pinMap',
      on: {
        RETURN: [
          { guard: 'failed', target: 'undoing', actions: 'fail' },
          { target: 'replaying', actions: 'keepDone' },
        ],
      },
    },
    joining: { entry: ['join', 'forget'], on: { JOINED: 'unlocking' } },
    undoing: { always: [{ guard: 'isFree', target: 'detaching' }, { target: 'giving back' }] },
    'giving back': { entry: 'giveBack', on: { RETURN: 'detaching' } },
    detaching: { entry: ['forget', 'detachDevices'], on: { DETACHED: 'freeing' } },
    freeing: { entry: 'freeDomain', on: { FREED: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
