/**
 * vfio-pci lets go of a device, up to 5.18. While descriptors of it are open it waits; and when it was the last of its
 * group it waits until the group has left its container. In the time between, the device has a driver still but is no
 * device of the group any more: for whoever asks whether the group is viable, it is remembered as one that is being
 * unbound (`tracks`; without that, B-28).
 *
 * Source: Linux 4.19 and 5.15 vfio_del_group_dev, vfio_unregister_group_dev, vfio_pci_request.
 * Left out: as in 6.1 (unregister-device.ts).
 */
import { assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { callOf } from '../names.ts'

export interface CountedUnregisterDeviceInput {
  readonly task: string
  readonly device: string
  readonly group: string
  readonly tracks: boolean
}

type CountedUnregisterDeviceContext = CountedUnregisterDeviceInput & { readonly caller: string | null }
type CountedUnregisterDeviceEvent =
  | (Heard & { readonly type: 'UNREGISTERED'; readonly gone: boolean })
  | (Heard & { readonly type: 'DEVICE_REMOVED'; readonly last: boolean })
  | (Heard & { readonly type: 'CALL' | 'RETURN' | 'TRACKED' | 'GONE' | 'ALONE' })

const start = ({ task, device, group, tracks }: CountedUnregisterDeviceInput): CountedUnregisterDeviceContext => ({
  ...{ task, device, group, tracks },
  caller: null,
})

export const countedUnregisterDevice = setup({
  types: {
    context: {} as CountedUnregisterDeviceContext,
    events: {} as CountedUnregisterDeviceEvent,
    emitted: {} as Said,
    input: {} as CountedUnregisterDeviceInput,
  },
  guards: {
    tracks: ({ context }) => context.tracks,
    isInUse: ({ event }) => event.type === 'UNREGISTERED' && !event.gone,
    wasLast: ({ event }) => event.type === 'DEVICE_REMOVED' && event.last,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    track: emit(({ context: { task, device, group } }) => send(group, 'TRACK_UNBINDING', { task, device })),
    unregister: emit(({ context: { task, device } }) => send(device, 'UNREGISTER', { task })),
    request: emit(({ context: { task, device } }) => send(callOf(task, device, 'request'), 'CALL', { task })),
    await: emit(({ context: { task, device } }) => send(device, 'AWAIT_GONE', { task })),
    remove: emit(({ context: { task, device, group } }) => send(group, 'REMOVE_DEVICE', { task, device })),
    awaitLeave: emit(({ context: { task, group } }) => send(group, 'AWAIT_LEAVE', { task })),
    finish: emit(({ context: { task, caller } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'countedUnregisterDevice',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'tracks', target: 'tracking', actions: 'begin' },
          { target: 'unregistering', actions: 'begin' },
        ],
      },
    },
    tracking: { entry: 'track', on: { TRACKED: 'unregistering' } },
    unregistering: {
      entry: 'unregister',
      on: {
        UNREGISTERED: [{ guard: 'isInUse', target: 'requesting' }, { target: 'removing' }],
      },
    },
    requesting: { entry: 'request', on: { RETURN: 'waiting' } },
    waiting: { entry: 'await', on: { GONE: 'removing' } },
    removing: {
      entry: 'remove',
      on: {
        DEVICE_REMOVED: [
          { guard: 'wasLast', target: 'waiting to leave' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    'waiting to leave': { entry: 'awaitLeave', on: { ALONE: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
