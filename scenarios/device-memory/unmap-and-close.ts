import { closeDevice, mapMemory, share, unmapMemory, unshare } from '../../actors/kernel/device-memory/describe.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, noDmaAfterRelease, nothingLeaks, page, reads, released } from './words.ts'

/** Two ways for a mapping to go, at the same time. */
export const unmapAndClose = onDevices({
  name: 'unmap-and-close',
  windows: ['B-11'],
  source:
    'the reply of 9 Mar 2021 ("When registering the notifier, the iommu->lock is held. During the callback, the same lock is acquired, so we’d ' +
    'have AB-BA otherwise") for the rwsem; that SRCU does not cure the other side, and that a chain without either is a use-after-free, is derived',
  why:
    'An unmap takes the registration back with iommu->lock held; a release runs the callback, which wants iommu->lock. With an rwsem around the ' +
    'chain either order waits for the other. SRCU cures registering, but unregistering still waits for callbacks that run. What works is to ' +
    'unregister later, without the lock, and to let the callback find that there is nothing left to do.',
  inTable: true,
  byDefault: 'device-notifier',
  devices: acrossContainers,
  before: [share('dev2'), mapMemory('container0', page, 'dev2'), unshare('dev2')],
  tasks: {
    vmm0: [unmapMemory('container0', page, page)],
    vmm1: [closeDevice('dev2')],
    'dev1.engine': reads(1),
  },
  properties: [noDmaAfterRelease, nothingLeaks, released('dev2'), everybodyFinishes],
  expected: [
    {
      protocol: 'none',
      states: 386,
      findings: ['no DMA reaches a device after its last release was answered'],
      verdicts: { 'no DMA reaches a device after its last release was answered': 'violated' },
    },
    {
      protocol: 'vma-ops',
      states: 2800,
      findings: [
        'deadlock at container0.lock and dev2.notifier.guard',
        'lock order device->notifier.rwsem → iommu->lock → device->notifier.rwsem',
      ],
    },
    { protocol: 'vma-ops', as: 'repaired', states: 5656, findings: [] },
    {
      protocol: 'device-notifier',
      states: 2836,
      findings: [
        'deadlock at container0.lock and dev2.notifier.guard',
        'lock order device->notifier.srcu → iommu->lock → device->notifier.srcu',
      ],
    },
    { protocol: 'device-notifier', as: 'repaired', states: 5170, findings: [] },
    {
      protocol: 'vma-private',
      states: 2836,
      findings: [
        'deadlock at container0.lock and dev2.notifier.guard',
        'lock order device->notifier.srcu → iommu->lock → device->notifier.srcu',
      ],
    },
    { protocol: 'vma-private', as: 'repaired', states: 5170, findings: [] },
    {
      protocol: 'vma-to-pfn',
      states: 2852,
      findings: [
        'deadlock at container0.lock and dev2.notifier.guard',
        'lock order device->notifier.srcu → iommu->lock → device->notifier.srcu',
      ],
    },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 5444, findings: [] },
    { protocol: 'dma-buf', states: 764, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 614, findings: [] },
  ],
  mutants: [
    {
      name: 'at-once',
      why: 'Everything is mended but that an unmap unregisters with iommu->lock held.',
      without: ['unregister'],
      expected: [
        {
          protocol: 'device-notifier',
          as: 'repaired',
          states: 3304,
          findings: [
            'deadlock at container0.lock and dev2.notifier.guard',
            'lock order device->notifier.srcu → iommu->lock → device->notifier.srcu',
          ],
        },
      ],
    },
    {
      name: 'unprotected',
      why: 'Nobody waits for callbacks that run: they go on with a pfnmap that was freed.',
      but: { chain: 'unprotected' },
      expected: [{ protocol: 'device-notifier', states: 2464, findings: ['use-after-free in vfio_device_nb_cb'] }],
    },
    {
      name: 'rwsem',
      why: 'The chain as a blocking notifier, as in the first series.',
      but: { chain: 'rwsem' },
      expected: [
        {
          protocol: 'device-notifier',
          states: 2548,
          findings: [
            'deadlock at container0.lock and dev2.notifier.guard',
            'lock order device->notifier.rwsem → iommu->lock → device->notifier.rwsem',
          ],
        },
      ],
    },
  ],
})
