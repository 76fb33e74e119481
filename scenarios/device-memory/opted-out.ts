import { closeDevice, mapMemory, share, unshare } from '../../actors/kernel/device-memory/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, noDmaAfterRelease, nothingLeaks, page, reads, released } from './words.ts'

/** A driver that puts data of its own into vm_private_data. */
export const optedOut = onDevices({
  name: 'opted-out',
  source: 'the sketch of 4 Mar 2021 ("unless a bus driver opts-out by replacing vm_private_data") and its review',
  why:
    'A driver that uses vm_private_data for itself takes no part: its vmas are not told from anybody else’s. In strict mode their memory cannot be ' +
    'mapped for DMA; otherwise it is mapped, and stays mapped when the device goes.',
  byDefault: 'vma-private',
  but: { optsOut: true, strict: false },
  devices: acrossContainers,
  before: [share('dev2'), mapMemory('container0', page, 'dev2')],
  tasks: { vmm0: [unshare('dev2'), closeDevice('dev2')], 'dev1.engine': reads(1) },
  properties: [noDmaAfterRelease, nothingLeaks, released('dev2'), everybodyFinishes],
  expected: [
    {
      protocol: 'vma-private',
      states: 80,
      findings: ['no DMA reaches a device after its last release was answered'],
      verdicts: { 'no DMA reaches a device after its last release was answered': 'violated' },
    },
    {
      protocol: 'vma-private',
      as: 'repaired',
      states: 80,
      findings: ['no DMA reaches a device after its last release was answered'],
      verdicts: { 'no DMA reaches a device after its last release was answered': 'violated' },
    },
    { protocol: 'vma-to-pfn', states: 566, findings: [] },
  ],
  mutants: [
    {
      name: 'strict',
      why: 'strict_mmio_maps: what cannot be registered cannot be mapped.',
      but: { optsOut: true, strict: true },
      before: [share('dev2')],
      tasks: {
        vmm0: [mapMemory('container0', page, 'dev2')],
        vmm1: [unshare('dev2'), closeDevice('dev2')],
        'dev1.engine': reads(1),
      },
      properties: [
        noDmaAfterRelease,
        nothingLeaks,
        released('dev2'),
        sometimes<LinuxView>('the mapping is refused', (w) => w.result('vmm0', 'mapMemory')?.ret === '-ENODEV'),
        everybodyFinishes,
      ],
      expected: [{ protocol: 'vma-private', states: 459, findings: [] }],
    },
  ],
})
