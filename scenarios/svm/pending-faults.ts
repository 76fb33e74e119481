import { bind, submit } from '../../actors/kernel/sva/describe.ts'
import { closeDevice } from '../../actors/kernel/device-memory/describe.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes, nothingStaysBound } from './words.ts'

/** A device is closed when the first half of a page request group has come. */
export const pendingFaults = onPasids({
  name: 'pending-faults',
  windows: ['B-59'],
  source:
    'derived, after CVE-2025-21770: there a device is taken out of the queue and it is groups that stay; here it is what waits for its group',
  why: 'What waits for its last part when the device goes is nobody’s any more, and stays for ever.',
  inTable: true,
  byDefault: 'sva-domain',
  but: { walk: 'safe', locksFaultParam: true, keepsPartials: true },
  answer: 'silent',
  tasks: { vmm0: [bind('dev0'), submit('dev0', { pages: 2 }), closeDevice('dev0')] },
  properties: [nothingStaysBound, everybodyFinishes],
  expected: [
    { protocol: 'rfc29', states: 445, findings: [] },
    { protocol: 'rfc29-fixed', states: 445, findings: [] },
    { protocol: 'container', states: 482, findings: [] },
    { protocol: 'container', as: 'repaired', states: 524, findings: [] },
    { protocol: 'sva-domain', states: 1075, findings: ['unreferenced object iopf_fault'] },
    { protocol: 'sva-domain', as: 'repaired', states: 1187, findings: [] },
  ],
  mutants: [
    {
      name: 'forgotten',
      why: 'Everything else is mended.',
      protocols: ['sva-domain'],
      but: { freesPending: false, locksFaultParam: true, keepsPartials: true },
      expected: [
        { protocol: 'sva-domain', states: 1075, findings: ['unreferenced object iopf_fault'] },
        { protocol: 'sva-domain', as: 'repaired', states: 1075, findings: ['unreferenced object iopf_fault'] },
      ],
    },
  ],
})
