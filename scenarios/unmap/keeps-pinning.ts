import { pin, unmap } from '../../actors/kernel/unmap/describe.ts'
import { times } from '../../actors/scripts/script.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { withMutants, type ProtocolChoices } from './scenario.ts'
import { everybodyFinishes, numbered, oneContainer, page } from './words.ts'

const describe =
  (rounds: number) =>
  ({ unmap: protocol, tasks }: ProtocolChoices) => ({
    unmap: protocol,
    remember: false,
    containers: oneContainer(
      [{ iova: page, size: page }],
      numbered('mdev', tasks, () => ({ driver: 'unpins-all' as const })),
    ),
    tasks: {
      vmm0: [unmap(page, page)],
      ...numbered('worker', tasks, (index) => times(rounds, pin(`mdev${index}`, page))),
    },
  })

/** Nobody does anything wrong, and the host panics. */
export const keepsPinning = withMutants({
  name: 'keeps-pinning',
  family: 'drivers',
  windows: ['M-1', 'D-4'],
  source: 'derived from BUG_ON(++retries > 10) of c086de818dd8 (4.10 to 7.x): shown by the model',
  why:
    'Two drivers unpin everything they are asked to, and pin again when their guest asks them to. Five rounds each are forgiven; with six rounds ' +
    'each a mapping can be met pinned twelve times in a row: BUG. Random schedules do not find this one.',
  unmap: ['restart', 'device-list', 'gated'],
  tasks: { least: 1, most: 2, byDefault: 2 },
  describe: describe(5),
  properties: [
    sometimes<LinuxView>('both drivers hold the page at once', (w) => w.vfio.pinned(page) === 2),
    everybodyFinishes,
  ],
  expected: [
    { unmap: 'restart', states: 69565, findings: [] },
    {
      unmap: 'device-list',
      states: 97715,
      findings: ['lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock'],
    },
    { unmap: 'gated', states: 45217, findings: [] },
  ],
  mutants: [
    {
      name: 'six-rounds',
      why: 'Six rounds each: twelve pins, one for each meeting that BUG_ON(++retries > 10) takes.',
      unmap: ['restart'],
      describe: describe(6),
      expected: [{ unmap: 'restart', states: 156219, findings: ['kernel BUG in vfio_dma_do_unmap: retries'] }],
    },
  ],
})
