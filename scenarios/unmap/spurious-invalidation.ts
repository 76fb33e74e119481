import { unmap } from '../../actors/kernel/unmap/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { withMutants } from './scenario.ts'
import { everybodyFinishes, oneContainer, page } from './words.ts'

/** An unmap that has to fail. */
export const spuriousInvalidation = withMutants({
  name: 'spurious-invalidation',
  family: 'unmap',
  windows: ['ALT-2'],
  source: 'derived from the alternative in the review of [PATCH v13 11/22], 15 Nov 2016: shown by the model',
  why:
    'A request that would cut a mapping in two fails with -EINVAL. Notifying first means that drivers have torn down their use of a range that ' +
    'stays mapped: the check comes too late for them.',
  unmap: ['per-request', 'per-mapping', 'restart', 'device-list', 'gated'],
  describe: ({ unmap: protocol }) => ({
    unmap: protocol,
    containers: oneContainer([{ iova: page, size: 2n * page }], { mdev0: { driver: 'unpins-all', pinned: [page] } }),
    tasks: { vmm0: [unmap(page, page)] },
  }),
  properties: [
    always<LinuxView>(
      'an unmap that fails leaves pinned pages pinned',
      (w) => w.vfio.pinned(page) === 1 && w.vfio.driver('mdev0').pins.includes(page),
      {
        when: (w) => typeof w.task('vmm0').result('unmap')?.ret === 'string',
        finding: 'wrong-result',
      },
    ),
    sometimes<LinuxView>('the unmap is refused', (w) => typeof w.task('vmm0').result('unmap')?.ret === 'string'),
    everybodyFinishes,
  ],
  expected: [
    {
      unmap: 'per-request',
      states: 4,
      findings: ['an unmap that fails leaves pinned pages pinned'],
      verdicts: { 'an unmap that fails leaves pinned pages pinned': 'violated' },
    },
    { unmap: 'per-mapping', states: 3, findings: [] },
    { unmap: 'restart', states: 3, findings: [] },
    { unmap: 'device-list', states: 3, findings: [] },
    { unmap: 'gated', states: 3, findings: [] },
  ],
})
