import { mmap } from '../../actors/kernel/device-memory/describe.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, nothingLeaks } from './words.ts'

/** The driver refuses an mmap after its private data was made. */
export const failedMmap = onDevices({
  name: 'failed-mmap',
  source: 'derived from the sketch of 4 Mar 2021: it does not look at what ops->mmap returns',
  why:
    'vfio-core would allocate data for the vma, call the driver’s mmap, and wrap the vm_ops if the driver left vm_private_data alone. A driver that ' +
    'fails leaves it alone, too: a vma that never comes to be is wrapped, nobody closes it, and its data is never freed.',
  inTable: true,
  byDefault: 'vma-private',
  devices: { dev2: acrossContainers.dev2 },
  tasks: { vmm0: [mmap('dev2', { fails: true })] },
  properties: [nothingLeaks, everybodyFinishes],
  expected: [
    { protocol: 'none', states: 7, findings: [] },
    { protocol: 'vma-ops', states: 7, findings: [] },
    { protocol: 'vma-ops', as: 'repaired', states: 7, findings: [] },
    { protocol: 'device-notifier', states: 7, findings: [] },
    { protocol: 'device-notifier', as: 'repaired', states: 7, findings: [] },
    {
      protocol: 'vma-private',
      states: 8,
      findings: ['every reference is dropped in the end', 'unreferenced object private'],
      verdicts: { 'every reference is dropped in the end': 'violated' },
    },
    { protocol: 'vma-private', as: 'repaired', states: 9, findings: [] },
    { protocol: 'vma-to-pfn', states: 7, findings: [] },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 7, findings: [] },
    { protocol: 'dma-buf', states: 7, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 7, findings: [] },
  ],
})
