import { bind, unbind } from '../../actors/kernel/sva/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always } from '../../explore/claims/properties.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes } from './words.ts'

/** What the reviewer asked for, and nothing else: all other holes of the mail are there. */
export const safeWalk = onPasids({
  name: 'safe-walk',
  windows: ['SVM-1', 'B-50'],
  source: 'T. Nowicki, reply to [RFC PATCH 29/30], 26 Apr 2017: “Please use list_for_each_entry_safe.”',
  why: 'With list_for_each_entry_safe the next entry is known before the one that matches is freed, and UNBIND goes through.',
  protocols: ['rfc29'],
  byDefault: 'rfc29',
  but: { walk: 'safe' },
  tasks: ({ honest }) => ({ vmm0: [bind('dev0'), unbind('dev0', honest)] }),
  properties: [
    always<LinuxView>('an UNBIND of what is bound succeeds', (w) => w.result('vmm0', 'unbind')?.ret === 0, {
      when: (w) => w.finished,
      finding: 'wrong-result',
    }),
    everybodyFinishes,
  ],
  expected: [{ protocol: 'rfc29', states: 4, findings: [] }],
  mutants: [
    {
      name: 'plain',
      why: 'As posted.',
      but: { walk: 'plain' },
      expected: [
        {
          protocol: 'rfc29',
          states: 3,
          findings: ['use-after-free in vfio_svm_ioctl'],
          verdicts: { 'every task gets through its script': 'unseen' },
        },
      ],
    },
  ],
})
