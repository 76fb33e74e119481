import {
  closeContainer,
  closeDevice,
  mapMemory,
  share,
  unmapMemory,
  unshare,
} from '../../actors/kernel/device-memory/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onDevices } from './story.ts'
import { everybodyFinishes, nothingLeaks, page } from './words.ts'

/** Both devices in one container: the case the series were made for. */
export const sameContainer = onDevices({
  name: 'same-container',
  windows: ['B-11', 'B-25'],
  source:
    'derived from [RFC PATCH 06/10]: unregistering ends with vfio_group_try_dissolve_container(), and type1 unregisters under iommu->lock',
  why:
    'A registration is a user of the container of its device. If that is the container whose mapping goes, and everybody else has left it, then the unmap ' +
    'that unregisters drops the last user: the container is torn down by a thread that holds its iommu->lock, and takes it once more. (An unmap ' +
    'that nobody keeps the container for meets it freed: B-25, in every protocol that leaves the ioctl without a reference.)',
  byDefault: 'device-notifier',
  devices: { dev1: { container: 'container0' }, dev2: { container: 'container0' } },
  before: [share('dev2'), mapMemory('container0', page, 'dev2'), unshare('dev2')],
  tasks: {
    vmm0: [unmapMemory('container0', page, page)],
    vmm1: [closeDevice('dev1'), closeContainer('container0'), closeDevice('dev2')],
  },
  properties: [
    nothingLeaks,
    sometimes<LinuxView>('the container dissolves', (w) => w.deviceMemory.users('container0') === 0),
    everybodyFinishes,
  ],
  expected: [
    {
      protocol: 'device-notifier',
      states: 901,
      findings: [
        'deadlock at container0.lock',
        'deadlock at container0.lock and dev2.notifier.guard',
        'lock order device->notifier.srcu → iommu->lock → device->notifier.srcu',
        'recursive locking of iommu->lock',
        'use-after-free in vfio_dma_do_unmap',
      ],
    },
    { protocol: 'device-notifier', as: 'repaired', states: 1626, findings: ['use-after-free in vfio_dma_do_unmap'] },
  ],
})
