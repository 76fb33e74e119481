/** VFIO's core in a small Linux: containers, groups, devices, and the drivers devices are bound to. */
import { apiVersion } from '../../../machines/vfio/container/api-version.ts'
import { bind } from '../../../machines/vfio/driver/bind.ts'
import { byName } from '../../../machines/vfio/driver/by-name.ts'
import { countedGetDeviceFd } from '../../../machines/vfio/group/get-device-fd-counted.ts'
import { countedReleaseDevice } from '../../../machines/vfio/device/release-device-counted.ts'
import { countedReleaseGroup } from '../../../machines/vfio/group/release-group-counted.ts'
import { countedSetContainer } from '../../../machines/vfio/group/set-container-counted.ts'
import { countedUnregisterDevice } from '../../../machines/vfio/device/unregister-device-counted.ts'
import { countedUnsetContainer } from '../../../machines/vfio/group/unset-container-counted.ts'
import { dissolve } from '../../../machines/vfio/group/dissolve.ts'
import { checkExtension } from '../../../machines/vfio/container/check-extension.ts'
import { containerIoctl } from '../../../machines/vfio/container/container-ioctl.ts'
import { container } from '../../../machines/vfio/container/container.ts'
import { detachContainer } from '../../../machines/vfio/group/detach-container.ts'
import { device } from '../../../machines/vfio/device/device.ts'
import { driverOf } from '../../../machines/vfio/driver/driver-of.ts'
import { compatGetDeviceFd } from '../../../machines/vfio/group/get-device-fd-compat.ts'
import { compatReleaseDevice } from '../../../machines/vfio/device/release-device-compat.ts'
import { nothing } from '../../../machines/user/nothing.ts'
import { useContainer } from '../../../machines/vfio/container/use-container.ts'
import { getDeviceFd } from '../../../machines/vfio/group/get-device-fd.ts'
import { groupStatus } from '../../../machines/vfio/group/group-status.ts'
import { group } from '../../../machines/vfio/group/group.ts'
import { iommuGroup } from '../../../machines/vfio/group/iommu-group.ts'
import * as names from '../../../machines/vfio/names.ts'
import { openContainer } from '../../../machines/vfio/container/open-container.ts'
import { openGroup } from '../../../machines/vfio/group/open-group.ts'
import { releaseContainer } from '../../../machines/vfio/container/release-container.ts'
import { releaseDevice } from '../../../machines/vfio/device/release-device.ts'
import { releaseGroup } from '../../../machines/vfio/group/release-group.ts'
import { requestDevice } from '../../../machines/vfio/device/request-device.ts'
import { setContainer } from '../../../machines/vfio/group/set-container.ts'
import { setIommu } from '../../../machines/vfio/container/set-iommu.ts'
import { unbind } from '../../../machines/vfio/driver/unbind.ts'
import { unregisterDevice } from '../../../machines/vfio/device/unregister-device.ts'
import { unsetContainer } from '../../../machines/vfio/group/unset-container.ts'
import { valueIoctl } from '../../../machines/vfio/container/value-ioctl.ts'
import { mutexCalled, rwsemCalled } from '../locks.ts'
import type { ActorSpec } from '../../world/world.ts'
import { inventory, type InventoryDevice } from './inventory.ts'
import { containersIn, devicesOf, groupsIn, hasIommufd, processOf, type LinuxPlan } from './plan.ts'

/** What every device is bound to at first, and another that does nothing with it. */
const vfioPci = 'vfio-pci'
const stub = 'pci-stub'

const idsOf = (devices: readonly InventoryDevice[]): readonly string[] => devices.map(({ id }) => id)
const isEmulated = (devices: readonly InventoryDevice[]): boolean => devices.every(({ emulated }) => emulated)

export const objects = (plan: LinuxPlan): ActorSpec[] => [
  mutexCalled(names.driversLock, 'vfio.iommu_drivers_lock'),
  mutexCalled(names.allGroupsLock, 'vfio.group_lock'),
  ...containersIn(plan).flatMap(containerObjects),
  ...groupsIn(plan).flatMap((id) => groupObjects(plan, id)),
  ...plan.devices.flatMap((each) => deviceObjects(plan, each)),
  ...[...new Set(plan.devices.map(({ devSet }) => devSet))].map((set) =>
    mutexCalled(names.setLock(set), 'dev_set->lock'),
  ),
]

