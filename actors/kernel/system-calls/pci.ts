/** PCI functions behind vfio-pci, the IOMMU hardware, and what can be done with a device's descriptor. */
import { dmar } from '../../../machines/pci/root-complex/dmar.ts'
import { lockedCall } from '../../../machines/kernel/locks/locked-call.ts'
import { deviceIoctl } from '../../../machines/pci/function/device-ioctl.ts'
import { eduDma } from '../../../machines/pci/edu/edu-dma.ts'
import { edu } from '../../../machines/pci/edu/edu.ts'
import type { FunctionFacts } from '../../../machines/pci/function/facts.ts'
import { pciFunction } from '../../../machines/pci/function/function.ts'
import { hotReset } from '../../../machines/pci/reset/hot-reset.ts'
import { informs } from '../../../machines/pci/function/information.ts'
import { exportBar } from '../../../machines/pci/buffers/export-bar.ts'
import { exportedBar } from '../../../machines/pci/buffers/exported-bar.ts'
import { moveBars } from '../../../machines/pci/buffers/move-bars.ts'
import { revokingCall } from '../../../machines/pci/buffers/revoking-call.ts'
import { hotResetDevices } from '../../../machines/pci/reset/hot-reset-devices.ts'
import { mapRegion } from '../../../machines/pci/function/map-region.ts'
import { pciInformation } from '../../../machines/pci/function/pci-information.ts'
import { regionAccess } from '../../../machines/pci/function/region-access.ts'
import { setIrqs } from '../../../machines/pci/interrupts/set-irqs.ts'
import * as names from '../../../machines/vfio/names.ts'
import { mutexCalled, rwsemCalled } from '../locks.ts'
import type { ActorSpec } from '../../world/world.ts'
import { functions } from './inventory-pci.ts'
import { hasIommufd, ioasesIn, processOf, knowsTables, type LinuxPlan } from './plan.ts'

const nameOf = ({ id }: FunctionFacts): string => `${id}.pci`
const engineOf = ({ id }: FunctionFacts): string => `${id}.edu`
const memoryLockOf = ({ id }: FunctionFacts): string => `${id}.memory_lock`

/** As the IOMMU's driver names it. */
const addressIn =
  ({ profile }: LinuxPlan) =>
  ({ id, address }: FunctionFacts): readonly [string, string] => [
    id,
    profile.faultsNameDomain ? address : address.slice(address.indexOf(':') + 1),
  ]

const planned = ({ devices }: LinuxPlan): readonly FunctionFacts[] =>
  functions.filter(({ id }) => devices.some((device) => device.id === id))

export const objects = (plan: LinuxPlan): ActorSpec[] => {
  const all = planned(plan)
  const { addsMsixVectors, tellsResets, writeOnlyIsReadable, beyondAperture } = plan.profile
  const driver = { writeOnlyIsReadable, beyondAperture }
  const blocks = hasIommufd(plan)
  return [
    {
      id: 'dmar',
      machine: dmar,
      input: {
        ...{ addresses: Object.fromEntries(all.map(addressIn(plan))), driver },
        ...(blocks && { blocks }),
        ...(knowsTables(plan) && { knowsTables: true }),
      },
    },
    ...(plan.buffers ?? []).map(({ id }): ActorSpec => ({ id, machine: exportedBar, input: {} })),
    ...all.flatMap((facts): ActorSpec[] => [
      { id: nameOf(facts), machine: pciFunction, input: { facts, kernel: { addsMsixVectors, tellsResets } } },
      rwsemCalled(memoryLockOf(facts), 'vfio_pci.memory_lock'),
      mutexCalled(names.igateOf(facts.id), 'vfio_pci.igate'),
      ...(facts.model === 'edu' ? [{ id: engineOf(facts), machine: edu, input: undefined }] : []),
    ]),
  ]
}

/** dma-bufs of devices. */
const buffersIn = ({ buffers = [] }: LinuxPlan): readonly string[] =>
  buffers.flatMap(({ id, isHeap }) => (isHeap ? [] : [id]))

const accesses = [
  ['cfg_read', false],
  ['cfg_write', true],
  ['bar_read', false],
  ['bar_write', true],
] as const

export const calls = (plan: LinuxPlan, thread: string): ActorSpec[] => {
  const table = processOf(plan, thread)
  const { addsMsixVectors, exportsBars, hotResetNeedsGroups: needsGroups } = plan.profile
  const guest: ActorSpec = {
    ...{ id: `${thread}.guest_pte`, machine: lockedCall, thread },
    input: { task: thread, to: 'dmar', ask: 'GUEST_ENTRY' },
  }
  const ofFunctions = planned(plan).flatMap((facts) => {
    const { id, resets } = facts
    const to = nameOf(facts)
    const memoryLock = memoryLockOf(facts)
    const igate = names.igateOf(id)
    const setLock = names.setLock(plan.devices.find((device) => device.id === id)!.devSet)
    const call = (name: string, machine: ActorSpec['machine'], input: object): ActorSpec => ({
      id: names.callOf(thread, id, name),
      machine,
      input: { task: thread, ...input },
      thread,
    })
    const exports = plan.buffers !== undefined
    const moves = names.callOf(thread, id, 'move_bars')
    const revoking = (name: string, ask: string): ActorSpec =>
      call(name, revokingCall, { lock: memoryLock, to, ask, moveBars: moves })
    return [
      ...(exports
        ? [call('move_bars', moveBars, { device: id, buffers: buffersIn(plan), ioases: ioasesIn(plan) })]
        : []),
      call('dma_buf', exportBar, { table, facts, lock: memoryLock, to, exists: exportsBars }),
      call('hot_reset_devs', hotResetDevices, { facts, addsMsixVectors }),
      call('pci_open', lockedCall, { to, ask: 'OPEN' }),
      exports ? revoking('pci_close', 'CLOSE') : call('pci_close', lockedCall, { to, ask: 'CLOSE' }),
      ...Object.keys(informs).map((about) => call(about, pciInformation, { facts, about, addsMsixVectors })),
      ...accesses.map(([name, write]) =>
        call(name, regionAccess, {
          ...{ facts, lock: memoryLock, to, write },
          ...(exports && { moveBars: moves }),
        }),
      ),
      call('mmap_bar', mapRegion, { facts }),
      call('mmap_fd', mapRegion, { facts }),
      call('set_irqs', setIrqs, { facts, table, igate, memoryLock, to }),
      // What has no reset says so before anything is locked.
      exports && resets
        ? revoking('device_reset', 'RESET')
        : call('device_reset', lockedCall, {
            locks: resets ? [{ id: memoryLock, how: 'DOWN_WRITE' }] : [],
            to,
            ask: resets ? 'RESET' : 'NO_RESET',
          }),
      call('hot_reset', hotReset, { facts, table, setLock, memoryLock, to, needsGroups }),
      // A container's requests of these numbers.
      call('iommu_get_info', pciInformation, { facts, about: 'hot_reset_info', addsMsixVectors }),
      call('map_dma', hotReset, { facts, table, setLock, memoryLock, to, needsGroups }),
      call('ioctl_val', deviceIoctl, { reset: names.callOf(thread, id, 'device_reset') }),
      call('edu_dma', eduDma, { facts, memoryLock, to, engine: engineOf(facts) }),
    ]
  })
  return plan.writesGuest ? [...ofFunctions, guest] : ofFunctions
}
