import { bind } from '../../actors/kernel/sva/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always } from '../../explore/claims/properties.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes } from './words.ts'

/** The allocation that would keep track of a bond fails. */
export const noMemory = onPasids({
  name: 'no-memory',
  source: '[RFC PATCH 29/30], Feb 2017: “iommu_unbind_task(device->dev, svm.pasid, IOMMU_PASID_CLEAN)”',
  why:
    'BIND fails with -ENOMEM after it has bound: it unbinds again, and says CLEAN, because nobody has been given the PASID yet. The next BIND finds ' +
    'everything as it was.',
  inTable: true,
  protocols: ['rfc29', 'rfc29-fixed'],
  byDefault: 'rfc29',
  but: { walk: 'safe' },
  pasids: 2,
  tasks: {
    vmm0: [bind('dev0', { nomem: true })],
    other0: { process: 'other', script: [bind('dev0')] },
  },
  properties: [
    always<LinuxView>(
      'a BIND that fails leaves nothing behind',
      (w) =>
        w.result('vmm0', 'bind')?.ret === '-ENOMEM' &&
        w.svm.bound.every(({ mm }) => mm === 'mm1#1') &&
        w.svm.pasids.every(({ state }) => state === 'free' || state === 'bound'),
      { when: (w) => w.quiet, finding: 'leak' },
    ),
    everybodyFinishes,
  ],
  expected: [
    { protocol: 'rfc29', states: 172, findings: [] },
    { protocol: 'rfc29-fixed', states: 35, findings: [] },
  ],
  mutants: [
    {
      name: 'unknown-state',
      why: 'It unbinds without saying how, and the PASID is leaked each time.',
      but: { walk: 'safe', unwinds: 'unknown' },
      expected: [
        {
          protocol: 'rfc29',
          states: 175,
          findings: ['a BIND that fails leaves nothing behind'],
          verdicts: { 'a BIND that fails leaves nothing behind': 'violated' },
        },
      ],
    },
  ],
})
