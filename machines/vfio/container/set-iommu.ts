/**
 * VFIO_SET_IOMMU. On a container without groups, or one that has a driver: -EINVAL, but only after
 * container->group_lock was taken for write. (A waiting writer makes later readers wait behind it: V13-5.) Otherwise
 * drivers are tried: one that knows the argument opens an instance, which every group then joins; when one cannot,
 * those that did leave again, last first.
 *
 * Source: Linux 4.19 and 6.1 vfio_ioctl_set_iommu, __vfio_container_attach_groups.
 * Left out: other drivers than type1.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { callOf, driversLock } from '../names.ts'

export interface SetIommuInput {
  readonly task: string
  readonly at: { readonly groupLock: string; readonly container: string }
  /** What attaching needs to know of each group. */
  readonly groups?: Readonly<Record<string, { readonly devices: readonly string[]; readonly emulated: boolean }>>
}

interface SetIommuContext extends Required<SetIommuInput> {
  readonly caller: string | null
  readonly arg: bigint
  /** Not attached yet, and attached already, latest first. */
  readonly waiting: readonly string[]
  readonly done: readonly string[]
  readonly driver: Pointer | null
  readonly ret: number | string
}

type SetIommuEvent =
  | (Heard & { readonly type: 'CALL'; readonly arg?: bigint })
  | (Heard & { readonly type: 'SET'; readonly ret: number | string })
  | (Heard & { readonly type: 'MAY_SET'; readonly groups: readonly string[] })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string; readonly backend?: Pointer })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'DRIVER_SET' })

const start = ({ task, at, groups = {} }: SetIommuInput): SetIommuContext => ({
  ...{ task, at, groups },
  ...{ caller: null, arg: 0n, waiting: [], done: [], driver: null, ret: 0 },
})

export const setIommu = setup({
  types: {
    context: {} as SetIommuContext,
    events: {} as SetIommuEvent,
    emitted: {} as Said,
    input: {} as SetIommuInput,
  },
  guards: {
    isUnknown: ({ event }) => event.type === 'RETURN' && Number(event.ret) <= 0,
    failed: ({ event }) => event.type === 'RETURN' && event.ret !== 0,
    hasAttachedAll: ({ context }) => context.waiting.length === 0,
    hasDetachedAll: ({ context }) => context.done.length === 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, arg: event.arg ?? 0n }
    }),
    lock: emit(({ context: { at, task } }) => send(at.groupLock, 'DOWN_WRITE', { task })),
    set: emit(({ context: { at, task } }) => send(at.container, 'SET_IOMMU', { task })),
    keepRet: assign(({ event }) => {
      assertEvent(event, ['SET', 'RETURN'])
      return { ret: event.ret }
    }),
    keepGroups: assign(({ event }) => {
      assertEvent(event, 'MAY_SET')
      return { waiting: event.groups }
    }),
    lockDrivers: emit(({ context: { task } }) => send(driversLock, 'LOCK', { task })),
    ask: emit(({ context: { at, task, arg } }) =>
      send(callOf(task, at.container, 'backend_extension'), 'CALL', { task, ext: arg, backend: null }),
    ),
    noDriver: assign({ ret: '-ENODEV' }),
    open: emit(({ context: { at, task, arg } }) =>
      send(callOf(task, at.container, 'open_backend'), 'CALL', { task, arg }),
    ),
    keepDriver: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { driver: event.backend! }
    }),
    attach: emit(({ context: { at, task, waiting, groups, driver } }) =>
      send(callOf(task, at.container, 'attach_group'), 'CALL', {
        ...groups[waiting[0]!]!,
        ...{ task, group: waiting[0], backend: driver },
      }),
    ),
    next: assign(({ context: { waiting, done } }) => ({ waiting: waiting.slice(1), done: [waiting[0]!, ...done] })),
    detach: emit(({ context: { at, task, done, driver } }) =>
      send(callOf(task, at.container, 'detach_group'), 'CALL', { task, group: done[0], backend: driver }),
    ),
    undone: assign({ done: ({ context }) => context.done.slice(1) }),
    free: emit(({ context: { at, task, driver } }) =>
      send(callOf(task, at.container, 'release_backend'), 'CALL', { task, backend: driver }),
    ),
    setDriver: emit(({ context: { at, task, driver } }) =>
      send(at.container, 'SET_DRIVER', { task, backend: 'type1', data: driver }),
    ),
    unlockDrivers: emit(({ context: { task } }) => send(driversLock, 'UNLOCK', { task })),
    unlock: emit(({ context: { at, task } }) => send(at.groupLock, 'UP_WRITE', { task })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'setIommu',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'setting' } },
    setting: {
      entry: 'set',
      on: {
        SET: { target: 'unlocking', actions: 'keepRet' },
        MAY_SET: { target: 'locking drivers', actions: 'keepGroups' },
      },
    },
    'locking drivers': { entry: 'lockDrivers', on: { LOCKED: 'asking' } },
    asking: {
      entry: 'ask',
      on: { RETURN: [{ guard: 'isUnknown', target: 'unlocking drivers', actions: 'noDriver' }, { target: 'opening' }] },
    },
    opening: {
      entry: 'open',
      on: {
        RETURN: [
          { guard: 'failed', target: 'unlocking drivers', actions: 'keepRet' },
          { target: 'attaching', actions: 'keepDriver' },
        ],
      },
    },
    attaching: {
      entry: 'attach',
      on: {
        RETURN: [
          { guard: 'failed', target: 'unwinding', actions: 'keepRet' },
          { target: 'attached', actions: 'next' },
        ],
      },
    },
    attached: { always: [{ guard: 'hasAttachedAll', target: 'setting driver' }, { target: 'attaching' }] },
    'setting driver': { entry: 'setDriver', on: { DRIVER_SET: 'unlocking drivers' } },
    unwinding: { always: [{ guard: 'hasDetachedAll', target: 'freeing' }, { target: 'detaching' }] },
    detaching: { entry: 'detach', on: { RETURN: { target: 'unwinding', actions: 'undone' } } },
    freeing: { entry: 'free', on: { RETURN: 'unlocking drivers' } },
    'unlocking drivers': { entry: 'unlockDrivers', on: { UNLOCKED: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
