import { close, detach, unmap } from '../../actors/kernel/unmap/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { withMutants } from './scenario.ts'
import { everybodyFinishes, oneContainer, page } from './words.ts'

/** Somebody closes everything while an unmap notifies. */
export const detachInWindow = withMutants({
  name: 'detach-in-window',
  family: 'unmap',
  windows: ['V13-3', 'M-9'],
  source: 'derived from [PATCH v13 11/22] and from c086de818dd8 (4.10): hypotheses, shown by the model',
  why:
    'The last group leaves the container while an unmap has dropped the lock: the detach frees every mapping. Whoever keeps a pointer over the ' +
    'window reads freed memory; whoever searches again finds nothing, which is right.',
  unmap: ['per-mapping', 'per-request', 'restart'],
  describe: ({ unmap: protocol }) => ({
    unmap: protocol,
    containers: oneContainer([{ iova: page, size: page }], { mdev0: { driver: 'unpins-all', pinned: [page] } }),
    tasks: { vmm0: [unmap(page, page)], vmm1: [close('mdev0'), detach('group26')] },
  }),
  properties: [
    always<LinuxView>('after the last group left nothing is mapped', (w) => w.vfio.mappings().length === 0, {
      when: (w) => w.task('vmm1').finished,
    }),
    everybodyFinishes,
    sometimes<LinuxView>('the unmap finds nothing left to do', (w) => w.task('vmm0').result('unmap')?.size === 0n),
  ],
  expected: [
    { unmap: 'per-mapping', states: 147, findings: ['use-after-free in vfio_dma_do_unmap'] },
    { unmap: 'per-request', states: 123, findings: [] },
    { unmap: 'restart', states: 144, findings: [] },
  ],
})
