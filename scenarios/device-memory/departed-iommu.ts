import {
  closeContainer,
  closeDevice,
  mapMemory,
  openDevice,
  share,
  unshare,
} from '../../actors/kernel/device-memory/describe.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, nothingLeaks, page } from './words.ts'

/** A registration that is waiting for the kworker points to a backend that goes. */
export const departedIommu = onDevices({
  name: 'departed-iommu',
  windows: ['B-11'],
  source:
    'derived from [RFC PATCH 10/10] ("pfnmap object can exist beyond the dma mapping referencing it, but it holds a container reference assuring ' +
    'the iommu exists"): across containers that is the container of the device, not the one whose iommu it points to',
  why:
    'Once the callback has taken the mapping away the registration only waits for a kworker. It keeps the container of device 2 alive. If container 0 ' +
    'is closed meanwhile its vfio_iommu is freed; and the next notification takes iommu->lock in freed memory.',
  inTable: true,
  byDefault: 'device-notifier',
  devices: acrossContainers,
  before: [share('dev2'), mapMemory('container0', page, 'dev2'), unshare('dev2')],
  tasks: {
    vmm0: [closeDevice('dev2'), openDevice('dev2'), closeDevice('dev2')],
    vmm1: [closeDevice('dev1'), closeContainer('container0')],
  },
  properties: [nothingLeaks, everybodyFinishes],
  expected: [
    { protocol: 'none', states: 432, findings: [] },
    {
      protocol: 'vma-ops',
      states: 5312,
      findings: [
        'ODEBUG: init active work_struct',
        'deadlock at container0.lock and dev2.notifier.guard',
        'double unregister of a notifier',
        'lock order device->notifier.rwsem → iommu->lock → device->notifier.rwsem',
        'use-after-free in pfnmap_find_dma',
        'use-after-free in vfio_unregister_vma_nb',
      ],
    },
    { protocol: 'vma-ops', as: 'repaired', states: 5904, findings: [] },
    {
      protocol: 'device-notifier',
      states: 5442,
      findings: [
        'ODEBUG: init active work_struct',
        'deadlock at container0.lock and dev2.notifier.guard',
        'double unregister of a notifier',
        'lock order device->notifier.srcu → iommu->lock → device->notifier.srcu',
        'use-after-free in pfnmap_find_dma',
        'use-after-free in unregister_device_bg',
      ],
    },
    { protocol: 'device-notifier', as: 'repaired', states: 5396, findings: [] },
    {
      protocol: 'vma-private',
      states: 5442,
      findings: [
        'ODEBUG: init active work_struct',
        'deadlock at container0.lock and dev2.notifier.guard',
        'double unregister of a notifier',
        'lock order device->notifier.srcu → iommu->lock → device->notifier.srcu',
        'use-after-free in pfnmap_find_dma',
        'use-after-free in unregister_device_bg',
      ],
    },
    { protocol: 'vma-private', as: 'repaired', states: 5396, findings: [] },
    {
      protocol: 'vma-to-pfn',
      states: 4546,
      findings: [
        'deadlock at container0.lock and dev2.notifier.guard',
        'lock order device->notifier.srcu → iommu->lock → device->notifier.srcu',
        'use-after-free in vfio_device_nb_cb',
      ],
    },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 5538, findings: [] },
    { protocol: 'dma-buf', states: 563, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 561, findings: [] },
  ],
  mutants: [
    {
      name: 'unreferenced',
      why: 'Everything is mended but that a registration holds no reference to the vfio_iommu it points to.',
      without: ['holdsIommu'],
      expected: [
        { protocol: 'device-notifier', as: 'repaired', states: 4687, findings: ['use-after-free in pfnmap_find_dma'] },
      ],
    },
  ],
})
