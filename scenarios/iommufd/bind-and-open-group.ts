import { linux } from '../../actors/kernel/linux.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { scenarioOf } from '../told.ts'
import { everybodyComesThrough, failedWith, succeeded, thread } from '../system-calls/linux-words.ts'
import { bindFile, iommufd, isBoundByFile, isOpenGroup, ownFile } from './words.ts'

/** A device is bound through a file of its own while somebody opens its group. */
export const bindAndOpenGroup = scenarioOf({
  name: 'bind-and-open-group',
  family: 'iommufd',
  source:
    '270bf4c019b9 "vfio: Add cdev_device_open_cnt to vfio_group" (6.6), which its series has since its third version (13 February 2023); up to the ' +
    'second each path looked only whether the device was open. That both are then let in is derived; that on Linux 6.12.117 and 7.2.12 either is -EBUSY ' +
    'while the other has it was recorded',
  why:
    'A device has two doors: a file of its own, and its group’s. Who is in through one must keep the other shut, and both are tried under the lock ' +
    'of the group. As first posted a device only knew whether it was open: its group could be opened beside it, and set up for another user.',
  options: { protocol: { values: ['posted', 'repaired'] } },
  world: ({ protocol }) =>
    linux({
      name: 'bind-and-open-group',
      systemCalls: { profile: 'iommufd-type1v2', but: { barsGroup: protocol === 'repaired' } },
      before: [iommufd, ownFile('edu0', 'd0'), thread()],
      tasks: { p0: [bindFile('d0')], t1: [{ op: 'open_group', dev: 'edu0', as: 'g0' }] },
    }),
  properties: [
    always<LinuxView>(
      'a group is not open while a device of it is bound through a file of its own',
      (w) => !(isOpenGroup(w, 'group0') && isBoundByFile(w, 'edu0')),
      { finding: 'wrong-result' },
    ),
    always<LinuxView>(
      'one of the two has its way, and the other is told that it is busy',
      (w) => {
        const [bound, opened] = [w.result('p0', 'bind_iommufd'), w.result('t1', 'open_group')]
        return (succeeded(bound) && failedWith(opened, 'EBUSY')) || (failedWith(bound, 'EBUSY') && succeeded(opened))
      },
      { when: (w) => w.finished, finding: 'wrong-result' },
    ),
    sometimes<LinuxView>('the device is bound, and its group is busy', (w) =>
      failedWith(w.result('t1', 'open_group'), 'EBUSY'),
    ),
    sometimes<LinuxView>('the group is opened, and its device is busy', (w) =>
      failedWith(w.result('p0', 'bind_iommufd'), 'EBUSY'),
    ),
    everybodyComesThrough,
  ],
  expected: [
    {
      protocol: 'posted',
      findings: [
        'a group is not open while a device of it is bound through a file of its own',
        'one of the two has its way, and the other is told that it is busy',
      ],
      verdicts: {
        'a group is not open while a device of it is bound through a file of its own': 'violated',
        'one of the two has its way, and the other is told that it is busy': 'violated',
        'the device is bound, and its group is busy': 'unseen',
        'the group is opened, and its device is busy': 'unseen',
      },
      states: 54,
    },
    { protocol: 'repaired', findings: [], states: 86 },
  ],
})
