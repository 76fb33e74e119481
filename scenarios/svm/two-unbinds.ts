import { bind, unbind } from '../../actors/kernel/sva/describe.ts'
import { by } from '../../actors/kernel/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes, everyMmIsReleased } from './words.ts'

/** Two threads undo the same bond. */
export const twoUnbinds = onPasids({
  name: 'two-unbinds',
  source: 'derived from [RFC PATCH 29/30], Feb 2017: UNBIND walks and frees under tasks_lock',
  why:
    'Both threads of a process unbind its PASID. One finds the entry and frees it; the other must find nothing. It is tasks_lock that sees to it, for as long as ' +
    'the walk takes.',
  inTable: ['double-free'],
  byDefault: 'rfc29',
  but: { walk: 'safe', initialises: true },
  before: by('vmm', bind('dev0')),
  tasks: ({ honest }) => ({
    vmm0: [unbind('dev0', { pasid: 1, ...honest })],
    vmm1: [unbind('dev0', { pasid: 1, ...honest })],
  }),
  properties: [
    everyMmIsReleased,
    sometimes<LinuxView>('one succeeds and the other finds nothing', (w) =>
      [0, '-ESRCH'].every((expected) => w.results('unbind').some(({ ret }) => ret === expected)),
    ),
    everybodyFinishes,
  ],
  expected: [
    { protocol: 'rfc29', states: 83, findings: [] },
    { protocol: 'rfc29-fixed', states: 640, findings: [] },
    { protocol: 'container', states: 74, findings: [] },
    { protocol: 'container', as: 'repaired', states: 590, findings: [] },
    { protocol: 'sva-domain', states: 914, findings: [] },
    { protocol: 'sva-domain', as: 'repaired', states: 882, findings: [] },
  ],
  mutants: [
    {
      name: 'unlocked',
      why: 'As posted, but that the walk is not under tasks_lock.',
      but: { walk: 'safe', initialises: true, locksWalk: false },
      expected: [
        {
          protocol: 'rfc29',
          states: 179,
          findings: ['double-free in vfio_svm_ioctl', 'list_del corruption', 'use-after-free in vfio_svm_ioctl'],
        },
      ],
    },
  ],
})
