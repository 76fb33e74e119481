/**
 * iommufd: its files, opened as /dev/iommu or, where iommufd provides that, as /dev/vfio/vfio, with IOASes that page tables are filled
 * from; and devices' own files. A file of iommufd is also what a container is to groups and their devices: it has the procedures `leave`,
 * `bind_device` and `attach_device`, as containers have (vfio.ts).
 */
import { accessCopy } from '../../../machines/iommufd/access/access-copy.ts'
import { accessLock, accessPin } from '../../../machines/iommufd/access/access-pin.ts'
import { accessUnpin } from '../../../machines/iommufd/access/access-unpin.ts'
import { attachDevice } from '../../../machines/iommufd/device/attach-device.ts'
import { changePasid } from '../../../machines/iommufd/device/change-pasid.ts'
import { accesses, accessesFacts } from '../../../machines/iommufd/access/accesses.ts'
import { bindDevice } from '../../../machines/iommufd/device/bind-device.ts'
import { changeAccess } from '../../../machines/iommufd/access/change-access.ts'
import { changeProcess } from '../../../machines/iommufd/change-process.ts'
import { iommufdContext } from '../../../machines/iommufd/context.ts'
import { destroy } from '../../../machines/iommufd/destroy.ts'
import type { Payer } from '../../../machines/iommufd/ioas/area-list.ts'
import { cut } from '../../../machines/iommufd/ioas/cut.ts'
import { detachDevice } from '../../../machines/iommufd/device/detach-device.ts'
import { faultQueue, faultsOf } from '../../../machines/iommufd/fault/fault-queue.ts'
import { faultQueueAlloc, queuesOf } from '../../../machines/iommufd/fault/fault-queue-alloc.ts'
import { faultQueueFile } from '../../../machines/iommufd/fault/fault-queue-file.ts'
import { fill } from '../../../machines/iommufd/ioas/fill.ts'
import { destroyRwsem, getObject, objectOf } from '../../../machines/iommufd/get-object.ts'
import { getPages } from '../../../machines/iommufd/ioas/get-pages.ts'
import { heldPages } from '../../../machines/iommufd/ioas/held-pages.ts'
import { holdFile } from '../../../machines/iommufd/hold-file.ts'
import { ioas } from '../../../machines/iommufd/ioas/ioas.ts'
import { copyAreas } from '../../../machines/iommufd/ioas/copy-areas.ts'
import { ioasCopy } from '../../../machines/iommufd/ioas/ioas-copy.ts'
import { hwptAlloc } from '../../../machines/iommufd/device/hwpt-alloc.ts'
import { ioctl } from '../../../machines/iommufd/ioctl.ts'
import { ioasMapFile } from '../../../machines/iommufd/ioas/ioas-map-file.ts'
import { mapContext } from '../../../machines/iommufd/map-context.ts'
import { iommufdMap } from '../../../machines/iommufd/ioas/iommufd-map.ts'
import type { Domain } from '../../../machines/iommufd/ioas/iova-space.ts'
import { joinIoas, type Attached } from '../../../machines/iommufd/device/join-ioas.ts'
import { letGoPages, userCalled } from '../../../machines/iommufd/ioas/let-go-pages.ts'
import { leaveIoas } from '../../../machines/iommufd/device/leave-ioas.ts'
import { mockDomain } from '../../../machines/iommufd/device/mock-domain.ts'
import { notifyAccesses } from '../../../machines/iommufd/access/notify-accesses.ts'
import { iommufdObject, iommufdObjectFacts } from '../../../machines/iommufd/object.ts'
import { pageTableUsers } from '../../../machines/iommufd/device/page-table-users.ts'
import { putObject } from '../../../machines/iommufd/put-object.ts'
import { releaseContext } from '../../../machines/iommufd/release-context.ts'
import { requestNames } from '../../../machines/iommufd/requests.ts'
import { unfill } from '../../../machines/iommufd/ioas/unfill.ts'
import { unknownIoctl } from '../../../machines/iommufd/unknown-ioctl.ts'
import { aperture, reserved } from '../../../machines/type1/backend/iova-windows.ts'
import { gated } from '../../../machines/iommufd/unmap/gated.ts'
import { lockedCall, type HeldLock } from '../../../machines/kernel/locks/locked-call.ts'
import { userAccount } from '../../../machines/user/user-account.ts'
import { nothing } from '../../../machines/user/nothing.ts'
import { bindCdev } from '../../../machines/vfio/cdev/bind-cdev.ts'
import { boundOp } from '../../../machines/vfio/cdev/bound-op.ts'
import { cdevOf, openCdev } from '../../../machines/vfio/cdev/open-cdev.ts'
import { releaseCdev } from '../../../machines/vfio/cdev/release-cdev.ts'
import { byName } from '../../../machines/vfio/driver/by-name.ts'
import { binding } from '../../../machines/vfio/device/binding.ts'
import { firstOpen } from '../../../machines/vfio/device/first-open.ts'
import { compatLeaveContainer } from '../../../machines/vfio/group/leave-container.ts'
import { callOf } from '../../../machines/vfio/names.ts'
import { closeDevice } from '../../../machines/vfio/device/close-device.ts'
import { valueIoctl } from '../../../machines/vfio/container/value-ioctl.ts'
import { mutexCalled, rwsemCalled, triedRwsemCalled } from '../locks.ts'
import type { ActorSpec } from '../../world/world.ts'
import { cdevOperationsOf } from './descriptors.ts'
import type { InventoryDevice } from './inventory.ts'
import { devicesOf, ioasesOf, iommufdsIn, processOf, knowsPasids, knowsTables, type LinuxPlan } from './plan.ts'

