import { unmap } from '../../actors/kernel/unmap/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { withMutants } from './scenario.ts'
import { everybodyFinishes, oneContainer, page, reportedMeansGone } from './words.ts'

/** A driver that is told and does nothing. */
export const deafDriver = withMutants({
  name: 'deaf-driver',
  family: 'drivers',
  windows: ['M-1', 'B-02', 'D-4'],
  source:
    'libvfio-user #23 (5.4-rc8): "kernel BUG at drivers/vfio/vfio_iommu_type1.c:953!"; seen again on Linux 6.1.192',
  why:
    'A driver ignores DMA_UNMAP. From 4.10 on the kernel asks eleven times, then panics: an unprivileged user with a bad driver takes the host ' +
    'down. iommufd asks a hundred times, warns, and returns -EDEADLOCK.',
  unmap: ['under-lock', 'per-mapping', 'per-request', 'restart', 'device-list', 'gated-no-cursor', 'gated'],
  byDefault: 'restart',
  describe: ({ unmap: protocol }) => ({
    unmap: protocol,
    containers: oneContainer([{ iova: page, size: page }], { mdev0: { driver: 'unpins-nothing', pinned: [page] } }),
    tasks: { vmm0: [unmap(page, page)] },
  }),
  properties: [
    reportedMeansGone(page),
    everybodyFinishes,
    sometimes<LinuxView>('the page is pinned', (w) => w.vfio.pinned(page) === 1),
  ],
  expected: [
    { unmap: 'under-lock', states: 4, findings: ['leak in vfio_remove_dma: pinned pages left'] },
    {
      unmap: 'per-mapping',
      states: 3,
      findings: ['WARNING in vfio_dma_do_unmap: pages pinned again', 'what an unmap reports as unmapped is unmapped'],
      verdicts: { 'what an unmap reports as unmapped is unmapped': 'violated' },
    },
    {
      unmap: 'per-request',
      states: 4,
      findings: ['WARNING in vfio_dma_do_unmap: pages pinned again', 'leak in vfio_remove_dma: pinned pages left'],
    },
    {
      unmap: 'restart',
      states: 2,
      findings: ['kernel BUG in vfio_dma_do_unmap: retries'],
      verdicts: { 'every task gets through its script': 'unseen' },
    },
    {
      unmap: 'device-list',
      states: 2,
      findings: ['kernel BUG in vfio_dma_do_unmap: retries'],
      verdicts: { 'every task gets through its script': 'unseen' },
    },
    { unmap: 'gated-no-cursor', states: 8, findings: ['WARNING in iopt_unmap_iova_range: an access did not let go'] },
    { unmap: 'gated', states: 8, findings: ['WARNING in iopt_unmap_iova_range: an access did not let go'] },
  ],
})
