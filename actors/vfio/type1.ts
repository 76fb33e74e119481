/** The actors of one container with the type1 backend: what is shared, and what a task needs to work on it. */
import { devices as deviceList } from '../../machines/iommu/devices.ts'
import type { Era } from '../../machines/iommu/era.ts'
import { map } from '../../machines/iommu/map.ts'
import { notifyDevices } from '../../machines/iommu/notify-devices.ts'
import { pin } from '../../machines/iommu/pin.ts'
import { type1 } from '../../machines/iommu/type1.ts'
import { unpin } from '../../machines/iommu/unpin.ts'
import { mutex, mutexFacts } from '../../machines/kernel/mutex.ts'
import { notifierCallChain } from '../../machines/kernel/notifier-call-chain.ts'
import { notifierChain } from '../../machines/kernel/notifier-chain.ts'
import { rwsem, rwsemFacts } from '../../machines/kernel/rwsem.ts'
import { container as containerMachine, type Backend } from '../../machines/vfio/container.ts'
import { detach } from '../../machines/vfio/detach.ts'
import { group as groupMachine } from '../../machines/vfio/group.ts'
import { registerNotifier } from '../../machines/vfio/register-notifier.ts'
import { setIommu } from '../../machines/vfio/set-iommu.ts'
import { unregisterNotifier } from '../../machines/vfio/unregister-notifier.ts'
import type { ActorSpec } from '../world.ts'
import type { BackendWiring, Wants } from './backend.ts'
import { callName } from './names.ts'
import { anyCall, defaultProcess, type Plan } from './plan.ts'

