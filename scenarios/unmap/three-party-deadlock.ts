import { setIommu, unmap, unregister } from '../../actors/kernel/unmap/describe.ts'
import { everybodyFinishes, oneContainer, page } from './words.ts'
import { withMutants, type ProtocolChoices } from './scenario.ts'

const describe =
  (pinTakesGroupLock: boolean) =>
  ({ unmap: protocol }: ProtocolChoices) => ({
    unmap: { protocol, pinTakesGroupLock },
    containers: oneContainer([{ iova: page, size: page }], {
      mdev0: { driver: 'unpins-all' as const, pinned: [page] },
      mdev1: { driver: 'unpins-nothing' as const },
    }),
    tasks: { vmm0: [unmap(page, page)], driver1: [unregister('mdev1')], vmm1: [setIommu()] },
  })

/** A reader waits behind a writer that waits for a reader that waits for the first. */
export const threePartyDeadlock = withMutants({
  name: 'three-party-deadlock',
  family: 'register',
  windows: ['V13-5'],
  source:
    'derived from [PATCH v13 11/22], assuming that v13 pins and unpins under container->group_lock too: a hypothesis, shown by the model',
  why:
    'A fair rwsem makes readers wait behind a waiting writer. The unmap holds the notifier chain and its callback wants group_lock for read; an ' +
    'unregister holds group_lock for read and wants the chain; a third party that asks to write group_lock closes the circle.',
  unmap: ['per-mapping', 'per-request'],
  describe: describe(false),
  properties: [everybodyFinishes],
  expected: [
    { unmap: 'per-mapping', states: 273, findings: [] },
    { unmap: 'per-request', states: 273, findings: [] },
  ],
  mutants: [
    {
      name: 'pin-takes-group-lock',
      why: 'vfio_pin_pages and vfio_unpin_pages take container->group_lock for read, as v13 does in vfio_register_notifier.',
      unmap: ['per-mapping', 'per-request'],
      describe: describe(true),
      expected: [
        {
          unmap: 'per-mapping',
          states: 357,
          findings: [
            'deadlock at group.lock and notifier.rwsem',
            'lock order container->group_lock → iommu->notifier.rwsem → container->group_lock',
          ],
        },
        {
          unmap: 'per-request',
          states: 357,
          findings: [
            'deadlock at group.lock and notifier.rwsem',
            'lock order container->group_lock → iommu->notifier.rwsem → container->group_lock',
          ],
        },
      ],
    },
  ],
})
