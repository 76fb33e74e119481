import { closeDevice, mapMemory, mmap, munmap, dma } from '../../actors/kernel/device-memory/describe.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, noDmaAfterRelease, nothingLeaks, page, released } from './words.ts'

const at = 0x7f10_0000_0000n

/** One mapping, two vmas, two devices. */
export const secondDevice = onDevices({
  name: 'second-device',
  windows: ['B-13'],
  source: 'derived from 3/3 of the first series and 10/10 of the second: one pfnmap for a vfio_dma',
  why:
    'A VFIO_IOMMU_MAP_DMA may reach over the end of one vma into the next, which may belong to another device. Registered is the first alone: ' +
    'when the second device is released nobody is told, and its memory stays mapped.',
  inTable: true,
  byDefault: 'device-notifier',
  devices: { ...acrossContainers, dev3: { container: 'container2' } },
  before: [
    mmap('dev2', { at }),
    mmap('dev3', { at: at + page }),
    mapMemory('container0', page, 'dev2', { at, size: 2n * page }),
    munmap('dev3', { at: at + page }),
  ],
  tasks: { vmm0: [closeDevice('dev3')], 'dev1.engine': [dma('dev1', 2n * page), dma('dev1', 2n * page)] },
  properties: [noDmaAfterRelease, nothingLeaks, released('dev3', 2), everybodyFinishes],
  expected: [
    {
      protocol: 'none',
      states: 144,
      findings: ['no DMA reaches a device after its last release was answered'],
      verdicts: { 'no DMA reaches a device after its last release was answered': 'violated' },
    },
    {
      protocol: 'vma-ops',
      states: 144,
      findings: ['no DMA reaches a device after its last release was answered'],
      verdicts: { 'no DMA reaches a device after its last release was answered': 'violated' },
    },
    { protocol: 'vma-ops', as: 'repaired', states: 2922, findings: [] },
    {
      protocol: 'device-notifier',
      states: 144,
      findings: ['no DMA reaches a device after its last release was answered'],
      verdicts: { 'no DMA reaches a device after its last release was answered': 'violated' },
    },
    { protocol: 'device-notifier', as: 'repaired', states: 2646, findings: [] },
    {
      protocol: 'vma-private',
      states: 144,
      findings: ['no DMA reaches a device after its last release was answered'],
      verdicts: { 'no DMA reaches a device after its last release was answered': 'violated' },
    },
    { protocol: 'vma-private', as: 'repaired', states: 2646, findings: [] },
    { protocol: 'vma-to-pfn', states: 44, findings: [] },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 2670, findings: [] },
    { protocol: 'dma-buf', states: 44, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 44, findings: [] },
  ],
  mutants: [
    {
      name: 'first-vma-only',
      why: 'Everything is mended but that a mapping has one registration.',
      without: ['covers'],
      expected: [
        {
          protocol: 'device-notifier',
          as: 'repaired',
          states: 144,
          findings: ['no DMA reaches a device after its last release was answered'],
          verdicts: { 'no DMA reaches a device after its last release was answered': 'violated' },
        },
      ],
    },
  ],
})
