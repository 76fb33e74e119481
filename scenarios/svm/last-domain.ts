import { bind, exit } from '../../actors/kernel/sva/describe.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes, everyMmIsReleased, nothingStaysBound } from './words.ts'

/** A device is unbound from an address space that nobody else keeps. */
export const lastDomain = onPasids({
  name: 'last-domain',
  windows: ['B-56'],
  source: 'CVE-2026-23429, iommu_sva_unbind_device(); fixed by 06e14c36e20b',
  why:
    'The process is gone, and its descriptor is closed: unbinding frees the domain, which drops the last reference on the mm, with which its iommu_mm goes. ' +
    'Then it reads the iommu_mm.',
  inTable: true,
  byDefault: 'sva-domain',
  but: { walk: 'safe' },
  tasks: { vmm0: [bind('dev0'), exit()] },
  properties: [everyMmIsReleased, nothingStaysBound, everybodyFinishes],
  expected: [
    { protocol: 'rfc29', states: 90, findings: [] },
    { protocol: 'rfc29-fixed', states: 83, findings: [] },
    { protocol: 'container', states: 17, findings: [] },
    { protocol: 'container', as: 'repaired', states: 102, findings: [] },
    {
      protocol: 'sva-domain',
      states: 25,
      findings: ['use-after-free in iommu_sva_unbind_device'],
      verdicts: { 'every task gets through its script': 'unseen' },
    },
    { protocol: 'sva-domain', as: 'repaired', states: 92, findings: [] },
  ],
  mutants: [
    {
      name: 'read-later',
      why: 'Everything else is mended.',
      protocols: ['sva-domain'],
      but: { readsIommuMm: 'after-free' },
      expected: [
        {
          protocol: 'sva-domain',
          states: 25,
          findings: ['use-after-free in iommu_sva_unbind_device'],
          verdicts: { 'every task gets through its script': 'unseen' },
        },
        {
          protocol: 'sva-domain',
          as: 'repaired',
          states: 34,
          findings: ['use-after-free in iommu_sva_unbind_device'],
          verdicts: { 'every task gets through its script': 'unseen' },
        },
      ],
    },
    {
      name: 'kept-mm',
      why: 'The IOMMU does not give back the mm_struct that a bond kept.',
      byDefault: 'rfc29-fixed',
      but: { dropsMm: false },
      expected: [
        {
          protocol: 'rfc29-fixed',
          states: 76,
          findings: ['every mm is released in the end', 'unreferenced object mm'],
          verdicts: { 'every mm is released in the end': 'violated' },
        },
      ],
    },
  ],
})
