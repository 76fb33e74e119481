import { bind, exit, submit, unbind } from '../../actors/kernel/sva/describe.ts'
import { by } from '../../actors/kernel/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes, everyMmIsReleased, reaches, safe } from './words.ts'

/** A process ends, and its PASID goes to another before its device was told to stop. */
export const earlyFree = onPasids({
  name: 'early-free',
  windows: ['B-55'],
  source: 'commit 2667ed10d9f0 (5.18): the PASID is freed by the last mmdrop, not by the last mmput',
  why:
    'A process ends: its address space goes before its descriptors do, so the device is still at work when the last mmput gives the PASID back. The next ' +
    'process to bind gets it, and the device of the first writes into its memory. The next process has the same descriptor, and undoes what the first has left.',
  inTable: true,
  protocols: ['sva-domain'],
  byDefault: 'sva-domain',
  but: { walk: 'safe' },
  answer: 'clean',
  before: by('vmm', bind('dev0')),
  tasks: {
    vmm0: [submit('dev0'), exit()],
    other0: { process: 'other', script: [unbind('dev0', { pasid: 1 }), bind('dev0'), submit('dev0')] },
  },
  properties: [
    ...safe,
    everyMmIsReleased,
    reaches,
    sometimes<LinuxView>('the next process gets the PASID', (w) => w.result('other0', 'bind')?.ret === 0),
    everybodyFinishes,
  ],
  expected: [
    {
      protocol: 'sva-domain',
      states: 17600,
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
      },
    },
    { protocol: 'sva-domain', as: 'repaired', states: 8270, findings: [] },
  ],
  mutants: [
    {
      name: 'with-mmput',
      why: 'Everything else is mended.',
      protocols: ['sva-domain'],
      but: { pasidFreedAt: 'mmput' },
      expected: [
        {
          protocol: 'sva-domain',
          states: 17600,
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
          },
        },
        {
          protocol: 'sva-domain',
          as: 'repaired',
          states: 23412,
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
