/** The actors of one container with the type1 backend: what is shared, and what a task needs to work on it. */
import { devices as deviceList } from '../../../machines/type1/notify/devices.ts'
import type { Era } from '../../../machines/type1/backend/era.ts'
import { map } from '../../../machines/type1/map/map.ts'
import { notifyDevices } from '../../../machines/type1/notify/notify-devices.ts'
import { pin } from '../../../machines/type1/pin/pin.ts'
import { removeDma } from '../../../machines/type1/unmap/remove-dma.ts'
import { type1 } from '../../../machines/type1/backend/type1.ts'
import { unpin } from '../../../machines/type1/pin/unpin.ts'
import { notifierCallChain } from '../../../machines/kernel/lists/notifier-call-chain.ts'
import { notifierChain } from '../../../machines/kernel/lists/notifier-chain.ts'
import { container as containerMachine, type Backend } from '../../../machines/vfio/container/container.ts'
import { detach } from '../../../machines/vfio/group/detach.ts'
import { group as groupMachine } from '../../../machines/vfio/group/group.ts'
import { registerNotifier } from '../../../machines/vfio/device/register-notifier.ts'
import { setIommu } from '../../../machines/vfio/container/set-iommu.ts'
import { unregisterNotifier } from '../../../machines/vfio/device/unregister-notifier.ts'
import type { ActorSpec } from '../../world/world.ts'
import { call, callbacksOf, devicesIn, listeningIn, mappedIn, type BackendWiring } from './backend.ts'
import { mutexCalled, rwsemCalled } from '../locks.ts'
import { callName } from '../names.ts'
import { defaultProcess } from '../../scripts/tasks.ts'
import { anyCall, type Plan } from './plan.ts'

/** Names and facts of one container that all its actors are wired from. */
function surroundings(plan: Plan, container: string) {
  const of = (base: string) => plan.names.in(container, base)
  const { backend = 'type1v2' } = plan.containers.find(([id]) => id === container)![1]
  const era = plan.protocol.era as Era
  const listed = era === 'v6.0'
  const groups = plan.groups.filter(([, home]) => home === container)
  return {
    ...{ plan, container, groups, era, listed },
    backend: backend satisfies Backend,
    v2: backend !== 'type1',
    lock: of('iommu.lock'),
    type1: of('type1'),
    groupLock: of('group.lock'),
    rwsem: of('notifier.rwsem'),
    devicesLock: of('device_list.lock'),
    /** Whoever is told of an unmap: the notifier chain, or the device list. */
    listeners: of(listed ? 'devices' : 'notifier'),
    devices: devicesIn(plan, container),
    /** container_users matters only where it can reach zero, or where a group refuses users. Beside memory of devices, they stay. */
    countsUsers:
      plan.deviceMemory === undefined &&
      (anyCall(plan, 'open', 'close', 'register', 'unregister', 'detach') ||
        backend === 'noiommu' ||
        backend === 'none' ||
        groups.some(([, , { viable, used }]) => viable === false || used === false)),
    /** A procedure of this container, or of one of its groups where there are several. */
    procedure: (name: string, group?: string) => plan.names.procedure(container, name, group),
  }
}
type Surroundings = ReturnType<typeof surroundings>

export function type1Wiring(plan: Plan, container: string): BackendWiring {
  const here = surroundings(plan, container)
  const listAt = { lock: here.lock, devicesLock: here.devicesLock, devices: here.listeners }
  const to = (task: string, procedure: string, group: string) => callName(task, here.procedure(procedure, group))
  return {
    objects: [
      ...backendObjects(here),
      ...listenerObjects(here),
      // Where there is memory of devices, its users are counted there.
      ...(plan.deviceMemory ? [] : containerObjects(here)),
    ],
    callsFor: (task) => [...unmapCalls(here, task), ...here.groups.flatMap(([group]) => groupCalls(here, task, group))],
    pinOf: (task, { group }) => to(task, 'pin', group),
    unpinOf: (task, { group }) => to(task, 'unpin', group),
    openAt: (task, { group }) => (here.listed ? listAt : { group, register: to(task, 'register', group) }),
    closeAt: (task, { group }) =>
      here.listed ? listAt : { group, unregister: to(task, 'unregister', group), detach: to(task, 'detach', group) },
  }
}

