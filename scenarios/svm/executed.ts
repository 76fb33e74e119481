import { bind, by, exec, submit } from '../../actors/svm/describe.ts'
import type { SharedMemoryView } from '../../actors/svm/view.ts'
import { sometimes } from '../../explore/properties.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes, everyMmIsReleased, safe } from './words.ts'

/** A process gets another address space while its device works on the one it had. */
export const executed = onPasids({
  name: 'executed',
  source:
    'derived from exec_mmap() and the mmu notifier’s release: exec ends an address space as exit does, and keeps the descriptors',
  why:
    'exec puts another address space in the place of the one that the device was bound to. The descriptor stays open, the process goes on, and binds the ' +
    'new one.',
  inTable: true,
  byDefault: 'rfc29-fixed',
  but: { walk: 'safe' },
  pasids: 2,
  before: by('vmm', bind('dev0')),
  tasks: { vmm0: [submit('dev0'), exec(), bind('dev0')] },
  properties: [
    ...safe,
    everyMmIsReleased,
    sometimes<SharedMemoryView>('the new address space is bound', (w) => w.bound.some(({ mm }) => mm !== 'mm0#1')),
    everybodyFinishes,
  ],
  expected: [
    { protocol: 'rfc29', states: 4408, findings: [] },
    { protocol: 'rfc29-fixed', states: 1523, findings: [] },
    {
      protocol: 'container',
      states: 4040,
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
    { protocol: 'container', as: 'repaired', states: 6252, findings: [] },
    {
      protocol: 'sva-domain',
      states: 966,
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
    { protocol: 'sva-domain', as: 'repaired', states: 520, findings: [] },
  ],
})