/** Page sizes of VT-d: 4K, 2M, 1G. */
const vtd: Domain = { hardware: true, pageSizes: 0x4020_1000n, first: aperture[0], last: aperture[1] }

/** Numbers of those that not all kernels have; mmap came with the last. */
const ioctls = { mapFile: 0x8f, changeProcess: 0x92, hwQueue: 0x94 }

/** The devices that the kernel's own tests make: half a page is the smallest that their page tables know. */
const mocks = ['mock0', 'mock1', 'mock2', 'mock3']
const mockTables: Domain = { hardware: false, pageSizes: 0x800n, first: 1n << 24n, last: (1n << 31n) - 1n }

const locksOf = (id: string) => ({
  mutex: `${id}.mutex`,
  domainsRwsem: `${id}.domains_rwsem`,
  iovaRwsem: `${id}.iova_rwsem`,
})

const emulatedIn = (plan: LinuxPlan): readonly string[] =>
  plan.devices.filter(({ emulated }) => emulated).map(({ id }) => id)

export const objects = (plan: LinuxPlan): ActorSpec[] => [
  ...iommufdsIn(plan).flatMap((id): ActorSpec[] => [
    {
      id,
      machine: iommufdContext,
      input: { ioases: ioasesOf(plan, id), accounts: payerOf(plan, id), ...ableIn(plan) },
    },
    ...(plan.copies ? whatIsShared(id) : []),
    ...ioasesOf(plan, id).flatMap(ioasObjects),
    ...(plan.destroys ? ioasesOf(plan, id).flatMap((ioas) => whatIsDestroyed(plan, ioas)) : []),
  ]),
  ...(plan.faultQueues ?? []).map((id): ActorSpec => ({ id: faultsOf(id), machine: faultQueue, input: {} })),
  ...plan.devices.map(({ id }): ActorSpec => ({ id: `${id}.binding`, machine: binding, input: {} })),
  ...emulatedIn(plan).map((id) => mutexCalled(accessLock(id), 'access->ioas_lock')),
  ...[0, ...(plan.uids ?? [])].map((uid): ActorSpec => ({ id: userCalled(uid), machine: userAccount, input: {} })),
]

