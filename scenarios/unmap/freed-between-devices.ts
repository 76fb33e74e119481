import { unmap } from '../../actors/kernel/unmap/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { withMutants } from './scenario.ts'
import { everybodyFinishes, oneContainer, page } from './words.ts'

/** Two devices are told one after the other. */
export const freedBetweenDevices = withMutants({
  name: 'freed-between-devices',
  family: 'unmap',
  windows: ['D-3', 'B-17'],
  source: 'derived from 8cfc5b60751b (6.0), reproduced on Linux 6.1.192 (KASAN, debug build)',
  why:
    'The 6.0 loop reads iova and size of the mapping again for every device, with no lock that keeps it alive. The first callback drops the last ' +
    'pin, another unmap finds nothing pinned and frees the mapping, and the loop goes on to the second device.',
  unmap: ['device-list', 'restart', 'per-mapping', 'gated'],
  describe: ({ unmap: protocol }) => ({
    unmap: protocol,
    containers: oneContainer([{ iova: page, size: page }], {
      mdev0: { driver: 'unpins-all' },
      mdev1: { driver: 'unpins-all', pinned: [page] },
    }),
    tasks: { vmm0: [unmap(page, page)], vmm1: [unmap(page, page)] },
  }),
  properties: [
    everybodyFinishes,
    sometimes<LinuxView>('a second device is told', (w) => w.vfio.callbacks('mdev0').length > 0),
  ],
  expected: [
    {
      unmap: 'device-list',
      states: 61,
      findings: [
        'deadlock at device_list.lock and iommu.lock',
        'lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock',
        'use-after-free in vfio_notify_dma_unmap',
      ],
    },
    { unmap: 'restart', states: 72, findings: [] },
    { unmap: 'per-mapping', states: 74, findings: ['use-after-free in vfio_dma_do_unmap'] },
    { unmap: 'gated', states: 292, findings: [] },
  ],
})
