import { pin, unmap } from '../../actors/kernel/unmap/describe.ts'
import { times } from '../../actors/scripts/script.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { withMutants, type ProtocolChoices } from './scenario.ts'
import { everybodyFinishes, noStalePages, numbered, oneContainer, page, reportedMeansGone } from './words.ts'

const describe =
  (careful: boolean) =>
  ({ unmap: protocol, tasks }: ProtocolChoices) => ({
    // A hundred tries of a driver that cannot be helped would only make the mutant's search longer.
    unmap: { protocol, ...(!careful && protocol === 'gated' && { retryBound: 3 }) },
    containers: oneContainer([{ iova: page, size: page }], {
      mdev0: { driver: 'unpins-all' as const, pinned: [page], careful },
    }),
    tasks: { ...numbered('vmm', tasks, () => [unmap(page, page)]), worker0: times(2, pin('mdev0', page)) },
  })

/** The whole argument on one page: `relock compare well-behaved`. */
export const wellBehaved = withMutants({
  name: 'well-behaved',
  family: 'unmap',
  windows: ['V13-1', 'V13-2', 'ALT-1', 'M-7', 'D-1'],
  source: '[PATCH v13 11/22] and its review, 15 Nov 2016; c086de818dd8 (4.10); 8cfc5b60751b (6.0); iommufd',
  why:
    'Two tasks unmap while a driver that does everything right keeps pinning pages of the same mapping. A protocol that is worth having ' +
    'survives this; the driver gives it no excuse.',
  unmap: [
    'under-lock',
    'per-mapping',
    'per-request',
    'restart',
    'device-list',
    'gated-unlocked-check',
    'gated-no-cursor',
    'gated',
  ],
  byDefault: 'restart',
  tasks: { least: 1, most: 3, byDefault: 2 },
  describe: describe(true),
  properties: [
    reportedMeansGone(page),
    noStalePages('mdev0', page),
    everybodyFinishes,
    sometimes<LinuxView>(
      'the driver pins a page after the unmapping has begun to tell it',
      (w) => w.vfio.callbacks('mdev0').length === 0 && w.task('worker0').results.some(({ ret }) => ret === 1),
    ),
    sometimes<LinuxView>('the driver is refused a page because nothing is mapped any more', (w) =>
      w.task('worker0').results.some(({ ret }) => ret === '-EINVAL' || ret === '-ENOENT'),
    ),
  ],
  expected: [
    {
      unmap: 'under-lock',
      states: 84,
      findings: [
        'deadlock at iommu.lock',
        'deadlock at iommu.lock and mdev0.lock',
        'lock order iommu->lock → iommu->notifier.rwsem → iommu->lock',
        'lock order iommu->lock → mdev0.lock → iommu->lock',
        'recursive locking of iommu->lock',
      ],
      verdicts: {
        'every task gets through its script': 'unseen',
        'the driver is refused a page because nothing is mapped any more': 'unseen',
      },
    },
    {
      unmap: 'per-mapping',
      states: 1417,
      findings: [
        'WARNING in vfio_dma_do_unmap: pages pinned again',
        'use-after-free in vfio_dma_do_unmap',
        'what an unmap reports as unmapped is unmapped',
      ],
      verdicts: { 'what an unmap reports as unmapped is unmapped': 'violated' },
    },
    {
      unmap: 'per-request',
      states: 1167,
      findings: [
        'WARNING in vfio_dma_do_unmap: pages pinned again',
        'leak in vfio_remove_dma: pinned pages left',
        'mdev0 holds no page of a range that is not mapped',
      ],
      verdicts: { 'mdev0 holds no page of a range that is not mapped': 'violated' },
    },
    { unmap: 'restart', states: 2586, findings: [] },
    {
      unmap: 'device-list',
      states: 1370,
      findings: [
        'deadlock at device_list.lock and iommu.lock',
        'deadlock at device_list.lock and iommu.lock and mdev0.lock',
        'lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock',
      ],
    },
    { unmap: 'gated-unlocked-check', states: 5464, findings: ['use-after-free in iopt_unmap_iova_range'] },
    { unmap: 'gated-no-cursor', states: 5884, findings: [] },
    { unmap: 'gated', states: 5444, findings: [] },
    { unmap: 'restart', tasks: 3, states: 15438, findings: [] },
    { unmap: 'gated', tasks: 1, states: 462, findings: [] },
  ],
  mutants: [
    {
      name: 'careless-driver',
      why: 'The driver pins without its own lock and takes note afterwards: a callback in between finds nothing to unpin.',
      unmap: ['restart', 'gated'],
      tasks: { least: 1, most: 2 },
      describe: describe(false),
      expected: [
        { unmap: 'restart', states: 1520, findings: ['kernel BUG in vfio_dma_do_unmap: retries'] },
        { unmap: 'gated', states: 1152, findings: ['WARNING in iopt_unmap_iova_range: an access did not let go'] },
      ],
    },
  ],
})
