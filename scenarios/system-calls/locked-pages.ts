import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import {
  buffer,
  containerWith,
  everybodyComesThrough,
  failedWith,
  map,
  mappedPages,
  mayLock,
  page,
  succeeded,
  thread,
  unmap,
} from './linux-words.ts'
import { onLinux } from './on-linux.ts'

const source =
  '0cfef2b7410b "vfio/type1: Remove locked page accounting workqueue" (4.12), which tells of both sides; the runs are the model’s'

const mayLockOnePage = [...containerWith('edu0'), ...buffer(2), ...mayLock(1)]

/** Somebody else holds mmap_sem now and then. */
const changesMemory = { op: 'mmap', as: 'b1', len: page }

/** One page may be locked, and two are mapped. */
export const beatenLimit = onLinux({
  name: 'beaten-limit',
  family: 'lifecycle',
  windows: ['B-39'],
  source,
  why:
    'Up to 4.11 the pages of a mapping were counted at once only if mmap_sem was free; otherwise a kworker counted them some time later, and ' +
    'until then the limit did not know of them. A thread that keeps mmap_sem busy lets the other lock more memory than RLIMIT_MEMLOCK allows. ' +
    'The fix waits for the lock and looks at the limit again under it.',
  profiles: ['4.10', '5.10', '6.1'],
  before: [...mayLockOnePage, thread()],
  tasks: { p0: [map(0), map(1)], t1: [changesMemory] },
  properties: [
    always<LinuxView>('no more pages are mapped than the process may lock', (w) => mappedPages(w) <= 1, {
      finding: 'wrong-result',
    }),
    sometimes('the second mapping is refused', (w) => failedWith(w.result('p0', 'map_dma', 1), 'ENOMEM')),
    sometimes('what is mapped counts as locked', (w) => w.finished && w.system.locked() === mappedPages(w)),
    everybodyComesThrough,
  ],
  expected: [
    {
      profile: '4.10',
      states: 232,
      findings: ['no more pages are mapped than the process may lock'],
      verdicts: { 'no more pages are mapped than the process may lock': 'violated' },
    },
    { profile: '5.10', states: 54, findings: [] },
    { profile: '6.1', states: 54, findings: [] },
  ],
  mutants: [
    {
      name: 'at-once',
      why: 'The fix put in early: 4.10, but whoever locks pages waits for mmap_sem and counts them itself.',
      profiles: ['4.10'],
      but: { accounting: 'at once' },
      expected: [{ profile: '4.10', states: 54, findings: [] }],
    },
  ],
})

/** One page may be locked; it is given back, and another is wanted. */
export const lateCredit = onLinux({
  name: 'late-credit',
  family: 'lifecycle',
  windows: ['B-39'],
  source,
  why:
    'The other side of the same deferral: pages that were unmapped are still counted until the kworker has run, and a program that stays within ' +
    'its limit is told that it has used it up.',
  profiles: ['4.10', '5.10', '6.1'],
  before: [...mayLockOnePage, map(0), thread()],
  tasks: { p0: [unmap(0), map(1)], t1: [changesMemory] },
  properties: [
    always('what was given back can be locked again', (w) => succeeded(w.result('p0', 'map_dma')), {
      when: (w) => w.result('p0', 'map_dma') !== undefined,
      finding: 'wrong-result',
    }),
    sometimes('the other page is mapped', (w) => succeeded(w.result('p0', 'map_dma'))),
    everybodyComesThrough,
  ],
  expected: [
    {
      profile: '4.10',
      states: 178,
      findings: ['what was given back can be locked again'],
      verdicts: { 'what was given back can be locked again': 'violated' },
    },
    { profile: '5.10', states: 33, findings: [] },
    { profile: '6.1', states: 33, findings: [] },
  ],
  mutants: [
    {
      name: 'at-once',
      why: 'The fix put in early: 4.10, but whoever gives pages back waits for mmap_sem and does it itself.',
      profiles: ['4.10'],
      but: { accounting: 'at once' },
      expected: [{ profile: '4.10', states: 33, findings: [] }],
    },
  ],
})
