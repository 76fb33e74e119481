/** The actors of one IOAS (a container, in VFIO's words) with the iommufd backend. */
import { accesses, accessesFacts } from '../../../machines/iommufd/access/accesses.ts'
import { ioas } from '../../../machines/iommufd/ioas/ioas.ts'
import { iommufdMap } from '../../../machines/iommufd/ioas/iommufd-map.ts'
import { iommufdPin } from '../../../machines/iommufd/access/iommufd-pin.ts'
import { iommufdUnpin } from '../../../machines/iommufd/access/iommufd-unpin.ts'
import { notifyAccesses } from '../../../machines/iommufd/access/notify-accesses.ts'
import { call, callbacksOf, devicesIn, listeningIn, mappedIn, type BackendWiring } from './backend.ts'
import { mutexCalled, rwsemCalled } from '../locks.ts'
import { callName } from '../names.ts'
import type { Plan } from './plan.ts'

export function iommufdWiring(plan: Plan, container: string): BackendWiring {
  const of = (base: string) => plan.names.in(container, base)
  const { retryBound } = plan.form
  const at = { domainsRwsem: of('domains.rwsem'), iovaRwsem: of('iova.rwsem'), ioas: of('ioas') }
  const mapped = mappedIn(plan, container).map(({ iova, size, pinned }) => ({ iova, size, pinned }))
  /** access->ioas_lock: each device has an access, and each access a lock. */
  const ioasLock = (device: string) => `${device}.ioas_lock`
  const devices = devicesIn(plan, container)
  const to = (task: string, procedure: string, device: string) =>
    callName(task, plan.names.procedure(container, procedure, device))
  return {
    objects: [
      rwsemCalled(at.domainsRwsem, 'iopt->domains_rwsem'),
      rwsemCalled(at.iovaRwsem, 'iopt->iova_rwsem'),
      ...devices.map(({ id }) => mutexCalled(ioasLock(id), 'access->ioas_lock')),
      { id: at.ioas, machine: ioas, input: { mapped } },
      {
        id: of('accesses'),
        machine: accesses,
        input: { devices: listeningIn(plan, container) },
        lockClass: 'iommufd_access users',
        lock: accessesFacts,
      },
    ],
    callsFor(task) {
      const named = (name: string, group?: string) => plan.names.procedure(container, name, group)
      const callbacks = callbacksOf(task, devices)
      const unmapAt = { ...at, notify: callName(task, named('notify')) }
      const bound = retryBound === undefined ? {} : { retryBound }
      return [
        call(task, named('unmap'), plan.protocol.machine, { at: unmapAt, ...bound }),
        call(task, named('notify'), notifyAccesses, { at: { accesses: of('accesses'), callbacks } }),
        call(task, named('map'), iommufdMap, { at }),
        ...devices.flatMap(({ id }) => {
          const pagesAt = { ioasLock: ioasLock(id), iovaRwsem: at.iovaRwsem, ioas: at.ioas }
          return [
            call(task, named('pin', id), iommufdPin, { at: pagesAt }),
            call(task, named('unpin', id), iommufdUnpin, { at: pagesAt }),
          ]
        }),
      ]
    },
    pinOf: (task, { id }) => to(task, 'pin', id),
    unpinOf: (task, { id }) => to(task, 'unpin', id),
    openAt: () => ({ accesses: of('accesses') }),
    closeAt: () => ({ accesses: of('accesses') }),
  }
}
