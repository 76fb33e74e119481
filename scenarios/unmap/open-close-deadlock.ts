import { close, open, unmap } from '../../actors/kernel/unmap/describe.ts'
import { withMutants } from './scenario.ts'
import { everybodyFinishes, oneContainer, page } from './words.ts'

/** Another device of the container comes or goes meanwhile. */
export const openCloseDeadlock = withMutants({
  name: 'open-close-deadlock',
  family: 'unmap',
  windows: ['D-2', 'B-16'],
  source: 'derived from 8cfc5b60751b (6.0), reproduced on Linux 6.1.192',
  why:
    'While callbacks run, the unmap holds device_list_lock and its callback wants iommu->lock. Opening or closing another device of the container ' +
    'takes iommu->lock first and then device_list_lock: each waits for the other for good.',
  unmap: ['device-list', 'restart', 'gated'],
  describe: ({ unmap: protocol }) => ({
    unmap: protocol,
    containers: oneContainer([{ iova: page, size: page }], {
      mdev0: { driver: 'unpins-all', pinned: [page] },
      mdev1: { driver: 'unpins-all', open: false },
    }),
    tasks: { vmm0: [unmap(page, page)], vmm1: [open('mdev1'), close('mdev1')] },
  }),
  properties: [everybodyFinishes],
  expected: [
    {
      unmap: 'device-list',
      states: 82,
      findings: [
        'deadlock at device_list.lock and iommu.lock',
        'lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock',
      ],
    },
    { unmap: 'restart', states: 111, findings: [] },
    { unmap: 'gated', states: 55, findings: [] },
  ],
})
