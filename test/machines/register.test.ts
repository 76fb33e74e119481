import { describe, expect, test } from 'vitest'
import { closeDevice } from '../../machines/vfio/device/close-device.ts'
import { container } from '../../machines/vfio/container/container.ts'
import { detach } from '../../machines/vfio/group/detach.ts'
import { group } from '../../machines/vfio/group/group.ts'
import { openDevice } from '../../machines/vfio/device/open-device.ts'
import { registerNotifier } from '../../machines/vfio/device/register-notifier.ts'
import { setIommu } from '../../machines/vfio/container/set-iommu.ts'
import { unregisterNotifier } from '../../machines/vfio/device/unregister-notifier.ts'
import { feed } from './feed.ts'

const at = {
  groups: { mdev0: 'group26' },
  container: 'container0',
  groupLock: 'group.lock',
  rwsem: 'notifier.rwsem',
  chain: 'notifier',
  detach: 't1/detach',
}
const merged = { task: 't1', era: 'v4.10', at }
const mailed = { task: 't1', era: 'v13', at }

const call = { type: 'CALL', device: 'mdev0', nb: 'mdev0' }
const user = (ret: number | string = 0) => ({ type: 'USER', ret })
const backend = (name = 'type1v2', groups = 1) => ({ type: 'BACKEND', backend: name, groups })
const dropped = (last = false) => ({ type: 'DROPPED', last })
const returned = (ret: number | string = 0) => ({ type: 'RETURN', ret })
const deleted = (ret: number | string = 0) => ({ type: 'DELETED', ret })