/** A file of /dev/iommu charges the user, one that stands for a container the memory, as type1 does. */
const payerOf = (plan: LinuxPlan, id: string): Payer => (plan.iommufds?.includes(id) ? 'user' : 'memory')

const ableIn = ({ abilities }: LinuxPlan) => abilities && { abilities }

const pagesOf = (context: string) => ({ held: `${context}.pages`, pagesMutex: `${context}.pages.mutex` })

/** What mappings of a file have in common. */
const whatIsShared = (context: string): ActorSpec[] => {
  const { held, pagesMutex } = pagesOf(context)
  return [{ id: held, machine: heldPages, input: {} }, mutexCalled(pagesMutex, 'pages->mutex')]
}

function ioasObjects(id: string): ActorSpec[] {
  const { mutex, domainsRwsem, iovaRwsem } = locksOf(id)
  return [
    mutexCalled(mutex, 'ioas->mutex'),
    rwsemCalled(domainsRwsem, 'iopt->domains_rwsem'),
    rwsemCalled(iovaRwsem, 'iopt->iova_rwsem'),
    { id, machine: ioas, input: {} },
    { id: `${id}.users`, machine: pageTableUsers, input: {} },
    {
      id: `${id}.accesses`,
      machine: accesses,
      input: {},
      lockClass: 'iommufd_access users',
      lock: accessesFacts,
    },
  ]
}

/** What of an IOAS matters only where some are destroyed. */
const whatIsDestroyed = ({ profile }: LinuxPlan, ioas: string): ActorSpec[] => [
  {
    id: objectOf(ioas),
    machine: iommufdObject,
    input: { id: ioas },
    lockClass: 'iommufd_object users',
    lock: iommufdObjectFacts,
  },
  ...(profile.iommufdObjects === 'rwsem' ? [triedRwsemCalled(destroyRwsem(ioas), 'obj->destroy_rwsem')] : []),
]

export const calls = (plan: LinuxPlan, thread: string): ActorSpec[] => [
  ...iommufdsIn(plan).flatMap((id) => fileCalls(plan, thread, id)),
  ...plan.devices.flatMap((device) => deviceCalls(plan, thread, device)),
  call(thread, `${thread}.open_cdev`, byName, { procedure: 'open', paths: cdevs(plan) }),
]

type Machine = ActorSpec['machine']

const call = (thread: string, id: string, machine: Machine, input: object = {}): ActorSpec => ({
  ...{ id, machine, thread },
  input: { task: thread, ...input },
})

const cdevs = (plan: LinuxPlan): Readonly<Record<string, string>> =>
  Object.fromEntries(plan.devices.map(({ id }): [string, string] => [id, cdevOf(id)]))

/** What each device with an IOMMU brings along when it is attached. */
const hardwareOf = (plan: LinuxPlan): Readonly<Record<string, Attached>> => ({
  ...Object.fromEntries(
    plan.devices
      .filter(({ emulated }) => !emulated)
      .map(({ id, group }): [string, Attached] => {
        const devices = devicesOf(plan, group).map((each) => each.id)
        return [id, { device: id, group, devices, domain: vtd, ranges: reserved }]
      }),
  ),
  ...Object.fromEntries(
    mocks.map((id): [string, Attached] => [id, { device: id, group: id, devices: [], domain: mockTables, ranges: [] }]),
  ),
})

const devicesByGroup = (hardware: Readonly<Record<string, Attached>>) =>
  Object.fromEntries(Object.entries(hardware).map(([device, { devices }]) => [device, devices]))

