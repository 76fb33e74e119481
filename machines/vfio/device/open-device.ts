/**
 * A user opens a device with a vendor driver; what that is depends on the era (device-era.ts).
 *
 * Source: Linux 4.19 VFIO_GROUP_GET_DEVICE_FD (the device becomes a container user) and vfio_register_notifier; 6.0
 * vfio_device_container_register: iommu->lock, then device_list_lock; iommufd_access_create.
 * Left out: names, descriptors and modules; dev_set->lock; the container user of a 6.0 open (no story of that era
 * detaches).
 */
import { assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { DeviceInput } from './device-era.ts'

export interface OpenDeviceInput extends DeviceInput {
  /** False: the driver of this device registers no notifier (M-2). Nothing but the notifier eras looks at it. */
  readonly notifier?: boolean
  readonly at: {
    /** Notifier eras. No group: whoever opens the device makes it a container user. */
    readonly group?: string
    readonly register?: string
    /** v6.0: iommu->lock, device_list_lock, device_list. */
    readonly lock?: string
    readonly devicesLock?: string
    readonly devices?: string
    /** iommufd. */
    readonly accesses?: string
  }
}

type OpenDeviceContext = Required<OpenDeviceInput> & { readonly caller: string | null; readonly ret: number | string }
type OpenDeviceEvent =
  | (Heard & { readonly type: 'USER' | 'RETURN'; readonly ret: number | string })
  | (Heard & { readonly type: 'CALL' | 'LOCKED' | 'UNLOCKED' | 'ADDED' | 'DROPPED' })

const start = ({ task, device, era, notifier, at }: OpenDeviceInput): OpenDeviceContext => ({
  task,
  device,
  era,
  notifier: notifier ?? true,
  at,
  caller: null,
  ret: 0,
})

export const openDevice = setup({
  types: {
    context: {} as OpenDeviceContext,
    events: {} as OpenDeviceEvent,
    emitted: {} as Said,
    input: {} as OpenDeviceInput,
  },
  guards: {
    isListed: ({ context }) => context.era === 'v6.0',
    isAccess: ({ context }) => context.era === 'iommufd',
    hasNoNotifier: ({ context }) => !context.notifier,
    isNoUser: ({ context }) => context.at.group === undefined,
    failed: ({ event }) => 'ret' in event && event.ret !== 0,
    failedNoUser: ({ context, event }) => context.at.group === undefined && 'ret' in event && event.ret !== 0,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    addUser: emit(({ context: { at, task } }) => send(at.group!, 'ADD_USER', { task })),
    register: emit(({ context: { at, task, device } }) => send(at.register!, 'CALL', { task, device, nb: device })),
    keepRet: assign({ ret: ({ event }) => ('ret' in event ? event.ret : 0) }),
    dropUser: emit(({ context: { at, task } }) => send(at.group!, 'DROP_USER', { task })),
    lock: emit(({ context: { at, task } }) => send(at.lock!, 'LOCK', { task })),
    lockDevices: emit(({ context: { at, task } }) => send(at.devicesLock!, 'LOCK', { task })),
    list: emit(({ context: { at, task, device } }) => send(at.devices!, 'ADD', { task, nb: device })),
    unlockDevices: emit(({ context: { at, task } }) => send(at.devicesLock!, 'UNLOCK', { task })),
    unlock: emit(({ context: { at, task } }) => send(at.lock!, 'UNLOCK', { task })),
    createAccess: emit(({ context: { at, task, device } }) => send(at.accesses!, 'ADD', { task, device })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'openDevice',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isListed', target: 'locking', actions: 'begin' },
          { guard: 'isAccess', target: 'creating access', actions: 'begin' },
          { guard: 'isNoUser', target: 'registering', actions: 'begin' },
          { target: 'becoming user', actions: 'begin' },
        ],
      },
    },

    // Up to 5.18: one more user of the container, then the vendor driver's open registers its notifier.
    'becoming user': {
      entry: 'addUser',
      on: {
        USER: [
          { guard: 'failed', target: 'idle', actions: ['keepRet', 'finish', 'reset'] },
          { guard: 'hasNoNotifier', target: 'idle', actions: ['finish', 'reset'] },
          { target: 'registering' },
        ],
      },
    },
    registering: {
      entry: 'register',
      on: {
        RETURN: [
          { guard: 'failedNoUser', target: 'idle', actions: ['keepRet', 'finish', 'reset'] },
          { guard: 'failed', target: 'dropping user', actions: 'keepRet' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    // Never the last one: the group's own user is still there, its descriptor is the one this open came through.
    'dropping user': { entry: 'dropUser', on: { DROPPED: { target: 'idle', actions: ['finish', 'reset'] } } },

    // 6.0: vfio_device_container_register.
    locking: { entry: 'lock', on: { LOCKED: 'locking devices' } },
    'locking devices': { entry: 'lockDevices', on: { LOCKED: 'listing' } },
    listing: { entry: 'list', on: { ADDED: 'unlocking devices' } },
    'unlocking devices': { entry: 'unlockDevices', on: { UNLOCKED: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },

    'creating access': { entry: 'createAccess', on: { ADDED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
