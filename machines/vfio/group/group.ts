/**
 * A VFIO group: which devices of an IOMMU group are bound to vfio drivers, its one open file, which container it is in,
 * and how many users that container has through it (container_users): one for SET_CONTAINER itself and one for each
 * open device; up to 5.18 also one for a moment for each pin or notifier call.
 *
 * From 5.19 on all of it but LOOK_UP, LIST and what the devices are happens under group_rwsem. Before that the fields
 * are atomics: a message is one access, and others may come between two of them (B-24).
 * When the last device is unbound the group is gone (6.1): what is opened afterwards is another group of the same name,
 * and to a file that was opened before this one is `dead`.
 *
 * Source: Linux 4.19 vfio_group_add_container_user, vfio_group_try_dissolve_container, VFIO_GROUP_UNSET_CONTAINER,
 * vfio_del_group_dev; 6.1 group_rwsem and vfio_device_remove_group; 6.6 vfio_device_block_group. `backend` is container->iommu_driver and ->noiommu
 * as seen through the group, in stories that begin in a container: it does not change while the group has a user.
 * Left out: the moment between the increment and the decrement of a refused user; group->device_lock (what a lookup
 * found is settled by the reference that is then taken of the device); KVM.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { crash, type Heard, type Said } from '../../say.ts'
import type { Backend } from '../container/container.ts'

type GroupContext = {
  readonly id: string
  readonly container: string | null
  readonly backend: Backend
  readonly viable: boolean
  readonly users: number
  /** Bound to a vfio driver. */
  readonly devices: readonly string[]
  /** unbound_list: no longer among `devices`, but their driver has not let go of them yet (up to 5.18). */
  readonly unbinding: readonly string[]
  /** The file that is open. */
  readonly file: string | null
  /** Devices that are bound through a file of their own, for which the group is not opened (cdev_device_open_cnt, since 6.6). */
  readonly barredBy: readonly string[]
}
type GroupEvent =
  | (Heard & { readonly type: 'ADD_USER' | 'DROP_USER' | 'UNSET_CONTAINER' | 'LEAVE' })
  | (Heard & { readonly type: 'LOOK_UP' | 'TAKE_USER' | 'DISSOLVE' | 'AWAIT_LEAVE' })
  | (Heard & { readonly type: 'STATE'; readonly file?: string })
  | (Heard & { readonly type: 'LIST'; readonly file: string })
  | (Heard & { readonly type: 'OPEN' | 'CLAIM_FILE' | 'CLOSE'; readonly file: string })
  | (Heard & { readonly type: 'ATTACH'; readonly container: string })
  | (Heard & { readonly type: 'BAR' | 'UNBAR'; readonly device: string })
  | (Heard & {
      readonly type: 'ADD_DEVICE' | 'REMOVE_DEVICE' | 'TRACK_UNBINDING' | 'FORGET_UNBINDING'
      readonly device: string
    })

/** What STATE is answered with, as the file that asks sees it. */
export interface GroupState {
  readonly dead: boolean
  readonly container: string | null
  readonly users: number
  readonly devices: readonly string[]
  readonly unbinding: readonly string[]
  readonly file: string | null
}
export type GroupStateIs = Heard & GroupState & { readonly type: 'GROUP' }

const deviceOf = (event: GroupEvent): string => {
  assertEvent(event, ['ADD_DEVICE', 'REMOVE_DEVICE', 'TRACK_UNBINDING', 'FORGET_UNBINDING', 'BAR', 'UNBAR'])
  return event.device
}
const without = (list: readonly string[], one: string): readonly string[] => list.filter((each) => each !== one)
const withoutOne = (list: readonly string[], one: string): readonly string[] => list.toSpliced(list.indexOf(one), 1)

/** A group whose devices are all gone, as it looks to a file of it. */
const dead: GroupState = { dead: true, container: null, users: 0, devices: [], unbinding: [], file: null }

