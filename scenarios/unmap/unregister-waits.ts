import { unmap, unregister } from '../../actors/kernel/unmap/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { withMutants } from './scenario.ts'
import { oneContainer, page } from './words.ts'

/** A driver stops listening while it is being called. */
export const unregisterWaits = withMutants({
  name: 'unregister-waits',
  family: 'register',
  windows: ['B-02'],
  source:
    'blocking notifier chains: callbacks run with the rwsem held for read, unregistering takes it for write. The BUG is derived, shown by the model',
  why:
    'When vfio_unregister_notifier returns no callback of that driver runs any more: it waits for the chain. What it does not do is unpin: a driver ' +
    'that stops listening with pages pinned makes the next unmap panic.',
  unmap: ['restart', 'per-mapping', 'per-request'],
  describe: ({ unmap: protocol }) => ({
    unmap: protocol,
    containers: oneContainer([{ iova: page, size: page }], { mdev0: { driver: 'unpins-all', pinned: [page] } }),
    tasks: { vmm0: [unmap(page, page)], driver0: [unregister('mdev0')] },
  }),
  properties: [
    always<LinuxView>(
      'no callback runs once unregistering has returned',
      (w) => w.vfio.callbacks('mdev0').length === 0,
      {
        when: (w) => w.task('driver0').finished,
      },
    ),
    sometimes<LinuxView>(
      'unregistering begins while the driver is being called',
      (w) => w.vfio.callbacks('mdev0').length > 0 && !w.task('driver0').finished,
    ),
    sometimes<LinuxView>('both return', (w) => w.finished),
  ],
  expected: [
    { unmap: 'restart', states: 130, findings: ['kernel BUG in vfio_dma_do_unmap: retries'] },
    { unmap: 'per-mapping', states: 73, findings: ['WARNING in vfio_dma_do_unmap: pages pinned again'] },
    {
      unmap: 'per-request',
      states: 73,
      findings: ['WARNING in vfio_dma_do_unmap: pages pinned again', 'leak in vfio_remove_dma: pinned pages left'],
    },
  ],
})
