/** Everything shared: address spaces, PASIDs, the IOMMU and its queue, devices, what keeps track of bonds, and the locks. */
import { bonds } from '../../../machines/sva/bond/bonds.ts'
import { faultParam } from '../../../machines/sva/fault/fault-param.ts'
import { kernelWalks } from '../../../machines/sva/pasid/kernel-walks.ts'
import { mmExitGate, mmExitGateFacts } from '../../../machines/sva/bond/mm-exit-gate.ts'
import { pasid } from '../../../machines/sva/pasid/pasid.ts'
import { translation } from '../../../machines/sva/pasid/translation.ts'
import { workqueue } from '../../../machines/kernel/work/workqueue.ts'
import { svmProcess } from '../../../machines/mm/life/process.ts'
import { device as deviceMachine } from '../../../machines/sva/device/device.ts'
import { pageRequestQueue } from '../../../machines/sva/fault/page-request-queue.ts'
import { attachedDevices } from '../../../machines/sva/bond/attached-devices.ts'
import { svmDeviceFile } from '../../../machines/sva/device/device-file.ts'
import { listCalled, slabCalled } from '../../world/heaps.ts'
import { workerCalled } from '../../scripts/tasks.ts'
import { mutexCalled } from '../locks.ts'
import type { ActorSpec } from '../../world/world.ts'
import type { Device } from './devices.ts'
import { calls, faultThread, ids, kworkerThread } from './names.ts'
import type { Plan } from './plan.ts'

export const objectsOf = (plan: Plan): ActorSpec[] => [
  ...memoryObjects(plan),
  ...iommuObjects(plan),
  ...plan.devices.flatMap((device) => deviceObjects(plan, device)),
  ...trackingObjects(plan),
  ...containerObjects(plan),
  ...servers(plan),
]

/** Which address space a process begins with. */
const mmOf = (plan: Plan, process: string) => ({ id: `mm${plan.processes.indexOf(process)}`, gen: 1 })

function memoryObjects(plan: Plan): ActorSpec[] {
  const spaces = plan.processes.map((process) => ({ process, users: 1, count: 1, iommuMm: null }))
  return [
    slabCalled(ids.mms, 'mm', spaces),
    slabCalled(ids.pageTables, 'ptpage', [{}]),
    { id: ids.walks, machine: kernelWalks, input: { page: { id: 'ptpage0', gen: 1 } } },
    ...plan.processes.map((id) => ({ id, machine: svmProcess, input: { id, mm: mmOf(plan, id) } })),
  ]
}

function iommuObjects({ protocol, form, pasids, queue, failures }: Plan): ActorSpec[] {
  const handler = calls(faultThread, protocol).handle
  return [
    { id: ids.translation, machine: translation, input: { failures } },
    {
      id: ids.queue,
      machine: pageRequestQueue,
      input: { handler, depth: queue, mendsOverflow: form.mendsOverflow },
    },
    ...pasids.map((each) => ({
      id: ids.pasid(each),
      machine: pasid,
      input: { pasid: each, waitsForMarker: form.waitsForMarker },
    })),
    mutexCalled(ids.coreLock, protocol === 'sva-domain' ? 'iommu_sva_lock' : 'iommu_process_lock'),
    {
      id: ids.bonds,
      machine: bonds,
      input: {},
      guardedBy: ids.coreLock,
      // The page request handler of today looks a PASID up without the lock; of 2017, only the story does.
      unguarded: ['LOOKUP'],
    },
    { id: ids.gate, machine: mmExitGate, input: { id: ids.gate }, lockClass: 'mm_exit', lock: mmExitGateFacts },
  ]
}

function deviceObjects({ protocol, form }: Plan, { id, openBy }: Device): ActorSpec[] {
  const own = ids.device(id)
  const { touch, walk, marker } = calls(own.engine, protocol).device(id)
  return [
    { id: own.hardware, machine: deviceMachine, input: { device: id, calls: { touch, walk, marker } } },
    { id: own.file, machine: svmDeviceFile, input: { descriptors: openBy } },
    mutexCalled(own.lock, 'device->tasks_lock'),
    { ...listCalled(own.list), ...(form.locksWalk && { guardedBy: own.lock }) },
    mutexCalled(own.paramLock, 'fault_param->lock'),
    { id: own.param, machine: faultParam, input: {} },
  ]
}

const trackingObjects = ({ protocol }: Plan): ActorSpec[] => [
  slabCalled(ids.tasks(protocol), ids.tasks(protocol)),
  slabCalled(ids.handles, 'iommu_sva'),
  slabCalled(ids.domains, 'sva_domain'),
  slabCalled(ids.iommuMms, 'iommu_mm'),
  slabCalled(ids.params, 'fault_param'),
  slabCalled(ids.faults, 'iopf_fault'),
  slabCalled(ids.groups, 'iopf_group'),
]

function containerObjects({ devices, processes }: Plan): ActorSpec[] {
  const { file, lock, changes, list, attached } = ids.container
  const groups = [...new Set(devices.filter((each) => each.attached).map(({ group }) => group))]
  return [
    { id: file, machine: svmDeviceFile, input: { descriptors: processes } },
    mutexCalled(lock, 'iommu->lock'),
    mutexCalled(changes, 'iommu->changes'),
    { ...listCalled(list), guardedBy: lock },
    { ...slabCalled(ids.vfioMms, 'vfio_mm'), guardedBy: lock },
    { id: attached, machine: attachedDevices, input: { groups }, guardedBy: lock },
  ]
}

/** Threads that serve others: of each device, of the page request queue, of the system's workqueue. */
const servers = ({ devices }: Plan): ActorSpec[] => [
  ...devices.map(({ id }) => workerCalled(ids.device(id).engine, ids.device(id).hardware)),
  workerCalled(faultThread, ids.queue),
  { id: ids.events, machine: workqueue, input: {} },
  workerCalled(kworkerThread, ids.events),
]
