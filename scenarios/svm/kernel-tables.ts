import { bind, submitKernel, vfree } from '../../actors/kernel/sva/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes } from './words.ts'

/** The kernel frees a page of its page tables, and nobody tells the IOMMU. */
export const kernelTables = onPasids({
  name: 'kernel-tables',
  windows: ['B-58'],
  source: 'CVE-2025-71089 and CVE-2025-71202: shared virtual memory was switched off on x86, then came a flush',
  why:
    'A shared address space has the kernel’s half in it. Whatever a device asks for there is refused, but the IOMMU has walked the page tables to say so, ' +
    'and remembers them. There is no mmu notifier for the kernel’s half: freed and used for something else, the page is still walked.',
  protocols: ['sva-domain'],
  inTable: true,
  byDefault: 'sva-domain',
  devices: { dev0: { openBy: ['vmm'] } },
  tasks: {
    vmm0: [bind('dev0'), submitKernel('dev0'), submitKernel('dev0')],
    kernel0: { process: 'kernel', script: [vfree()] },
  },
  properties: [
    sometimes<LinuxView>('a device asks for an address of the kernel’s', (w) =>
      w.svm.accesses.some(({ ret }) => ret === 'denied'),
    ),
    everybodyFinishes,
  ],
  expected: [
    { protocol: 'sva-domain', states: 336, findings: ['use-after-free in iommu page walk'] },
    { protocol: 'sva-domain', as: 'repaired', states: 393, findings: [] },
  ],
  mutants: [
    {
      name: 'no-flush',
      why: 'Everything else is mended.',
      but: { flushesKernelWalks: false },
      expected: [
        { protocol: 'sva-domain', states: 336, findings: ['use-after-free in iommu page walk'] },
        { protocol: 'sva-domain', as: 'repaired', states: 336, findings: ['use-after-free in iommu page walk'] },
      ],
    },
  ],
})
