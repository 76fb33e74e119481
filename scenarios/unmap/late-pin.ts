import { pin, unmap } from '../../actors/kernel/unmap/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { withMutants } from './scenario.ts'
import { everybodyFinishes, noStalePages, oneContainer, page, reportedMeansGone } from './words.ts'

/** One unmap, one late pin. */
export const latePin = withMutants({
  name: 'late-pin',
  family: 'unmap',
  windows: ['V13-2', 'ALT-1'],
  source: '[PATCH v13 11/22] review: "limiting us to races where a page is pinned between the notify and the locking"',
  why:
    'A page is pinned after the driver was told that the range is going away and before the lock is taken. v13 warns, keeps the mapping and ' +
    'still reports it as unmapped; notifying per request frees a mapping with a pinned page inside.',
  unmap: ['per-mapping', 'per-request', 'restart', 'gated'],
  describe: ({ unmap: protocol }) => ({
    unmap: protocol,
    containers: oneContainer([{ iova: page, size: page }], { mdev0: { driver: 'unpins-all', pinned: [page] } }),
    tasks: { vmm0: [unmap(page, page)], worker0: [pin('mdev0', page)] },
  }),
  properties: [
    reportedMeansGone(page),
    noStalePages('mdev0', page),
    everybodyFinishes,
    sometimes<LinuxView>(
      'the page is pinned again while the unmap is under way',
      (w) => w.task('worker0').result('pin')?.ret === 1 && !w.task('vmm0').finished,
    ),
  ],
  expected: [
    {
      unmap: 'per-mapping',
      states: 67,
      findings: ['WARNING in vfio_dma_do_unmap: pages pinned again', 'what an unmap reports as unmapped is unmapped'],
      verdicts: { 'what an unmap reports as unmapped is unmapped': 'violated' },
    },
    {
      unmap: 'per-request',
      states: 63,
      findings: [
        'WARNING in vfio_dma_do_unmap: pages pinned again',
        'leak in vfio_remove_dma: pinned pages left',
        'mdev0 holds no page of a range that is not mapped',
      ],
      verdicts: { 'mdev0 holds no page of a range that is not mapped': 'violated' },
    },
    { unmap: 'restart', states: 72, findings: [] },
    { unmap: 'gated', states: 153, findings: [] },
  ],
})