export function type1Wiring(plan: Plan, container: string): BackendWiring {
  const of = (base: string) => plan.names.in(container, base)
  const description = plan.containers.find(([id]) => id === container)![1]
  const backend: Backend = description.backend ?? 'type1v2'
  const v2 = backend !== 'type1'
  const era = plan.protocol.era as Era
  const { retryBound, pinTakesGroupLock } = plan.description
  const lock = of('iommu.lock')
  const devicesLock = of('device_list.lock')
  const groupLock = of('group.lock')
  const listed = era === 'v6.0'
  const listeners = of(listed ? 'devices' : 'notifier')
  const groups = plan.groups.filter(([, home]) => home === container)
  const devices = plan.devices.filter((each) => each.container === container)
  const listening = devices.filter((each) => each.open && each.behaviour !== 'no-notifier').map(({ id }) => id)
  // container_users matters only where it can reach zero, or where the group refuses users.
  const countsUsers =
    anyCall(plan, 'open', 'close', 'register', 'unregister', 'detach') ||
    backend === 'noiommu' ||
    backend === 'none' ||
    groups.some(([, , { viable, used }]) => viable === false || used === false)

  const mutexNamed = (id: string, lockClass: string): ActorSpec => ({
    id,
    machine: mutex,
    input: { id },
    lockClass,
    lock: mutexFacts,
  })
  const rwsemNamed = (id: string, lockClass: string): ActorSpec => ({
    id,
    machine: rwsem,
    input: { id },
    lockClass,
    lock: rwsemFacts,
  })

  const mappings = (description.mappings ?? []).map(({ iova, size, prot = 'rw', process = defaultProcess }) => {
    const from = BigInt(iova)
    const bytes = BigInt(size)
    const pinned = devices.flatMap((each) => each.pinned).filter((page) => from <= page && page < from + bytes)
    return { iova: from, size: bytes, prot, mm: process, pinned }
  })

  return {
    objects: [
      mutexNamed(lock, 'iommu->lock'),
      {
        id: of('type1'),
        machine: type1,
        input: { v2, era, mapped: mappings },
        guardedBy: lock,
        unguarded: listed ? ['READ'] : [],
      },
      ...(listed
        ? [
            mutexNamed(devicesLock, 'iommu->device_list_lock'),
            {
              id: listeners,
              machine: deviceList,
              // Newest first.
              input: { devices: listening.toReversed() },
              guardedBy: devicesLock,
              unguarded: ['IS_EMPTY'],
            },
          ]
        : [
            rwsemNamed(of('notifier.rwsem'), 'iommu->notifier.rwsem'),
            {
              id: listeners,
              machine: notifierChain,
              input: { blocks: listening },
              guardedBy: of('notifier.rwsem'),
              unguarded: ['IS_EMPTY'],
            },
          ]),
    ],
    containerObjects: [
      rwsemNamed(groupLock, 'container->group_lock'),
      {
        id: container,
        machine: containerMachine,
        input: { id: container, backend, groups: groups.map(([id]) => id) },
        guardedBy: groupLock,
        unguarded: ['READ'],
      },
      ...groups.map(([id, , { viable = true, used = true }]) => ({
        id,
        machine: groupMachine,
        input: {
          id,
          container,
          backend,
          viable,
          users: used ? 1 + devices.filter((each) => each.group === id && each.open && !listed).length : 0,
        },
      })),
    ],
    callsFor(task: string, wants: Wants): ActorSpec[] {
      const call = (procedure: string, machine: ActorSpec['machine'], input: object): ActorSpec => ({
        id: callName(task, of(procedure)),
        machine,
        input: { task, ...input },
        thread: task,
      })
      const to = (procedure: string) => callName(task, of(procedure))
      const callbacks = Object.fromEntries(devices.map(({ id }) => [id, callName(task, `${id}.dma_unmap`)]))
      const groupOf = Object.fromEntries(devices.map((each) => [each.id, each.group]))
      const pages = (group: string) => ({
        era,
        v2,
        at: {
          lock,
          type1: of('type1'),
          listeners,
          ...(countsUsers && { group, detach: to('detach') }),
          ...(pinTakesGroupLock && { groupLock }),
        },
      })
      const specs: ActorSpec[] = []
      if (wants.unmap) {
        const notify = listed ? notifyDevices : notifierCallChain
        const at = listed
          ? { lock, type1: of('type1'), devices: listeners, devicesLock, callbacks }
          : { rwsem: of('notifier.rwsem'), chain: listeners, callbacks }
        specs.push(
          call('unmap', plan.protocol.machine, {
            v2,
            at: { lock, type1: of('type1'), notify: to('notify') },
            ...(retryBound !== undefined && { retryBound }),
          }),
          call('notify', notify, { at }),
        )
      }
      if (wants.map) specs.push(call('map', map, { at: { lock, type1: of('type1') } }))
      // Whether a pin or an unpin counts as a user of one group or another makes no difference within one group.
      const home = groups[0]![0]
      if (wants.pin) specs.push(call('pin', pin, pages(home)))
      if (wants.unpin) specs.push(call('unpin', unpin, pages(home)))
      const notifierAt = {
        groups: groupOf,
        container,
        groupLock,
        rwsem: of('notifier.rwsem'),
        chain: listeners,
        detach: to('detach'),
      }
      if (wants.register) specs.push(call('register', registerNotifier, { era, at: notifierAt }))
      if (wants.unregister) specs.push(call('unregister', unregisterNotifier, { era, at: notifierAt }))
      if (wants.detach || (countsUsers && !listed && (wants.pin || wants.unpin)))
        specs.push(call('detach', detach, { at: { group: home, container, groupLock, lock, type1: of('type1') } }))
      if (wants.setIommu) specs.push(call('setIommu', setIommu, { at: { groupLock, container } }))
      return specs
    },
    openAt: (task, device) => ({
      group: device.group,
      register: callName(task, of('register')),
      lock,
      devicesLock,
      devices: listeners,
    }),
    closeAt: (task, device) => ({
      group: device.group,
      unregister: callName(task, of('unregister')),
      detach: callName(task, of('detach')),
      lock,
      devicesLock,
      devices: listeners,
    }),
  }
}