function fileCalls(plan: LinuxPlan, thread: string, id: string): ActorSpec[] {
  const named = (procedure: string, machine: Machine, input: object = {}): ActorSpec =>
    call(thread, callOf(thread, id, procedure), machine, { context: id, ...input })
  const hardware = hardwareOf(plan)
  const { profile } = plan
  const form = profile.iommufdObjects
  const counts = plan.destroys === true
  const process = processOf(plan, thread)
  const tells = knowsTables(plan) && { tells: true }
  return [
    ...requestNames.map((request) => named(request, ioctl, { request, process, kernel: profile, counts })),
    ...(counts
      ? [
          named('get_object', getObject, { form }),
          named('put_object', putObject, { form }),
          named('destroy', destroy, { form, ...tells }),
        ]
      : []),
    named('ioas_copy', ioasCopy, { counts }),
    named('ioas_map_file', ioasMapFile, { table: process, counts, exists: profile.lastIoctl >= ioctls.mapFile }),
    named('change_process', changeProcess, { process, exists: profile.lastIoctl >= ioctls.changeProcess }),
    named('charge_pages', getPages),
    named('let_go', letGoPages),
    named('mmap_fd', mapContext, { exists: profile.lastIoctl >= ioctls.hwQueue }),
    named('fault_queue_alloc', faultQueueAlloc, { table: process }),
    ...(['read', 'write', 'release'] as const).map((how) =>
      call(thread, callOf(thread, queuesOf(id), how === 'release' ? how : `fd_${how}`), faultQueueFile, {
        context: id,
        how,
        ...(plan.faultQueues && { asks: true }),
      }),
    ),
    named('hwpt_alloc', hwptAlloc, { domain: vtd, kernel: profile }),
    named('ioctl_val', valueIoctl, { object: id, kind: 'container' }),
    named('driver_ioctl', unknownIoctl, { last: profile.lastIoctl }),
    named('dirty_pages', unknownIoctl, { last: profile.lastIoctl }),
    named('hold', holdFile),
    call(thread, callOf(thread, id, 'leave'), compatLeaveContainer, { container: id }),
    named('bind_device', bindDevice, knowsPasids(plan) ? { pasids: true } : {}),
    named('attach_device', attachDevice, { hardware, counts, ...tells }),
    named('detach_device', detachDevice, { hardware }),
    ...(knowsPasids(plan)
      ? (['attach', 'detach'] as const).map((how) =>
          named(`${how}_pasid`, changePasid, { how, groups: devicesByGroup(hardware) }),
        )
      : []),
    named('mock_domain', mockDomain),
    named('release', releaseContext),
    ...ioasesOf(plan, id).flatMap((each) => ioasCalls(plan, thread, id, each)),
    named('vfio_pin_pages', accessPin),
    named('vfio_unpin_pages', accessUnpin),
    named('vfio_dma_rw', accessCopy, { process }),
    ...emulatedIn(plan).flatMap((device) => [
      // The access is made when the device is bound, and goes when it is unbound.
      named(`${device}.register_device`, nothing),
      named(`${device}.close`, closeDevice, {
        ...{ device, era: 'iommufd' },
        at: {
          driver: `${device}.driver`,
          driverLock: `${device}.driver.lock`,
          unpin: callOf(thread, device, 'unpin_pages'),
        },
      }),
    ]),
  ]
}

