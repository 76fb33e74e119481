import { closeDevice, mapMemory, share, unshare } from '../../actors/kernel/device-memory/describe.ts'
import { onDevices } from './story.ts'
import {
  acrossContainers,
  dmaArrives,
  everybodyFinishes,
  noDmaAfterRelease,
  noDmaWhileDisabled,
  nothingLeaks,
  page,
  reads,
  released,
} from './words.ts'

/** A device with exported buffers is closed. */
export const lateCleanup = onDevices({
  name: 'late-cleanup',
  windows: ['B-37'],
  source: 'CVE-2026-53322 (6.19 to 7.0.9): buffers were cleaned up after vfio_pci_core_disable()',
  why:
    'Closing a device clears COMMAND.MEMORY and gives its BARs up. As long as its buffers are not revoked importers go on using them: a DMA arrives ' +
    'at memory that is disabled. Revoke first, then disable.',
  inTable: true,
  byDefault: 'dma-buf',
  devices: acrossContainers,
  before: [share('dev2'), mapMemory('container0', page, 'dev2')],
  tasks: { vmm0: [unshare('dev2'), closeDevice('dev2')], 'dev1.engine': reads(1) },
  properties: [noDmaWhileDisabled, noDmaAfterRelease, nothingLeaks, released('dev2'), dmaArrives, everybodyFinishes],
  expected: [
    {
      protocol: 'none',
      states: 80,
      findings: [
        'no DMA reaches a device after its last release was answered',
        'no DMA reaches a device whose memory is disabled',
      ],
      verdicts: {
        'no DMA reaches a device whose memory is disabled': 'violated',
        'no DMA reaches a device after its last release was answered': 'violated',
      },
    },
    { protocol: 'vma-ops', states: 518, findings: [] },
    { protocol: 'vma-ops', as: 'repaired', states: 718, findings: [] },
    { protocol: 'device-notifier', states: 558, findings: [] },
    { protocol: 'device-notifier', as: 'repaired', states: 658, findings: [] },
    { protocol: 'vma-private', states: 566, findings: [] },
    { protocol: 'vma-private', as: 'repaired', states: 666, findings: [] },
    { protocol: 'vma-to-pfn', states: 566, findings: [] },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 666, findings: [] },
    {
      protocol: 'dma-buf',
      states: 90,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    { protocol: 'dma-buf', as: 'repaired', states: 74, findings: [] },
  ],
})
