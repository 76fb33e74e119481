import type { LinuxView } from '../../actors/kernel/view.ts'
import { mapMemory, mmap } from '../../actors/kernel/device-memory/describe.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, nothingLeaks, page } from './words.ts'

const at = 0x7f10_0000_0000n

/** One mapping over two vmas: whose pages are mapped? */
export const wrongBase = onDevices({
  name: 'wrong-base',
  source: 'derived from "[PATCH v1 00/14]", Mar 2021: base_pfn is that of the first vma',
  why:
    'The op of the bus driver gives the page frame at which a vma begins; type1 adds the distance from there. A mapping that crosses into a second ' +
    'vma takes the distance in the second and the base of the first: what is mapped then is somebody else’s memory, or nobody’s.',
  inTable: true,
  byDefault: 'vma-to-pfn',
  devices: { dev1: acrossContainers.dev1, dev2: { container: 'container1', bars: { 0: 2, 2: 1 } } },
  before: [mmap('dev2', { at, bar: 0, size: page }), mmap('dev2', { at: at + page, bar: 2, size: page })],
  tasks: { vmm0: [mapMemory('container0', page, 'dev2', { at, size: 2n * page })] },
  properties: (protocol) => [
    always<LinuxView>(
      'an address is mapped to the page that the process sees there',
      (w) => w.deviceMemory.pages('container0').every(({ iova, bar }) => bar === (iova === page ? 0 : 2)),
      { when: (w) => w.deviceMemory.pages('container0').length > 0, finding: 'wrong-result' },
    ),
    // A dma-buf is mapped by itself, wherever a process may have mmapped the memory.
    ...(protocol === 'dma-buf'
      ? []
      : [sometimes<LinuxView>('both pages are mapped', (w) => w.deviceMemory.pages('container0').length === 2)]),
    nothingLeaks,
    everybodyFinishes,
  ],
  expected: [
    { protocol: 'none', states: 8, findings: [] },
    { protocol: 'vma-ops', states: 13, findings: [] },
    { protocol: 'vma-ops', as: 'repaired', states: 22, findings: [] },
    { protocol: 'device-notifier', states: 11, findings: [] },
    { protocol: 'device-notifier', as: 'repaired', states: 18, findings: [] },
    { protocol: 'vma-private', states: 11, findings: [] },
    { protocol: 'vma-private', as: 'repaired', states: 18, findings: [] },
    {
      protocol: 'vma-to-pfn',
      states: 11,
      findings: ['an address is mapped to the page that the process sees there'],
      verdicts: { 'an address is mapped to the page that the process sees there': 'violated' },
    },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 18, findings: [] },
    { protocol: 'dma-buf', states: 5, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 5, findings: [] },
  ],
})