describe('vfio_register_notifier', () => {
  test('as merged, takes a container user, then the chain for write', () => {
    const run = feed(registerNotifier, merged, call, user(), backend(), 'LOCKED', 'ADDED', 'UNLOCKED', dropped())
    expect(run.said).toEqual([
      'group26 ADD_USER',
      'container0 READ',
      'notifier.rwsem DOWN_WRITE',
      'notifier ADD nb=mdev0',
      'notifier.rwsem UP_WRITE',
      'group26 DROP_USER',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('as mailed in v13, holds the container lock for read while it waits for the chain', () => {
    const answers = [user(), 'LOCKED', backend(), 'LOCKED', 'ADDED', 'UNLOCKED', 'UNLOCKED', dropped()]
    const run = feed(registerNotifier, mailed, call, ...answers)
    expect(run.said).toEqual([
      'group26 ADD_USER',
      'group.lock DOWN_READ',
      'container0 READ',
      'notifier.rwsem DOWN_WRITE',
      'notifier ADD nb=mdev0',
      'notifier.rwsem UP_WRITE',
      'group.lock UP_READ',
      'group26 DROP_USER',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test.each([
    ['no device', { device: null }, '-EINVAL'],
    ['no notifier block', { nb: null }, '-EINVAL'],
    ['no events', { events: 0 }, '-EINVAL'],
    ['a device without a group', { device: 'mdev9' }, '-ENODEV'],
  ])('refuses %s before it touches anything', (_, wrong, errno) => {
    const run = feed(registerNotifier, merged, { ...call, ...wrong })
    expect(run.said).toEqual([`t1 RETURN ret=${errno}`])
    expect(run.atRest).toBe(true)
  })

  test('v13 has no events to be wrong about', () => {
    expect(feed(registerNotifier, mailed, { ...call, events: 0 }).said).toEqual(['group26 ADD_USER'])
  })

  test.each(['-EINVAL', '-EPERM'])('passes on why it cannot become a container user: %s', (errno) => {
    const run = feed(registerNotifier, merged, call, user(errno))
    expect(run.said).toEqual(['group26 ADD_USER', `t1 RETURN ret=${errno}`])
    expect(run.atRest).toBe(true)
  })

  test('a backend without the operation is -ENOTTY, and the user is given back', () => {
    expect(feed(registerNotifier, merged, call, user(), backend('spapr'), dropped()).said).toEqual([
      'group26 ADD_USER',
      'container0 READ',
      'group26 DROP_USER',
      't1 RETURN ret=-ENOTTY',
    ])
  })

  test('type1 refuses events it does not know before it takes the chain', () => {
    expect(feed(registerNotifier, merged, { ...call, events: 3 }, user(), backend(), dropped()).said.slice(2)).toEqual([
      'group26 DROP_USER',
      't1 RETURN ret=-EINVAL',
    ])
  })

  test('in v13 -ENOTTY is found, and left, under the container lock', () => {
    const run = feed(registerNotifier, mailed, call, user(), 'LOCKED', backend('spapr'), 'UNLOCKED', dropped())
    expect(run.said.slice(1)).toEqual([
      'group.lock DOWN_READ',
      'container0 READ',
      'group.lock UP_READ',
      'group26 DROP_USER',
      't1 RETURN ret=-ENOTTY',
    ])
  })

  test('the last user takes the group out of its container', () => {
    const answers = [user(), backend(), 'LOCKED', 'ADDED', 'UNLOCKED', dropped(true), returned()]
    const run = feed(registerNotifier, merged, call, ...answers)
    expect(run.said.slice(-2)).toEqual(['t1/detach CALL how=dissolve', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })
})

describe('vfio_unregister_notifier', () => {
  test('takes the chain for write, so it waits for running callbacks', () => {
    const run = feed(unregisterNotifier, merged, call, user(), backend(), 'LOCKED', deleted(), 'UNLOCKED', dropped())
    expect(run.said).toEqual([
      'group26 ADD_USER',
      'container0 READ',
      'notifier.rwsem DOWN_WRITE',
      'notifier DELETE nb=mdev0',
      'notifier.rwsem UP_WRITE',
      'group26 DROP_USER',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('says -ENOENT for a block that is not on the chain', () => {
    const answers = [user(), backend(), 'LOCKED', deleted('-ENOENT'), 'UNLOCKED', dropped()]
    expect(feed(unregisterNotifier, merged, call, ...answers).said.at(-1)).toBe('t1 RETURN ret=-ENOENT')
  })

  test('in v13 waits for the chain with the container lock held for read (V13-5)', () => {
    expect(feed(unregisterNotifier, mailed, call, user(), 'LOCKED', backend()).said).toEqual([
      'group26 ADD_USER',
      'group.lock DOWN_READ',
      'container0 READ',
      'notifier.rwsem DOWN_WRITE',
    ])
  })
})

describe('a group', () => {
  const input = { id: 'group26', container: 'container0', backend: 'type1v2' }

  test('counts its users', () => {
    const run = feed(group, input, 'ADD_USER', 'DROP_USER', 'DROP_USER', 'DROP_USER')
    expect(run.said).toEqual([
      't1 USER ret=0',
      't1 DROPPED last=false',
      't1 DROPPED last=true',
      't1 DROPPED last=false',
    ])
    expect(run.snapshot.context.users).toBe(0)
  })

  test.each([
    ['nobody uses it yet', { users: 0 }, '-EINVAL'],
    ['nothing isolates it', { backend: 'noiommu' }, '-EPERM'],
    ['nothing isolates it and it is not viable', { backend: 'noiommu', viable: false }, '-EPERM'],
    ['its container has no backend', { backend: 'none' }, '-EINVAL'],
    ['it is not viable', { viable: false }, '-EINVAL'],
  ])('takes no user when %s', (_, wrong, errno) => {
    const run = feed(group, { ...input, ...wrong }, 'ADD_USER')
    expect(run.said).toEqual([`t1 USER ret=${errno}`])
    expect(run.atRest).toBe(true)
  })

  test('leaves its container only when it is its own only user', () => {
    expect(feed(group, { ...input, users: 0 }, 'UNSET_CONTAINER').said).toEqual(['t1 UNSET ret=-EINVAL'])
    expect(feed(group, input, 'ADD_USER', 'UNSET_CONTAINER').said.at(-1)).toBe('t1 UNSET ret=-EBUSY')
    expect(feed(group, input, 'UNSET_CONTAINER', 'LEAVE', 'ADD_USER').said).toEqual([
      't1 UNSET ret=0',
      't1 LEFT',
      't1 USER ret=-EINVAL',
    ])
  })
})

describe('a container', () => {
  const input = { id: 'container0', backend: 'type1v2', groups: ['group26', 'group27'] }
  const remove = (name: string) => ({ type: 'REMOVE_GROUP', group: name })

  test('loses its backend with its last group', () => {
    const run = feed(container, input, remove('group26'), 'READ', remove('group27'), 'READ')
    expect(run.said).toEqual([
      't1 REMOVED',
      't1 BACKEND backend=type1v2 groups=1',
      't1 REMOVED',
      't1 BACKEND backend=none groups=0',
    ])
  })

  test('takes one SET_IOMMU only, and none without a group', () => {
    expect(feed(container, input, 'SET_IOMMU').said).toEqual(['t1 SET ret=-EINVAL'])
    expect(feed(container, { ...input, backend: 'none', groups: [] }, 'SET_IOMMU').said).toEqual(['t1 SET ret=-EINVAL'])
  })
})

test('a second SET_IOMMU fails only after it got the container lock for write', () => {
  const input = { task: 't1', at: { groupLock: 'group.lock', container: 'container0' } }
  const run = feed(setIommu, input, 'CALL', 'LOCKED', { type: 'SET', ret: '-EINVAL' }, 'UNLOCKED')
  expect(run.said).toEqual([
    'group.lock DOWN_WRITE',
    'container0 SET_IOMMU',
    'group.lock UP_WRITE',
    't1 RETURN ret=-EINVAL',
  ])
  expect(run.atRest).toBe(true)
})

describe('a group that leaves', () => {
  const input = {
    task: 't1',
    at: { group: 'group26', container: 'container0', groupLock: 'group.lock', lock: 'iommu.lock', type1: 'type1' },
  }
  const rest = ['LOCKED', 'DETACHED', 'UNLOCKED', 'LEFT', 'REMOVED', 'UNLOCKED']

  test('takes every mapping with it if it was the last', () => {
    const run = feed(detach, input, 'CALL', { type: 'UNSET', ret: 0 }, 'LOCKED', backend(), ...rest)
    expect(run.said).toEqual([
      'group26 UNSET_CONTAINER',
      'group.lock DOWN_WRITE',
      'container0 READ',
      'iommu.lock LOCK',
      'type1 DETACH',
      'iommu.lock UNLOCK',
      'group26 LEAVE',
      'container0 REMOVE_GROUP group=group26',
      'group.lock UP_WRITE',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('leaves the mappings to the others if there are others', () => {
    const run = feed(
      detach,
      input,
      { type: 'CALL', how: 'dissolve' },
      'LOCKED',
      backend('type1', 2),
      'LOCKED',
      'UNLOCKED',
    )
    expect(run.said).toEqual([
      'group.lock DOWN_WRITE',
      'container0 READ',
      'iommu.lock LOCK',
      'iommu.lock UNLOCK',
      'group26 LEAVE',
    ])
  })

  test('does not leave while it is used', () => {
    const unset = feed(detach, input, 'CALL', { type: 'UNSET', ret: '-EBUSY' })
    expect(unset.said).toEqual(['group26 UNSET_CONTAINER', 't1 RETURN ret=-EBUSY'])
    const close = feed(detach, input, { type: 'CALL', how: 'close' }, dropped(false))
    expect(close.said).toEqual(['group26 DROP_USER', 't1 RETURN ret=0'])
    expect([unset.atRest, close.atRest]).toEqual([true, true])
  })
})

describe('open and close of a device', () => {
  const ids = {
    group: 'group26',
    register: 't1/register',
    unregister: 't1/unregister',
    detach: 't1/detach',
    lock: 'iommu.lock',
    devicesLock: 'device_list.lock',
    devices: 'devices',
    accesses: 'accesses',
    driver: 'mdev0',
    driverLock: 'mdev0.lock',
    unpin: 't1/unpin',
  }
  const device = (era: string) => ({ task: 't1', device: 'mdev0', era, at: ids })
  const nothingPinned = ['LOCKED', { type: 'PINS', iovas: [] }, 'UNLOCKED']

  test('up to 5.18 open is a container user and a registered notifier', () => {
    const run = feed(openDevice, device('v4.10'), 'CALL', user(), returned())
    expect(run.said).toEqual(['group26 ADD_USER', 't1/register CALL device=mdev0 nb=mdev0', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('an open whose notifier is refused gives the user back', () => {
    const run = feed(openDevice, device('v4.10'), 'CALL', user(), returned('-ENOTTY'), dropped())
    expect(run.said.slice(2)).toEqual(['group26 DROP_USER', 't1 RETURN ret=-ENOTTY'])
    expect(run.atRest).toBe(true)
  })

  test('in 6.0 open takes iommu.lock, then device_list.lock (D-2)', () => {
    const run = feed(openDevice, device('v6.0'), 'CALL', 'LOCKED', 'LOCKED', 'ADDED', 'UNLOCKED', 'UNLOCKED')
    expect(run.said).toEqual([
      'iommu.lock LOCK',
      'device_list.lock LOCK',
      'devices ADD nb=mdev0',
      'device_list.lock UNLOCK',
      'iommu.lock UNLOCK',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('with iommufd open is an access', () => {
    const run = feed(openDevice, device('iommufd'), 'CALL', 'ADDED')
    expect(run.said).toEqual(['accesses ADD device=mdev0', 't1 RETURN ret=0'])
  })

  test('close unpins what is still pinned, then unregisters with the driver lock dropped', () => {
    const pins = ['LOCKED', { type: 'PINS', iovas: [0x1000n, 0x2000n] }, returned(2), 'FORGOTTEN', 'UNLOCKED']
    const run = feed(closeDevice, device('v4.10'), 'CALL', ...pins, returned(), dropped(true), returned())
    expect(run.said).toEqual([
      'mdev0.lock LOCK',
      'mdev0 PINS_IN iova=0x0 size=0x10000000000000000',
      't1/unpin CALL device=mdev0 iovas=[0x1000, 0x2000]',
      'mdev0 FORGET iovas=[0x1000, 0x2000]',
      'mdev0.lock UNLOCK',
      't1/unregister CALL device=mdev0 nb=mdev0',
      'group26 DROP_USER',
      't1/detach CALL how=dissolve',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('in 6.0 close takes iommu.lock, then device_list.lock', () => {
    const run = feed(
      closeDevice,
      device('v6.0'),
      'CALL',
      ...nothingPinned,
      'LOCKED',
      'LOCKED',
      deleted(),
      'UNLOCKED',
      'UNLOCKED',
    )
    expect(run.said.slice(3)).toEqual([
      'iommu.lock LOCK',
      'device_list.lock LOCK',
      'devices DELETE nb=mdev0',
      'device_list.lock UNLOCK',
      'iommu.lock UNLOCK',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('with iommufd close destroys the access', () => {
    const run = feed(closeDevice, device('iommufd'), 'CALL', ...nothingPinned, deleted())
    expect(run.said.slice(3)).toEqual(['accesses DELETE device=mdev0', 't1 RETURN ret=0'])
  })
})
