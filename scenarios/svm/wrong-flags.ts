import { bind, submit } from '../../actors/kernel/sva/describe.ts'
import { by } from '../../actors/kernel/describe.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes, isServed, safe, usesDevice } from './words.ts'

/** A user says CLEAN, and his device has page requests under way. */
export const wrongFlags = onPasids({
  name: 'wrong-flags',
  source: 'derived from [RFC PATCH 29/30], Feb 2017: the flags are what the user says, and nobody asks the device',
  why:
    'Unbinding says what became of the device’s requests: FLUSHED or CLEAN. The kernel has no way to know, so it believes it; what was said wrong then ' +
    'hits whoever gets the PASID next. Asking the device, as the mail would have liked to, closes it.',
  inTable: true,
  byDefault: 'rfc29',
  but: { walk: 'safe' },
  users: ['lies'],
  before: by('vmm', bind('dev0')),
  tasks: (telling) => ({
    vmm0: usesDevice(telling),
    other0: { process: 'other', script: [bind('dev0'), submit('dev0')] },
  }),
  properties: [...safe, isServed, everybodyFinishes],
  expected: [
    {
      protocol: 'rfc29',
      states: 66593,
      findings: [
        'a PASID is not handed out while a page request of its former life is in flight',
        'a page request is only served from the address space its PASID meant when it was issued',
        'no DMA reaches the memory of another process',
      ],
      verdicts: {
        'a page request is only served from the address space its PASID meant when it was issued': 'violated',
        'no DMA reaches the memory of another process': 'violated',
        'a PASID is not handed out while a page request of its former life is in flight': 'violated',
      },
    },
    { protocol: 'rfc29-fixed', states: 17302, findings: [] },
    {
      protocol: 'container',
      states: 22686,
      findings: [
        'a PASID is not handed out while a page request of its former life is in flight',
        'a page request is only served from the address space its PASID meant when it was issued',
        'no DMA reaches the memory of another process',
      ],
      verdicts: {
        'a page request is only served from the address space its PASID meant when it was issued': 'violated',
        'no DMA reaches the memory of another process': 'violated',
        'a PASID is not handed out while a page request of its former life is in flight': 'violated',
      },
    },
    { protocol: 'container', as: 'repaired', states: 13012, findings: [] },
    { protocol: 'sva-domain', states: 34096, findings: [] },
    { protocol: 'sva-domain', as: 'repaired', states: 33060, findings: [] },
  ],
  mutants: [
    {
      name: 'believed',
      why: 'Everything else is mended.',
      byDefault: 'rfc29-fixed',
      but: { walk: 'safe', trusts: 'user' },
      expected: [
        {
          protocol: 'rfc29-fixed',
          states: 35942,
          findings: [
            'a PASID is not handed out while a page request of its former life is in flight',
            'a page request is only served from the address space its PASID meant when it was issued',
            'no DMA reaches the memory of another process',
          ],
          verdicts: {
            'a page request is only served from the address space its PASID meant when it was issued': 'violated',
            'no DMA reaches the memory of another process': 'violated',
            'a PASID is not handed out while a page request of its former life is in flight': 'violated',
          },
        },
      ],
    },
  ],
})
