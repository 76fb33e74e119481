/**
 * VFIO_GROUP_GET_DEVICE_FD where the kernel has iommufd: under the group's lock and dev_set->lock whoever opens first binds the device to
 * what the group is in, and attaches it. A file of iommufd needs no driver to be set before, and is held by the device; a container needs one, and
 * is used by the device, which holds the group's file meanwhile (first-open.ts).
 *
 * Source: vfio_group_ioctl_get_device_fd, vfio_df_group_open (7.x). Left out: no memory for the file.
 */
import { emit } from 'xstate'
import { send } from '../../say.ts'
import { callOf } from '../names.ts'
import * as shared from './get-device-fd-chart.ts'

export const compatGetDeviceFd = shared.gettingDevice
  .extend({
    actions: {
      openFirst: emit(({ context: { task, device, container } }) =>
        send(callOf(task, device!.id, 'first_open'), 'CALL', { task, how: 'open', context: container }),
      ),
    },
  })
  .createMachine({
    id: 'compatGetDeviceFd',
    context: ({ input }) => shared.start(input),
    initial: 'idle',
    states: {
      ...shared.reserving,

      // vfio_df_group_open
      locking: { entry: 'lock', on: { LOCKED: 'looking' } },
      looking: {
        entry: 'look',
        on: {
          GROUP: [
            { guard: 'hasNoContainer', target: 'unlocking', actions: 'refuse' },
            { target: 'locking set', actions: 'keepContainer' },
          ],
        },
      },
      'locking set': { entry: 'lockSet', on: { LOCKED: 'opening' } },
      opening: {
        entry: 'open',
        on: { OPENED: [{ guard: 'isFirst', target: 'opening first' }, { target: 'unlocking set' }] },
      },
      'opening first': {
        entry: 'openFirst',
        on: { RETURN: [{ guard: 'failed', target: 'closing', actions: 'keepRet' }, { target: 'unlocking set' }] },
      },
      closing: { entry: 'close', on: { CLOSED: 'unlocking set' } },
      'unlocking set': { entry: 'unlockSet', on: { UNLOCKED: 'unlocking' } },
      unlocking: {
        entry: 'unlock',
        on: { UNLOCKED: [{ guard: 'hasFailed', target: 'unreserving' }, { target: 'installing' }] },
      },

      installing: { entry: 'install', on: { INSTALLED: { target: 'idle', actions: ['finish', 'reset'] } } },
      ...shared.lettingGo,
    },
  })
