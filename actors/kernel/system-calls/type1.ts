/** The type1 backend in a small Linux: one for each container, and what a thread can do with it. */
import type { Send } from '../../../explore/system.ts'
import { attachGroup } from '../../../machines/type1/backend/attach-group.ts'
import { backendExtension } from '../../../machines/type1/backend/backend-extension.ts'
import { detachGroup } from '../../../machines/type1/backend/detach-group.ts'
import { giveBack } from '../../../machines/type1/pin/give-back.ts'
import { mapVaddr } from '../../../machines/type1/map/map-vaddr.ts'
import { map } from '../../../machines/type1/map/map.ts'
import { moduleParameters } from '../../../machines/type1/backend/module-parameters.ts'
import { openBackend } from '../../../machines/type1/backend/open-backend.ts'
import { pinMap } from '../../../machines/type1/map/pin-map.ts'
import { type1 } from '../../../machines/type1/backend/type1.ts'
import { deviceListUnmap } from '../../../machines/type1/unmap/device-list.ts'
import { restart } from '../../../machines/type1/unmap/restart.ts'
import { unmapIoctl } from '../../../machines/type1/unmap/unmap-ioctl.ts'
import { lockedCall } from '../../../machines/kernel/locks/locked-call.ts'
import { workqueue } from '../../../machines/kernel/work/workqueue.ts'
import { callOf } from '../../../machines/vfio/names.ts'
import { mutexCalled } from '../locks.ts'
import { startOf, workerCalled } from '../../scripts/tasks.ts'
import type { ActorSpec } from '../../world/world.ts'
import { containersIn, processOf, workerOf, type LinuxPlan } from './plan.ts'

const module = 'vfio_iommu_type1'
const iommu = 'dmar'

const lockOf = (container: string): string => `${container}.iommu.lock`
const backendOf = (container: string): string => `${container}.type1`

/** Locked pages are counted by a kworker where that would mean to wait (4.10). */
const isDeferred = ({ profile }: Pick<LinuxPlan, 'profile'>): boolean => profile.accounting === 'deferred'

/** DMA_UNMAP as each of them has it. */
const unmaps = { restart, 'device-list': deviceListUnmap } as const

const workersCalled = (worker: string): readonly ActorSpec[] => [
  { id: 'workqueue', machine: workqueue, input: {} },
  workerCalled(worker, 'workqueue'),
  { id: `${worker}.give_back`, machine: giveBack, input: { task: worker }, thread: worker },
]

/** What has to be told to begin. */
export const start = (plan: LinuxPlan): Send[] => (isDeferred(plan) ? [startOf(workerOf(plan))] : [])

export const objects = (plan: LinuxPlan): ActorSpec[] => [
  ...(isDeferred(plan) ? workersCalled(workerOf(plan)) : []),
  { id: module, machine: moduleParameters, input: {} },
  ...containersIn(plan).flatMap((container): ActorSpec[] => [
    mutexCalled(lockOf(container), 'iommu->lock'),
    {
      id: backendOf(container),
      machine: type1,
      input: { profile: plan.profile, container },
    },
  ]),
]

export const calls = (plan: LinuxPlan, thread: string): ActorSpec[] => [
  {
    id: `${thread}.module_param`,
    machine: lockedCall,
    input: { task: thread, to: module, ask: 'WRITE' },
    thread,
  },
  ...containersIn(plan).flatMap((container) => backendCalls(plan, thread, container)),
]

function backendCalls({ profile, ...plan }: LinuxPlan, thread: string, container: string): ActorSpec[] {
  const process = processOf({ profile, ...plan }, thread)
  const lock = lockOf(container)
  const to = backendOf(container)
  const of = (procedure: string): string => callOf(thread, container, procedure)
  const call = (procedure: string, machine: ActorSpec['machine'], input: object): ActorSpec => ({
    ...{ id: of(procedure), machine, thread },
    input: { task: thread, ...input },
  })
  const at = { lock, type1: to, dmar: iommu, domain: container, pinMap: of('pin_map'), giveBack: of('give_back') }
  const account = isDeferred({ profile }) ? { accountLater: of('give_back') } : {}
  const underLock = (procedure: string, ask: string): ActorSpec =>
    call(procedure, lockedCall, { locks: [{ id: lock, how: 'LOCK' }], to, ask })
  const unlocked = (procedure: string, ask: string): ActorSpec => call(procedure, lockedCall, { to, ask })
  return [
    call('type1_map_dma', map, {
      at: { lock, type1: to },
      linux: { profile, process, pinMap: of('pin_map'), mapVaddr: of('map_vaddr') },
    }),
    call('map_vaddr', mapVaddr, { at }),
    call('pin_map', pinMap, { process, at: { ...at, ...account } }),
    call('type1_unmap_dma', unmapIoctl, {
      ...{ profile, process },
      at: { unmap: of('unmap'), takeVaddrs: of('take_vaddrs') },
    }),
    call('unmap', unmaps[profile.unmap], { at: { lock, type1: to, notify: of('notify'), iommu: at } }),
    underLock('take_vaddrs', 'TAKE_VADDRS'),
    underLock('type1_dirty_pages', 'DIRTY_PAGES'),
    underLock('type1_iommu_get_info', 'GET_INFO'),
    unlocked('type1_ioctl', 'IOCTL'),
    call('backend_extension', backendExtension, { at }),
    call('open_backend', openBackend, { at: { module, type1: to } }),
    call('release_backend', detachGroup, { ask: 'RELEASE', at: { ...at, lock: null } }),
    call('attach_group', attachGroup, { process, at }),
    call('detach_group', detachGroup, { ask: 'LEAVE', at }),
    unlocked('container_close', 'CONTAINER_CLOSE'),
  ]
}
