/** Everything shared: locks, what they guard, and the hardware. */
import { areas } from '../../../machines/mm/vma/areas.ts'
import { inode } from '../../../machines/mm/vma/inode.ts'
import { ptes } from '../../../machines/mm/vma/ptes.ts'
import { dmaBufObject } from '../../../machines/type1/device-memory/dma-buf-object.ts'
import { type1 } from '../../../machines/type1/backend/type1.ts'
import { vmOpsRegistry } from '../../../machines/type1/device-memory/vm-ops-registry.ts'
import { notifierChain } from '../../../machines/kernel/lists/notifier-chain.ts'
import { slab } from '../../../machines/kernel/heap/slab.ts'
import { srcu, srcuFacts } from '../../../machines/kernel/rcu/srcu.ts'
import { workqueue } from '../../../machines/kernel/work/workqueue.ts'
import { rootComplex } from '../../../machines/pci/root-complex/root-complex.ts'
import { vmaList } from '../../../machines/pci/memory/vma-list.ts'
import { containerUsers } from '../../../machines/vfio/container/container-users.ts'
import { deviceFile } from '../../../machines/vfio/device/file/device-file.ts'
import { deviceLife } from '../../../machines/vfio/device/file/device-life.ts'
import { mutexCalled, rwsemCalled, triedMutexCalled, triedRwsemCalled } from '../locks.ts'
import type { ActorSpec } from '../../world/world.ts'
import { ids } from './names.ts'
import type { Device, Plan } from './plan.ts'
import { workqueueId } from './worker.ts'

export const objectsOf = (plan: Plan): ActorSpec[] => [
  ...plan.processes.flatMap((process, index) => processObjects(process, plan.processes.slice(0, index))),
  ...plan.containers.flatMap((container) => containerObjects(plan, container)),
  ...plan.devices.flatMap((device) => deviceObjects(plan, device)),
  ...[...new Set(plan.devices.map(({ resetSet }) => resetSet))].map((set) =>
    mutexCalled(ids.devSet(set), 'dev_set->lock'),
  ),
  mutexCalled(ids.vmOpsLock, 'vm_ops_lock'),
  { id: ids.vmOps, machine: vmOpsRegistry, input: {}, guardedBy: ids.vmOpsLock },
  { id: ids.pfnmaps, machine: slab, input: { name: 'pfnmap' } },
  { id: ids.privates, machine: slab, input: { name: 'private' } },
  { id: workqueueId, machine: workqueue, input: {} },
  hardware(plan),
]

/** `elder`: those it may be a child of. */
function processObjects(process: string, elder: readonly string[]): ActorSpec[] {
  const { mmapLock, mm, ptes: table } = ids.process(process)
  const nest = { rule: 'the parent before the child', after: elder.map((each) => ids.process(each).mmapLock) }
  return [
    { ...triedRwsemCalled(mmapLock, 'mm->mmap_lock'), ...(elder.length > 0 && { nest }) },
    { id: mm, machine: areas, input: { process }, guardedBy: mmapLock },
    { id: table, machine: ptes, input: {} },
  ]
}

function containerObjects({ devices, alsoOpen }: Plan, container: string): ActorSpec[] {
  const { users, lock, type1: backend } = ids.container(container)
  const open = devices.filter((each) => each.container === container && each.openBy !== null)
  return [
    // One user for VFIO_GROUP_SET_CONTAINER, and one for each open device.
    {
      id: users,
      machine: containerUsers,
      input: { id: container, users: 1 + open.length + alsoOpen(container) },
    },
    mutexCalled(lock, 'iommu->lock'),
    { id: backend, machine: type1, input: { prefix: `${container}.` }, guardedBy: lock },
  ]
}

function deviceObjects({ form }: Plan, { id, openBy }: Device): ActorSpec[] {
  const own = ids.device(id)
  const isOpen = openBy !== null
  return [
    { id: own.life, machine: deviceLife, input: { id, refs: isOpen ? 2 : 1, opens: isOpen ? 1 : 0 } },
    { id: own.file, machine: deviceFile, input: { by: openBy, refs: isOpen ? 1 : 0 } },
    triedMutexCalled(own.vmaLock, 'vdev->vma_lock'),
    { id: own.vmaList, machine: vmaList, input: {}, guardedBy: own.vmaLock },
    triedRwsemCalled(own.memoryLock, 'vdev->memory_lock'),
    rwsemCalled(own.iMmapRwsem, 'mapping->i_mmap_rwsem'),
    { id: own.inode, machine: inode, input: {}, guardedBy: own.iMmapRwsem },
    ...chainObjects(form.chain, own),
    mutexCalled(own.dmaResv, 'dma_resv'),
    { id: own.dmabuf, machine: dmaBufObject, input: { device: id }, guardedBy: own.dmaResv, unguarded: ['READ'] },
  ]
}

function chainObjects(chain: Plan['form']['chain'], { notifier, guard }: ReturnType<typeof ids.device>): ActorSpec[] {
  const list: ActorSpec = { id: notifier, machine: notifierChain, input: {} }
  if (chain === 'unprotected') return [list]
  if (chain === 'rwsem') return [rwsemCalled(guard, 'device->notifier.rwsem'), { ...list, guardedBy: guard }]
  return [{ id: guard, machine: srcu, input: { id: guard }, lockClass: 'device->notifier.srcu', lock: srcuFacts }, list]
}

function hardware({ devices, containers, platform }: Plan): ActorSpec {
  const entries = <T>(of: (device: Device) => T) => Object.fromEntries(devices.map((device) => [device.id, of(device)]))
  return {
    id: ids.hardware,
    machine: rootComplex,
    input: {
      bars: devices.flatMap(({ id, bars }) => bars.map(({ bar, pfn, pages }) => ({ device: id, bar, pfn, pages }))),
      domains: containers,
      uses: entries(({ container }) => container),
      owners: entries(({ openBy }) => openBy),
      // On also while nobody has the device open: so firmware left it, and so it is restored.
      memory: entries(() => true),
      platform,
    },
  }
}
