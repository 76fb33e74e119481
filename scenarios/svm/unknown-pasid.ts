import { releaseFlushed, unbind } from '../../actors/kernel/sva/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always } from '../../explore/claims/properties.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes } from './words.ts'

/** UNBIND of a PASID that nobody has. */
export const unknownPasid = onPasids({
  name: 'unknown-pasid',
  windows: ['SVM-2'],
  source: 'derived from [RFC PATCH 29/30], Feb 2017: `ret` is assigned inside the loop only',
  why: 'When nothing matches, what UNBIND returns was never written: whatever lay on the stack goes to the user.',
  inTable: true,
  byDefault: 'rfc29',
  tasks: { vmm0: [unbind('dev0', { pasid: 1, flags: releaseFlushed })] },
  properties: [
    always<LinuxView>(
      'UNBIND returns 0 or an errno',
      (w) => w.results('unbind').every(({ ret }) => ret === 0 || String(ret).startsWith('-')),
      { when: (w) => w.results('unbind').length > 0, finding: 'wrong-result' },
    ),
    everybodyFinishes,
  ],
  expected: [
    {
      protocol: 'rfc29',
      states: 3,
      findings: ['UNBIND returns 0 or an errno', 'uninit-value returned by vfio_svm_ioctl'],
      verdicts: { 'UNBIND returns 0 or an errno': 'violated' },
    },
    { protocol: 'rfc29-fixed', states: 3, findings: [] },
    { protocol: 'container', states: 3, findings: [] },
    { protocol: 'container', as: 'repaired', states: 3, findings: [] },
    { protocol: 'sva-domain', states: 3, findings: [] },
    { protocol: 'sva-domain', as: 'repaired', states: 3, findings: [] },
  ],
  mutants: [
    {
      name: 'garbage',
      why: 'Everything else is mended.',
      byDefault: 'rfc29-fixed',
      but: { initialises: false },
      expected: [
        {
          protocol: 'rfc29-fixed',
          states: 3,
          findings: ['UNBIND returns 0 or an errno', 'uninit-value returned by vfio_svm_ioctl'],
          verdicts: { 'UNBIND returns 0 or an errno': 'violated' },
        },
      ],
    },
  ],
})
