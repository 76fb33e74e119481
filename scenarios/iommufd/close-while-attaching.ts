import { linux } from '../../actors/kernel/linux.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { scenarioOf } from '../told.ts'
import { everybodyComesThrough, failedWith, succeeded, thread } from '../system-calls/linux-words.ts'
import { attached, bindFile, iommufd, isBound, madeThrough, ownFile } from './words.ts'

/** A device is attached to an IOAS while its files are closed. */
export const closeWhileAttaching = scenarioOf({
  name: 'close-while-attaching',
  family: 'iommufd',
  source:
    'The fourth version of the series of 82d93f580f0b "vfio: Block device access via device fd until device is opened" (6.6) says that closing a file ' +
    'has to look whether that file was bound (found when the two doors of a device were tested against each other); the race with ATTACH is derived',
  why:
    'A device may be open through several files of its own, of which one is bound. In the third version of the series whoever closed any of them ' +
    'closed the device, and another thread that had passed the check for its own file attached a device that was bound no more. The file that ' +
    'ATTACH came by is held by it: closed meanwhile, the device is detached when ATTACH is through.',
  options: { protocol: { values: ['posted', 'repaired'] } },
  world: ({ protocol }) =>
    linux({
      name: 'close-while-attaching',
      systemCalls: { profile: 'iommufd-type1v2', but: { closesUnbound: protocol === 'posted' } },
      before: [
        iommufd,
        { op: 'ioas_alloc', fd: 'i0' },
        ownFile('edu0', 'd0'),
        ownFile('edu0', 'd1'),
        bindFile('d0'),
        thread(),
      ],
      tasks: {
        p0: [{ op: 'attach_pt', fd: 'd0', ioas: 1 }],
        t1: [
          { op: 'close', fd: 'd1' },
          { op: 'close', fd: 'd0' },
        ],
      },
    }),
  properties: [
    always<LinuxView>(
      'a device is attached unless its file is closed',
      (w) => succeeded(w.result('p0', 'attach_pt')) || failedWith(w.result('p0', 'attach_pt'), 'EBADF'),
      { when: (w) => w.result('p0', 'attach_pt') !== undefined, finding: 'wrong-result' },
    ),
    always<LinuxView>(
      'nothing of a device is left in iommufd when all its files are closed',
      (w) => attached(w).length === 0 && !isBound(w, 'edu0') && madeThrough(w).join() === 'ioas',
      { when: (w) => w.finished, finding: 'leak' },
    ),
    sometimes<LinuxView>('it is attached, and detached by whoever closes the file', (w) => attached(w).length > 0),
    sometimes<LinuxView>(
      'ATTACH has the last reference to the file, and closes it',
      (w) =>
        w.result('t1', 'close', 1) !== undefined && w.result('p0', 'attach_pt') === undefined && isBound(w, 'edu0'),
    ),
    sometimes<LinuxView>('the file is closed before', (w) => failedWith(w.result('p0', 'attach_pt'), 'EBADF')),
    everybodyComesThrough,
  ],
  expected: [
    {
      protocol: 'posted',
      findings: [
        'a device is attached unless its file is closed',
        'nothing of a device is left in iommufd when all its files are closed',
      ],
      verdicts: {
        'a device is attached unless its file is closed': 'violated',
        'nothing of a device is left in iommufd when all its files are closed': 'violated',
        'ATTACH has the last reference to the file, and closes it': 'unseen',
      },
      states: 268,
    },
    { protocol: 'repaired', findings: [], states: 288 },
  ],
})
