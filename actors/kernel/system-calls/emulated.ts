/**
 * Devices with an emulated IOMMU: a driver that pins pages, copies to and from user memory, and is told of unmaps; and what of the
 * backend is there for their sake, the device list and the calls that pin.
 */
import { dmaUnmap } from '../../../machines/mdev/dma-unmap.ts'
import { mdevOpen } from '../../../machines/mdev/mdev-open.ts'
import { mdevPin } from '../../../machines/mdev/mdev-pin.ts'
import { mdevRw } from '../../../machines/mdev/mdev-rw.ts'
import { mdevUnpin } from '../../../machines/mdev/mdev-unpin.ts'
import { mdev } from '../../../machines/mdev/mdev.ts'
import { accountLater } from '../../../machines/type1/pin/account-later.ts'
import { devices as deviceList } from '../../../machines/type1/notify/devices.ts'
import { dmaRw } from '../../../machines/type1/pin/dma-rw.ts'
import { giveBack } from '../../../machines/type1/pin/give-back.ts'
import { inContainer } from '../../../machines/type1/pin/in-container.ts'
import { listen } from '../../../machines/type1/notify/listen.ts'
import { notifyDevices } from '../../../machines/type1/notify/notify-devices.ts'
import { pinRun } from '../../../machines/type1/pin/pin-run.ts'
import { pin } from '../../../machines/type1/pin/pin.ts'
import { unpin } from '../../../machines/type1/pin/unpin.ts'
import { lockedCall } from '../../../machines/kernel/locks/locked-call.ts'
import { notifierCallChain } from '../../../machines/kernel/lists/notifier-call-chain.ts'
import { notifierChain } from '../../../machines/kernel/lists/notifier-chain.ts'
import { closeDevice } from '../../../machines/vfio/device/close-device.ts'
import { openDevice } from '../../../machines/vfio/device/open-device.ts'
import { mutexCalled, rwsemCalled } from '../locks.ts'
import type { ActorSpec } from '../../world/world.ts'
import { containersIn, processOf, workerOf, type LinuxPlan } from './plan.ts'

const emulatedIn = (plan: LinuxPlan): readonly string[] =>
  plan.devices.filter(({ emulated }) => emulated).map(({ id }) => id)

const driverOf = (device: string): string => `${device}.driver`
const driverLockOf = (device: string): string => `${device}.driver.lock`

/** A device list and its lock since 6.0, before that a chain of notifiers and its rwsem. */
const isListed = ({ profile }: LinuxPlan): boolean => profile.unmap === 'device-list'
/** Locked pages are counted by a kworker when nobody can wait for it (type1.ts). */
const isDeferred = ({ profile }: LinuxPlan): boolean => profile.accounting === 'deferred'
const eraOf = (plan: LinuxPlan) => (isListed(plan) ? 'v6.0' : 'v4.10')

/** What is shared in a container for the sake of its emulated devices. */
const namesIn = (container: string) => ({
  lock: `${container}.iommu.lock`,
  devicesLock: `${container}.device_list.lock`,
  devices: `${container}.devices`,
  rwsem: `${container}.notifier.rwsem`,
  chain: `${container}.notifier`,
})

export const objects = (plan: LinuxPlan): ActorSpec[] => [
  ...containersIn(plan).flatMap((container) => listeners(plan, container)),
  ...emulatedIn(plan).flatMap((device): ActorSpec[] => [
    mutexCalled(driverLockOf(device), 'mdev->lock'),
    {
      id: driverOf(device),
      machine: mdev,
      input: { id: driverOf(device) },
      guardedBy: driverLockOf(device),
      unguarded: ['WHERE', 'INFO', 'IOCTL', 'NO_OPERATION'],
    },
  ]),
]

function listeners(plan: LinuxPlan, container: string): ActorSpec[] {
  const { devices, devicesLock, rwsem, chain } = namesIn(container)
  const unguarded = ['IS_EMPTY']
  return isListed(plan)
    ? [
        mutexCalled(devicesLock, 'iommu->device_list_lock'),
        { id: devices, machine: deviceList, input: {}, guardedBy: devicesLock, unguarded },
      ]
    : [
        rwsemCalled(rwsem, 'iommu->notifier.rwsem'),
        { id: chain, machine: notifierChain, input: {}, guardedBy: rwsem, unguarded },
      ]
}

export const calls = (plan: LinuxPlan, thread: string): ActorSpec[] => [
  ...containersIn(plan).flatMap((container) => containerCalls(plan, thread, container)),
  ...emulatedIn(plan).flatMap((device) => deviceCalls(thread, device)),
]

type Machine = ActorSpec['machine']

const call = (thread: string, procedure: string, machine: Machine, input: object = {}): ActorSpec => ({
  id: `${thread}.${procedure}`,
  machine,
  input: { task: thread, ...input },
  thread,
})

