import { bind } from '../../actors/kernel/sva/describe.ts'
import { closeDevice } from '../../actors/kernel/device-memory/describe.ts'
import { by } from '../../actors/kernel/describe.ts'
import { onPasids } from './story.ts'
import {
  everybodyFinishes,
  everyMmIsReleased,
  isLeakedByDesign,
  isServed,
  minds,
  nothingStaysBound,
  safe,
  usesDevice,
} from './words.ts'

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
  answer: 'silent',
  users: ['forgets'],
  before: by('vmm', bind('dev0')),
  tasks: (telling) => ({
    vmm0: usesDevice(telling),
    other0: { process: 'other', script: [bind('dev0'), closeDevice('dev0')] },
  }),
  properties: (telling) => [
    ...safe,
    everyMmIsReleased,
    nothingStaysBound,
    isServed,
    ...(telling.device === 'silent' && minds(telling) ? [isLeakedByDesign] : []),
    everybodyFinishes,
  ],
  expected: [
    { protocol: 'rfc29', states: 21606, findings: [] },
    { protocol: 'rfc29-fixed', states: 19797, findings: [] },
    {
      protocol: 'container',
      states: 37328,
      findings: [
        'a PASID is not handed out while a page request of its former life is in flight',
        'a page request is only served from the address space its PASID meant when it was issued',
        'deadlock at container.lock and mm_exit',
        'lock order iommu->lock → mm_exit → iommu->lock',
        'no DMA reaches the memory of another process',
      ],
      verdicts: {
        'a page request is only served from the address space its PASID meant when it was issued': 'violated',
        'no DMA reaches the memory of another process': 'violated',
        'a PASID is not handed out while a page request of its former life is in flight': 'violated',
      },
    },
    { protocol: 'container', as: 'repaired', states: 36215, findings: [] },
    {
      protocol: 'sva-domain',
      states: 23336,
      findings: [
        'a PASID is not handed out while a page request of its former life is in flight',
        'a page request is only served from the address space its PASID meant when it was issued',
        'no DMA reaches the memory of another process',
        'use-after-free in iommu_sva_unbind_device',
      ],
      verdicts: {
        'a page request is only served from the address space its PASID meant when it was issued': 'violated',
        'no DMA reaches the memory of another process': 'violated',
        'a PASID is not handed out while a page request of its former life is in flight': 'violated',
        'every task gets through its script': 'unseen',
      },
    },
    { protocol: 'sva-domain', as: 'repaired', states: 10044, findings: [] },
  ],
  mutants: [
    {
      name: 'used-again',
      why: 'Everything else is mended, but that the PASID of whoever is gone may be used again.',
      but: { walk: 'safe', trusts: 'anybody', atExit: 'drops-bond' },
      expected: [
        {
          protocol: 'rfc29-fixed',
          states: 31339,
          findings: [
            'a PASID is not handed out while a page request of its former life is in flight',
            'a page request is only served from the address space its PASID meant when it was issued',
            'no DMA reaches the memory of another process',
          ],
          verdicts: {
            'a page request is only served from the address space its PASID meant when it was issued': 'violated',
            'no DMA reaches the memory of another process': 'violated',
            'a PASID is not handed out while a page request of its former life is in flight': 'violated',
            'a PASID is never used again, by design': 'unseen',
          },
        },
      ],
    },
  ],
})
