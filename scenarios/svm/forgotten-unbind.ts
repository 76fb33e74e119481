import { bind, by, submit } from '../../actors/svm/describe.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes, everyMmIsReleased, isServed, safe, usesDevice } from './words.ts'

/** A user ends without having said that his device is done. */
export const forgottenUnbind = onPasids({
  name: 'forgotten-unbind',
  source:
    '[RFC PATCH 29/30], Feb 2017: “if the user forgets to call unbind with either clean or flushed, the PASID is never reused”',
  why:
    'A process exits and its device may still be at work. The address space goes; what its PASID may be used for from now on is what all the flags are ' +
    'about. That it is never used again is the price, and no bug.',
  inTable: true,
  byDefault: 'rfc29-fixed',
  but: { walk: 'safe' },
  users: ['forgets'],
  before: by('vmm', bind('dev0')),
  tasks: (telling) => ({
    vmm0: usesDevice(telling),
    other0: { process: 'other', script: [bind('dev0'), submit('dev0')] },
  }),
  properties: [...safe, everyMmIsReleased, isServed, everybodyFinishes],
  expected: [
    { protocol: 'rfc29', states: 19872, findings: [] },
    { protocol: 'rfc29-fixed', states: 5544, findings: [] },
    {
      protocol: 'container',
      states: 25223,
      findings: [
        'a PASID is not handed out while a page request or stop marker of its former life is in flight',
        'a page request is only served from the address space its PASID meant when it was issued',
        'no DMA reaches the memory of another process',
      ],
      verdicts: {
        'a page request is only served from the address space its PASID meant when it was issued': 'violated',
        'no DMA reaches the memory of another process': 'violated',
        'a PASID is not handed out while a page request or stop marker of its former life is in flight': 'violated',
      },
    },
    { protocol: 'container', as: 'repaired', states: 24156, findings: [] },
    {
      protocol: 'sva-domain',
      states: 9642,
      findings: [
        'a PASID is not handed out while a page request or stop marker of its former life is in flight',
        'a page request is only served from the address space its PASID meant when it was issued',
        'no DMA reaches the memory of another process',
      ],
      verdicts: {
        'a page request is only served from the address space its PASID meant when it was issued': 'violated',
        'no DMA reaches the memory of another process': 'violated',
        'a PASID is not handed out while a page request or stop marker of its former life is in flight': 'violated',
      },
    },
    { protocol: 'sva-domain', as: 'repaired', states: 1694, findings: [] },
  ],
})
