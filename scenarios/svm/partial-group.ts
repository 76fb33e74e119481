import { bind, submit } from '../../actors/kernel/sva/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes, isServed, safe } from './words.ts'

/** Two page requests that belong together, and one answer. */
export const partialGroup = onPasids({
  name: 'partial-group',
  windows: ['B-59'],
  source: 'CVE-2024-44994: a lost return, and a partial fault is handled as if it were all',
  why: 'A device asks for two pages in one group and waits for one answer. A group that is answered part by part is answered once too often.',
  inTable: true,
  byDefault: 'sva-domain',
  but: { walk: 'safe', locksFaultParam: true, freesPending: true },
  tasks: { vmm0: [bind('dev0'), submit('dev0', { pages: 2 })] },
  properties: [
    ...safe,
    isServed,
    sometimes<LinuxView>('both pages are reached', (w) => w.svm.accesses.some(({ ret }) => ret === 'hit')),
    everybodyFinishes,
  ],
  expected: [
    { protocol: 'rfc29', states: 69, findings: [] },
    { protocol: 'rfc29-fixed', states: 69, findings: [] },
    { protocol: 'container', states: 80, findings: [] },
    { protocol: 'container', as: 'repaired', states: 80, findings: [] },
    { protocol: 'sva-domain', states: 267, findings: ['page response that nobody waits for'] },
    { protocol: 'sva-domain', as: 'repaired', states: 139, findings: [] },
  ],
  mutants: [
    {
      name: 'answered-in-parts',
      why: 'Everything else is mended.',
      protocols: ['sva-domain'],
      but: { keepsPartials: false, locksFaultParam: true, freesPending: true },
      expected: [
        { protocol: 'sva-domain', states: 267, findings: ['page response that nobody waits for'] },
        { protocol: 'sva-domain', as: 'repaired', states: 267, findings: ['page response that nobody waits for'] },
      ],
    },
  ],
})
