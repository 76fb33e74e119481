import { bind, submit } from '../../actors/kernel/sva/describe.ts'
import { by } from '../../actors/kernel/describe.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes, everyMmIsReleased, isLeakedByDesign, minds, safe, usesDevice } from './words.ts'

/** Nobody can tell the device to stop, and nobody says that it has. */
export const silentDevice = onPasids({
  name: 'silent-device',
  source:
    '[RFC PATCH 29/30], Feb 2017: “For the moment I don’t know how to implement this callback for PCI”; the verdict on vfio-pci of 2018',
  why:
    'A generic driver does not know how its device stops using a PASID. What cannot be said to be over must not be used again: the PASID is leaked, by ' +
    'design. Who gives it to the next process all the same lets the device into that process’s memory.',
  inTable: true,
  byDefault: 'rfc29-fixed',
  but: { walk: 'safe' },
  answer: 'silent',
  users: ['unbinds', 'forgets'],
  before: by('vmm', bind('dev0')),
  tasks: (telling) => ({
    vmm0: usesDevice(telling),
    other0: { process: 'other', script: [bind('dev0'), submit('dev0')] },
  }),
  properties: (telling) => [
    ...safe,
    everyMmIsReleased,
    ...(telling.device === 'silent' && telling.user === 'unbinds' && minds(telling) ? [isLeakedByDesign] : []),
    everybodyFinishes,
  ],
  expected: [
    { protocol: 'rfc29', states: 7672, findings: [] },
    { protocol: 'rfc29-fixed', states: 16067, findings: [] },
    {
      protocol: 'container',
      states: 22992,
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
    { protocol: 'container', as: 'repaired', states: 12659, findings: [] },
    {
      protocol: 'sva-domain',
      states: 39878,
      findings: [
        'a PASID is not handed out while a page request of its former life is in flight',
        'a page request is only served from the address space its PASID meant when it was issued',
        'no DMA reaches the memory of another process',
        'use-after-free in iommu_report_device_fault',
      ],
      verdicts: {
        'a page request is only served from the address space its PASID meant when it was issued': 'violated',
        'no DMA reaches the memory of another process': 'violated',
        'a PASID is not handed out while a page request of its former life is in flight': 'violated',
      },
    },
    { protocol: 'sva-domain', as: 'repaired', states: 11042, findings: [] },
    { protocol: 'rfc29-fixed', user: 'forgets', states: 5544, findings: [] },
    {
      protocol: 'sva-domain',
      user: 'forgets',
      states: 9826,
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
  mutants: [
    {
      name: 'used-again',
      why: 'Everything else is mended, but that whatever was unbound may be used again.',
      but: { walk: 'safe', trusts: 'anybody', atExit: 'drops-bond' },
      expected: [
        {
          protocol: 'rfc29-fixed',
          states: 36248,
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
