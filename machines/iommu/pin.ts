/**
 * vfio_pin_pages for one page, as a driver's task runs it, down into vfio_iommu_type1_pin_pages.
 *
 *   up to 5.18   the group becomes a container user for the duration (v13, 4.10)
 *   v13          with container->group_lock held for read around the backend: an assumption, from what v13 does in
 *                vfio_register_notifier (V13-5); on when `at.groupLock` is wired
 *   all          nobody listens: -EINVAL. Any listener will do, it need not be the caller's own (M-2)
 *
 * Left out: more than one page, bad arguments (-EINVAL, -E2BIG), finding the group (-ENODEV), the VADDR wait of 5.12 to
 * 6.2.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'
import type { Prot } from './dma-list.ts'
import * as pages from './pages.ts'

export type PinInput = pages.PagesInput & {
  /** The notifier chain, or the device list. */
  readonly at: { readonly listeners: string }
}

type PinContext = PinInput &
  pages.PagesContext & {
    readonly request: { readonly device: string; readonly iova: bigint; readonly prot: Prot } | null
  }
type PinEvent =
  | (Heard & { readonly type: 'CALL'; readonly device: string; readonly iova: bigint; readonly prot: Prot })
  | (Heard & { readonly type: 'USER' | 'PINNED'; readonly ret: pages.Ret })
  | (Heard & { readonly type: 'EMPTY'; readonly empty: boolean })
  | (Heard & { readonly type: 'DROPPED'; readonly last: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RETURN' })

const start = ({ task, era, v2, at }: PinInput): PinContext => ({
  task,
  era,
  v2,
  at,
  caller: null,
  request: null,
  ret: 0,
})

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
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { device, iova, prot } = event
      return { caller: event.from, request: { device, iova, prot } }
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
    forget: assign({ request: null }),
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
    idle: { on: { CALL: { target: 'entering', actions: 'begin' } } },
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
    locking: { entry: 'lock', on: { LOCKED: 'asking' } },
    asking: {
      entry: 'isEmpty',
      on: { EMPTY: [{ guard: 'isNobody', target: 'unlocking', actions: 'unheard' }, { target: 'pinning' }] },
    },
    pinning: { entry: 'pin', on: { PINNED: { target: 'unlocking', actions: 'keep' } } },
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
