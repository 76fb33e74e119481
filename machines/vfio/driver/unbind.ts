/**
 * A device is taken from its driver through sysfs (`unbind`, in the device's link to its driver or in the folder of a driver, which has to be
 * the device's own). Under the device's lock: the link to the driver goes first, then the driver lets go, which for a vfio driver may take until the last user closes the device.
 *
 * Source: Linux 6.1 drivers/base/bus.c and dd.c, __device_release_driver.
 * Left out: of two who unbind one device at once the second is late and gets 0, wherever it was when the first began.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { callOf, deviceLock, iommuGroup } from '../names.ts'

export interface UnbindInput {
  readonly task: string
  readonly device: string
  readonly group: string
  /** The group keeps in mind that the device is on its way out (up to 5.18), until the driver has let go. */
  readonly tracks: boolean
  /** The drivers there are. */
  readonly drivers: readonly string[]
}

type UnbindContext = UnbindInput & {
  readonly caller: string | null
  /** The driver that it is taken from; null: whichever it has. */
  readonly from: string | null
  readonly ret: number | string
}
type UnbindEvent =
  | (Heard & { readonly type: 'DRIVER' | 'UNLINKED'; readonly driver: string | null })
  | (Heard & { readonly type: 'CALL'; readonly driver?: string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RETURN' | 'UNBOUND' | 'FORGOTTEN' })

const start = ({ task, device, group, tracks, drivers }: UnbindInput): UnbindContext => ({
  ...{ task, device, group, tracks, drivers },
  ...{ caller: null, from: null, ret: 0 },
})

export const unbind = setup({
  types: {
    context: {} as UnbindContext,
    events: {} as UnbindEvent,
    emitted: {} as Said,
    input: {} as UnbindInput,
  },
  guards: {
    isNoDriver: ({ context, event }) =>
      event.type === 'CALL' && event.driver !== undefined && !context.drivers.includes(event.driver),
    isAnothers: ({ context, event }) =>
      event.type === 'DRIVER' && context.from !== null && context.from !== event.driver,
    hasNoDriver: ({ event }) => 'driver' in event && event.driver === null,
    tracks: ({ context }) => context.tracks,
    isVfio: ({ event }) => event.type === 'UNLINKED' && event.driver === 'vfio-pci',
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, from: event.driver ?? null }
    }),
    askDriver: emit(({ context: { task, device, group } }) => send(iommuGroup(group), 'DRIVER_OF', { task, device })),
    noSuchFile: assign({ ret: '-ENOENT' }),
    noSuchDevice: assign({ ret: '-ENODEV' }),
    lock: emit(({ context: { task, device } }) => send(deviceLock(device), 'LOCK', { task })),
    unlink: emit(({ context: { task, device, group } }) => send(iommuGroup(group), 'UNLINK', { task, device })),
    unregister: emit(({ context: { task, device } }) => send(callOf(task, device, 'unregister'), 'CALL', { task })),
    unbind: emit(({ context: { task, device, group } }) => send(iommuGroup(group), 'UNBIND', { task, device })),
    forget: emit(({ context: { task, device, group } }) => send(group, 'FORGET_UNBINDING', { task, device })),
    unlock: emit(({ context: { task, device } }) => send(deviceLock(device), 'UNLOCK', { task })),
    finish: emit(({ context: { task, caller, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'unbind',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isNoDriver', actions: ['begin', 'noSuchFile', 'finish', 'reset'] },
          { target: 'looking up', actions: 'begin' },
        ],
      },
    },
    'looking up': {
      entry: 'askDriver',
      on: {
        DRIVER: [
          { guard: 'isAnothers', target: 'idle', actions: ['noSuchDevice', 'finish', 'reset'] },
          { guard: 'hasNoDriver', target: 'idle', actions: ['noSuchFile', 'finish', 'reset'] },
          { target: 'locking' },
        ],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: 'unlinking' } },
    unlinking: {
      entry: 'unlink',
      on: {
        UNLINKED: [
          { guard: 'hasNoDriver', target: 'unlocking' },
          { guard: 'isVfio', target: 'unregistering' },
          { target: 'unbinding' },
        ],
      },
    },
    unregistering: { entry: 'unregister', on: { RETURN: 'unbinding' } },
    unbinding: {
      entry: 'unbind',
      on: { UNBOUND: [{ guard: 'tracks', target: 'forgetting' }, { target: 'unlocking' }] },
    },
    forgetting: { entry: 'forget', on: { FORGOTTEN: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
