import { unmap } from '../../actors/kernel/unmap/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { withMutants } from './scenario.ts'
import { everybodyFinishes, numbered, oneContainer, page, reported } from './words.ts'

/** The question of the mail: two threads unmap the same range, one page of it is pinned by a well-behaved driver. */
export const staleDma = withMutants({
  name: 'stale-dma',
  family: 'unmap',
  windows: ['V13-1', 'M-7', 'D-1', 'B-01', 'B-05', 'B-15'],
  source: '[PATCH v13 11/22] and its review, 15 Nov 2016; D-1 derived from 6.0 and reproduced on Linux 6.1.192',
  why:
    'Two tasks unmap one mapping whose page a driver has pinned. Whoever drops the lock to notify must expect that the other has removed the ' +
    'mapping meanwhile: "even our dma pointer is suspect once we re-acquire the lock". Whoever does not drop it waits for itself.',
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
  byDefault: 'per-mapping',
  tasks: { least: 1, most: 4, byDefault: 2 },
  describe: ({ unmap: protocol, tasks }) => ({
    unmap: protocol,
    containers: oneContainer([{ iova: page, size: page }], { mdev0: { driver: 'unpins-all', pinned: [page] } }),
    tasks: numbered('vmm', tasks, () => [unmap(page, page)]),
  }),
  properties: ({ tasks }) => [
    always<LinuxView>('together the unmaps report no more than was mapped', (w) => reported(w) <= page, {
      finding: 'wrong-result',
    }),
    always<LinuxView>('when all have returned nothing is mapped', (w) => !w.vfio.mapped(page), {
      when: (w) => w.finished,
    }),
    everybodyFinishes,
    ...(tasks > 1
      ? [
          sometimes<LinuxView>(
            'one unmap gets everything and another nothing',
            (w) =>
              w.tasks.some((one) => w.task(one).results.some(({ size }) => size === page)) &&
              w.tasks.some((other) =>
                w.task(other).results.some(({ size, ret }) => size !== page && ret !== undefined),
              ),
          ),
        ]
      : []),
  ],
  expected: [
    {
      unmap: 'under-lock',
      states: 7,
      findings: [
        'deadlock at iommu.lock',
        'lock order iommu->lock → iommu->notifier.rwsem → iommu->lock',
        'lock order iommu->lock → mdev0.lock → iommu->lock',
        'recursive locking of iommu->lock',
      ],
      verdicts: {
        'every task gets through its script': 'unseen',
        'one unmap gets everything and another nothing': 'unseen',
      },
    },
    { unmap: 'per-mapping', states: 34, findings: ['use-after-free in vfio_dma_do_unmap'] },
    { unmap: 'per-request', states: 23, findings: [] },
    { unmap: 'restart', states: 32, findings: [] },
    {
      unmap: 'device-list',
      states: 31,
      findings: [
        'deadlock at device_list.lock and iommu.lock',
        'lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock',
      ],
    },
    { unmap: 'gated-unlocked-check', states: 133, findings: ['use-after-free in iopt_unmap_iova_range'] },
    { unmap: 'gated-no-cursor', states: 145, findings: [] },
    { unmap: 'gated', states: 134, findings: [] },
    { unmap: 'per-mapping', tasks: 3, states: 96, findings: ['use-after-free in vfio_dma_do_unmap'] },
    { unmap: 'per-request', tasks: 3, states: 52, findings: [] },
    { unmap: 'per-request', tasks: 4, states: 103, findings: [] },
    { unmap: 'restart', tasks: 3, states: 84, findings: [] },
    { unmap: 'restart', tasks: 4, states: 187, findings: [] },
    { unmap: 'gated', tasks: 3, states: 636, findings: [] },
  ],
})
