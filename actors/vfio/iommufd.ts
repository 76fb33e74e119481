/** The actors of one IOAS (a container, in VFIO's words) with the iommufd backend. */
import { accesses, accessesFacts } from '../../machines/iommu/iommufd/accesses.ts'
import { ioas } from '../../machines/iommu/iommufd/ioas.ts'
import { iommufdMap } from '../../machines/iommu/iommufd/iommufd-map.ts'
import { iommufdPin } from '../../machines/iommu/iommufd/iommufd-pin.ts'
import { iommufdUnpin } from '../../machines/iommu/iommufd/iommufd-unpin.ts'
import { notifyAccesses } from '../../machines/iommu/iommufd/notify-accesses.ts'
import { mutex, mutexFacts } from '../../machines/kernel/mutex.ts'
import { rwsem, rwsemFacts } from '../../machines/kernel/rwsem.ts'
import type { ActorSpec } from '../world.ts'
import type { BackendWiring, Wants } from './backend.ts'
import { callName } from './names.ts'
import type { Plan } from './plan.ts'

export function iommufdWiring(plan: Plan, container: string): BackendWiring {
  const of = (base: string) => plan.names.in(container, base)
  const description = plan.containers.find(([id]) => id === container)![1]
  const devices = plan.devices.filter((each) => each.container === container)
  const { retryBound } = plan.description
  const locks = { domainsRwsem: of('domains.rwsem'), iovaRwsem: of('iova.rwsem'), ioas: of('ioas') }
  // access->ioas_lock: the devices of a story hardly ever pin at once, so one stands for all.
  const ioasLock = of('ioas.lock')
  const mapped = (description.mappings ?? []).map(({ iova, size }) => {
    const from = BigInt(iova)
    const bytes = BigInt(size)
    const pinned = devices.flatMap((each) => each.pinned).filter((page) => from <= page && page < from + bytes)
    return { iova: from, size: bytes, pinned }
  })
  return {
    objects: [
      {
        id: locks.domainsRwsem,
        machine: rwsem,
        input: { id: locks.domainsRwsem },
        lockClass: 'iopt->domains_rwsem',
        lock: rwsemFacts,
      },
      {
        id: locks.iovaRwsem,
        machine: rwsem,
        input: { id: locks.iovaRwsem },
        lockClass: 'iopt->iova_rwsem',
        lock: rwsemFacts,
      },
      { id: ioasLock, machine: mutex, input: { id: ioasLock }, lockClass: 'access->ioas_lock', lock: mutexFacts },
      { id: locks.ioas, machine: ioas, input: { mapped } },
      {
        id: of('accesses'),
        machine: accesses,
        input: { devices: devices.filter((each) => each.open && each.behaviour !== 'no-notifier').map(({ id }) => id) },
        lock: accessesFacts,
      },
    ],
    containerObjects: [],
    callsFor(task: string, wants: Wants): ActorSpec[] {
      const call = (procedure: string, machine: ActorSpec['machine'], input: object): ActorSpec => ({
        id: callName(task, of(procedure)),
        machine,
        input: { task, ...input },
        thread: task,
      })
      const callbacks = Object.fromEntries(devices.map(({ id }) => [id, callName(task, `${id}.dma_unmap`)]))
      const pages = { at: { ioasLock, iovaRwsem: locks.iovaRwsem, ioas: locks.ioas } }
      const bound = retryBound === undefined ? {} : { retryBound }
      return [
        ...(wants.unmap
          ? [
              call('unmap', plan.protocol.machine, {
                at: { ...locks, notify: callName(task, of('notify')) },
                ...bound,
              }),
              call('notify', notifyAccesses, { at: { accesses: of('accesses'), callbacks } }),
            ]
          : []),
        ...(wants.map ? [call('map', iommufdMap, { at: locks })] : []),
        ...(wants.pin ? [call('pin', iommufdPin, pages)] : []),
        ...(wants.unpin ? [call('unpin', iommufdUnpin, pages)] : []),
      ]
    },
    openAt: () => ({ accesses: of('accesses') }),
    closeAt: () => ({ accesses: of('accesses') }),
  }
}
