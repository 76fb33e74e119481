/** What may be said of memory of devices: the types of describe.ts, told again for whoever has no compiler. */
import {
  forms,
  mended,
  type Form,
  type ProtocolName,
  type Repair,
} from '../../../machines/type1/device-memory/forms.ts'
import {
  byName,
  flag,
  listOf,
  name,
  oneOf,
  optional,
  orNull,
  partOf,
  record,
  some,
  whole,
  type KindsOf,
  type Shape,
} from '../../../shapes/shape.ts'
import { bytes, ofProcess, pageAddress, processName } from '../../scripts/described.ts'
import { chosen } from '../chosen.ts'
import type {
  Bars,
  Call,
  CloseContainerCall,
  DeviceCall,
  DeviceDescription,
  DeviceMemory,
  DeviceMemoryForm,
  DmaCall,
  ForkCall,
  HotResetCall,
  LoadCall,
  MapMemoryCall,
  MmapCall,
  MremapCall,
  SetMemoryCall,
  SetPowerCall,
  ShareCall,
  UnmapMemoryCall,
  UnregisterOpsCall,
} from './describe.ts'
import { formFields } from './form-shape.ts'

/** Oldest first. */
export const protocolNames = Object.keys(forms) as ProtocolName[]

const device = name('the name of a device')
const container = name('the name of a container')
const ofBar = { bar: optional(whole(0, 5)), at: optional(pageAddress), ...ofProcess }
const where = { ...ofBar, size: optional(pageAddress) }

const shareCall = record<ShareCall>({ do: oneOf(['share', 'unshare', 'munmap']), device, ...where })
const deviceCall = record<DeviceCall>({ do: oneOf(['openDevice', 'closeDevice', 'reset']), device, ...ofProcess })

export const deviceMemoryCalls: KindsOf<Call, 'do'> = {
  share: shareCall,
  unshare: shareCall,
  mmap: record<MmapCall>({ do: oneOf(['mmap']), device: orNull(device), ...where, fails: optional(flag) }),
  munmap: shareCall,
  mremap: record<MremapCall>({ do: oneOf(['mremap']), device, to: pageAddress, ...ofBar }),
  fork: record<ForkCall>({ do: oneOf(['fork']), child: processName, ...ofProcess }),
  load: record<LoadCall>({ do: oneOf(['load']), device, ...ofBar }),
  mapMemory: record<MapMemoryCall>({ do: oneOf(['mapMemory']), container, iova: bytes, device, ...where }),
  unmapMemory: record<UnmapMemoryCall>({
    do: oneOf(['unmapMemory']),
    container,
    iova: bytes,
    size: bytes,
    ...ofProcess,
  }),
  openDevice: deviceCall,
  closeDevice: deviceCall,
  closeContainer: record<CloseContainerCall>({ do: oneOf(['closeContainer']), container, ...ofProcess }),
  setMemory: record<SetMemoryCall>({ do: oneOf(['setMemory']), device, on: flag, ...ofProcess }),
  setPower: record<SetPowerCall>({
    do: oneOf(['setPower']),
    device,
    state: oneOf(['D0', 'D3hot', 'low-power']),
    ...ofProcess,
  }),
  reset: deviceCall,
  hotReset: record<HotResetCall>({
    do: oneOf(['hotReset']),
    devices: listOf('a list of devices', device),
    ...ofProcess,
  }),
  dma: record<DmaCall>({ do: oneOf(['dma']), device, iova: bytes, ...ofProcess }),
  unregisterOps: record<UnregisterOpsCall>({ do: oneOf(['unregisterOps']), ...ofProcess }),
}
const pages = whole(1, 0x100)

export const deviceShape = record<DeviceDescription>({
  container,
  bars: optional(partOf<Bars>({ 0: pages, 1: pages, 2: pages, 3: pages, 4: pages, 5: pages }, 'pages of BARs 0 to 5')),
  openBy: optional(orNull(processName)),
  resetSet: optional(name()),
})

/** What a repair may be left out of: only what is repaired. */
const repairs = Object.keys(mended) as Repair[]

export const form: Shape<Partial<Form>> = partOf<Form>(formFields)
export const withoutRepairs = listOf('a list of repairs', oneOf(repairs))
export const devicesShape = some(byName('devices by name', deviceShape), 'at least one device, with its container')

export const deviceMemoryShape: Shape<DeviceMemory> = chosen<ProtocolName, DeviceMemoryForm>(protocolNames, {
  as: optional(oneOf(['posted', 'repaired'])),
  but: optional(form),
  without: optional(withoutRepairs),
  memory: optional(oneOf(['keep', 'unmap', 'revoke'])),
  platform: optional(oneOf(['logged', 'fatal'])),
})
