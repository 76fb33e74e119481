import { bind, exec, submit, unbind } from '../../actors/kernel/sva/describe.ts'
import { by } from '../../actors/kernel/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes, everyMmIsReleased, safe } from './words.ts'

/** A process gets another address space while its device works on the one it had. */
export const executed = onPasids({
  name: 'executed',
  source:
    'derived from exec_mmap() and the mmu notifier’s release: exec ends an address space as exit does, and keeps the descriptors',
  why:
    'exec puts another address space in the place of the one that the device was bound to. The descriptor stays open, the process goes on, undoes the bond of ' +
    'the old one, and binds the new one with the same PASID.',
  inTable: true,
  byDefault: 'rfc29-fixed',
  but: { walk: 'safe' },
  before: by('vmm', bind('dev0')),
  tasks: ({ honest }) => ({
    vmm0: [submit('dev0'), exec(), unbind('dev0', { pasid: 1, ...honest }), bind('dev0'), submit('dev0')],
  }),
  properties: [
    ...safe,
    everyMmIsReleased,
    sometimes<LinuxView>('the new address space is bound', (w) => w.svm.bound.some(({ mm }) => mm !== 'mm0#1')),
    everybodyFinishes,
  ],
  expected: [
    { protocol: 'rfc29', states: 7010, findings: [] },
    { protocol: 'rfc29-fixed', states: 10643, findings: [] },
    {
      protocol: 'container',
      states: 6064,
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
    { protocol: 'container', as: 'repaired', states: 6888, findings: [] },
    {
      protocol: 'sva-domain',
      states: 2316,
      findings: [
        'a PASID is not handed out while a page request of its former life is in flight',
        'no DMA reaches the memory of another process',
        'use-after-free in iommu_sva_unbind_device',
      ],
      verdicts: {
        'no DMA reaches the memory of another process': 'violated',
        'a PASID is not handed out while a page request of its former life is in flight': 'violated',
      },
    },
    { protocol: 'sva-domain', as: 'repaired', states: 4309, findings: [] },
  ],
  mutants: [
    {
      name: 'used-again',
      why: 'Everything else is mended, but that whatever was unbound may be used again.',
      but: { walk: 'safe', trusts: 'anybody', atExit: 'drops-bond', unbinds: 'any-pasid' },
      expected: [
        {
          protocol: 'rfc29-fixed',
          states: 6637,
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