const containerObjects = (id: string): ActorSpec[] => [
  rwsemCalled(names.containerLock(id), 'container->group_lock'),
  {
    id,
    machine: container,
    input: { id },
    guardedBy: names.containerLock(id),
    unguarded: ['DRIVER'],
  },
]

/** From 5.19 on by group_rwsem, except for the list of its devices, which changes where drivers are bound and unbound. */
const isGuarded = ({ profile, rebinds }: LinuxPlan): boolean => profile.groups === 'locked' && !rebinds

function groupObjects(plan: LinuxPlan, id: string): ActorSpec[] {
  const devices = idsOf(devicesOf(plan, id))
  const drivers = Object.fromEntries(devices.map((each): [string, string] => [each, vfioPci]))
  const lock = names.groupLock(id)
  const unguarded = ['LOOK_UP', 'LIST']
  return [
    rwsemCalled(lock, 'group->group_rwsem'),
    {
      ...{ id, machine: group, input: { id, devices: devices.toReversed() } },
      ...(isGuarded(plan) && { guardedBy: lock, unguarded }),
    },
    { id: names.iommuGroup(id), machine: iommuGroup, input: { id: names.iommuGroup(id), drivers } },
  ]
}

const deviceObjects = ({ profile: { opensUnbinding } }: LinuxPlan, { id }: InventoryDevice): ActorSpec[] => [
  { id, machine: device, input: { id, registered: true, opensUnbinding } },
  mutexCalled(names.deviceLock(id), 'dev->mutex'),
]

export const calls = (plan: LinuxPlan, thread: string): ActorSpec[] => [
  ...calledByName(plan, thread),
  ...containersIn(plan).flatMap((id) => containerCalls(plan, thread, id)),
  ...groupsIn(plan).flatMap((id) => groupCalls(plan, thread, id, devicesOf(plan, id))),
  ...plan.devices.flatMap((each) => deviceCalls(plan, thread, each)),
]

const call = (thread: string, id: string, machine: ActorSpec['machine'], input: object): ActorSpec => ({
  ...{ id, machine, thread },
  input: { task: thread, ...input },
})

/** System calls that name no descriptor. */
function calledByName(plan: LinuxPlan, thread: string): ActorSpec[] {
  const table = processOf(plan, thread)
  const groups = Object.fromEntries(plan.devices.map(({ id, group: its }): [string, string] => [id, its]))
  const functions = Object.fromEntries(
    plan.devices.filter(({ emulated }) => !emulated).map(({ id }): [string, string] => [id, id]),
  )
  const named = (procedure: string, paths: Readonly<Record<string, string>>): ActorSpec =>
    call(thread, `${thread}.${procedure}`, byName, { procedure, paths })
  return [
    call(thread, `${thread}.open_container`, openContainer, {
      table,
      kind: plan.profile.iommufd === 'instead' ? 'iommufd' : 'container',
    }),
    ...(plan.iommufds !== undefined ? [openIommufd(plan, thread, table)] : []),
    named('open_group', groups),
    named('bind', functions),
    named('unbind', functions),
    named('driver_of', functions),
    // Before 6.6 there is no such folder.
    ...(plan.opensCdevs && !hasIommufd(plan) ? [named('open_cdev', {})] : []),
  ]
}

/** On a kernel without iommufd there is no such file. */
const openIommufd = (plan: LinuxPlan, thread: string, table: string): ActorSpec =>
  hasIommufd(plan)
    ? call(thread, `${thread}.open_iommufd`, openContainer, { table, kind: 'iommufd' })
    : call(thread, `${thread}.open_iommufd`, byName, { procedure: 'open', paths: {} })