/** What drivers do in a container, whichever device they do it for. */
function containerCalls(plan: LinuxPlan, thread: string, container: string): ActorSpec[] {
  const { lock, devicesLock, devices, rwsem, chain } = namesIn(container)
  const emulated = emulatedIn(plan)
  const era = eraOf(plan)
  const type1 = `${container}.type1`
  const pagesAt = { lock, type1, giveBack: `${thread}.${container}.give_back` }
  const pinAt = { ...pagesAt, listeners: isListed(plan) ? devices : chain, memory: `${thread}.${container}.pin_run` }
  const callbacks = Object.fromEntries(emulated.map((device) => [device, `${thread}.${device}.dma_unmap`]))
  const copy = `${thread}.user_copy`
  return [
    call(thread, `${container}.vfio_pin_pages`, pin, { era, v2: true, at: pinAt }),
    call(thread, `${container}.pin_run`, pinRun, {
      remembers: plan.profile.owner === 'memory',
      ...(isDeferred(plan) && { accountLater: pagesAt.giveBack }),
    }),
    isDeferred(plan)
      ? call(thread, `${container}.give_back`, accountLater, {
          at: { workqueue: 'workqueue', later: `${workerOf(plan)}.give_back` },
        })
      : call(thread, `${container}.give_back`, giveBack),
    call(thread, `${container}.vfio_unpin_pages`, unpin, { era, v2: true, at: pagesAt }),
    call(thread, `${container}.vfio_dma_rw`, dmaRw, { mm: processOf(plan, thread), at: { lock, type1, copy } }),
    isListed(plan)
      ? call(thread, `${container}.notify`, notifyDevices, { at: { lock, type1, devices, devicesLock, callbacks } })
      : call(thread, `${container}.notify`, notifierCallChain, { at: { rwsem, chain, callbacks } }),
    ...emulated.flatMap((device) => joiningCalls(plan, thread, container, device)),
  ]
}

/** How a device's driver begins to hear of unmaps in a container, and how it ends. */
function joiningCalls(plan: LinuxPlan, thread: string, container: string, device: string): ActorSpec[] {
  const { lock, devicesLock, devices, rwsem, chain } = namesIn(container)
  const era = eraOf(plan)
  const here = `${container}.${device}`
  const driver = {
    driver: driverOf(device),
    driverLock: driverLockOf(device),
    unpin: `${thread}.${device}.unpin_pages`,
  }
  const known = isListed(plan)
    ? { lock, devicesLock, devices }
    : { register: `${thread}.${here}.register`, unregister: `${thread}.${here}.unregister` }
  return [
    call(thread, `${here}.register_device`, openDevice, { device, era, at: known }),
    call(thread, `${here}.close`, closeDevice, { device, era, at: { ...driver, ...known } }),
    ...(isListed(plan)
      ? []
      : [
          call(thread, `${here}.register`, listen, { how: 'ADD', at: { chain, rwsem } }),
          call(thread, `${here}.unregister`, listen, { how: 'DELETE', at: { chain, rwsem } }),
        ]),
  ]
}

/** File operations that it has not got; a copy by `edu` is programmed with writes. */
const missing = ['cfg_read', 'cfg_write', 'bar_read', 'bar_write', 'mmap_bar', 'mmap_fd', 'edu_dma']

function deviceCalls(thread: string, device: string): ActorSpec[] {
  const driver = driverOf(device)
  const driverLock = driverLockOf(device)
  const own = (procedure: string): string => `${thread}.${device}.${procedure}`
  const at = { driver, driverLock, pin: own('pin_pages'), unpin: own('unpin_pages') }
  const named = (name: string, machine: Machine, input: object): ActorSpec =>
    call(thread, `${device}.${name}`, machine, input)
  /** Down into the container that the device is in. */
  const inside = (name: string, procedure: string): ActorSpec => named(name, inContainer, { device: driver, procedure })
  /** A question to the driver. */
  const asks = (name: string, ask: string, locks: readonly { id: string; how: 'LOCK' }[] = []): ActorSpec =>
    named(name, lockedCall, { locks, to: driver, ask })
  return [
    named('emu_open', mdevOpen, { device, at }),
    inside('emu_close', `${device}.close`),
    named('emu_pin', mdevPin, { device, at }),
    named('emu_unpin', mdevUnpin, { device, at }),
    named('emu_rw', mdevRw, { at: { rw: own('dma_rw') } }),
    asks('emu_log', 'TAKE_LOG', [{ id: driverLock, how: 'LOCK' }]),
    named('dma_unmap', dmaUnmap, { device, behaviour: 'unpins-all', logs: true, at }),
    inside('pin_pages', 'vfio_pin_pages'),
    inside('unpin_pages', 'vfio_unpin_pages'),
    inside('dma_rw', 'vfio_dma_rw'),
    asks('device_info', 'INFO'),
    asks('ioctl_val', 'IOCTL'),
    ...missing.map((name) => asks(name, 'NO_OPERATION')),
  ]
}
