import { attach, bind, exit } from '../../actors/kernel/sva/describe.ts'
import { by } from '../../actors/kernel/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes, everyMmIsReleased } from './words.ts'

/** A group is attached while a process that is bound ends. */
export const replayedBind = onPasids({
  name: 'replayed-bind',
  windows: ['B-53'],
  source: '[PATCH v2 13/40] vfio: Add support for Shared Virtual Addressing, May 2018: the comment on mmput_async()',
  why:
    'Attaching a group binds its devices to every address space that the container is bound to, under iommu->lock. To look at an mm it has to keep it; ' +
    'if it was the last to do so, putting it runs mm_exit, which wants iommu->lock. So it is put by a kworker.',
  inTable: true,
  protocols: ['container'],
  byDefault: 'container',
  devices: { dev0: {}, dev1: { attached: false } },
  before: by('vmm', bind('dev0')),
  tasks: {
    vmm0: [exit()],
    other0: { process: 'other', script: [attach('group1')] },
  },
  properties: [
    everyMmIsReleased,
    sometimes<LinuxView>('the second device is bound, too', (w) => w.svm.bound.some(({ device }) => device === 'dev1')),
    everybodyFinishes,
  ],
  expected: [
    { protocol: 'container', states: 506, findings: [] },
    { protocol: 'container', as: 'repaired', states: 14666, findings: [] },
  ],
  mutants: [
    {
      name: 'put-at-once',
      why: 'mmput() instead of mmput_async().',
      but: { replayPut: 'sync' },
      expected: [
        {
          protocol: 'container',
          states: 248,
          findings: ['deadlock at container.lock', 'recursive locking of iommu->lock'],
        },
        {
          protocol: 'container',
          as: 'repaired',
          states: 4724,
          findings: ['deadlock at container.lock', 'recursive locking of iommu->lock'],
        },
      ],
    },
  ],
})
