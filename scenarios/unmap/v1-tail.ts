import { unmap } from '../../actors/kernel/unmap/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { withMutants } from './scenario.ts'
import { everybodyFinishes, noStalePages, page } from './words.ts'

/** TYPE1 v1: a request for the first page takes the whole mapping. */
export const v1Tail = withMutants({
  name: 'v1-tail',
  family: 'unmap',
  windows: ['ALT-3'],
  source:
    'derived from the alternative in the review of [PATCH v13 11/22]: shown by the model. Whether v13 refuses pins on v1 is not known; 4.19 does, which closes it',
  why:
    'On a v1 container an unmap that covers the first byte of a mapping removes all of it. A notification with the range of the request says ' +
    'less than what is removed: a page pinned in the tail is never announced.',
  unmap: ['per-request', 'per-mapping', 'restart'],
  describe: ({ unmap: protocol }) => ({
    unmap: protocol,
    containers: {
      container0: {
        backend: 'type1',
        mappings: [{ iova: page, size: 2n * page }],
        groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned: [2n * page] } } } },
      },
    },
    tasks: { vmm0: [unmap(page, page)] },
  }),
  properties: [
    noStalePages('mdev0', 2n * page),
    sometimes<LinuxView>(
      'more is unmapped than was asked for',
      (w) => w.task('vmm0').result('unmap')?.size === 2n * page,
    ),
    everybodyFinishes,
  ],
  expected: [
    {
      unmap: 'per-request',
      states: 4,
      findings: [
        'WARNING in vfio_dma_do_unmap: pages pinned again',
        'leak in vfio_remove_dma: pinned pages left',
        'mdev0 holds no page of a range that is not mapped',
      ],
      verdicts: { 'mdev0 holds no page of a range that is not mapped': 'violated' },
    },
    { unmap: 'per-mapping', states: 3, findings: ['WARNING in vfio_dma_do_unmap: pages pinned again'] },
    {
      unmap: 'restart',
      states: 2,
      findings: ['kernel BUG in vfio_dma_do_unmap: retries'],
      verdicts: { 'more is unmapped than was asked for': 'unseen', 'every task gets through its script': 'unseen' },
    },
  ],
})
