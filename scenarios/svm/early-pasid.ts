import { bind, unbind } from '../../actors/kernel/sva/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes } from './words.ts'

/** Another thread unbinds a PASID that works and is not on the list yet. */
export const earlyPasid = onPasids({
  name: 'early-pasid',
  windows: ['SVM-4', 'B-52'],
  source: 'derived from [RFC PATCH 29/30], Feb 2017: iommu_bind_task() comes before list_add() under tasks_lock',
  why:
    'A PASID is live from iommu_bind_task() on, and on the list of its device only after an allocation and a lock. Who unbinds it meanwhile is told that ' +
    'there is no such thing. (The release of the device cannot miss it as well: the ioctl holds the file.)',
  inTable: true,
  protocols: ['rfc29', 'rfc29-fixed'],
  byDefault: 'rfc29',
  but: { walk: 'safe', initialises: true },
  tasks: ({ honest }) => ({ vmm0: [bind('dev0')], vmm1: [unbind('dev0', { pasid: 1, ...honest })] }),
  properties: [
    always<LinuxView>(
      'UNBIND does not miss a PASID that works',
      (w) => w.results('unbind').every((each) => each['missed'] !== true),
      { when: (w) => w.results('unbind').length > 0, finding: 'lost-notification' },
    ),
    sometimes<LinuxView>('the UNBIND comes first', (w) => w.result('vmm1', 'unbind')?.ret === '-ESRCH'),
    everybodyFinishes,
  ],
  expected: [
    {
      protocol: 'rfc29',
      states: 243,
      findings: ['UNBIND does not miss a PASID that works'],
      verdicts: { 'UNBIND does not miss a PASID that works': 'violated' },
    },
    { protocol: 'rfc29-fixed', states: 896, findings: [] },
    {
      protocol: 'rfc29',
      pasids: '2',
      states: 243,
      findings: ['UNBIND does not miss a PASID that works'],
      verdicts: { 'UNBIND does not miss a PASID that works': 'violated' },
    },
    { protocol: 'rfc29-fixed', pasids: '2', states: 896, findings: [] },
    { protocol: 'rfc29-fixed', pasids: '3', states: 896, findings: [] },
  ],
  mutants: [
    {
      name: 'tracked-later',
      why: 'Everything else is mended.',
      byDefault: 'rfc29-fixed',
      but: { tracks: 'after-bind' },
      expected: [
        {
          protocol: 'rfc29-fixed',
          states: 1040,
          findings: ['UNBIND does not miss a PASID that works'],
          verdicts: { 'UNBIND does not miss a PASID that works': 'violated' },
        },
      ],
    },
  ],
})
