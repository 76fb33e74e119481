import { closeDevice, mapMemory, openDevice, share, unshare } from '../../actors/kernel/device-memory/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, noDmaAfterRelease, nothingLeaks, page, reads } from './words.ts'

/** The device that was closed belongs to somebody else by now. */
export const secondOwner = onDevices({
  name: 'second-owner',
  windows: ['B-13'],
  source:
    'the cover letters of both series, Feb 2021; type1 still maps device memory (selftest vfio_dma_mapping_mmio_test)',
  why:
    'What a stale mapping is worth to an attacker: device 2 is closed by its first user and opened by another process, in the same container or a ' +
    'guest of its own. Device 1 of the first still reads from, and writes to, its memory.',
  inTable: true,
  byDefault: 'none',
  devices: acrossContainers,
  before: [share('dev2'), mapMemory('container0', page, 'dev2')],
  tasks: {
    vmm0: [unshare('dev2'), closeDevice('dev2')],
    other0: { process: 'other', script: [openDevice('dev2')] },
    'dev1.engine': reads(1),
  },
  properties: [
    noDmaAfterRelease,
    nothingLeaks,
    sometimes<LinuxView>('another process opens the device', (w) => w.deviceMemory.owner('dev2') === 'other'),
    everybodyFinishes,
  ],
  expected: [
    {
      protocol: 'none',
      states: 496,
      findings: ['no DMA reaches a device after its last release was answered'],
      verdicts: { 'no DMA reaches a device after its last release was answered': 'violated' },
    },
    { protocol: 'vma-ops', states: 3060, findings: [] },
    { protocol: 'vma-ops', as: 'repaired', states: 4184, findings: [] },
    { protocol: 'device-notifier', states: 3220, findings: [] },
    { protocol: 'device-notifier', as: 'repaired', states: 3836, findings: [] },
    { protocol: 'vma-private', states: 3252, findings: [] },
    { protocol: 'vma-private', as: 'repaired', states: 3868, findings: [] },
    { protocol: 'vma-to-pfn', states: 3252, findings: [] },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 3868, findings: [] },
    { protocol: 'dma-buf', states: 520, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 420, findings: [] },
  ],
})
