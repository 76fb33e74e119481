import { closeContainer, closeDevice, mapMemory, share, unshare } from '../../actors/kernel/device-memory/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onDevices } from './story.ts'
import {
  acrossContainers,
  everybodyFinishes,
  isolationOutlives,
  noDmaAfterRelease,
  nothingLeaks,
  page,
  reads,
} from './words.ts'

/** Device 2's container is given up while its memory is mapped in another. */
export const departedContainer = onDevices({
  name: 'departed-container',
  windows: ['B-13'],
  source:
    '[RFC PATCH 0/3], Feb 2021: "We also keep references to the device container such that it remains isolated while this mapping exists"',
  why:
    'With its last user a container dissolves: its groups may then belong to host drivers. A registration therefore counts as a user of the ' +
    'container of the device, until it is unregistered: by a kworker, some time after both descriptors were closed.',
  inTable: true,
  byDefault: 'device-notifier',
  devices: acrossContainers,
  before: [share('dev2'), mapMemory('container0', page, 'dev2'), unshare('dev2')],
  tasks: { vmm0: [closeDevice('dev2')], vmm1: [closeContainer('container1')], 'dev1.engine': reads(1) },
  properties: (protocol) => [
    isolationOutlives,
    noDmaAfterRelease,
    nothingLeaks,
    // Without registrations nobody keeps it.
    ...(protocol === 'none' || protocol === 'dma-buf'
      ? []
      : [
          sometimes<LinuxView>(
            'a mapping alone keeps the container',
            (w) =>
              w.deviceMemory.users('container1') === 1 &&
              w.deviceMemory.owner('dev2') === null &&
              w.result('vmm1', 'closeContainer') !== undefined,
          ),
        ]),
    sometimes<LinuxView>('the container dissolves', (w) => w.deviceMemory.users('container1') === 0),
    everybodyFinishes,
  ],
  expected: [
    {
      protocol: 'none',
      states: 352,
      findings: [
        'container and isolation outlive the mapping',
        'no DMA reaches a device after its last release was answered',
      ],
      verdicts: {
        'container and isolation outlive the mapping': 'violated',
        'no DMA reaches a device after its last release was answered': 'violated',
      },
    },
    { protocol: 'vma-ops', states: 2464, findings: [] },
    { protocol: 'vma-ops', as: 'repaired', states: 3432, findings: [] },
    { protocol: 'device-notifier', states: 2624, findings: [] },
    { protocol: 'device-notifier', as: 'repaired', states: 3192, findings: [] },
    { protocol: 'vma-private', states: 2624, findings: [] },
    { protocol: 'vma-private', as: 'repaired', states: 3192, findings: [] },
    { protocol: 'vma-to-pfn', states: 2656, findings: [] },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 3224, findings: [] },
    { protocol: 'dma-buf', states: 472, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 380, findings: [] },
  ],
})
