/** VFIO's core: containers, groups and devices, the drivers they are bound to, and the order in which a call looks at things. */
import { describe, expect, test } from 'vitest'
import { linux } from '../../actors/kernel/linux.ts'
import type { Op, Result } from '../../actors/kernel/system-calls/op.ts'
import { replayCase } from '../../actors/kernel/system-calls/replay.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { toSystem } from '../../actors/running/system.ts'
import { explore } from '../../explore/index.ts'
import { always } from '../../explore/claims/properties.ts'
import type { Profile, ProfileName } from '../../machines/profile.ts'
import { checkExtension } from '../../machines/vfio/container/check-extension.ts'
import { containerIoctl } from '../../machines/vfio/container/container-ioctl.ts'
import { countedGetDeviceFd } from '../../machines/vfio/group/get-device-fd-counted.ts'
import { detachContainer } from '../../machines/vfio/group/detach-container.ts'
import { deviceNamed } from '../../machines/vfio/device/device-name.ts'
import { getDeviceFd } from '../../machines/vfio/group/get-device-fd.ts'
import { group } from '../../machines/vfio/group/group.ts'
import { releaseDevice } from '../../machines/vfio/device/release-device.ts'
import { setContainer } from '../../machines/vfio/group/set-container.ts'
import { setIommu } from '../../machines/vfio/container/set-iommu.ts'
import { feed } from '../machines/feed.ts'

/** What a program sees: errno or value of each call, what came with it, and what was logged. */
const seen = (ops: readonly string[], profile: ProfileName = '6.1'): readonly string[] =>
  replayCase({ name: 'test', ops: ops.map(opOf) }, profile).results.map(told)

const told = ({ ret, err, pending, kmsg, flags, driver }: Result): string => {
  const parts = [pending ? 'pending' : (err ?? ret), flags, driver, ...((kmsg as readonly string[] | undefined) ?? [])]
  return parts
    .filter((part) => part !== undefined)
    .map(String)
    .join(' ')
}

/** `open_group as=g0 dev=edu0` */
const opOf = (line: string): Op => {
  const [op, ...fields] = line.split(' ')
  const values = fields.map((field) => field.split('=') as [string, string])
  return {
    op: op!,
    ...Object.fromEntries(values.map(([name, text]) => [name, /^\d+$/.test(text) ? Number(text) : text])),
  }
}

const last = (results: readonly string[], count = 1): readonly string[] => results.slice(-count)

const withIommu = [
  'open_container as=c0',
  'open_group as=g0 dev=edu0',
  'group_set_container fd=g0 container=c0',
  'set_iommu fd=c0 type=3',
]
const withDevice = [...withIommu, 'get_device_fd fd=g0 dev=edu0 as=d0']

const data = { id: 'container0.type1', gen: 0 }
const state = (of: object = {}) => ({
  ...{ type: 'GROUP', dead: false, container: null, users: 0, devices: ['edu0'], unbinding: [], file: 'file1' },
  ...of,
})
const driverIs = (pointer: typeof data | null = null) => ({ type: 'DRIVER_IS', data: pointer, groups: ['group0'] })
const returned = (ret: number | string = 0, more: object = {}) => ({ type: 'RETURN', ret, ...more })

describe('opening a group', () => {
  test('works once at a time, for every descriptor of the file together', () => {
    const ops = ['open_group as=g0 dev=edu0', 'dup fd=g0 as=gx', 'close fd=g0', 'open_group as=g1 dev=edu0']
    expect(seen([...ops, 'close fd=gx', 'open_group as=g1 dev=edu0'])).toEqual(['0', '0', '0', 'EBUSY', '0', '0'])
  })

  test('needs a device of the group that is bound to vfio-pci, whichever', () => {
    const ops = ['unbind dev=multi0', 'open_group as=g0 dev=multi0', 'close fd=g0', 'unbind dev=multi1']
    const more = ['unbind dev=multi2', 'open_group as=g0 dev=multi0', 'open_group as=g0 dev=nosuch']
    expect(seen([...ops, ...more])).toEqual(['0', '0', '0', '0', '0', 'ENOENT', 'ENOENT'])
  })

  test('takes the descriptor first: none is free, whatever else is wrong', () => {
    const ops = ['rlimit_nofile val=3', 'open_group as=g0 dev=edu0', 'open_container as=c0']
    expect(seen([...ops, 'rlimit_nofile val=256', 'open_group as=g0 dev=edu0'])).toEqual([
      ...['0', 'EMFILE', 'EMFILE', '0', '0'],
    ])
  })
})

