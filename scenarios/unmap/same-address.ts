import { map, pin, unmap } from '../../actors/kernel/unmap/describe.ts'
import { times } from '../../actors/scripts/script.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { withMutants, type ProtocolChoices } from './scenario.ts'
import { everybodyFinishes, oneContainer, page } from './words.ts'

const describe =
  (pins: number) =>
  ({ unmap: protocol }: ProtocolChoices) => ({
    unmap: protocol,
    containers: oneContainer([{ iova: page, size: page }], {
      mdev0: { driver: 'unpins-all' as const, pinned: [page] },
    }),
    tasks: {
      vmm0: [unmap(page, page)],
      vmm1: [unmap(page, page), map(page, page), ...times(pins, pin('mdev0', page))],
    },
  })

/** A new mapping where the old one lived. */
export const sameAddress = withMutants({
  name: 'same-address',
  family: 'unmap',
  windows: ['M-6'],
  source:
    'derived from `dma_last` of c086de818dd8 (4.10 to 7.x), an address that is only compared: shown by the model, reproduced on Linux 6.1.192',
  why:
    'The retry counter belongs to an address. A mapping is freed and another one allocated at the same address: its meetings are counted on top of ' +
    "the first one's. The new mapping is met eleven times, which alone would be forgiven; with the one meeting of its predecessor it is the twelfth.",
  unmap: ['restart', 'device-list', 'gated'],
  describe: describe(10),
  properties: [
    everybodyFinishes,
    sometimes<LinuxView>(
      'the range is mapped again while the first unmap is under way',
      (w) => w.task('vmm1').result('map')?.ret === 0 && !w.task('vmm0').finished,
    ),
  ],
  expected: [
    { unmap: 'restart', states: 2501, findings: [] },
    {
      unmap: 'device-list',
      states: 4907,
      findings: [
        'deadlock at device_list.lock and iommu.lock',
        'lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock',
      ],
    },
    { unmap: 'gated', states: 17538, findings: [] },
  ],
  mutants: [
    {
      name: 'eleven-pins',
      why: 'Eleven pins of the new mapping: one meeting of the old one and eleven of the new make twelve at one address.',
      unmap: ['restart', 'device-list'],
      describe: describe(11),
      expected: [
        { unmap: 'restart', states: 3131, findings: ['kernel BUG in vfio_dma_do_unmap: retries'] },
        {
          unmap: 'device-list',
          states: 6232,
          findings: [
            'deadlock at device_list.lock and iommu.lock',
            'kernel BUG in vfio_dma_do_unmap: retries',
            'lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock',
          ],
        },
      ],
    },
  ],
})
