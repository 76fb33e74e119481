import { disableMemory, load, munmap, mmap } from '../../actors/kernel/device-memory/describe.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, loadIsRefused, noLoadWhileDisabled } from './words.ts'

/** Zapping begins at vma_lock and needs mmap_lock, which comes before it. */
export const lockSwitcheroo = onDevices({
  name: 'lock-switcheroo',
  windows: ['B-34'],
  source:
    'vfio_pci_zap_and_vma_lock of 5.8 to 6.9, "that nasty lock switcheroo we copied from uverbs_user_mmap_disassociate()" (Feb 2021)',
  why:
    'Which address space a vma is in is known under vma_lock; zapping it takes mmap_lock, which a fault holds when it takes vma_lock. So the zap drops ' +
    'vma_lock, takes both in order and looks at the list again, because the vma may be gone by then.',
  inTable: true,
  byDefault: 'none',
  devices: { dev2: acrossContainers.dev2 },
  before: [mmap('dev2'), load('dev2')],
  tasks: { vmm0: [disableMemory('dev2')], vmm1: [load('dev2'), munmap('dev2')] },
  properties: [noLoadWhileDisabled, loadIsRefused, everybodyFinishes],
  expected: [
    { protocol: 'none', states: 215, findings: [] },
    { protocol: 'vma-ops', states: 215, findings: [] },
    { protocol: 'vma-ops', as: 'repaired', states: 215, findings: [] },
    { protocol: 'device-notifier', states: 90, findings: [] },
    { protocol: 'device-notifier', as: 'repaired', states: 90, findings: [] },
    { protocol: 'vma-private', states: 90, findings: [] },
    { protocol: 'vma-private', as: 'repaired', states: 90, findings: [] },
    { protocol: 'vma-to-pfn', states: 90, findings: [] },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 90, findings: [] },
    { protocol: 'dma-buf', states: 90, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 90, findings: [] },
  ],
  mutants: [
    {
      name: 'in-place',
      why: 'mmap_lock is taken while vma_lock is held.',
      but: { switcheroo: false },
      expected: [
        {
          protocol: 'none',
          states: 144,
          findings: [
            'deadlock at dev2.vma_lock and vmm.mmap_lock',
            'lock order mm->mmap_lock → vdev->vma_lock → mm->mmap_lock',
          ],
        },
      ],
    },
    {
      name: 'no-second-look',
      why: 'The zap goes on with the vma it saw before it dropped vma_lock.',
      but: { rescans: false },
      expected: [{ protocol: 'none', states: 213, findings: ['use-after-free in vfio_pci_zap_and_vma_lock'] }],
    },
  ],
})
