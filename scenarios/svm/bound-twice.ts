import { bind, submit, unbind } from '../../actors/kernel/sva/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes, noDmaAfterUnbind } from './words.ts'

/** Two threads of one process bind the same device; one of them unbinds. */
export const boundTwice = onPasids({
  name: 'bound-twice',
  windows: ['SVM-6'],
  source: 'the question was open in the RFC of 2017; iommu list, Apr 2018: the last unbind should remove the bond',
  why:
    'A process has one address space, so a second BIND of the same device gives the same PASID. If nobody counts, the first UNBIND takes it from both, and ' +
    'the other’s device works on nothing.',
  inTable: true,
  byDefault: 'rfc29',
  but: { walk: 'safe' },
  tasks: ({ honest }) => ({
    vmm0: [bind('dev0'), unbind('dev0', honest)],
    vmm1: [bind('dev0'), submit('dev0')],
  }),
  properties: [
    always<LinuxView>(
      'a bond lasts as long as somebody has it',
      // Who was refused a bond has none to lose.
      (w) => w.result('vmm1', 'bind')?.ret !== 0 || w.svm.accesses.every(({ ret }) => ret === 'hit'),
      { when: (w) => w.svm.accesses.length > 0, finding: 'lost-notification' },
    ),
    noDmaAfterUnbind,
    sometimes<LinuxView>('both are bound', (w) => w.results('bind').filter(({ ret }) => ret === 0).length === 2),
    everybodyFinishes,
  ],
  expected: [
    {
      protocol: 'rfc29',
      states: 5413,
      findings: ['a bond lasts as long as somebody has it'],
      verdicts: { 'a bond lasts as long as somebody has it': 'violated' },
    },
    { protocol: 'rfc29-fixed', states: 5696, findings: [] },
    {
      protocol: 'container',
      states: 2583,
      findings: ['a bond lasts as long as somebody has it'],
      verdicts: { 'a bond lasts as long as somebody has it': 'violated' },
    },
    { protocol: 'container', as: 'repaired', states: 3658, findings: [] },
    { protocol: 'sva-domain', states: 4754, findings: [] },
    { protocol: 'sva-domain', as: 'repaired', states: 5354, findings: [] },
  ],
  mutants: [
    {
      name: 'uncounted',
      why: 'Everything else is mended.',
      byDefault: 'rfc29-fixed',
      but: { again: 'uncounted' },
      expected: [
        {
          protocol: 'rfc29-fixed',
          states: 11309,
          findings: ['a bond lasts as long as somebody has it'],
          verdicts: { 'a bond lasts as long as somebody has it': 'violated' },
        },
      ],
    },
    {
      name: 'refused',
      why: 'The other answer that was discussed, -EEXIST. There is one bond, and the thread that was refused undoes it all the same.',
      byDefault: 'rfc29-fixed',
      but: { again: 'refused' },
      expected: [
        {
          protocol: 'rfc29-fixed',
          states: 16299,
          findings: ['a bond lasts as long as somebody has it'],
          verdicts: { 'a bond lasts as long as somebody has it': 'violated' },
        },
      ],
    },
  ],
})
