import { map, unmap } from '../../actors/kernel/unmap/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { withMutants } from './scenario.ts'
import { everybodyFinishes, oneContainer, page, reported } from './words.ts'

/** An unmap of two mappings, and a map into the part that is already clear. */
export const stolenMapping = withMutants({
  name: 'stolen-mapping',
  family: 'unmap',
  windows: ['V13-4', 'M-5', 'B-04'],
  source:
    'iommufd: 8602018b1f17 "Fix a race with concurrent allocation and unmap" (2026); the same shape in type1 is derived, shown by the model and reproduced on Linux 6.1.192',
  why:
    'The unmap removes the first mapping, then drops the lock to notify about the second. Another task maps the free range and is told it ' +
    'succeeded; the unmap goes on, meets the new mapping in its range and removes it: a fresh mapping silently vanishes.',
  unmap: ['per-mapping', 'per-request', 'restart', 'device-list', 'gated-no-cursor', 'gated'],
  byDefault: 'restart',
  describe: ({ unmap: protocol }) => ({
    unmap: protocol,
    containers: oneContainer(
      [
        { iova: page, size: page },
        { iova: 2n * page, size: page },
      ],
      { mdev0: { driver: 'unpins-all', pinned: [2n * page] } },
    ),
    tasks: { vmm0: [unmap(page, 2n * page)], vmm1: [map(page, page)] },
  }),
  properties: [
    always<LinuxView>(
      'a mapping made where the unmap had already cleared stays',
      (w) => w.task('vmm1').result('map')?.ret !== 0 || w.vfio.mapped(page),
      { when: (w) => w.finished, finding: 'stale-mapping' },
    ),
    always<LinuxView>('the unmap reports no more than was mapped when it began', (w) => reported(w) <= 2n * page, {
      finding: 'wrong-result',
    }),
    always<LinuxView>(
      'the unmap does not fail because somebody maps what it has cleared',
      (w) => w.task('vmm0').result('unmap')?.ret === 0,
      {
        when: (w) => w.task('vmm0').finished,
        finding: 'wrong-result',
      },
    ),
    everybodyFinishes,
    sometimes<LinuxView>(
      'the map succeeds before the unmap returns',
      (w) => w.task('vmm1').result('map')?.ret === 0 && !w.task('vmm0').finished,
    ),
  ],
  expected: [
    {
      unmap: 'per-mapping',
      states: 58,
      findings: [
        'a mapping made where the unmap had already cleared stays',
        'the unmap reports no more than was mapped when it began',
      ],
      verdicts: {
        'a mapping made where the unmap had already cleared stays': 'violated',
        'the unmap reports no more than was mapped when it began': 'violated',
      },
    },
    { unmap: 'per-request', states: 38, findings: [] },
    {
      unmap: 'restart',
      states: 58,
      findings: [
        'a mapping made where the unmap had already cleared stays',
        'the unmap reports no more than was mapped when it began',
      ],
      verdicts: {
        'a mapping made where the unmap had already cleared stays': 'violated',
        'the unmap reports no more than was mapped when it began': 'violated',
      },
    },
    {
      unmap: 'device-list',
      states: 65,
      findings: [
        'a mapping made where the unmap had already cleared stays',
        'lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock',
        'the unmap reports no more than was mapped when it began',
      ],
      verdicts: {
        'a mapping made where the unmap had already cleared stays': 'violated',
        'the unmap reports no more than was mapped when it began': 'violated',
      },
    },
    {
      unmap: 'gated-no-cursor',
      states: 176,
      findings: [
        'a mapping made where the unmap had already cleared stays',
        'the unmap does not fail because somebody maps what it has cleared',
        'the unmap reports no more than was mapped when it began',
      ],
      verdicts: {
        'a mapping made where the unmap had already cleared stays': 'violated',
        'the unmap reports no more than was mapped when it began': 'violated',
        'the unmap does not fail because somebody maps what it has cleared': 'violated',
      },
    },
    { unmap: 'gated', states: 132, findings: [] },
  ],
})
