import { bind, unbind } from '../../actors/kernel/sva/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes } from './words.ts'

/** The review comment that the mail is known for. */
export const freedEntry = onPasids({
  name: 'freed-entry',
  windows: ['SVM-1', 'B-50'],
  source: 'T. Nowicki, reply to [RFC PATCH 29/30], 26 Apr 2017: “Please use list_for_each_entry_safe.”',
  why:
    'UNBIND walks the list of bonds and frees the one that matches. Then it asks the one it has freed which comes next. It needs no second thread: every ' +
    'UNBIND that finds something does it.',
  inTable: true,
  byDefault: 'rfc29',
  tasks: ({ honest }) => ({ vmm0: [bind('dev0'), unbind('dev0', honest)] }),
  properties: [
    sometimes<LinuxView>('an UNBIND succeeds', (w) => w.result('vmm0', 'unbind')?.ret === 0),
    everybodyFinishes,
  ],
  expected: [
    {
      protocol: 'rfc29',
      states: 3,
      findings: ['use-after-free in vfio_svm_ioctl'],
      verdicts: { 'an UNBIND succeeds': 'unseen', 'every task gets through its script': 'unseen' },
    },
    { protocol: 'rfc29-fixed', states: 45, findings: [] },
    { protocol: 'container', states: 5, findings: [] },
    { protocol: 'container', as: 'repaired', states: 45, findings: [] },
    { protocol: 'sva-domain', states: 34, findings: [] },
    { protocol: 'sva-domain', as: 'repaired', states: 34, findings: [] },
  ],
  mutants: [
    {
      name: 'plain-walk',
      why: 'Everything else is mended, but that binding twice is one bond: who walks on after a match.',
      byDefault: 'rfc29-fixed',
      but: { walk: 'plain', again: 'uncounted' },
      expected: [
        {
          protocol: 'rfc29-fixed',
          states: 35,
          findings: ['use-after-free in vfio_svm_ioctl'],
          verdicts: { 'an UNBIND succeeds': 'unseen', 'every task gets through its script': 'unseen' },
        },
      ],
    },
  ],
})
