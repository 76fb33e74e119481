import { unmap } from '../../actors/kernel/unmap/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { withMutants } from './scenario.ts'
import { everybodyFinishes, noStalePages, oneContainer, page, reportedMeansGone } from './words.ts'

const pages = (count: number) => Array.from({ length: count }, (_, index) => BigInt(index + 1) * page)

/** A driver that lets go of one page each time it is asked. */
export const firstPageOnly = withMutants({
  name: 'first-page-only',
  family: 'drivers',
  windows: ['M-1', 'V13-2'],
  source: 'derived from BUG_ON(++retries > 10) of c086de818dd8 (4.10): shown by the model, reproduced on Linux 6.1.192',
  why:
    'A driver that unpins only the first page it finds needs as many callbacks as it has pages. Asking again forgives that, eleven times: ' +
    'the twelfth page panics. `--tasks` is the number of pages.',
  unmap: ['per-mapping', 'per-request', 'restart', 'device-list', 'gated'],
  byDefault: 'restart',
  tasks: { least: 1, most: 13, byDefault: 11 },
  describe: ({ unmap: protocol, tasks }) => ({
    unmap: protocol,
    containers: oneContainer([{ iova: page, size: BigInt(tasks) * page }], {
      mdev0: { driver: 'unpins-first-page', pinned: pages(tasks) },
    }),
    tasks: { vmm0: [unmap(page, BigInt(tasks) * page)] },
  }),
  properties: [
    reportedMeansGone(page),
    noStalePages('mdev0', page),
    everybodyFinishes,
    sometimes<LinuxView>('the first page is let go', (w) => w.vfio.pinned(page) === 0),
  ],
  expected: [
    {
      unmap: 'per-mapping',
      states: 4,
      findings: ['WARNING in vfio_dma_do_unmap: pages pinned again', 'what an unmap reports as unmapped is unmapped'],
      verdicts: { 'what an unmap reports as unmapped is unmapped': 'violated' },
    },
    {
      unmap: 'per-request',
      states: 6,
      findings: ['WARNING in vfio_dma_do_unmap: pages pinned again', 'leak in vfio_remove_dma: pinned pages left'],
    },
    { unmap: 'restart', states: 26, findings: [] },
    {
      unmap: 'device-list',
      states: 26,
      findings: ['lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock'],
    },
    { unmap: 'gated', states: 28, findings: [] },
    {
      unmap: 'restart',
      tasks: 12,
      states: 13,
      findings: ['kernel BUG in vfio_dma_do_unmap: retries'],
      verdicts: { 'every task gets through its script': 'unseen' },
    },
    {
      unmap: 'device-list',
      tasks: 12,
      states: 13,
      findings: [
        'kernel BUG in vfio_dma_do_unmap: retries',
        'lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock',
      ],
      verdicts: { 'every task gets through its script': 'unseen' },
    },
    {
      unmap: 'restart',
      tasks: 13,
      states: 13,
      findings: ['kernel BUG in vfio_dma_do_unmap: retries'],
      verdicts: { 'every task gets through its script': 'unseen' },
    },
  ],
})
