/** What may stand in a description of device memory: the types of describe.ts, told again for whoever has no compiler. */
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
  ofKind,
  oneOf,
  optional,
  orNull,
  partOf,
  record,
  some,
  such,
  whole,
  type Shape,
} from '../../../shapes/shape.ts'
import { bytes, describedTasks, fewTasks, pageAddress, scriptOf } from '../../scripts/described.ts'
import { callsFit, namesAreApart } from './check.ts'
import type {
  Bars,
  Call,
  CloseContainerCall,
  DeviceCall,
  DeviceDescription,
  DeviceMemoryDescription,
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
const ofBar = { bar: optional(whole(0, 5)), at: optional(pageAddress) }
const where = { ...ofBar, size: optional(pageAddress) }

const shareCall = record<ShareCall>({ do: oneOf(['share', 'unshare', 'munmap']), device, ...where })
const deviceCall = record<DeviceCall>({ do: oneOf(['openDevice', 'closeDevice', 'reset']), device })

const calls = {
  share: shareCall,
  unshare: shareCall,
  mmap: record<MmapCall>({ do: oneOf(['mmap']), device: orNull(device), ...where, fails: optional(flag) }),
  munmap: shareCall,
  mremap: record<MremapCall>({ do: oneOf(['mremap']), device, to: pageAddress, ...ofBar }),
  fork: record<ForkCall>({ do: oneOf(['fork']), child: name('the name of a process') }),
  load: record<LoadCall>({ do: oneOf(['load']), device, ...ofBar }),
  mapMemory: record<MapMemoryCall>({ do: oneOf(['mapMemory']), container, iova: bytes, device, ...where }),
  unmapMemory: record<UnmapMemoryCall>({ do: oneOf(['unmapMemory']), container, iova: bytes, size: bytes }),
  openDevice: deviceCall,
  closeDevice: deviceCall,
  closeContainer: record<CloseContainerCall>({ do: oneOf(['closeContainer']), container }),
  setMemory: record<SetMemoryCall>({ do: oneOf(['setMemory']), device, on: flag }),
  setPower: record<SetPowerCall>({ do: oneOf(['setPower']), device, state: oneOf(['D0', 'D3hot', 'low-power']) }),
  reset: deviceCall,
  hotReset: record<HotResetCall>({ do: oneOf(['hotReset']), devices: listOf('a list of devices', device) }),
  dma: record<DmaCall>({ do: oneOf(['dma']), device, iova: bytes }),
  unregisterOps: record<UnregisterOpsCall>({ do: oneOf(['unregisterOps']) }),
}
const call = ofKind<Call, 'do'>('do', calls, "a call, as `load('dev1')` makes it")

/** What calls there are, by the names that results go by. */
export const callNames = Object.keys(calls)

const pages = whole(1, 0x100)

const described = record<DeviceDescription>({
  container,
  bars: optional(partOf<Bars>({ 0: pages, 1: pages, 2: pages, 3: pages, 4: pages, 5: pages }, 'pages of BARs 0 to 5')),
  openBy: optional(orNull(name('the name of a process'))),
  resetSet: optional(name()),
})

/** What a repair may be left out of: only what is repaired. */
const repairs = Object.keys(mended) as Repair[]

export const onMemory = oneOf(['keep', 'unmap', 'revoke'])
export const platforms = oneOf(['logged', 'fatal'])
export const form: Shape<Partial<Form>> = partOf<Form>(formFields)
export const withoutRepairs = listOf('a list of repairs', oneOf(repairs))
export const devicesShape = some(byName('devices by name', described), 'at least one device, with its container')
export const beforeShape = scriptOf(call)
export const tasksShape = describedTasks(call)

export const deviceMemoryShape: Shape<DeviceMemoryDescription> = such(
  record<DeviceMemoryDescription>({
    name: optional(name()),
    protocol: oneOf(protocolNames),
    as: optional(oneOf(['posted', 'repaired'])),
    but: optional(form),
    without: optional(withoutRepairs),
    memory: optional(onMemory),
    platform: optional(platforms),
    devices: devicesShape,
    before: optional(beforeShape),
    tasks: tasksShape,
    remember: optional(flag),
  }),
  fewTasks,
  namesAreApart,
  callsFit,
)
