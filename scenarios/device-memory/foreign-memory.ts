import type { LinuxView } from '../../actors/kernel/view.ts'
import { mapMemory, mmap } from '../../actors/kernel/device-memory/describe.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, nothingLeaks, page } from './words.ts'

const at = 0x7e00_0000_0000n

/** Memory of something that is not a VFIO device at all, and has no vm_ops. */
export const foreignMemory = onDevices({
  name: 'foreign-memory',
  source:
    'derived from [RFC PATCH 05/10]: vma->vm_ops->open is compared with a marker, whoever’s vma it is; that type1 of today maps such memory, reproduced on Linux 6.1.192',
  why:
    'vfio_device_get_from_vma() knows VFIO’s vmas by the open function in their vm_ops. A vma of raw page frames (VM_PFNMAP) need not have vm_ops: ' +
    'looking for the marker follows a null pointer that any process can put there.',
  inTable: true,
  byDefault: 'device-notifier',
  devices: acrossContainers,
  before: [mmap(null, { at })],
  tasks: { vmm0: [mapMemory('container0', page, 'dev2', { at, size: page })] },
  properties: [
    always<LinuxView>(
      'memory of unknown origin is not mapped',
      (w) => w.deviceMemory.pages('container0').length === 0,
      {
        when: (w) => w.finished,
        finding: 'stale-mapping',
      },
    ),
    sometimes<LinuxView>('an answer is given', (w) => w.result('vmm0', 'mapMemory') !== undefined),
    nothingLeaks,
    everybodyFinishes,
  ],
  expected: [
    {
      protocol: 'none',
      states: 5,
      findings: ['memory of unknown origin is not mapped'],
      verdicts: { 'memory of unknown origin is not mapped': 'violated' },
    },
    { protocol: 'vma-ops', states: 7, findings: [] },
    { protocol: 'vma-ops', as: 'repaired', states: 7, findings: [] },
    {
      protocol: 'device-notifier',
      states: 2,
      findings: ['BUG: kernel NULL pointer dereference in vfio_device_get_from_vma'],
      verdicts: { 'an answer is given': 'unseen', 'every task gets through its script': 'unseen' },
    },
    { protocol: 'device-notifier', as: 'repaired', states: 5, findings: [] },
    { protocol: 'vma-private', states: 5, findings: [] },
    { protocol: 'vma-private', as: 'repaired', states: 5, findings: [] },
    { protocol: 'vma-to-pfn', states: 5, findings: [] },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 5, findings: [] },
    { protocol: 'dma-buf', states: 5, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 5, findings: [] },
  ],
})