function backendObjects({ plan, container, lock, type1: id, v2, era, listed }: Surroundings): ActorSpec[] {
  const mapped = mappedIn(plan, container).map(({ iova, size, prot = 'rw', process = defaultProcess, pinned }) => ({
    ...{ iova, size, prot, pinned },
    mm: process,
  }))
  return [
    mutexCalled(lock, 'iommu->lock'),
    { id, machine: type1, input: { v2, era, mapped }, guardedBy: lock, unguarded: listed ? ['READ'] : [] },
  ]
}

function listenerObjects({ plan, container, listed, listeners, rwsem, devicesLock }: Surroundings): ActorSpec[] {
  const unguarded = ['IS_EMPTY']
  const listening = listeningIn(plan, container)
  if (listed) {
    // Newest first.
    const input = { devices: listening.toReversed() }
    return [
      mutexCalled(devicesLock, 'iommu->device_list_lock'),
      { id: listeners, machine: deviceList, input, guardedBy: devicesLock, unguarded },
    ]
  }
  const input = { blocks: listening }
  return [
    rwsemCalled(rwsem, 'iommu->notifier.rwsem'),
    { id: listeners, machine: notifierChain, input, guardedBy: rwsem, unguarded },
  ]
}

function containerObjects({ container, backend, groups, groupLock, devices, listed }: Surroundings): ActorSpec[] {
  const names = groups.map(([id]) => id)
  // One user for SET_CONTAINER, one for each open device; from 6.0 on no story looks at them.
  const users = (group: string) => 1 + devices.filter((each) => each.group === group && each.open && !listed).length
  return [
    rwsemCalled(groupLock, 'container->group_lock'),
    {
      id: container,
      machine: containerMachine,
      input: { id: container, backend, groups: names },
      guardedBy: groupLock,
      unguarded: ['READ'],
    },
    ...groups.map(([id, , { viable = true, used = true }]) => ({
      id,
      machine: groupMachine,
      input: { id, container, backend, viable, users: used ? users(id) : 0 },
    })),
  ]
}

function unmapCalls(here: Surroundings, task: string): ActorSpec[] {
  const { plan, container, lock, type1: id, v2, listed, listeners, devicesLock, rwsem, groupLock, devices } = here
  const { retryBound } = plan.form
  const callbacks = callbacksOf(task, devices)
  const notifyAt = listed
    ? { lock, type1: id, devices: listeners, devicesLock, callbacks }
    : { rwsem, chain: listeners, callbacks }
  const memory = plan.deviceMemory?.(task)
  const unmapAt = {
    ...{ lock, type1: id, notify: callName(task, here.procedure('notify')) },
    ...(memory && { remove: callName(task, here.procedure('remove')) }),
  }
  return [
    ...(memory ? [call(task, here.procedure('remove'), removeDma, { container, at: { type1: id, ...memory } })] : []),
    call(task, here.procedure('unmap'), plan.protocol.machine, {
      ...{ v2, at: unmapAt },
      ...(retryBound !== undefined && { retryBound }),
    }),
    call(task, here.procedure('notify'), listed ? notifyDevices : notifierCallChain, { at: notifyAt }),
    call(task, here.procedure('map'), map, { at: { lock, type1: id } }),
    call(task, here.procedure('setIommu'), setIommu, { at: { groupLock, container } }),
  ]
}

/** Calls that go by way of a group. */
function groupCalls(here: Surroundings, task: string, group: string): ActorSpec[] {
  const { plan, container, lock, type1: id, v2, era, listeners, rwsem, groupLock, devices, countsUsers } = here
  const named = (procedure: string) => here.procedure(procedure, group)
  const dissolve = callName(task, named('detach'))
  const pagesAt = {
    ...{ lock, type1: id, listeners },
    ...(countsUsers && { group, detach: dissolve }),
    ...(plan.form.pinTakesGroupLock && { groupLock }),
  }
  const groups = Object.fromEntries(devices.map((each) => [each.id, each.group]))
  const notifierAt = { groups, container, groupLock, rwsem, chain: listeners, detach: dissolve }
  return [
    call(task, named('pin'), pin, { era, v2, at: pagesAt }),
    call(task, named('unpin'), unpin, { era, v2, at: pagesAt }),
    call(task, named('register'), registerNotifier, { era, at: notifierAt }),
    call(task, named('unregister'), unregisterNotifier, { era, at: notifierAt }),
    call(task, named('detach'), detach, { at: { group, container, groupLock, lock, type1: id } }),
  ]
}
