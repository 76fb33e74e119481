/**
 * A device is closed: its vendor driver unpins everything it still holds, under its own lock; then it makes itself
 * unknown to the backend, in the way of its era (device-era.ts), with its own lock dropped, for the callback takes
 * that lock too.
 *
 * Source: Linux 4.19 vfio_unregister_notifier and container users; 6.0 vfio_device_container_unregister: iommu->lock,
 * then device_list_lock; iommufd_access_destroy: waits until no unmap callback runs for the access (the accesses
 * object answers late).
 * Left out: as in open-device.ts. `ret` is always 0: a close cannot fail.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { DeviceInput } from './device-era.ts'

export interface CloseDeviceInput extends DeviceInput {
  /** False: the driver registered no notifier (M-2). */
  readonly notifier?: boolean
  readonly at: {
    readonly driver: string
    readonly driverLock: string
    readonly unpin: string
    /** Notifier eras. No group: whoever closes the device takes its container user away. */
    readonly unregister?: string
    readonly group?: string
    readonly detach?: string
    /** v6.0: iommu->lock, device_list_lock, device_list. */
    readonly lock?: string
    readonly devicesLock?: string
    readonly devices?: string
    /** iommufd. Absent: whoever closes the device destroys its access. */
    readonly accesses?: string
  }
}

type CloseDeviceContext = Required<CloseDeviceInput> & {
  readonly caller: string | null
  readonly iovas: readonly bigint[]
}
type CloseDeviceEvent =
  | (Heard & { readonly type: 'PINS'; readonly iovas: readonly bigint[] })
  | (Heard & { readonly type: 'DROPPED'; readonly last: boolean })
  | (Heard & { readonly type: 'CALL' | 'LOCKED' | 'UNLOCKED' | 'FORGOTTEN' | 'DELETED' | 'RETURN' })

const everywhere = { iova: 0n, size: 1n << 64n }

const start = ({ task, device, era, notifier, at }: CloseDeviceInput): CloseDeviceContext => ({
  task,
  device,
  era,
  notifier: notifier ?? true,
  at,
  caller: null,
  iovas: [],
})

export const closeDevice = setup({
  types: {
    context: {} as CloseDeviceContext,
    events: {} as CloseDeviceEvent,
    emitted: {} as Said,
    input: {} as CloseDeviceInput,
  },
  guards: {
    pinsNothing: ({ event }) => event.type === 'PINS' && event.iovas.length === 0,
    isListed: ({ context }) => context.era === 'v6.0',
    isAccess: ({ context }) => context.era === 'iommufd' && context.at.accesses !== undefined,
    isElsewhere: ({ context }) => context.era === 'iommufd',
    hasNoNotifier: ({ context }) => !context.notifier,
    isNoUser: ({ context }) => context.at.group === undefined,
    wasLast: ({ event }) => event.type === 'DROPPED' && event.last,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    lockDriver: emit(({ context: { at, task } }) => send(at.driverLock, 'LOCK', { task })),
    askPins: emit(({ context: { at, task } }) => send(at.driver, 'PINS_IN', { task, ...everywhere })),
    keepIovas: assign(({ event }) => {
      assertEvent(event, 'PINS')
      return { iovas: event.iovas }
    }),
    unpin: emit(({ context: { at, task, device, iovas } }) => send(at.unpin, 'CALL', { task, device, iovas })),
    forget: emit(({ context: { at, task, iovas } }) => send(at.driver, 'FORGET', { task, iovas })),
    clearIovas: assign({ iovas: [] }),
    unlockDriver: emit(({ context: { at, task } }) => send(at.driverLock, 'UNLOCK', { task })),
    unregister: emit(({ context: { at, task, device } }) => send(at.unregister!, 'CALL', { task, device, nb: device })),
    dropUser: emit(({ context: { at, task } }) => send(at.group!, 'DROP_USER', { task })),
    dissolve: emit(({ context: { at, task } }) => send(at.detach!, 'CALL', { task, how: 'dissolve' })),
    lock: emit(({ context: { at, task } }) => send(at.lock!, 'LOCK', { task })),
    lockDevices: emit(({ context: { at, task } }) => send(at.devicesLock!, 'LOCK', { task })),
    unlist: emit(({ context: { at, task, device } }) => send(at.devices!, 'DELETE', { task, nb: device })),
    unlockDevices: emit(({ context: { at, task } }) => send(at.devicesLock!, 'UNLOCK', { task })),
    unlock: emit(({ context: { at, task } }) => send(at.lock!, 'UNLOCK', { task })),
    destroyAccess: emit(({ context: { at, task, device } }) => send(at.accesses!, 'DELETE', { task, device })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'closeDevice',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking driver', actions: 'begin' } } },

    // The driver's close_device.
    'locking driver': { entry: 'lockDriver', on: { LOCKED: 'asking pins' } },
    'asking pins': {
      entry: 'askPins',
      on: {
        PINS: [
          { guard: 'pinsNothing', target: 'unlocking driver' },
          { target: 'unpinning', actions: 'keepIovas' },
        ],
      },
    },
    unpinning: { entry: 'unpin', on: { RETURN: 'forgetting' } },
    forgetting: { entry: 'forget', on: { FORGOTTEN: { target: 'unlocking driver', actions: 'clearIovas' } } },
    'unlocking driver': {
      entry: 'unlockDriver',
      on: {
        UNLOCKED: [
          { guard: 'isListed', target: 'locking' },
          { guard: 'isAccess', target: 'destroying access' },
          { guard: 'isElsewhere', target: 'idle', actions: ['finish', 'reset'] },
          { guard: 'hasNoNotifier', target: 'dropping user' },
          { target: 'unregistering' },
        ],
      },
    },

    // Up to 5.18. The last user takes the group out of its container.
    unregistering: {
      entry: 'unregister',
      on: {
        RETURN: [{ guard: 'isNoUser', target: 'idle', actions: ['finish', 'reset'] }, { target: 'dropping user' }],
      },
    },
    'dropping user': {
      entry: 'dropUser',
      on: {
        DROPPED: [
          { guard: 'wasLast', target: 'dissolving' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    dissolving: { entry: 'dissolve', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },

    // 6.0: vfio_device_container_unregister.
    locking: { entry: 'lock', on: { LOCKED: 'locking devices' } },
    'locking devices': { entry: 'lockDevices', on: { LOCKED: 'unlisting' } },
    unlisting: { entry: 'unlist', on: { DELETED: 'unlocking devices' } },
    'unlocking devices': { entry: 'unlockDevices', on: { UNLOCKED: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },

    'destroying access': { entry: 'destroyAccess', on: { DELETED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