/** What an IOAS is made to do, by ioctls and by devices that come and go. */
function ioasCalls(plan: LinuxPlan, thread: string, context: string, id: string): ActorSpec[] {
  const own = (procedure: string): string => callOf(thread, id, procedure)
  const named = (procedure: string, machine: Machine, input: object = {}): ActorSpec =>
    call(thread, own(procedure), machine, input)
  const { mutex, domainsRwsem, iovaRwsem } = locksOf(id)
  const at = { ioas: id, domainsRwsem, iovaRwsem, domain: id }
  const filling = { fill: own('fill'), unfill: own('unfill') }
  const joining = { ...at, ...filling, mutex, users: `${id}.users` }
  const callbacks = Object.fromEntries(emulatedIn(plan).map((device) => [device, callOf(thread, device, 'dma_unmap')]))
  const asks = (procedure: string, ask: string, locks: readonly HeldLock[]): ActorSpec =>
    named(procedure, lockedCall, { locks, to: id, ask })
  const bothForWrite: readonly HeldLock[] = [
    { id: domainsRwsem, how: 'DOWN_WRITE' },
    { id: iovaRwsem, how: 'DOWN_WRITE' },
  ]
  const bits = (procedure: string, ask: string): ActorSpec =>
    named(procedure, lockedCall, { locks: [{ id: iovaRwsem, how: 'DOWN_READ' }], to: 'dmar', ask, of: { domain: id } })
  const shares = plan.copies === true
  const memory = { process: processOf(plan, thread), fill: filling.fill, ...(shares && { shares }) }
  const filled = { ...at, giveBack: own('give_back'), ...(shares && pagesOf(context)) }
  return [
    named('map', iommufdMap, { at: { ...at, memory } }),
    named('unmap', gated, { at: { ...at, notify: own('notify'), unfill: filling.unfill } }),
    named('cut', cut, { at }),
    named('notify', notifyAccesses, { at: { accesses: `${id}.accesses`, callbacks } }),
    named('fill', fill, { at: { ...filled, getPages: own('get_pages') } }),
    named('unfill', unfill, { at: filled }),
    named('get_pages', getPages),
    named('give_back', letGoPages),
    named('attach', joinIoas, { at: joining }),
    named('detach', leaveIoas, { at: joining }),
    asks('set_large_pages', 'SET_LARGE_PAGES', bothForWrite),
    asks('large_pages', 'LARGE_PAGES', []),
    asks('cache_coherency', 'COHERENCY', [{ id: mutex, how: 'LOCK' }]),
    asks('info', 'INFO', [{ id: iovaRwsem, how: 'DOWN_READ' }]),
    asks('ranges', 'RANGES', [{ id: iovaRwsem, how: 'DOWN_READ' }]),
    asks('behind', 'BEHIND', [{ id: iovaRwsem, how: 'DOWN_READ' }]),
    named('copy_areas', copyAreas, { at: { ...at, ...filling } }),
    ...(knowsTables(plan)
      ? [
          bits('track', 'TRACK'),
          bits('dirty', 'DIRTY'),
          named('invalidate', lockedCall, { to: 'dmar', ask: 'INVALIDATE' }),
        ]
      : []),
    asks('allow', 'ALLOW', [{ id: iovaRwsem, how: 'DOWN_WRITE' }]),
    named('add_access', changeAccess, { how: 'add', at: { ...at, accesses: `${id}.accesses` } }),
    named('remove_access', changeAccess, { how: 'remove', at: { ...at, accesses: `${id}.accesses` } }),
  ]
}

function deviceCalls(plan: LinuxPlan, thread: string, inventoried: InventoryDevice): ActorSpec[] {
  const { id: device, group, devSet, emulated } = inventoried
  const { barsGroup: bars, closesUnbound: closesAny, takesTokens } = plan.profile
  const own = { device, group, devSet, emulated, table: processOf(plan, thread) }
  const named = (procedure: string, machine: Machine): ActorSpec =>
    call(thread, callOf(thread, device, procedure), machine, own)
  const cdev = (procedure: string, machine: Machine, input: object = {}): ActorSpec =>
    call(thread, callOf(thread, cdevOf(device), procedure), machine, { ...own, ...input })
  return [
    named('first_open', firstOpen),
    cdev('open', openCdev),
    cdev('bind_iommufd', bindCdev, { bars, takesTokens }),
    cdev('release', releaseCdev, { bars, closesAny }),
    ...cdevOperationsOf(inventoried)
      .filter((op) => op !== 'bind_iommufd' && op !== '*')
      .map((op) => cdev(op, boundOp, { op, takesPasids: takesTokens, ...(knowsPasids(plan) && { pasids: true }) })),
  ]
}
