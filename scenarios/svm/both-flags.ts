import { bind, releaseClean, releaseFlushed, unbind } from '../../actors/kernel/sva/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always } from '../../explore/claims/properties.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes } from './words.ts'

/** A user says FLUSHED and CLEAN. */
export const bothFlags = onPasids({
  name: 'both-flags',
  source: '[RFC PATCH 29/30], Feb 2017: FLUSHED is looked at first, CLEAN only if it was not said',
  why:
    'Of the two things that a user can say of his PASID, the one that is safe either way wins: the IOMMU waits for a stop marker. A device that sent none keeps ' +
    'the PASID from being used again.',
  protocols: ['rfc29'],
  byDefault: 'rfc29',
  but: { walk: 'safe' },
  answer: 'silent',
  tasks: { vmm0: [bind('dev0'), unbind('dev0', { flags: releaseFlushed | releaseClean })] },
  properties: [
    always<LinuxView>(
      'FLUSHED wins over CLEAN',
      (w) => w.svm.pasids.every(({ state }) => state === 'waiting for stop marker'),
      { when: (w) => w.finished, finding: 'wrong-result' },
    ),
    everybodyFinishes,
  ],
  expected: [{ protocol: 'rfc29', states: 7, findings: [] }],
  mutants: [
    {
      name: 'clean-wins',
      why: 'The other way round.',
      but: { walk: 'safe', bothMean: 'clean' },
      expected: [
        {
          protocol: 'rfc29',
          states: 7,
          findings: ['FLUSHED wins over CLEAN'],
          verdicts: { 'FLUSHED wins over CLEAN': 'violated' },
        },
      ],
    },
  ],
})
