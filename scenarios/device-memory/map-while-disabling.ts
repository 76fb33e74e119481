import { disableMemory, mapMemory, share } from '../../actors/kernel/device-memory/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, noDmaWhileDisabled, nothingLeaks, page, reads } from './words.ts'

/** A mapping is made while memory is being disabled. */
export const mapWhileDisabling = onDevices({
  name: 'map-while-disabling',
  windows: ['B-14'],
  source:
    'vfio-pci of 6.19 for dma-buf (memory_lock, then dma_resv); that the protocols of 2021 would deadlock or leave a window here is derived: none of ' +
    'them tells anybody of memory disable as posted. That type1 of today leaves it mapped, reproduced on Linux 6.1.192',
  why:
    'Who tells the IOMMU under memory_lock wants iommu->lock there; who maps holds iommu->lock and may fault a page in, which wants memory_lock. ' +
    'Telling before the lock leaves a gap in which a new mapping is made. A dma-buf has a lock of its own for this, which nobody holds while faulting.',
  inTable: true,
  byDefault: 'dma-buf',
  devices: acrossContainers,
  before: [share('dev2'), mapMemory('container0', page, 'dev2')],
  tasks: {
    vmm0: [disableMemory('dev2')],
    vmm1: [mapMemory('container0', 2n * page, 'dev2')],
    'dev1.engine': reads(1, 2n * page),
  },
  properties: [
    noDmaWhileDisabled,
    nothingLeaks,
    sometimes<LinuxView>(
      'a mapping is made before memory is disabled',
      (w) => w.result('vmm1', 'mapMemory')?.ret === 0 && w.deviceMemory.memoryOn('dev2'),
    ),
    everybodyFinishes,
  ],
  expected: [
    {
      protocol: 'none',
      states: 680,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-ops',
      states: 1220,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-ops',
      as: 'repaired',
      states: 1436,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'device-notifier',
      states: 412,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'device-notifier',
      as: 'repaired',
      states: 440,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-private',
      states: 184,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-private',
      as: 'repaired',
      states: 200,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-to-pfn',
      states: 184,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-to-pfn',
      as: 'repaired',
      states: 200,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    { protocol: 'dma-buf', states: 288, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 288, findings: [] },
    {
      protocol: 'vma-ops',
      memory: 'unmap',
      states: 4904,
      findings: [
        'deadlock at container0.lock and dev2.memory_lock',
        'deadlock at container0.lock and dev2.notifier.guard',
        'lock order device->notifier.rwsem → iommu->lock → device->notifier.rwsem',
        'lock order iommu->lock → vdev->memory_lock → iommu->lock',
      ],
    },
    {
      protocol: 'vma-ops',
      memory: 'revoke',
      states: 1564,
      findings: [
        'deadlock at container0.lock and dev2.memory_lock',
        'deadlock at container0.lock and dev2.notifier.guard',
        'lock order device->notifier.rwsem → iommu->lock → device->notifier.rwsem',
        'lock order iommu->lock → vdev->memory_lock → iommu->lock',
      ],
    },
    {
      protocol: 'device-notifier',
      memory: 'unmap',
      states: 3272,
      findings: [
        'deadlock at container0.lock and dev2.memory_lock',
        'lock order iommu->lock → vdev->memory_lock → iommu->lock',
      ],
    },
    {
      protocol: 'device-notifier',
      memory: 'revoke',
      states: 600,
      findings: [
        'deadlock at container0.lock and dev2.memory_lock',
        'lock order iommu->lock → vdev->memory_lock → iommu->lock',
      ],
    },
    {
      protocol: 'vma-to-pfn',
      memory: 'unmap',
      states: 5176,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-to-pfn',
      memory: 'revoke',
      states: 544,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
  ],
  mutants: [
    {
      name: 'told-before-the-lock',
      why: 'The IOMMU is told before memory_lock is taken: no cycle, but a window.',
      but: { tellsMemory: 'before-it' },
      byDefault: 'device-notifier',
      expected: [
        {
          protocol: 'device-notifier',
          memory: 'unmap',
          states: 8488,
          findings: ['no DMA reaches a device whose memory is disabled'],
          verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
        },
      ],
    },
  ],
})
