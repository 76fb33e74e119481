import {
  closeDevice,
  mapMemory,
  share,
  unmapMemory,
  unregisterOps,
  unshare,
} from '../../actors/kernel/device-memory/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, nothingLeaks, page } from './words.ts'

/** A bus driver takes its vm_ops out of the registry while a mapping is registered through them. */
export const departedOps = onDevices({
  name: 'departed-ops',
  source:
    'derived from 1/3 of the first series: vfio_unregister_vma_nb() frees what it was given even when nobody speaks for its vm_ops any more',
  why:
    'What was registered through an entry of the registry can only be unregistered through it. When the entry is gone by then the notifier stays on the ' +
    'chain, and the references it took on device and container stay for ever.',
  inTable: true,
  byDefault: 'vma-ops',
  devices: acrossContainers,
  before: [share('dev2'), mapMemory('container0', page, 'dev2')],
  tasks: {
    vmm0: [unmapMemory('container0', page, page), unshare('dev2'), closeDevice('dev2')],
    driver: [unregisterOps()],
  },
  properties: [
    nothingLeaks,
    sometimes<LinuxView>('the driver takes its vm_ops away', (w) => w.result('driver', 'unregisterOps')?.ret === 0),
    everybodyFinishes,
  ],
  expected: [
    { protocol: 'none', states: 72, findings: [] },
    { protocol: 'vma-ops', states: 132, findings: ['use-after-free in vfio_vma_nb_cb'] },
    { protocol: 'vma-ops', as: 'repaired', states: 1566, findings: [] },
    { protocol: 'device-notifier', states: 88, findings: [] },
    { protocol: 'device-notifier', as: 'repaired', states: 916, findings: [] },
    { protocol: 'vma-private', states: 96, findings: [] },
    { protocol: 'vma-private', as: 'repaired', states: 1004, findings: [] },
    { protocol: 'vma-to-pfn', states: 88, findings: [] },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 940, findings: [] },
    { protocol: 'dma-buf', states: 68, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 68, findings: [] },
  ],
  mutants: [
    {
      name: 'not-kept',
      why: 'Everything is mended but that an entry of the registry may go while it is used.',
      without: ['keepsOps'],
      expected: [
        {
          protocol: 'vma-ops',
          as: 'repaired',
          states: 1321,
          findings: ['every reference is dropped in the end', 'use-after-free in vfio_vma_nb_cb'],
          verdicts: { 'every reference is dropped in the end': 'violated' },
        },
      ],
    },
  ],
})
