import { unmap, pin } from '../../actors/kernel/unmap/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { withMutants, type ProtocolChoices } from './scenario.ts'
import { everybodyFinishes, noStalePages, oneContainer, page, reportedMeansGone } from './words.ts'

const describe =
  (mdev1: 'unpins-all' | 'no-notifier') =>
  ({ unmap: protocol }: ProtocolChoices) => ({
    unmap: protocol,
    containers: oneContainer([{ iova: page, size: page }], {
      mdev0: { driver: 'unpins-all' as const },
      mdev1: { driver: mdev1 },
    }),
    tasks: { vmm0: [unmap(page, page)], worker1: [pin('mdev1', page)] },
  })

/** A device that pins without listening. */
export const noNotifier = withMutants({
  name: 'no-notifier',
  family: 'drivers',
  windows: ['M-2', 'B-03'],
  source:
    'derived from the check "notifier list not empty" of v13 and 4.10: shown by the model, reproduced on Linux 6.1.192',
  why:
    'Pinning is allowed as soon as anybody listens, not necessarily the device that pins. A device without a notifier of its own can pin a page ' +
    'as long as a neighbour has one, and is never told to let go.',
  unmap: ['per-mapping', 'per-request', 'restart', 'device-list'],
  byDefault: 'restart',
  describe: describe('unpins-all'),
  properties: [
    reportedMeansGone(page),
    noStalePages('mdev1', page),
    everybodyFinishes,
    sometimes<LinuxView>('the second device pins a page', (w) => w.vfio.pinned(page) === 1),
  ],
  expected: [
    { unmap: 'per-mapping', states: 44, findings: [] },
    {
      unmap: 'per-request',
      states: 57,
      findings: [
        'WARNING in vfio_dma_do_unmap: pages pinned again',
        'leak in vfio_remove_dma: pinned pages left',
        'mdev1 holds no page of a range that is not mapped',
      ],
      verdicts: { 'mdev1 holds no page of a range that is not mapped': 'violated' },
    },
    { unmap: 'restart', states: 44, findings: [] },
    {
      unmap: 'device-list',
      states: 49,
      findings: ['lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock'],
    },
  ],
  mutants: [
    {
      name: 'silent-device',
      why: 'The second device has no notifier.',
      unmap: ['per-mapping', 'per-request', 'restart', 'device-list'],
      describe: describe('no-notifier'),
      expected: [
        {
          unmap: 'per-mapping',
          states: 31,
          findings: [
            'WARNING in vfio_dma_do_unmap: pages pinned again',
            'what an unmap reports as unmapped is unmapped',
          ],
          verdicts: { 'what an unmap reports as unmapped is unmapped': 'violated' },
        },
        {
          unmap: 'per-request',
          states: 31,
          findings: [
            'WARNING in vfio_dma_do_unmap: pages pinned again',
            'leak in vfio_remove_dma: pinned pages left',
            'mdev1 holds no page of a range that is not mapped',
          ],
          verdicts: { 'mdev1 holds no page of a range that is not mapped': 'violated' },
        },
        { unmap: 'restart', states: 58, findings: ['kernel BUG in vfio_dma_do_unmap: retries'] },
        { unmap: 'device-list', states: 91, findings: ['kernel BUG in vfio_dma_do_unmap: retries'] },
      ],
    },
  ],
})
