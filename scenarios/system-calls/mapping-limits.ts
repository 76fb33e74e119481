import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import {
  buffer,
  containerWith,
  everybodyComesThrough,
  failedWith,
  map,
  mappedPages,
  page,
  sizeOf,
  succeeded,
  thread,
  unmap,
} from './linux-words.ts'
import { onLinux } from './on-linux.ts'

/** The last page of the address space, which a container without an IOMMU may map. */
const last = { iova: '0xfffffffffffff000' }

/** The last page of the address space is mapped, and unmapped. */
export const lastPage = onLinux({
  name: 'last-page',
  family: 'lifecycle',
  windows: ['B-38'],
  source:
    '"vfio/type1: handle DMA map/unmap up to the addressable limit" (A. Mastro, Oct 2025, in 6.19); what 6.1 does is also in the recordings ' +
    '(emu.map_top_page, emu.map_top_overlap)',
  why:
    'A mapping of the last page ends at 2^64, which is 0 in the arithmetic of every kernel up to 6.18: it overlaps nothing, so it can be made ' +
    'any number of times, and no request finds it again. What is mapped there stays until the container goes.',
  profiles: ['4.10', '6.1', '7.2'],
  before: [...containerWith('emu0'), ...buffer(1), thread()],
  tasks: { p0: [map(0, last), unmap(0, 1, last)], t1: [map(0, last)] },
  properties: [
    always<LinuxView>('a page is mapped once', (w) => mappedPages(w) <= 1, { finding: 'wrong-result' }),
    always('who has mapped it can unmap it', (w) => sizeOf(w.result('p0', 'unmap_dma')) === page, {
      when: (w) => succeeded(w.result('p0', 'map_dma')) && w.result('p0', 'unmap_dma') !== undefined,
      finding: 'wrong-result',
    }),
    sometimes('it is mapped', (w) => succeeded(w.result('p0', 'map_dma'))),
    everybodyComesThrough,
  ],
  expected: [
    {
      profile: '4.10',
      states: 115,
      findings: ['a page is mapped once', 'who has mapped it can unmap it'],
      verdicts: { 'a page is mapped once': 'violated', 'who has mapped it can unmap it': 'violated' },
    },
    {
      profile: '6.1',
      states: 88,
      findings: ['a page is mapped once', 'who has mapped it can unmap it'],
      verdicts: { 'a page is mapped once': 'violated', 'who has mapped it can unmap it': 'violated' },
    },
    { profile: '7.2', states: 133, findings: [] },
  ],
})

/** Two threads map more than the container may hold. */
export const entryLimit = onLinux({
  name: 'entry-limit',
  family: 'lifecycle',
  windows: ['B-42'],
  source:
    '492855939bdb "vfio/type1: Limit DMA mappings per container" (5.1), CVE-2019-3882; two threads at once are our own question',
  why:
    'Each mapping costs the kernel memory that RLIMIT_MEMLOCK does not count when the pages are reserved, so a container that may map without end ' +
    'can use up the machine. Since 5.1 a container has a limited number of mappings (dma_entry_limit), counted under iommu->lock.',
  profiles: ['5.10', '6.1'],
  before: [
    { op: 'module_param', name: 'dma_entry_limit', val: 2 },
    ...containerWith('edu0'),
    // Never touched: the page of zeros, which costs nobody anything.
    { op: 'mmap', as: 'b0', len: 4 * page },
    thread(),
  ],
  tasks: { p0: [map(0, { flags: 1 }), map(1, { flags: 1 })], t1: [map(2, { flags: 1 }), unmap(2)] },
  properties: [
    always<LinuxView>('a container holds no more mappings than it may', (w) => mappedPages(w) <= 2, {
      finding: 'wrong-result',
    }),
    sometimes('a mapping is one too many', (w) => failedWith(w.result('p0', 'map_dma', 1), 'ENOSPC')),
    sometimes(
      'there is room again',
      (w) => w.finished && succeeded(w.result('p0', 'map_dma', 1)) && succeeded(w.result('t1', 'unmap_dma')),
    ),
    everybodyComesThrough,
  ],
  expected: [
    { profile: '5.10', states: 335, findings: [] },
    { profile: '6.1', states: 335, findings: [] },
  ],
  mutants: [
    {
      name: 'without-limit',
      why: 'The fix taken back: as many mappings as anybody likes.',
      profiles: ['6.1'],
      but: { limitsEntries: false },
      expected: [
        {
          profile: '6.1',
          states: 349,
          findings: ['a container holds no more mappings than it may'],
          verdicts: {
            'a container holds no more mappings than it may': 'violated',
            'a mapping is one too many': 'unseen',
          },
        },
      ],
    },
  ],
})
