/**
 * VFIO_GROUP_GET_DEVICE_FD from 5.19 on. The device is looked up by its name, and a reference taken, before anything is
 * asked of the group; the descriptor is reserved; then, under group_rwsem, the group must be in a container with an
 * IOMMU driver, and its file gets one more reference, so that the group lasts as long as the descriptor. Who opens
 * first makes the device ready, under dev_set->lock.
 *
 * Source: Linux 6.1 vfio_group_ioctl_get_device_fd, vfio_device_open, vfio_device_assign_container.
 * Left out: modules; a file that cannot be made for want of memory.
 */
import { assertEvent, assign, emit } from 'xstate'
import { send } from '../../say.ts'
import { callOf, groupLock } from '../names.ts'
import * as shared from './get-device-fd-chart.ts'

export const getDeviceFd = shared.gettingDevice
  .extend({
    guards: {
      hasNoDriver: ({ event }) => event.type === 'DRIVER_IS' && event.data === null,
    },
    actions: {
      askDriver: emit(({ context: { task, container } }) => send(container!, 'DRIVER', { task })),
      keepDriver: assign(({ event }) => {
        assertEvent(event, 'DRIVER_IS')
        return { driver: event.data }
      }),
      getFile: emit(({ context: { task, file } }) => send('files', 'GET', { task, file })),
      takeUser: emit(({ context: { task, group } }) => send(group, 'TAKE_USER', { task })),
      lockRead: emit(({ context: { task, group } }) => send(groupLock(group), 'DOWN_READ', { task })),
      makeReady: emit(({ context: { task, device, container, driver } }) =>
        send(callOf(task, device!.id, device!.emulated ? 'emu_open' : 'pci_open'), 'CALL', {
          ...{ task, container },
          backend: driver,
        }),
      ),
      unlockRead: emit(({ context: { task, group } }) => send(groupLock(group), 'UP_READ', { task })),
      dropUser: emit(({ context: { task, group } }) => send(group, 'DROP_USER', { task })),
      putFile: emit(({ context: { task, file } }) => send('files', 'PUT', { task, file })),
    },
  })
  .createMachine({
    id: 'getDeviceFd',
    context: ({ input }) => shared.start(input),
    initial: 'idle',
    states: {
      ...shared.reserving,

      // vfio_device_assign_container
      locking: { entry: 'lock', on: { LOCKED: 'looking' } },
      looking: {
        entry: 'look',
        on: {
          GROUP: [
            { guard: 'hasNoContainer', target: 'unlocking', actions: 'refuse' },
            { target: 'asking driver', actions: 'keepContainer' },
          ],
        },
      },
      'asking driver': {
        entry: 'askDriver',
        on: {
          DRIVER_IS: [
            { guard: 'hasNoDriver', target: 'unlocking', actions: 'refuse' },
            { target: 'getting file', actions: 'keepDriver' },
          ],
        },
      },
      'getting file': { entry: 'getFile', on: { GOT: 'taking user' } },
      'taking user': { entry: 'takeUser', on: { TAKEN: 'unlocking' } },
      unlocking: {
        entry: 'unlock',
        on: { UNLOCKED: [{ guard: 'hasFailed', target: 'unreserving' }, { target: 'locking set' }] },
      },

      'locking set': { entry: 'lockSet', on: { LOCKED: 'opening' } },
      opening: {
        entry: 'open',
        on: { OPENED: [{ guard: 'isFirst', target: 'locking for read' }, { target: 'unlocking set' }] },
      },
      'locking for read': { entry: 'lockRead', on: { LOCKED: 'making ready' } },
      'making ready': {
        entry: 'makeReady',
        on: {
          RETURN: [{ guard: 'failed', target: 'closing', actions: 'keepRet' }, { target: 'unlocking for read' }],
        },
      },
      closing: { entry: 'close', on: { CLOSED: 'unlocking for read' } },
      'unlocking for read': { entry: 'unlockRead', on: { UNLOCKED: 'unlocking set' } },
      'unlocking set': {
        entry: 'unlockSet',
        on: { UNLOCKED: [{ guard: 'hasFailed', target: 'locking again' }, { target: 'installing' }] },
      },
      installing: { entry: 'install', on: { INSTALLED: { target: 'idle', actions: ['finish', 'reset'] } } },

      // The device could not be made ready. The file is not the last: this came through another reference to it.
      'locking again': { entry: 'lock', on: { LOCKED: 'dropping user' } },
      'dropping user': { entry: 'dropUser', on: { DROPPED: 'putting file' } },
      'putting file': { entry: 'putFile', on: { PUT: 'unlocking' } },
      ...shared.lettingGo,
    },
  })
