/**
 * vfio-pci lets go of a device (vfio_unregister_group_dev). While descriptors of it are open its user is asked to close
 * them, and it waits. The group then loses the device, and with the last one ends: it leaves its container if it is in
 * one, also while its file is open, and to that file it is dead.
 *
 * Source: Linux 6.1 vfio_unregister_group_dev, vfio_device_remove_group, vfio_pci_core_request; observed on 6.1.
 * Left out: a signal to the one who waits.
 * vfio.group_lock is taken also when it is not the last device.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { allGroupsLock, callOf, groupLock } from '../names.ts'

export interface UnregisterDeviceInput {
  readonly task: string
  readonly device: string
  readonly group: string
}

interface UnregisterDeviceContext extends UnregisterDeviceInput {
  readonly caller: string | null
  readonly container: string | null
}

type UnregisterDeviceEvent =
  | (Heard & { readonly type: 'UNREGISTERED'; readonly gone: boolean })
  | (Heard & { readonly type: 'DEVICE_REMOVED'; readonly last: boolean })
  | (Heard & { readonly type: 'GROUP'; readonly container: string | null })
  | (Heard & { readonly type: 'CALL' | 'GONE' | 'LOCKED' | 'UNLOCKED' | 'RETURN' | 'DISSOLVED' })

const start = ({ task, device, group }: UnregisterDeviceInput): UnregisterDeviceContext => ({
  ...{ task, device, group },
  ...{ caller: null, container: null },
})

export const unregisterDevice = setup({
  types: {
    context: {} as UnregisterDeviceContext,
    events: {} as UnregisterDeviceEvent,
    emitted: {} as Said,
    input: {} as UnregisterDeviceInput,
  },
  guards: {
    isInUse: ({ event }) => event.type === 'UNREGISTERED' && !event.gone,
    wasLast: ({ event }) => event.type === 'DEVICE_REMOVED' && event.last,
    isInContainer: ({ event }) => event.type === 'GROUP' && event.container !== null,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    unregister: emit(({ context: { task, device } }) => send(device, 'UNREGISTER', { task })),
    request: emit(({ context: { task, device } }) => send(callOf(task, device, 'request'), 'CALL', { task })),
    await: emit(({ context: { task, device } }) => send(device, 'AWAIT_GONE', { task })),
    lockGroups: emit(({ context: { task } }) => send(allGroupsLock, 'LOCK', { task })),
    remove: emit(({ context: { task, device, group } }) => send(group, 'REMOVE_DEVICE', { task, device })),
    lock: emit(({ context: { task, group } }) => send(groupLock(group), 'DOWN_WRITE', { task })),
    look: emit(({ context: { task, group } }) => send(group, 'STATE', { task })),
    keepContainer: assign(({ event }) => {
      assertEvent(event, 'GROUP')
      return { container: event.container }
    }),
    detach: emit(({ context: { task, group, container } }) =>
      send(callOf(task, container!, 'leave'), 'CALL', { task, group }),
    ),
    dissolve: emit(({ context: { task, group } }) => send(group, 'DISSOLVE', { task })),
    unlock: emit(({ context: { task, group } }) => send(groupLock(group), 'UP_WRITE', { task })),
    unlockGroups: emit(({ context: { task } }) => send(allGroupsLock, 'UNLOCK', { task })),
    finish: emit(({ context: { task, caller } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'unregisterDevice',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'unregistering', actions: 'begin' } } },
    unregistering: {
      entry: 'unregister',
      on: {
        UNREGISTERED: [{ guard: 'isInUse', target: 'requesting' }, { target: 'locking groups' }],
      },
    },
    requesting: { entry: 'request', on: { RETURN: 'waiting' } },
    waiting: { entry: 'await', on: { GONE: 'locking groups' } },
    'locking groups': { entry: 'lockGroups', on: { LOCKED: 'removing' } },
    removing: {
      entry: 'remove',
      on: { DEVICE_REMOVED: [{ guard: 'wasLast', target: 'locking' }, { target: 'unlocking groups' }] },
    },
    locking: { entry: 'lock', on: { LOCKED: 'looking' } },
    looking: {
      entry: 'look',
      on: {
        GROUP: [{ guard: 'isInContainer', target: 'detaching', actions: 'keepContainer' }, { target: 'dissolving' }],
      },
    },
    detaching: { entry: 'detach', on: { RETURN: 'dissolving' } },
    dissolving: { entry: 'dissolve', on: { DISSOLVED: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: 'unlocking groups' } },
    'unlocking groups': { entry: 'unlockGroups', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