describe('a group and its container', () => {
  test('SET_CONTAINER looks for a container of its own first, then at what it is given', () => {
    const input = {
      ...{ task: 't1', table: 'p0', group: 'group0', emulated: false, devices: ['edu0'] },
      notAContainer: '-EINVAL',
    }
    const call = { type: 'CALL', file: 'file1', container: 'c0' }
    const file = (kind: string) => ({ type: 'FILE', ret: 0, file: 'file2', kind, of: 'container0', light: true })
    const outcome = (kind: string, now: object) =>
      feed(setContainer, input, call, file(kind), 'LOCKED', state(now), 'UNLOCKED')
    expect(feed(setContainer, input, call, { type: 'FILE', ret: '-EBADF', light: true }).said.at(-1)).toBe(
      't1 RETURN ret=-EBADF',
    )
    expect(outcome('group', { container: 'container1', users: 1 }).said.at(-1)).toBe('t1 RETURN ret=-EINVAL')
    expect(outcome('group', { dead: true }).said.at(-1)).toBe('t1 RETURN ret=-ENODEV')
    expect(outcome('group', {}).said.at(-1)).toBe('t1 RETURN ret=-EINVAL')
    expect(outcome('group', {}).atRest).toBe(true)
  })

  test('joining claims the DMA under both locks, and gives it back when the driver does not take the group', () => {
    const input = {
      ...{ task: 't1', table: 'p0', group: 'group0', emulated: false, devices: ['edu0'] },
      notAContainer: '-EINVAL',
    }
    const call = { type: 'CALL', file: 'file1', container: 'c0' }
    const file = { type: 'FILE', ret: 0, file: 'file2', kind: 'container', of: 'container0', light: false }
    const claimed = { type: 'CLAIMED', ret: 0 }
    const until = [call, file, 'LOCKED', state(), 'LOCKED', claimed, driverIs(data), returned('-ENOMEM'), 'RELEASED']
    const run = feed(setContainer, input, ...until, 'UNLOCKED', 'UNLOCKED', { type: 'PUT', last: false })
    expect(run.said).toEqual([
      'files FDGET table=p0 fd=c0',
      'group0.group_rwsem DOWN_WRITE',
      'group0 STATE file=file1',
      'container0.group_lock DOWN_WRITE',
      'group0.iommu CLAIM',
      'container0 DRIVER',
      't1.container0.attach_group CALL group=group0 devices=[edu0] emulated=false backend=container0.type1#0',
      'group0.iommu RELEASE',
      'container0.group_lock UP_WRITE',
      'group0.group_rwsem UP_WRITE',
      'files FDPUT file=file2',
      't1 RETURN ret=-ENOMEM',
    ])
    expect(run.atRest).toBe(true)
  })

  test('UNSET_CONTAINER waits for no device: it refuses while one is open', () => {
    const ops = [...withDevice, 'group_unset_container fd=g0', 'close fd=d0', 'group_unset_container fd=g0']
    expect(last(seen([...ops, 'group_unset_container fd=g0', 'group_get_status fd=g0']), 5)).toEqual([
      ...['EBUSY', '0', '0', 'EINVAL', '0 1'],
    ])
  })

  test('the last group to leave frees the driver before the container forgets it (B-25)', () => {
    const input = { task: 't1', container: 'container0', owned: ['group0'], counts: true }
    const gone = [{ type: 'DROPPED', last: true }, 'LEFT', { type: 'DELETED', last: true }, returned(), 'CLEARED']
    const call = { type: 'CALL', group: 'group0' }
    const run = feed(
      detachContainer,
      input,
      call,
      'LOCKED',
      driverIs(data),
      returned(),
      'RELEASED',
      ...gone,
      'UNLOCKED',
    )
    expect(run.said).toEqual([
      'container0.group_lock DOWN_WRITE',
      'container0 DRIVER',
      't1.container0.detach_group CALL group=group0 backend=container0.type1#0',
      'group0.iommu RELEASE',
      'group0 DROP_USER',
      'group0 LEAVE',
      'container0 DELETE_GROUP group=group0',
      't1.container0.release_backend CALL backend=container0.type1#0',
      'container0 CLEAR_DRIVER',
      'container0.group_lock UP_WRITE',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('a closed container lasts as long as there are groups in it', () => {
    const ops = [...withIommu, 'close fd=c0', 'get_device_fd fd=g0 dev=edu0 as=d0', 'group_get_status fd=g0']
    expect(last(seen([...ops, 'open_container as=c1', 'group_set_container fd=g0 container=c1']), 4)).toEqual([
      ...['0', '0 3', '0', 'EINVAL'],
    ])
  })
})

describe('a container and its driver', () => {
  test('SET_IOMMU asks whether the argument is known, opens, and lets every group join', () => {
    const groups = {
      group0: { devices: ['edu0'], emulated: false },
      group6: { devices: ['emu0'], emulated: true },
    }
    const input = { task: 't1', at: { groupLock: 'container0.group_lock', container: 'container0' }, groups }
    const maySet = { type: 'MAY_SET', groups: ['group6', 'group0'] }
    const begin = [{ type: 'CALL', arg: 3n }, 'LOCKED', maySet, 'LOCKED', returned(1), returned(0, { backend: data })]
    const opened = [
      'container0.group_lock DOWN_WRITE',
      'container0 SET_IOMMU',
      'iommu_drivers_lock LOCK',
      't1.container0.backend_extension CALL ext=0x3 backend=null',
      't1.container0.open_backend CALL arg=0x3',
      't1.container0.attach_group CALL devices=[emu0] emulated=true group=group6 backend=container0.type1#0',
      't1.container0.attach_group CALL devices=[edu0] emulated=false group=group0 backend=container0.type1#0',
    ]
    const left = ['iommu_drivers_lock UNLOCK', 'container0.group_lock UP_WRITE']
    const done = feed(setIommu, input, ...begin, returned(), returned(), 'DRIVER_SET', 'UNLOCKED', 'UNLOCKED')
    expect(done.said).toEqual([
      ...opened,
      'container0 SET_DRIVER backend=type1 data=container0.type1#0',
      ...left,
      't1 RETURN ret=0',
    ])
    const failed = feed(
      setIommu,
      input,
      ...begin,
      returned(),
      returned('-EINVAL'),
      returned(),
      returned(),
      'UNLOCKED',
      'UNLOCKED',
    )
    expect(failed.said).toEqual([
      ...opened,
      't1.container0.detach_group CALL group=group6 backend=container0.type1#0',
      't1.container0.release_backend CALL backend=container0.type1#0',
      ...left,
      't1 RETURN ret=-EINVAL',
    ])
    expect([done.atRest, failed.atRest]).toEqual([true, true])
  })

  test('CHECK_EXTENSION asks the driver that is set, or else all of them under their lock', () => {
    const input = { task: 't1', container: 'container0' }
    const call = { type: 'CALL', ext: 4n }
    const said = (pointer: typeof data | null) =>
      feed(checkExtension, input, call, 'LOCKED', driverIs(pointer), ...(pointer ? [] : ['LOCKED'])).said.slice(2)
    expect(said(data)).toEqual(['t1.container0.backend_extension CALL ext=0x4 backend=container0.type1#0'])
    expect(said(null)).toEqual(['iommu_drivers_lock LOCK', 't1.container0.backend_extension CALL ext=0x4 backend=null'])
  })

  test('what a container does not know is EINVAL without a driver, and the driver gets it with no lock held', () => {
    const input = { task: 't1', container: 'container0', procedure: 'type1_map_dma' }
    expect(feed(containerIoctl, input, { type: 'CALL', iova: 0n }, driverIs()).said).toEqual([
      'container0 DRIVER',
      't1 RETURN ret=-EINVAL',
    ])
    const run = feed(containerIoctl, input, { type: 'CALL', iova: 0n }, driverIs(data), returned(0, { size: 1n }))
    expect(run.said).toEqual([
      'container0 DRIVER',
      't1.container0.type1_map_dma CALL iova=0x0 backend=container0.type1#0',
      't1 RETURN ret=0 size=0x1',
    ])
    expect(run.atRest).toBe(true)
  })

  test('numbers as arguments: a value is taken, a pointer leads nowhere', () => {
    const onGroup = [15207, 15208, 15209, 15210, 15211, 0x1234].map((req) => `ioctl_val fd=g0 req=${req}`)
    expect(seen(['open_group as=g0 dev=edu0', ...onGroup]).slice(1)).toEqual([
      ...['EFAULT', 'EFAULT', 'EINVAL', 'EFAULT', 'ENOTTY', 'ENOTTY'],
    ])
    const onContainer = ['req=15204', 'req=15205 arg=3', 'req=15206 arg=3', 'req=15217'].map(
      (each) => `ioctl_val fd=c0 ${each}`,
    )
    expect(seen(['open_container as=c0', ...onContainer]).slice(1)).toEqual(['0', '1', 'EINVAL', 'EINVAL'])
  })
})

describe('opening a device', () => {
  const openable = { id: 'edu0', name: '0000:00:10.0', emulated: false, devSet: 'edu0' }
  const input = { task: 't1', table: 'p0', group: 'group0', devices: [openable] }
  const call = { type: 'CALL', file: 'file1', as: 'd0', makes: 'file2', dev: 'edu0' }
  const listed = { type: 'LISTED', devices: ['edu0'] }
  const ok = (type: string) => ({ type, ret: 0 })
  const inContainer = state({ container: 'container0', users: 1 })

  test('takes the device, the descriptor, a user of the container; whoever is first makes it ready', () => {
    const assigned = ['LOCKED', inContainer, driverIs(data), 'GOT', 'TAKEN', 'UNLOCKED']
    const opened = ['LOCKED', { type: 'OPENED', first: true }, 'LOCKED', returned(), 'UNLOCKED', 'UNLOCKED']
    const run = feed(
      getDeviceFd,
      input,
      call,
      listed,
      ok('REF'),
      ok('RESERVED'),
      ...assigned,
      ...opened,
      ok('INSTALLED'),
    )
    expect(run.said).toEqual([
      'group0 LIST file=file1',
      'edu0 TAKE_REF',
      'files RESERVE table=p0',
      'group0.group_rwsem DOWN_WRITE',
      'group0 STATE file=file1',
      'container0 DRIVER',
      'files GET file=file1',
      'group0 TAKE_USER',
      'group0.group_rwsem UP_WRITE',
      'edu0.dev_set LOCK',
      'edu0 OPEN',
      'group0.group_rwsem DOWN_READ',
      't1.edu0.pci_open CALL container=container0 backend=container0.type1#0',
      'group0.group_rwsem UP_READ',
      'edu0.dev_set UNLOCK',
      'files INSTALL table=p0 fd=d0 file=file2 kind=device of=edu0 reserved=true',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('what is wrong with the name comes first, then the descriptor, then the group', () => {
    const noFd = { type: 'RESERVED', ret: '-EMFILE' }
    expect(feed(getDeviceFd, input, call, { type: 'LISTED', devices: [] }).said.at(-1)).toBe('t1 RETURN ret=-ENODEV')
    expect(feed(getDeviceFd, input, call, listed, ok('REF'), noFd, 'REF_DROPPED').said.slice(-2)).toEqual([
      'edu0 DROP_REF',
      't1 RETURN ret=-EMFILE',
    ])
    const found = [call, listed, ok('REF'), ok('RESERVED'), 'LOCKED']
    const given = ['UNLOCKED', 'UNRESERVED', 'REF_DROPPED']
    expect(feed(getDeviceFd, input, ...found, state(), ...given).said.at(-1)).toBe('t1 RETURN ret=-EINVAL')
    expect(feed(getDeviceFd, input, ...found, inContainer, driverIs(), ...given).said.at(-1)).toBe(
      't1 RETURN ret=-EINVAL',
    )
  })

  test('one that cannot be made ready gives everything back', () => {
    const assigned = ['LOCKED', inContainer, driverIs(data), 'GOT', 'TAKEN', 'UNLOCKED']
    const opened = [
      'LOCKED',
      { type: 'OPENED', first: true },
      'LOCKED',
      returned('-EIO'),
      { type: 'CLOSED', last: true },
    ]
    const undone = ['UNLOCKED', 'UNLOCKED', 'LOCKED', { type: 'DROPPED' }, { type: 'PUT', last: false }, 'UNLOCKED']
    const steps = [...assigned, ...opened, ...undone, 'UNRESERVED', 'REF_DROPPED']
    const run = feed(getDeviceFd, input, call, listed, ok('REF'), ok('RESERVED'), ...steps)
    expect(run.said.slice(13)).toEqual([
      'edu0 CLOSE',
      'group0.group_rwsem UP_READ',
      'edu0.dev_set UNLOCK',
      'group0.group_rwsem DOWN_WRITE',
      'group0 DROP_USER',
      'files PUT file=file1',
      'group0.group_rwsem UP_WRITE',
      'files UNRESERVE table=p0',
      'edu0 DROP_REF',
      't1 RETURN ret=-EIO',
    ])
    expect(run.atRest).toBe(true)
  })

  test('the last to close puts it at rest; its reference may be the last to the group', () => {
    const input = { task: 't1', device: 'edu0', group: 'group0', devSet: 'edu0', emulated: false }
    const closing = [
      'CALL',
      'LOCKED',
      'LOCKED',
      inContainer,
      { type: 'CLOSED', last: true },
      driverIs(data),
      returned(),
    ]
    const unlocked = ['UNLOCKED', 'UNLOCKED', 'LOCKED', { type: 'DROPPED', last: false }, { type: 'PUT', last: true }]
    const run = feed(releaseDevice, input, ...closing, ...unlocked, 'UNLOCKED', 'REF_DROPPED', returned())
    expect(run.said.slice(3)).toEqual([
      'edu0 CLOSE',
      'container0 DRIVER',
      't1.edu0.pci_close CALL container=container0 backend=container0.type1#0',
      'group0.group_rwsem UP_READ',
      'edu0.dev_set UNLOCK',
      'group0.group_rwsem DOWN_WRITE',
      'group0 DROP_USER',
      'files PUT file=file1',
      'group0.group_rwsem UP_WRITE',
      'edu0 DROP_REF',
      't1.group0.release CALL file=file1',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test.each([
    ['its address', '0000:00:10.0', 0],
    ['its address and a space', '0000:00:10.0 ', 0],
    ['its address and options', '0000:00:10.0 whatever', '-EINVAL'],
    ['a longer address', '0000:00:10.0x', '-ENODEV'],
    ['a part of its address', '00:10.0', '-ENODEV'],
    ['nothing', '', '-ENODEV'],
    ['a page', 'x'.repeat(4095), '-ENODEV'],
    ['more than a page', 'x'.repeat(4096), '-EINVAL'],
  ])('looked for by %s', (_, name, ret) => {
    expect(deviceNamed([openable], name).ret).toBe(ret)
  })

  test('an emulated device goes by exactly its name', () => {
    const emulated = { id: 'emu0', name: 'emu0', emulated: true }
    expect(['emu0', 'emu0 ', 'emu'].map((name) => deviceNamed([emulated], name).ret)).toEqual([0, '-ENODEV', '-ENODEV'])
  })
})

describe('binding and unbinding', () => {
  const said = '<6>0000:00:12.2: ttyS2 at I/O 0xd160 (irq = 22, base_baud = 115200) is a 16550A'

  test('a device has one driver at a time', () => {
    const ops = ['bind dev=edu0 driver=pci-stub', 'unbind dev=edu0', 'unbind dev=edu0', 'driver_of dev=edu0']
    expect(
      seen([...ops, 'bind dev=edu0 driver=nosuch', 'bind dev=edu0 driver=pci-stub', 'driver_of dev=edu0']),
    ).toEqual([
      ...['EBUSY', '0', 'ENOENT', '0 none', 'ENOENT'],
      '0 <6>pci-stub 0000:00:10.0: claimed by stub',
      '0 pci-stub',
    ])
  })

  test('a device is taken from a driver only by its own name', () => {
    const ops = ['unbind dev=edu0 driver=nosuch', 'unbind dev=edu0 driver=pci-stub', 'driver_of dev=edu0']
    expect(
      seen([...ops, 'unbind dev=edu0 driver=vfio-pci', 'unbind dev=edu0 driver=vfio-pci', 'driver_of dev=edu0']),
    ).toEqual([...['ENOENT', 'ENODEV', '0 vfio-pci'], ...['0', 'ENODEV', '0 none']])
  })

  test('a driver that uses DMA of its own and a user of the group keep each other out', () => {
    const stories = [
      ['unbind dev=multi2', 'bind dev=multi2 driver=serial', 'open_container as=c0', 'open_group as=g0 dev=multi0'],
      ['group_get_status fd=g0', 'group_set_container fd=g0 container=c0', 'unbind dev=multi2'],
      ['group_set_container fd=g0 container=c0', 'bind dev=multi2 driver=serial', 'bind dev=multi2 driver=pci-stub'],
      ['group_get_status fd=g0'],
    ]
    expect(seen(stories.flat())).toEqual([
      ...['0', `0 ${said}`, '0', '0'],
      ...['0 0', 'EPERM', '0'],
      ...['0', 'EBUSY', '0 <6>pci-stub 0000:00:12.2: claimed by stub'],
      '0 3',
    ])
  })

  test('a driver does not take a device of another kind', () => {
    expect(seen(['unbind dev=edu0', 'bind dev=edu0 driver=serial', 'driver_of dev=edu0'])).toEqual([
      ...['0', 'ENODEV', '0 none'],
    ])
  })

  test('the last device takes the group with it, also out of its container; an old descriptor stays dead', () => {
    const ops = ['unbind dev=edu0', 'group_get_status fd=g0', 'group_unset_container fd=g0']
    const again = ['bind dev=edu0 driver=vfio-pci', 'group_get_status fd=g0', 'open_group as=g1 dev=edu0']
    const results = seen([
      ...withIommu.slice(0, 3),
      ...ops,
      ...again,
      'get_device_fd fd=g0 dev=edu0 as=d0',
      'close fd=g0',
      'group_get_status fd=g1',
    ])
    expect(results.slice(3)).toEqual(['0', 'ENODEV', 'EINVAL', '0', 'ENODEV', '0', 'ENODEV', '0', '0 1'])
  })

  test('waits while a descriptor is open; as long as one is, there may be more', () => {
    const ops = [
      'unbind dev=edu0 proc=p1 async=1',
      'driver_of dev=edu0',
      'get_device_fd fd=g0 dev=edu0 as=d1',
      'close fd=d0',
    ]
    const later = ['await proc=p1', 'close fd=d1', 'await proc=p1', 'get_device_fd fd=g0 dev=edu0 as=d0']
    expect(last(seen(['fork as=p1', ...withDevice, ...ops, ...later]), 8)).toEqual([
      'pending <4>vfio-pci 0000:00:10.0: No device request channel registered, blocked until released by user',
      ...['0 none', '0', '0', 'pending', '0', '0', 'ENODEV'],
    ])
  })
})

describe('up to 5.18, by counts', () => {
  test('SET_CONTAINER looks at the count alone: a group that is leaving is put on a second list (B-24)', () => {
    const inContainer = { id: 'group0', container: 'container0', users: 1, devices: ['edu0'] }
    const run = feed(group, inContainer, 'UNSET_CONTAINER', 'STATE', { type: 'ATTACH', container: 'container1' })
    expect(run.said.slice(0, 2)).toEqual([
      't1 UNSET ret=0',
      't1 GROUP dead=false container=container0 users=0 devices=[edu0] unbinding=[] file=null',
    ])
    expect(run.said[2]).toBe('! bug list corruption in vfio_group_set_container')
  })

  test('a device opened while the group leaves has a user and no container (B-24)', () => {
    const input = { task: 't1', table: 'p0', group: 'group0', devices: [] }
    const call = { type: 'CALL', as: 'd0', makes: 'file2', dev: 'edu0' }
    const run = feed(countedGetDeviceFd, input, call, state({ container: null, users: 1 }))
    expect(run.said.at(-1)).toBe('! bug NULL pointer dereference in vfio_group_get_device_fd')
  })

  test('a closed group cannot be opened again while a device of it is open', () => {
    const ops = [...withDevice, 'close fd=g0', 'open_group as=g1 dev=edu0', 'close fd=d0', 'open_group as=g1 dev=edu0']
    expect(last(seen(ops, '5.15'), 3)).toEqual(['EBUSY', '0', '0'])
  })

  test('viable is a matter of drivers; a descriptor that is none is EINVAL', () => {
    const ops = ['unbind dev=multi2', 'bind dev=multi2 driver=serial', 'open_group as=g0 dev=multi0']
    expect(
      last(seen([...ops, 'group_get_status fd=g0', 'group_set_container fd=g0 container=none'], '5.15'), 2),
    ).toEqual(['0 0', 'EINVAL'])
  })

  test('unbinding the last device waits until the group has left its container', () => {
    const ops = [
      'unbind dev=edu0 proc=p1 async=1',
      'group_get_status fd=g0',
      'group_unset_container fd=g0',
      'await proc=p1',
    ]
    expect(last(seen(['fork as=p1', ...withIommu, ...ops], '5.15'), 4)).toEqual(['pending', '0 3', '0', '0'])
  })
})

describe('two at once, in every order', () => {
  /** Every pair of results, and what is wrong on the way. */
  const outcomes = async (
    before: readonly string[],
    [one, other]: readonly [string, string],
    profile: ProfileName,
    but: Partial<Profile> = {},
  ): Promise<readonly string[]> => {
    const story = { systemCalls: { profile, but }, before: [...before, 'thread as=t1'].map(opOf) }
    const world = linux({ ...story, tasks: { p0: [opOf(one)], t1: [opOf(other)] } })
    const seenOutcomes = new Set<string>()
    const collect = always('every outcome is noted', (view: LinuxView) => {
      if (view.finished)
        seenOutcomes.add(['p0', 't1'].map((thread) => told(view.system.result(thread, 0)!)).join(' and '))
      return true
    })
    const { exhaustive, findings } = await explore(toSystem(world), [collect])
    expect(exhaustive).toBe(true)
    return [...[...seenOutcomes].sort(), ...findings.map(({ title }) => title)]
  }

  test('a device is opened, or its group leaves: not both', async () => {
    const race = ['get_device_fd fd=g0 dev=edu0 as=d0', 'group_unset_container fd=g0'] as const
    expect(await outcomes(withIommu, race, '6.1')).toEqual(['0 and EBUSY', 'EINVAL and 0'])
    expect(await outcomes(withIommu, race, '5.15')).toEqual(['0 and 0', '0 and EBUSY', 'EINVAL and 0'])
  })

  test('a group joins another container while it leaves one (B-24)', async () => {
    const before = [...withIommu, 'open_container as=c1']
    const race = ['group_unset_container fd=g0', 'group_set_container fd=g0 container=c1'] as const
    const fixed = ['0 and 0', '0 and EINVAL']
    expect(await outcomes(before, race, '5.15')).toEqual([...fixed, 'list corruption in vfio_group_set_container'])
    expect(await outcomes(before, race, '5.15', { groups: 'locked' })).toEqual(fixed)
  })

  test('a device is unbound while another of its group is opened (B-28)', async () => {
    const before = withIommu.map((line) => line.replace('edu0', 'multi0'))
    const race = ['get_device_fd fd=g0 dev=multi0 as=d0', 'unbind dev=multi2'] as const
    expect(await outcomes(before, race, '5.15', { tracksUnbinding: false })).toEqual(['0 and 0', 'EINVAL and 0'])
    expect(await outcomes(before, race, '5.15')).toEqual(['0 and 0'])
    expect(await outcomes(before, race, '6.1')).toEqual(['0 and 0'])
  })

  test('the last device is unbound while it is being opened', async () => {
    const race = ['get_device_fd fd=g0 dev=edu0 as=d0', 'unbind dev=edu0'] as const
    // Opened first: the other waits, and nobody ever closes.
    expect(await outcomes(withIommu, race, '6.1')).toEqual(['ENODEV and 0', 'deadlock at edu0'])
  })
})
