import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { containerWith, everybodyComesThrough, succeeded, thread } from './linux-words.ts'
import { onLinux } from './on-linux.ts'

/** It is no device of the group any more, and its driver has not let go of it. */
const isBeingUnbound = (w: LinuxView): boolean => {
  const { devices } = w.system.read('group2') as { readonly devices: readonly string[] }
  const { bindings } = w.system.read('group2.iommu') as {
    readonly bindings: Readonly<Record<string, { driver: string | null }>>
  }
  return !devices.includes('multi2') && bindings['multi2']!.driver === 'vfio-pci'
}

/** One device of a group is unbound while another of it is opened. */
export const unbindingNeighbour = onLinux({
  name: 'unbinding-neighbour',
  family: 'lifecycle',
  windows: ['B-28'],
  source:
    '"vfio: Add device tracking during unbind" (Feb 2015, in 4.1), reported for users that need a reference to let go of theirs; opening a ' +
    'neighbour instead is derived',
  why:
    'A device that is being unbound leaves its VFIO group before its driver lets go of it. Whoever asks in between whether the group is viable ' +
    'sees a device with a driver that is not one of the group’s, and takes the whole group for unsafe: others cannot be opened, and a ' +
    'user that has to ask before it can let go never does. Since 4.1 devices that are being unbound are remembered.',
  profiles: ['4.10', '5.15', '6.1'],
  before: [...containerWith('multi0'), thread()],
  tasks: {
    p0: [{ op: 'get_device_fd', fd: 'g0', dev: 'multi0', as: 'd0' }],
    t1: [{ op: 'unbind', dev: 'multi2' }],
  },
  properties: [
    always('a device can be opened while its neighbour goes', (w) => succeeded(w.result('p0', 'get_device_fd')), {
      when: (w) => w.result('p0', 'get_device_fd') !== undefined,
      finding: 'wrong-result',
    }),
    sometimes(
      'it is opened while the neighbour is half unbound',
      (w) => isBeingUnbound(w) && w.result('p0', 'get_device_fd') === undefined,
    ),
    everybodyComesThrough,
  ],
  expected: [
    { profile: '4.10', states: 76, findings: [] },
    { profile: '5.15', states: 76, findings: [] },
    { profile: '6.1', states: 36, findings: [] },
  ],
  mutants: [
    {
      name: 'not-tracked',
      why: 'As before 4.1: nobody remembers a device that is being unbound.',
      profiles: ['4.10'],
      but: { tracksUnbinding: false },
      expected: [
        {
          profile: '4.10',
          states: 53,
          findings: ['a device can be opened while its neighbour goes'],
          verdicts: { 'a device can be opened while its neighbour goes': 'violated' },
        },
      ],
    },
  ],
})