function containerCalls(plan: LinuxPlan, thread: string, id: string): ActorSpec[] {
  const named = (procedure: string, machine: ActorSpec['machine'], input: object): ActorSpec =>
    call(thread, names.callOf(thread, id, procedure), machine, input)
  const lock = plan.profile.holdsGroupLock ? { groupLock: names.containerLock(id) } : {}
  const toDriver = (op: string, procedure: string): ActorSpec =>
    named(op, containerIoctl, { container: id, procedure, ...lock })
  const groups = Object.fromEntries(
    groupsIn(plan).map((each): [string, object] => {
      const devices = devicesOf(plan, each)
      return [each, { devices: idsOf(devices), emulated: isEmulated(devices) }]
    }),
  )
  return [
    named('get_api_version', apiVersion, {}),
    named('check_extension', checkExtension, { container: id }),
    named('set_iommu', setIommu, { at: { groupLock: names.containerLock(id), container: id }, groups }),
    named('ioctl_val', valueIoctl, { object: id, kind: 'container' }),
    toDriver('driver_ioctl', 'type1_ioctl'),
    ...['map_dma', 'unmap_dma', 'dirty_pages', 'iommu_get_info'].map((op) => toDriver(op, `type1_${op}`)),
    named('release', releaseContainer, { container: id, notifies: plan.profile.notifiesContainerClose }),
    named('leave', detachContainer, { container: id, ...leavingIn(plan) }),
    ...(hasIommufd(plan)
      ? [named('bind_device', useContainer, { container: id }), named('attach_device', nothing, {})]
      : []),
  ]
}

/** Only from 5.19 on the DMA of real groups is claimed, and their own user is counted as long as they are in a container. */
const leavingIn = (plan: LinuxPlan) => {
  const locked = plan.profile.groups === 'locked'
  return { owned: locked ? groupsIn(plan).filter((id) => !isEmulated(devicesOf(plan, id))) : [], counts: locked }
}

function groupCalls(plan: LinuxPlan, thread: string, id: string, devices: readonly InventoryDevice[]): ActorSpec[] {
  const named = (procedure: string, machine: ActorSpec['machine'], input: object): ActorSpec =>
    call(thread, names.callOf(thread, id, procedure), machine, { group: id, ...input })
  const { profile } = plan
  const counted = profile.groups === 'counted'
  const table = processOf(plan, thread)
  const emulated = isEmulated(devices)
  const joining = { table, emulated, devices: idsOf(devices) }
  const opening = {
    table,
    devices: devices.map(({ id: device, address, emulated: its, devSet }) => ({
      ...{ id: device, name: address ?? device, emulated: its, devSet },
    })),
  }
  const always = [
    named('open_group', openGroup, { table, counted }),
    named('group_get_status', groupStatus, { counted }),
    named('ioctl_val', valueIoctl, { object: id, kind: 'group' }),
  ]
  if (counted)
    return [
      ...always,
      named('group_set_container', countedSetContainer, joining),
      named('group_unset_container', countedUnsetContainer, {}),
      named('get_device_fd', countedGetDeviceFd, opening),
      named('dissolve', dissolve, {}),
      named('release', countedReleaseGroup, {}),
    ]
  return [
    ...always,
    named('group_set_container', setContainer, { ...joining, notAContainer: profile.notAContainer }),
    named('group_unset_container', unsetContainer, {}),
    named('get_device_fd', hasIommufd(plan) ? compatGetDeviceFd : getDeviceFd, opening),
    named('release', releaseGroup, {}),
  ]
}

function deviceCalls(
  plan: LinuxPlan,
  thread: string,
  { id, group: its, devSet, emulated, address, native, says }: InventoryDevice,
): ActorSpec[] {
  const named = (procedure: string, machine: ActorSpec['machine'], input: object): ActorSpec =>
    call(thread, names.callOf(thread, id, procedure), machine, { device: id, group: its, ...input })
  const counted = plan.profile.groups === 'counted'
  const tracks = counted && plan.profile.tracksUnbinding
  const releases = counted ? countedReleaseDevice : hasIommufd(plan) ? compatReleaseDevice : releaseDevice
  const leaving = [
    named('release', releases, { devSet, emulated }),
    counted ? named('unregister', countedUnregisterDevice, { tracks }) : named('unregister', unregisterDevice, {}),
  ]
  if (address === null) return leaving
  const natives = Object.fromEntries(
    inventory.flatMap(({ native: driver }) => (driver === null ? [] : [[driver, { suits: driver === native, says }]])),
  )
  const drivers = {
    ...natives,
    [vfioPci]: { suits: true, says: null },
    [stub]: { suits: true, says: `${stub} ${address}: claimed by stub` },
  }
  return [
    ...leaving,
    named('bind', bind, { counted, drivers }),
    named('unbind', unbind, { tracks, drivers: Object.keys(drivers) }),
    named('driver_of', driverOf, {}),
    named('request', requestDevice, { address, igate: names.igateOf(id) }),
  ]
}
