import type { LinuxView } from '../../actors/kernel/view.ts'
import { load, mmap } from '../../actors/kernel/device-memory/describe.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, noLoadWhileDisabled } from './words.ts'

/** A fault handler that takes vm_private_data for its own. */
export const unconvertedDriver = onDevices({
  name: 'unconverted-driver',
  source:
    'review of the sketch of 4 Mar 2021: a mandatory format of private data means auditing every driver; that vfio-pci read it is from 5.11',
  why:
    'vfio-pci’s fault handler reads its device from vm_private_data. Unless it is converted it finds the shared structure there: a driver that was ' +
    'forgotten crashes the first time somebody touches its memory.',
  byDefault: 'vma-private',
  but: { convertedDriver: false },
  devices: { dev2: acrossContainers.dev2 },
  before: [mmap('dev2')],
  tasks: { vmm0: [load('dev2')] },
  properties: [
    noLoadWhileDisabled,
    sometimes<LinuxView>('a load is answered by the device', (w) =>
      w.deviceMemory.loads.some(({ ret }) => ret === 'hit'),
    ),
    everybodyFinishes,
  ],
  expected: [
    {
      protocol: 'vma-private',
      states: 2,
      findings: ['general protection fault in vfio_pci_mmap_fault'],
      verdicts: { 'a load is answered by the device': 'unseen', 'every task gets through its script': 'unseen' },
    },
    { protocol: 'vma-private', as: 'repaired', states: 3, findings: [] },
  ],
})
