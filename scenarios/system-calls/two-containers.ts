import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { containerWith, everybodyComesThrough, failedWith, succeeded, thread } from './linux-words.ts'
import { onLinux } from './on-linux.ts'
import type { Op } from '../../actors/kernel/system-calls/op.ts'

/** A second container, so that the group has somewhere to go. */
const withAnother: readonly Op[] = [...containerWith('edu0'), { op: 'open_container', as: 'c1' }]

const oneContainerAtATime = always<LinuxView>(
  'the group is in one container at a time',
  (w) => [...w.system.groups('container0'), ...w.system.groups('container1')].length <= 1,
  { finding: 'wrong-result' },
)

const movesOn = sometimes<LinuxView>(
  'the group ends up in the other container',
  (w) => w.finished && w.system.groups('container1').length === 1 && w.system.groups('container0').length === 0,
)

/** One thread takes a group out of its container while another puts it into the next. */
export const twoContainers = onLinux({
  name: 'two-containers',
  family: 'lifecycle',
  windows: ['B-24'],
  source:
    'b76c0eed7486 and 3ca5470878eb (5.19) took the atomic counts out of the life of a group; the interleaving is derived from 4.19 and 5.15',
  why:
    'Up to 5.18 a group that leaves its container is free for the next one as soon as a counter is 0, but it is still on the list of the old one, ' +
    'under a lock that the next container does not take. Another thread that sets the next container in between links it a second time, and ' +
    'unprivileged user space has corrupted a kernel list. From 5.19 on both happen under group_rwsem.',
  profiles: ['4.10', '5.15', '6.1'],
  before: [...withAnother, thread()],
  tasks: {
    p0: [{ op: 'group_unset_container', fd: 'g0' }],
    t1: [{ op: 'group_set_container', fd: 'g0', container: 'c1' }],
  },
  properties: [
    oneContainerAtATime,
    movesOn,
    sometimes('the group is wanted too early', (w) => failedWith(w.result('t1', 'group_set_container'), 'EINVAL')),
    everybodyComesThrough,
  ],
  expected: [
    {
      profile: '4.10',
      states: 99,
      findings: ['list corruption in vfio_group_set_container', 'the group is in one container at a time'],
      verdicts: { 'the group is in one container at a time': 'violated' },
    },
    {
      profile: '5.15',
      states: 99,
      findings: ['list corruption in vfio_group_set_container', 'the group is in one container at a time'],
      verdicts: { 'the group is in one container at a time': 'violated' },
    },
    { profile: '6.1', states: 109, findings: [] },
  ],
})

/** The group's descriptor is closed and a device keeps the container; then the device is closed while the group is opened anew. */
export const reopenedGroup = onLinux({
  name: 'reopened-group',
  family: 'lifecycle',
  windows: ['B-24'],
  source:
    'b76c0eed7486 "Simplify the life cycle of the group FD" (5.19); the interleaving is derived from 4.19 and 5.15',
  why:
    'A device that stays open after its group was closed keeps the group in its container, and its last close takes the group out ' +
    '(vfio_group_try_dissolve_container). Up to 5.18 the group may be opened again as soon as it names no container any more, which is before ' +
    'it is off the list of the old one. From 5.19 on the device keeps the group file itself.',
  profiles: ['4.10', '5.15', '6.1'],
  before: [
    ...withAnother,
    { op: 'get_device_fd', fd: 'g0', dev: 'edu0', as: 'd0' },
    { op: 'close', fd: 'g0' },
    thread(),
  ],
  tasks: {
    p0: [{ op: 'close', fd: 'd0' }],
    t1: [
      { op: 'open_group', dev: 'edu0', as: 'g1' },
      { op: 'group_set_container', fd: 'g1', container: 'c1' },
    ],
  },
  properties: [
    oneContainerAtATime,
    movesOn,
    sometimes('the group is opened too early', (w) => failedWith(w.result('t1', 'open_group'), 'EBUSY')),
    everybodyComesThrough,
  ],
  expected: [
    {
      profile: '4.10',
      states: 154,
      findings: ['the group is in one container at a time'],
      verdicts: { 'the group is in one container at a time': 'violated' },
    },
    {
      profile: '5.15',
      states: 154,
      findings: ['the group is in one container at a time'],
      verdicts: { 'the group is in one container at a time': 'violated' },
    },
    { profile: '6.1', states: 171, findings: [] },
  ],
})

/** A device is opened while its group leaves the container. */
export const uncountedDevice = onLinux({
  name: 'uncounted-device',
  family: 'lifecycle',
  windows: ['B-24'],
  source:
    '3ca5470878eb "vfio: Change container_users to a non-atomic int" (5.19); the interleaving is derived from 4.19 and 5.15',
  why:
    'Up to 5.18 opening a device looks at the container first and becomes its user last, with no lock in between. If the group leaves meanwhile, ' +
    'an open device is left whose group has a user and no container, and the next UNSET_CONTAINER follows a null pointer. From 5.19 on both ' +
    'hold group_rwsem.',
  profiles: ['4.10', '5.15', '6.1'],
  before: [...containerWith('edu0'), thread()],
  tasks: {
    p0: [{ op: 'get_device_fd', fd: 'g0', dev: 'edu0', as: 'd0' }],
    t1: [{ op: 'group_unset_container', fd: 'g0' }],
  },
  after: [{ op: 'group_unset_container', fd: 'g0' }],
  properties: [
    always('the group of an open device is in a container', (w) => w.system.groups('container0').length === 1, {
      when: (w) => succeeded(w.result('p0', 'get_device_fd')),
      finding: 'wrong-result',
    }),
    sometimes('the device comes first: the group has to stay', (w) =>
      failedWith(w.result('t1', 'group_unset_container'), 'EBUSY'),
    ),
    sometimes('the group leaves first: the device stays shut', (w) =>
      failedWith(w.result('p0', 'get_device_fd'), 'EINVAL'),
    ),
    everybodyComesThrough,
  ],
  expected: [
    {
      profile: '4.10',
      states: 201,
      findings: [
        'NULL pointer dereference in __vfio_group_unset_container',
        'the group of an open device is in a container',
      ],
      verdicts: { 'the group of an open device is in a container': 'violated' },
    },
    {
      profile: '5.15',
      states: 201,
      findings: [
        'NULL pointer dereference in __vfio_group_unset_container',
        'the group of an open device is in a container',
      ],
      verdicts: { 'the group of an open device is in a container': 'violated' },
    },
    { profile: '6.1', states: 162, findings: [] },
  ],
})
