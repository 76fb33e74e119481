import { bind, exit } from '../../actors/kernel/sva/describe.ts'
import { detach } from '../../actors/kernel/unmap/describe.ts'
import { by } from '../../actors/kernel/describe.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes, everyMmIsReleased } from './words.ts'

/** A group is detached while a process that is bound ends. */
export const detachAndExit = onPasids({
  name: 'detach-and-exit',
  windows: ['B-54'],
  source: 'derived from [PATCH v2 13/40], May 2018: unbind waits until a concurrent mm_exit is through',
  why:
    'Detaching a group holds iommu->lock and unbinds its devices, which waits for an mm_exit that is under way. The mm_exit of a process that ends waits ' +
    'for iommu->lock.',
  inTable: true,
  protocols: ['container'],
  byDefault: 'container',
  before: by('vmm', bind('dev0')),
  tasks: {
    vmm0: [exit()],
    other0: { process: 'other', script: [detach('group0')] },
  },
  properties: [everyMmIsReleased, everybodyFinishes],
  expected: [
    {
      protocol: 'container',
      states: 125,
      findings: ['deadlock at container.lock and mm_exit', 'lock order iommu->lock → mm_exit → iommu->lock'],
    },
    { protocol: 'container', as: 'repaired', states: 1058, findings: [] },
  ],
  mutants: [
    {
      name: 'waits-under-lock',
      why: 'Everything else is mended.',
      but: { detachWaits: 'under-lock' },
      expected: [
        {
          protocol: 'container',
          states: 125,
          findings: ['deadlock at container.lock and mm_exit', 'lock order iommu->lock → mm_exit → iommu->lock'],
        },
        {
          protocol: 'container',
          as: 'repaired',
          states: 873,
          findings: ['deadlock at container.lock and mm_exit', 'lock order iommu->lock → mm_exit → iommu->lock'],
        },
      ],
    },
  ],
})
