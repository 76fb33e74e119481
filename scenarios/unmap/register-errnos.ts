import { register, unregister, type Call } from '../../actors/kernel/unmap/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always } from '../../explore/claims/properties.ts'
import { withMutants } from './scenario.ts'
import { everybodyFinishes } from './words.ts'

const attempts: readonly (readonly [call: Call, ret: number | string])[] = [
  [register('mdev0'), 0],
  [register(null, { nb: 'mdev0' }), '-EINVAL'],
  [register('mdev0', { nb: null }), '-EINVAL'],
  [register('stranger'), '-ENODEV'],
  [register('unused0'), '-EINVAL'],
  [register('unviable0'), '-EINVAL'],
  [register('driverless0'), '-EINVAL'],
  [register('noiommu0'), '-EPERM'],
  [register('spapr0'), '-ENOTTY'],
  [unregister(null, { nb: 'mdev0' }), '-EINVAL'],
  [unregister('stranger'), '-ENODEV'],
  [unregister('unused0'), '-EINVAL'],
  [unregister('noiommu0'), '-EPERM'],
  [unregister('spapr0'), '-ENOTTY'],
  [unregister('mdev0'), 0],
  [unregister('mdev0'), '-ENOENT'],
]

const device = { driver: 'unpins-all', open: false } as const

/** Every way to be refused. */
export const registerErrnos = withMutants({
  name: 'register-errnos',
  family: 'register',
  windows: [],
  source: '[PATCH v13 11/22]: vfio_register_notifier and vfio_unregister_notifier; errnos as in Linux 4.19',
  why: 'One thread tries everything that vfio_register_notifier and vfio_unregister_notifier can refuse, and gets the errno that the kernel gives.',
  unmap: ['per-mapping', 'restart'],
  describe: ({ unmap: protocol }) => ({
    unmap: protocol,
    containers: {
      container0: { groups: { group26: { devices: { mdev0: device } } } },
      container1: { groups: { group1: { used: false, devices: { unused0: device } } } },
      container2: { groups: { group2: { viable: false, devices: { unviable0: device } } } },
      container3: { backend: 'none', groups: { group3: { devices: { driverless0: device } } } },
      container4: { backend: 'noiommu', groups: { group4: { devices: { noiommu0: device } } } },
      container5: { backend: 'spapr', groups: { group5: { devices: { spapr0: device } } } },
    },
    tasks: { driver0: attempts.map(([call]) => call) },
  }),
  properties: [
    always<LinuxView>(
      'each call returns the errno of the kernel',
      (w) => w.task('driver0').results.every(({ ret }, index) => ret === attempts[index]![1]),
      { finding: 'wrong-result', when: (w) => w.task('driver0').results.length > 0 },
    ),
    everybodyFinishes,
  ],
  expected: [
    { unmap: 'per-mapping', states: 18, findings: [] },
    { unmap: 'restart', states: 18, findings: [] },
  ],
})
