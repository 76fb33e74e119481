import { unmap } from '../../actors/kernel/unmap/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always } from '../../explore/claims/properties.ts'
import { withMutants } from './scenario.ts'
import { everybodyFinishes, oneContainer, page } from './words.ts'

/** An unmap of a range in which nothing is mapped. */
export const unaskedNotification = withMutants({
  name: 'unasked-notification',
  family: 'unmap',
  windows: ['ALT-5'],
  source: 'derived from the alternative in the review of [PATCH v13 11/22]: shown by the model',
  why:
    'Whoever notifies before looking calls every driver for every request, also for ranges in which nothing is mapped or pinned: drivers must ' +
    'tolerate ranges they have never heard of.',
  unmap: ['per-request', 'per-mapping', 'restart', 'device-list', 'gated'],
  describe: ({ unmap: protocol }) => ({
    unmap: protocol,
    containers: oneContainer([{ iova: page, size: page }], { mdev0: { driver: 'unpins-all', pinned: [page] } }),
    tasks: { vmm0: [unmap(4n * page, page), unmap(page, page)] },
  }),
  properties: [
    always<LinuxView>(
      'drivers are only told of ranges in which something is mapped',
      (w) => w.vfio.callbacks('mdev0').every(({ iova, size }) => size === 0n || w.vfio.mapped(iova)),
      {
        when: (w) => w.vfio.callbacks('mdev0').length > 0,
      },
    ),
    everybodyFinishes,
  ],
  expected: [
    {
      unmap: 'per-request',
      states: 16,
      findings: [],
      verdicts: { 'drivers are only told of ranges in which something is mapped': 'violated' },
    },
    { unmap: 'per-mapping', states: 12, findings: [] },
    { unmap: 'restart', states: 12, findings: [] },
    {
      unmap: 'device-list',
      states: 12,
      findings: ['lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock'],
    },
    { unmap: 'gated', states: 14, findings: [] },
  ],
})
