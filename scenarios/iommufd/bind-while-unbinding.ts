import { linux } from '../../actors/kernel/linux.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, alwaysStep, sometimes } from '../../explore/claims/properties.ts'
import { scenarioOf } from '../told.ts'
import { everybodyComesThrough, succeeded, thread } from '../system-calls/linux-words.ts'
import { bindFile, driverOf, iommufd, isBound, isLeaving, ownFile, referencesTo } from './words.ts'

/** A device is unbound from its driver while somebody who opened its file before binds it to an iommufd. */
export const bindWhileUnbinding = scenarioOf({
  name: 'bind-while-unbinding',
  family: 'iommufd',
  source:
    '38c24544e10a "vfio: Move device_del() before waiting for the last vfio_device registration refcount" (6.6), made so that nobody opens a device ' +
    'that is going; what comes of the other order is derived. That a file opened before can still be bound, and the unbinding ends when it is ' +
    'closed, was recorded on Linux 7.2.12',
  why:
    'Who unbinds a device waits until its last file is closed. A file that was there before is good for all it ever was, BIND_IOMMUFD included. ' +
    'But if the device’s node is there until the wait is over, others open it meanwhile, and the wait may never end.',
  options: { protocol: { values: ['posted', 'repaired'] } },
  world: ({ protocol }) =>
    linux({
      name: 'bind-while-unbinding',
      systemCalls: { profile: 'iommufd-type1v2', but: { opensUnbinding: protocol === 'posted' } },
      before: [iommufd, ownFile('edu0', 'd0'), thread()],
      tasks: {
        p0: [bindFile('d0'), ownFile('edu0', 'd1'), { op: 'close', fd: 'd0' }, { op: 'close', fd: 'd1' }],
        t1: [{ op: 'unbind', dev: 'edu0' }],
      },
    }),
  properties: [
    alwaysStep<LinuxView>(
      'nobody opens a device that is being unbound',
      (before, after) => !isLeaving(before, 'edu0') || referencesTo(after, 'edu0') <= referencesTo(before, 'edu0'),
      { finding: 'wrong-result' },
    ),
    always<LinuxView>('a file that was opened before can be bound', (w) => succeeded(w.result('p0', 'bind_iommufd')), {
      when: (w) => w.result('p0', 'bind_iommufd') !== undefined,
      finding: 'wrong-result',
    }),
    always<LinuxView>(
      'no device is bound to an iommufd when its driver has let go of it',
      (w) => !(isBound(w, 'edu0') && driverOf(w, 'group0', 'edu0') === null),
      { finding: 'use-after-free' },
    ),
    sometimes<LinuxView>(
      'its unbinding has begun before it is bound',
      (w) => isLeaving(w, 'edu0') && !isBound(w, 'edu0') && w.result('p0', 'bind_iommufd') === undefined,
    ),
    sometimes<LinuxView>('it is opened a second time', (w) => succeeded(w.result('p0', 'open_cdev'))),
    everybodyComesThrough,
  ],
  expected: [
    {
      protocol: 'posted',
      findings: ['nobody opens a device that is being unbound'],
      verdicts: { 'nobody opens a device that is being unbound': 'violated' },
      states: 76,
    },
    { protocol: 'repaired', findings: [], states: 97 },
  ],
})
