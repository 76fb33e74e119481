import { load, mmap, setPower } from '../../actors/kernel/device-memory/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, loadIsRefused, noLoadWhileDisabled } from './words.ts'

/** A CPU reads from a device that another thread puts to sleep. */
export const sleepingDevice = onDevices({
  name: 'sleeping-device',
  windows: ['B-30'],
  source:
    '"vfio/pci: Invalidate mmaps and block the access in D3hot power state" (5.18); that a load gets SIGBUS was seen on Linux 6.1.192',
  why:
    'One thread puts the device in D3hot, another loads through its mmap: a device that sleeps decodes nothing, whatever COMMAND.MEMORY says. ' +
    'Since 5.18 its mappings are zapped first, and a fault looks under memory_lock whether it is awake.',
  byDefault: 'none',
  devices: { dev2: acrossContainers.dev2 },
  before: [mmap('dev2')],
  tasks: { vmm0: [setPower('dev2', 'D3hot')], vmm1: [load('dev2'), load('dev2')] },
  properties: [
    noLoadWhileDisabled,
    sometimes<LinuxView>('a load is answered by the device', (w) =>
      w.deviceMemory.loads.some(({ ret }) => ret === 'hit'),
    ),
    loadIsRefused,
    everybodyFinishes,
  ],
  expected: [
    { protocol: 'none', states: 168, findings: [] },
    { protocol: 'device-notifier', states: 103, findings: [] },
    { protocol: 'dma-buf', states: 103, findings: [] },
  ],
  mutants: [
    {
      name: 'kept-mappings',
      why: 'Up to 5.17: the state is set, and the mappings stay.',
      but: { sleep: 'keeps' },
      expected: [
        {
          protocol: 'none',
          states: 48,
          findings: ['no CPU access goes through a zapped mapping'],
          verdicts: { 'no CPU access goes through a zapped mapping': 'violated' },
        },
      ],
    },
  ],
})
