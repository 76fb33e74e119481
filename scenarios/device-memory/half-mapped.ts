import { closeDevice, mapMemory, share, unshare } from '../../actors/kernel/device-memory/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, noDmaAfterRelease, nothingLeaks, page, reads, released } from './words.ts'

/** A mapping that fails after its first page was registered. */
export const halfMapped = onDevices({
  name: 'half-mapped',
  source: 'derived from vfio_dma_do_map of 5.11: a mapping that fails is removed again, with all that was done for it',
  why:
    'Half of the range is a BAR, behind it is nothing. The first page is mapped and registered by the time the second fails; then everything is undone, ' +
    'the registration too: with iommu->lock held, inside the map, while the device may be released.',
  inTable: true,
  byDefault: 'device-notifier',
  devices: acrossContainers,
  before: [share('dev2')],
  tasks: {
    vmm0: [mapMemory('container0', page, 'dev2', { size: 2n * page })],
    vmm1: [unshare('dev2'), closeDevice('dev2')],
    'dev1.engine': reads(1),
  },
  properties: (protocol) => [
    noDmaAfterRelease,
    nothingLeaks,
    released('dev2'),
    // A dma-buf is as long as its BAR, and mapped or not as a whole.
    ...(protocol === 'dma-buf'
      ? []
      : [sometimes<LinuxView>('the map fails', (w) => w.result('vmm0', 'mapMemory')?.ret === '-EFAULT')]),
    everybodyFinishes,
  ],
  expected: [
    {
      protocol: 'none',
      states: 1358,
      findings: ['no DMA reaches a device after its last release was answered'],
      verdicts: { 'no DMA reaches a device after its last release was answered': 'violated' },
    },
    {
      protocol: 'vma-ops',
      states: 2146,
      findings: [
        'deadlock at container0.lock and dev2.notifier.guard',
        'lock order device->notifier.rwsem → iommu->lock → device->notifier.rwsem',
      ],
    },
    { protocol: 'vma-ops', as: 'repaired', states: 6314, findings: [] },
    {
      protocol: 'device-notifier',
      states: 2132,
      findings: [
        'deadlock at container0.lock and dev2.notifier.guard',
        'lock order device->notifier.srcu → iommu->lock → device->notifier.srcu',
      ],
    },
    { protocol: 'device-notifier', as: 'repaired', states: 5018, findings: [] },
    {
      protocol: 'vma-private',
      states: 2182,
      findings: [
        'deadlock at container0.lock and dev2.notifier.guard',
        'lock order device->notifier.srcu → iommu->lock → device->notifier.srcu',
      ],
    },
    { protocol: 'vma-private', as: 'repaired', states: 5200, findings: [] },
    {
      protocol: 'vma-to-pfn',
      states: 1998,
      findings: [
        'deadlock at container0.lock and dev2.notifier.guard',
        'lock order device->notifier.srcu → iommu->lock → device->notifier.srcu',
      ],
    },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 5046, findings: [] },
    { protocol: 'dma-buf', states: 399, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 423, findings: [] },
  ],
})