export const group = setup({
  types: {
    context: {} as GroupContext,
    events: {} as GroupEvent,
    emitted: {} as Said,
    input: {} as {
      readonly id: string
      readonly container?: string
      readonly backend?: Backend
      readonly viable?: boolean
      readonly users?: number
      readonly devices?: readonly string[]
    },
    meta: {} as { readonly defers: readonly string[] },
  },
  guards: {
    unused: ({ context }) => context.users === 0,
    oneUser: ({ context }) => context.users === 1,
    noiommu: ({ context }) => context.backend === 'noiommu',
    noDriverOrNotViable: ({ context }) => context.backend === 'none' || !context.viable,
    isInContainer: ({ context }) => context.container !== null,
    hasNoDevice: ({ context }) => context.devices.length === 0,
    isOpen: ({ context }) => context.file !== null,
    isOpenOrBarred: ({ context }) => context.file !== null || context.barredBy.length > 0,
    isNotThere: ({ context }) => context.devices.length === 0 && context.file === null,
    isStranger: ({ context, event }) => {
      assertEvent(event, ['STATE', 'CLOSE'])
      return event.file !== undefined && event.file !== context.file
    },
    isOnlyDevice: ({ context, event }) => context.devices.every((device) => device === deviceOf(event)),
  },
  actions: {
    add: assign({ users: ({ context }) => context.users + 1 }),
    drop: assign({ users: ({ context }) => context.users - 1 }),
    leave: assign({ container: null, backend: 'none' }),
    user: emit(({ event }, { ret }: { ret: number | string }) => answer(event, 'USER', { ret })),
    dropped: emit(({ event }, { last }: { last: boolean }) => answer(event, 'DROPPED', { last })),
    unset: emit(({ event }, { ret }: { ret: number | string }) => answer(event, 'UNSET', { ret })),
    left: emit(({ event }) => answer(event, 'LEFT')),

    found: emit(({ event }, { there }: { there: boolean }) => answer(event, 'FOUND', { there })),
    list: emit(({ context, event }) => {
      assertEvent(event, 'LIST')
      return answer(event, 'LISTED', { devices: event.file === context.file ? context.devices : [] })
    }),
    tell: emit(({ context: { container, users, devices, unbinding, file }, event }) =>
      answer(event, 'GROUP', { dead: false, container, users, devices, unbinding, file }),
    ),
    tellDead: emit(({ event }) => answer(event, 'GROUP', { ...dead })),
    open: assign({
      file: ({ event }) => {
        assertEvent(event, ['OPEN', 'CLAIM_FILE'])
        return event.file
      },
    }),
    opened: emit(({ event }, { ret }: { ret: number | string }) => answer(event, 'OPENED', { ret })),
    bar: assign({ barredBy: ({ context, event }) => [...context.barredBy, deviceOf(event)].toSorted() }),
    /** A device that is bound already was counted again, and is not any more. */
    unbar: assign({ barredBy: ({ context, event }) => withoutOne(context.barredBy, deviceOf(event)) }),
    barred: emit(({ event }, { ret }: { ret: 0 | string }) => answer(event, 'ANSWER', { ret })),
    close: assign({ file: null }),
    closed: emit(({ event }) => answer(event, 'CLOSED')),
    attach: assign(({ context, event }) => {
      assertEvent(event, 'ATTACH')
      return { container: event.container, users: context.users + 1 }
    }),
    attached: emit(({ event }) => answer(event, 'ATTACHED')),
    attachedTwice: emit(({ context }) =>
      crash('bug', 'list corruption in vfio_group_set_container', {
        object: context.id,
        detail: `it is still on the list of ${context.container}`,
      }),
    ),
    taken: emit(({ event }) => answer(event, 'TAKEN')),
    addDevice: assign({ devices: ({ context, event }) => [deviceOf(event), ...context.devices] }),
    deviceAdded: emit(({ event }) => answer(event, 'DEVICE_ADDED')),
    removeDevice: assign({ devices: ({ context, event }) => without(context.devices, deviceOf(event)) }),
    deviceRemoved: emit(({ context, event }, { last }: { last: boolean }) =>
      answer(event, 'DEVICE_REMOVED', { last, container: context.container }),
    ),
    dissolved: emit(({ event }) => answer(event, 'DISSOLVED')),
    track: assign({ unbinding: ({ context, event }) => [...context.unbinding, deviceOf(event)] }),
    tracked: emit(({ event }) => answer(event, 'TRACKED')),
    forget: assign({ unbinding: ({ context, event }) => without(context.unbinding, deviceOf(event)) }),
    forgotten: emit(({ event }) => answer(event, 'FORGOTTEN')),
    isAlone: emit(({ event }) => answer(event, 'ALONE')),
  },
}).createMachine({
  id: 'group',
  context: ({ input: { id, container = null, backend = 'none', viable = true, users = 1, devices = [] } }) => ({
    ...{ id, container, backend, viable, devices },
    users: container === null ? 0 : users,
    unbinding: [],
    file: null,
    barredBy: [],
  }),
  initial: 'alone',
  on: {
    ADD_USER: [
      { guard: 'unused', actions: { type: 'user', params: { ret: '-EINVAL' } } },
      { guard: 'noiommu', actions: { type: 'user', params: { ret: '-EPERM' } } },
      { guard: 'noDriverOrNotViable', actions: { type: 'user', params: { ret: '-EINVAL' } } },
      { actions: ['add', { type: 'user', params: { ret: 0 } }] },
    ],
    // atomic_dec_if_positive: at zero nothing happens, and nobody was the last.
    DROP_USER: [
      { guard: 'unused', actions: { type: 'dropped', params: { last: false } } },
      { guard: 'oneUser', actions: ['drop', { type: 'dropped', params: { last: true } }] },
      { actions: ['drop', { type: 'dropped', params: { last: false } }] },
    ],
    UNSET_CONTAINER: [
      { guard: 'unused', actions: { type: 'unset', params: { ret: '-EINVAL' } } },
      { guard: 'oneUser', actions: ['drop', { type: 'unset', params: { ret: 0 } }] },
      { actions: { type: 'unset', params: { ret: '-EBUSY' } } },
    ],
    TAKE_USER: { actions: ['add', 'taken'] },
    LEAVE: { target: '.alone', actions: ['leave', 'left'] },

    LIST: { actions: 'list' },
    STATE: [{ guard: 'isStranger', actions: 'tellDead' }, { actions: 'tell' }],
    LOOK_UP: [
      { guard: 'isNotThere', actions: { type: 'found', params: { there: false } } },
      { actions: { type: 'found', params: { there: true } } },
    ],
    OPEN: [
      { guard: 'hasNoDevice', actions: { type: 'opened', params: { ret: '-ENODEV' } } },
      { guard: 'isOpenOrBarred', actions: { type: 'opened', params: { ret: '-EBUSY' } } },
      { actions: ['open', { type: 'opened', params: { ret: 0 } }] },
    ],
    // atomic_cmpxchg of `opened`: nothing else is looked at.
    CLAIM_FILE: [
      { guard: 'isOpen', actions: { type: 'opened', params: { ret: '-EBUSY' } } },
      { actions: ['open', { type: 'opened', params: { ret: 0 } }] },
    ],
    BAR: [
      { guard: 'isOpen', actions: { type: 'barred', params: { ret: '-EBUSY' } } },
      { actions: ['bar', { type: 'barred', params: { ret: 0 } }] },
    ],
    UNBAR: { actions: ['unbar', { type: 'barred', params: { ret: 0 } }] },
    CLOSE: [{ guard: 'isStranger', actions: 'closed' }, { actions: ['close', 'closed'] }],

    ADD_DEVICE: { actions: ['addDevice', 'deviceAdded'] },
    REMOVE_DEVICE: [
      { guard: 'isOnlyDevice', actions: ['removeDevice', { type: 'deviceRemoved', params: { last: true } }] },
      { actions: ['removeDevice', { type: 'deviceRemoved', params: { last: false } }] },
    ],
    DISSOLVE: { actions: ['close', 'dissolved'] },
    TRACK_UNBINDING: { actions: ['track', 'tracked'] },
    FORGET_UNBINDING: { actions: ['forget', 'forgotten'] },
  },
  states: {
    alone: {
      always: { guard: 'isInContainer', target: 'attached' },
      on: {
        ATTACH: { target: 'attached', actions: ['attach', 'attached'] },
        AWAIT_LEAVE: { actions: 'isAlone' },
      },
    },
    attached: {
      meta: { defers: ['AWAIT_LEAVE'] },
      on: { ATTACH: { actions: 'attachedTwice' } },
    },
  },
})
