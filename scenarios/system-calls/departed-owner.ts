import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import {
  buffer,
  containerWith,
  everybodyComesThrough,
  map,
  mappedPages,
  page,
  sizeOf,
  succeeded,
  thread,
  unmap,
} from './linux-words.ts'
import { onLinux } from './on-linux.ts'

/** A thread maps memory and exits; another unmaps it. */
export const departedOwner = onLinux({
  name: 'departed-owner',
  family: 'lifecycle',
  windows: ['B-40', 'M-8'],
  source:
    '48d8476b41ee "vfio/type1: Fix task tracking for QEMU vCPU hotplug" (4.18), reported for the unmap; that the account keeps the pages is derived',
  why:
    'Up to 4.17 a mapping belonged to the thread that made it, often a virtual CPU of QEMU. When that thread exits, its mm is gone, and an ' +
    'unmap by any other thread of the same process takes the mapping for somebody else’s: it stops there and reports success, with the ' +
    'memory still mapped for the device. The fix keeps the leader of the process instead.',
  profiles: ['4.10', '5.10', '6.1'],
  before: [...containerWith('edu0'), ...buffer(2), thread(), map(0), map(1, { proc: 't1' })],
  tasks: { p0: [unmap(0, 2)], t1: [{ op: 'exit_thread' }] },
  after: [{ op: 'group_unset_container', fd: 'g0' }],
  properties: [
    always<LinuxView>('an unmap that succeeds leaves nothing mapped in its range', (w) => mappedPages(w) === 0, {
      when: (w) => succeeded(w.result('p0', 'unmap_dma')),
      finding: 'wrong-result',
    }),
    always<LinuxView>('nothing counts as locked when its last group has left', (w) => w.system.locked() === 0, {
      when: (w) => w.finished,
      finding: 'leak',
    }),
    sometimes('both pages are unmapped', (w) => sizeOf(w.result('p0', 'unmap_dma')) === 2 * page),
    sometimes(
      'the thread has gone before the unmap is through',
      (w) => w.result('t1', 'exit_thread') !== undefined && w.result('p0', 'unmap_dma') === undefined,
    ),
    everybodyComesThrough,
  ],
  expected: [
    {
      profile: '4.10',
      states: 179,
      findings: [
        'an unmap that succeeds leaves nothing mapped in its range',
        'nothing counts as locked when its last group has left',
      ],
      verdicts: {
        'an unmap that succeeds leaves nothing mapped in its range': 'violated',
        'nothing counts as locked when its last group has left': 'violated',
      },
    },
    { profile: '5.10', states: 82, findings: [] },
    { profile: '6.1', states: 82, findings: [] },
  ],
  mutants: [
    {
      name: 'process-owns',
      why: 'The fix put in early: 4.10, but a mapping belongs to the process.',
      profiles: ['4.10'],
      but: { owner: 'process' },
      expected: [{ profile: '4.10', states: 82, findings: [] }],
    },
  ],
})
