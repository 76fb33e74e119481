/** The DMA_UNMAP protocols by name, oldest first, and what the rest of the kernel looked like around each. */
import type { AnyStateMachine } from 'xstate'
import { deviceListUnmap } from '../../../machines/type1/unmap/device-list.ts'
import { gatedNoCursor } from '../../../machines/iommufd/unmap/gated-no-cursor.ts'
import { gatedUnlockedCheck } from '../../../machines/iommufd/unmap/gated-unlocked-check.ts'
import { gated } from '../../../machines/iommufd/unmap/gated.ts'
import { perMapping } from '../../../machines/type1/unmap/per-mapping.ts'
import { perRequest } from '../../../machines/type1/unmap/per-request.ts'
import { restart } from '../../../machines/type1/unmap/restart.ts'
import { underLock } from '../../../machines/type1/unmap/under-lock.ts'
import type { DeviceEra } from '../../../machines/vfio/device/device-era.ts'
import type { Protocol } from './protocol-names.ts'

export interface ProtocolFacts {
  readonly machine: AnyStateMachine
  readonly era: DeviceEra
  /** One line for lists. */
  readonly about: string
}

export const protocols: Readonly<Record<Protocol, ProtocolFacts>> = {
  'under-lock': { machine: underLock, era: 'v13', about: 'notify while iommu->lock is held' },
  'per-mapping': {
    machine: perMapping,
    era: 'v13',
    about: 'v13 as posted: per mapping unlock, notify, relock, keep the pointer',
  },
  'per-request': {
    machine: perRequest,
    era: 'v13',
    about: "the reviewer's alternative: notify once before taking the lock",
  },
  restart: {
    machine: restart,
    era: 'v4.10',
    about: 'as merged: unlock, notify, search again, BUG after too many retries',
  },
  'device-list': { machine: deviceListUnmap, era: 'v6.0', about: 'Linux 6.0: device_list_lock replaces the notifier' },
  'gated-unlocked-check': {
    machine: gatedUnlockedCheck,
    era: 'iommufd',
    about: 'iommufd of 6.2: gate, notify, look at the area with no lock',
  },
  'gated-no-cursor': {
    machine: gatedNoCursor,
    era: 'iommufd',
    about: 'iommufd before the 2026 fix: gate, notify, restart from the start',
  },
  gated: {
    machine: gated,
    era: 'iommufd',
    about: 'iommufd: gate new pins, notify, restart with a cursor that only moves forward',
  },
}

/** iommufd: accesses instead of notifiers, areas instead of a dma list. */
export const isGatedEra = ({ era }: ProtocolFacts): boolean => era === 'iommufd'
