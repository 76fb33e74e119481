/** What may be said of drivers that pin: the types of describe.ts, told again for whoever has no compiler. */
import type { Prot } from '../../../machines/type1/backend/dma-list.ts'
import {
  byName,
  flag,
  listOf,
  name,
  oneOf,
  optional,
  orNull,
  record,
  some,
  such,
  u32,
  whole,
  type KindsOf,
  type Shape,
} from '../../../shapes/shape.ts'
import { apart, bytes, fewMappings, ofProcess, pageAddress, type Range } from '../../scripts/described.ts'
import { chosen } from '../chosen.ts'
import type {
  Call,
  CloseCall,
  ContainerDescription,
  DetachCall,
  DriverDescription,
  GroupDescription,
  MapCall,
  MappingDescription,
  MirrorCall,
  OpenCall,
  PinCall,
  RegisterCall,
  SetIommuCall,
  UnmapCall,
  UnpinCall,
  Unmap,
  UnmapForm,
  UnregisterCall,
} from './describe.ts'
import { protocolNames, type Protocol } from './protocol-names.ts'

const behaviours = ['unpins-all', 'unpins-first-page', 'unpins-nothing', 'mirrors', 'no-notifier'] as const
const backends = ['type1', 'type1v2', 'spapr', 'none', 'noiommu'] as const

const prot: Shape<Prot> = oneOf(['r', 'w', 'rw'])
const device = name('the name of a device')
const stranger = orNull(device)
const inContainer = { container: optional(name('the name of a container')), ...ofProcess }
const range = { iova: bytes, size: bytes }

export const unmapCalls: KindsOf<Call, 'do'> = {
  map: record<MapCall>({ do: oneOf(['map']), ...range, prot: optional(prot), ...inContainer }),
  unmap: record<UnmapCall>({ do: oneOf(['unmap']), ...range, ...inContainer }),
  pin: record<PinCall>({ do: oneOf(['pin']), device, iova: bytes, prot: optional(prot), ...ofProcess }),
  unpin: record<UnpinCall>({ do: oneOf(['unpin']), device, iova: bytes, ...ofProcess }),
  mirror: record<MirrorCall>({ do: oneOf(['mirror']), device, ...range, ...ofProcess }),
  open: record<OpenCall>({ do: oneOf(['open']), device, ...ofProcess }),
  close: record<CloseCall>({ do: oneOf(['close']), device, ...ofProcess }),
  register: record<RegisterCall>({
    do: oneOf(['register']),
    device: stranger,
    nb: optional(stranger),
    events: optional(u32),
    ...ofProcess,
  }),
  unregister: record<UnregisterCall>({
    do: oneOf(['unregister']),
    device: stranger,
    nb: optional(stranger),
    ...ofProcess,
  }),
  detach: record<DetachCall>({
    do: oneOf(['detach']),
    group: name('the name of a group'),
    how: optional(oneOf(['close', 'unset'])),
    ...ofProcess,
  }),
  setIommu: record<SetIommuCall>({ do: oneOf(['setIommu']), ...inContainer }),
}
const pages = { iova: pageAddress, size: pageAddress }

const mapping = record<MappingDescription>({
  ...pages,
  prot: optional(prot),
  process: optional(name('the name of a process')),
})

const driver = record<DriverDescription>({
  driver: oneOf(behaviours),
  open: optional(flag),
  pinned: optional(listOf('a list of pages', pageAddress)),
  mirror: optional(such(listOf('a list of { iova, size }', record<Range>(pages)), apart)),
  careful: optional(flag),
})

const group = record<GroupDescription>({
  devices: byName('devices by name, each with its driver', driver),
  viable: optional(flag),
  used: optional(flag),
})

const container = record<ContainerDescription>({
  backend: optional(oneOf(backends)),
  mappings: optional(such(listOf('a list of { iova, size, prot, process }', mapping), fewMappings, apart)),
  groups: some(byName('groups by name', group), 'at least one group: without any, a container has no IOMMU backend'),
})

export const containersShape = some(
  byName('containers by name', container),
  'at least one container, with a group in it',
)

export const unmapShape: Shape<Unmap> = chosen<Protocol, UnmapForm>(protocolNames, {
  retryBound: optional(whole(0, 10_000)),
  pinTakesGroupLock: optional(flag),
})
