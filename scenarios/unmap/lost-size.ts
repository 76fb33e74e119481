import { map, unmap } from '../../actors/kernel/unmap/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { withMutants } from './scenario.ts'
import { everybodyFinishes, oneContainer, page } from './words.ts'

/** Half done, then refused. */
export const lostSize = withMutants({
  name: 'lost-size',
  family: 'unmap',
  windows: ['M-4'],
  source:
    'derived from c086de818dd8 (4.10 to 5.10) and from 5.12 on, where the request succeeds with the part: shown by the model, ' +
    'the latter reproduced on Linux 6.1.192',
  why:
    'An unmap has removed its first mapping and drops the lock for the second; another task maps a range that sticks out of the request. The ' +
    'check after the restart fails with -EINVAL, and no size is copied back: the user cannot know that a part is gone. From 5.12 on it succeeds with the size of the part, and what it ' +
    'has told the driver to let go of stays mapped.',
  unmap: ['restart', 'device-list', 'per-mapping', 'per-request', 'gated'],
  describe: ({ unmap: protocol }) => ({
    unmap: protocol,
    containers: oneContainer(
      [
        { iova: page, size: page },
        { iova: 2n * page, size: page },
      ],
      { mdev0: { driver: 'unpins-all', pinned: [2n * page] } },
    ),
    tasks: { vmm0: [unmap(page, 3n * page)], vmm1: [map(3n * page, 2n * page)] },
  }),
  properties: [
    always<LinuxView>(
      'an unmap that fails without a size has removed nothing',
      (w) => w.task('vmm0').result('unmap')!.size !== null || (w.vfio.mapped(page) && w.vfio.mapped(2n * page)),
      { when: (w) => typeof w.task('vmm0').result('unmap')?.ret === 'string', finding: 'wrong-result' },
    ),
    always<LinuxView>(
      'an unmap that succeeds leaves nothing mapped in its range',
      (w) => !w.vfio.mapped(page) && !w.vfio.mapped(2n * page),
      { when: (w) => w.task('vmm0').result('unmap')?.ret === 0, finding: 'wrong-result' },
    ),
    sometimes<LinuxView>(
      'the unmap fails because of the new mapping',
      (w) => typeof w.task('vmm0').result('unmap')?.ret === 'string',
    ),
    sometimes<LinuxView>(
      'the new mapping is made while the unmap is under way',
      (w) => w.task('vmm1').finished && !w.vfio.mapped(page) && !w.task('vmm0').finished,
    ),
    everybodyFinishes,
  ],
  expected: [
    {
      unmap: 'restart',
      states: 46,
      findings: ['an unmap that fails without a size has removed nothing'],
      verdicts: { 'an unmap that fails without a size has removed nothing': 'violated' },
    },
    {
      unmap: 'device-list',
      states: 51,
      findings: [
        'an unmap that succeeds leaves nothing mapped in its range',
        'lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock',
      ],
      verdicts: { 'an unmap that succeeds leaves nothing mapped in its range': 'violated' },
    },
    { unmap: 'per-mapping', states: 50, findings: [] },
    { unmap: 'per-request', states: 37, findings: [] },
    { unmap: 'gated', states: 186, findings: [] },
  ],
})
