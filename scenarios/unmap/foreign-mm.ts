import { unmap } from '../../actors/kernel/unmap/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { withMutants } from './scenario.ts'
import { everybodyFinishes, oneContainer, page } from './words.ts'

/** The container's descriptor was passed on: another process unmaps. */
export const foreignMm = withMutants({
  name: 'foreign-mm',
  family: 'unmap',
  windows: ['ALT-4', 'M-8'],
  source:
    'Linux 4.10 to 5.15 check dma->task->mm != current->mm; 6.0 does not. What follows from it in each protocol is shown by the model',
  why:
    'A mapping belongs to the memory of one process, and another process that holds the descriptor unmaps it. Until 5.15 the loop just stops: ' +
    'success with nothing unmapped. A protocol that notifies first has by then invalidated a mapping that stays.',
  unmap: ['per-request', 'per-mapping', 'restart', 'device-list'],
  describe: ({ unmap: protocol }) => ({
    unmap: protocol,
    containers: oneContainer([{ iova: page, size: page, process: 'parent' }], {
      mdev0: { driver: 'unpins-all', pinned: [page] },
    }),
    tasks: { child0: { process: 'child', script: [unmap(page, page)] } },
  }),
  properties: [
    always<LinuxView>(
      'a mapping that is kept keeps its pinned pages',
      (w) => !w.vfio.mapped(page) || w.vfio.pinned(page) === 1,
      {
        when: (w) => w.finished,
        finding: 'wrong-result',
      },
    ),
    always<LinuxView>('an unmap that succeeds leaves nothing mapped in its range', (w) => !w.vfio.mapped(page), {
      when: (w) => w.task('child0').result('unmap')?.ret === 0,
      finding: 'wrong-result',
    }),
    sometimes<LinuxView>('the unmap succeeds', (w) => w.task('child0').result('unmap')?.ret === 0),
    everybodyFinishes,
  ],
  expected: [
    {
      unmap: 'per-request',
      states: 4,
      findings: [
        'a mapping that is kept keeps its pinned pages',
        'an unmap that succeeds leaves nothing mapped in its range',
      ],
      verdicts: {
        'a mapping that is kept keeps its pinned pages': 'violated',
        'an unmap that succeeds leaves nothing mapped in its range': 'violated',
      },
    },
    {
      unmap: 'per-mapping',
      states: 3,
      findings: ['an unmap that succeeds leaves nothing mapped in its range'],
      verdicts: { 'an unmap that succeeds leaves nothing mapped in its range': 'violated' },
    },
    {
      unmap: 'restart',
      states: 3,
      findings: ['an unmap that succeeds leaves nothing mapped in its range'],
      verdicts: { 'an unmap that succeeds leaves nothing mapped in its range': 'violated' },
    },
    {
      unmap: 'device-list',
      states: 5,
      findings: ['lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock'],
    },
  ],
})
