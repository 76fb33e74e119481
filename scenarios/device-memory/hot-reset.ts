import type { LinuxView } from '../../actors/kernel/view.ts'
import { hotReset, load, munmap, reset, mmap } from '../../actors/kernel/device-memory/describe.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onDevices } from './story.ts'
import { everybodyFinishes, noLoadWhileDisabled } from './words.ts'

/** A bus with two devices is reset: two vma_locks, two memory_locks. */
export const hotResetOfTwo = onDevices({
  name: 'hot-reset',
  windows: ['B-33'],
  source: 'vfio_pci_ioctl_pci_hot_reset of 5.15 ("prone to deadlock, runaway and unwind if we hit contention")',
  why:
    'A hot reset needs the locks of every device on the bus. They are of one class, and whoever faults takes them in the order in which he touches ' +
    'memory. So each is only tried, and any contention undoes everything: -EBUSY.',
  inTable: true,
  byDefault: 'none',
  devices: {
    dev2: { container: 'container1', resetSet: 'bus1' },
    dev3: { container: 'container1', resetSet: 'bus1' },
  },
  before: [mmap('dev2'), mmap('dev3')],
  tasks: { vmm0: [hotReset('dev2', 'dev3')], vmm1: [load('dev3')], vmm2: [reset('dev3')] },
  properties: [
    noLoadWhileDisabled,
    sometimes<LinuxView>('a hot reset meets contention', (w) => w.result('vmm0', 'hotReset')?.ret === '-EBUSY'),
    sometimes<LinuxView>('a hot reset succeeds', (w) => w.result('vmm0', 'hotReset')?.ret === 0),
    everybodyFinishes,
  ],
  expected: [
    { protocol: 'none', states: 1038, findings: [] },
    { protocol: 'vma-ops', states: 1038, findings: [] },
    { protocol: 'vma-ops', as: 'repaired', states: 1038, findings: [] },
    { protocol: 'device-notifier', states: 614, findings: [] },
    { protocol: 'device-notifier', as: 'repaired', states: 614, findings: [] },
    { protocol: 'vma-private', states: 614, findings: [] },
    { protocol: 'vma-private', as: 'repaired', states: 614, findings: [] },
    { protocol: 'vma-to-pfn', states: 614, findings: [] },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 614, findings: [] },
    { protocol: 'dma-buf', states: 782, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 782, findings: [] },
  ],
  mutants: [
    {
      name: 'waits',
      why: 'The locks are waited for, one device after the other.',
      but: { tries: false },
      before: [mmap('dev2'), mmap('dev3'), load('dev2'), load('dev3')],
      tasks: { vmm0: [hotReset('dev2', 'dev3')], vmm1: [munmap('dev2')] },
      properties: [
        sometimes<LinuxView>('a hot reset succeeds', (w) => w.result('vmm0', 'hotReset')?.ret === 0),
        everybodyFinishes,
      ],
      expected: [
        {
          protocol: 'none',
          states: 72,
          findings: [
            'deadlock at dev2.vma_lock and vmm.mmap_lock',
            'lock order mm->mmap_lock → vdev->vma_lock → mm->mmap_lock',
            'recursive locking of vdev->memory_lock',
            'recursive locking of vdev->vma_lock',
          ],
        },
      ],
    },
  ],
})
