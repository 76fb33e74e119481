/** What may stand in a description of shared virtual memory: the types of describe.ts, told again for whoever has no compiler. */
import { svmForms, type SvmForm, type SvmProtocol } from '../../../machines/sva/bond/forms.ts'
import {
  byName,
  flag,
  listOf,
  name,
  ofKind,
  oneOf,
  optional,
  partOf,
  record,
  some,
  such,
  u32,
  whole,
  type Shape,
} from '../../../shapes/shape.ts'
import { describedTasks, fewTasks, scriptOf } from '../../scripts/described.ts'
import { callsFit, namesAreApart, processesAreThere, tasksEndAlone, vfreesOnce } from './check.ts'
import type {
  BindCall,
  SharedMemoryDescription,
  SubmitCall,
  SvmCall,
  SvmDevice,
  SvmDeviceCall,
  SvmGroupCall,
  SvmProcessCall,
  UnbindCall,
} from './describe.ts'
import { svmFormFields } from './form-shape.ts'

/** Oldest first. */
export const svmProtocols = Object.keys(svmForms) as SvmProtocol[]

const processName = name('the name of a process')
const ofProcess = { process: optional(processName) }
const ofDevice = { device: name('the name of a device'), ...ofProcess }
const ioctl = { argsz: optional(u32), flags: optional(u32), fault: optional(oneOf(['in', 'out'])) }

const deviceCall = record<SvmDeviceCall>({ do: oneOf(['stop', 'closeDevice', 'info']), ...ofDevice })
const groupCall = record<SvmGroupCall>({
  ...{ do: oneOf(['attach', 'detach']), group: name('the name of a group') },
  ...ofProcess,
})
const processCall = record<SvmProcessCall>({ do: oneOf(['exit', 'exec', 'vfree']), ...ofProcess })

const calls = {
  bind: record<BindCall>({ do: oneOf(['bind']), ...ofDevice, ...ioctl, nomem: optional(flag) }),
  unbind: record<UnbindCall>({ do: oneOf(['unbind']), ...ofDevice, ...ioctl, pasid: optional(u32) }),
  submit: record<SubmitCall>({
    ...{ do: oneOf(['submit']), pages: optional(oneOf([1, 2])), kernel: optional(flag) },
    ...ofDevice,
  }),
  stop: deviceCall,
  closeDevice: deviceCall,
  info: deviceCall,
  attach: groupCall,
  detach: groupCall,
  exit: processCall,
  exec: processCall,
  vfree: processCall,
}
const call = ofKind<SvmCall, 'do'>('do', calls, "a call, as `bind('dev0')` makes it")

/** What calls there are, by the names that results go by. */
export const callNames = Object.keys(calls)

const device = record<SvmDevice>({
  group: optional(name('the name of a group')),
  attached: optional(flag),
  openBy: optional(listOf('a list of processes', processName)),
})

export const svmForm: Shape<Partial<SvmForm>> = partOf<SvmForm>(svmFormFields)
export const stopAnswers = oneOf(['flushed', 'clean', 'silent'])
export const svmDevices = some(
  byName('devices by name', device),
  'at least one device; without `devices` there is dev0',
)
export const svmBefore = scriptOf(call)
export const svmTasks = describedTasks(call)
export const queueLength = whole(1, 16)
export const failureCount = whole(0, 8)

export const sharedMemoryShape: Shape<SharedMemoryDescription> = such(
  record<SharedMemoryDescription>({
    name: optional(name()),
    protocol: oneOf(svmProtocols),
    as: optional(oneOf(['posted', 'repaired'])),
    but: optional(svmForm),
    devices: optional(svmDevices),
    pasids: optional(whole(1, 8)),
    queue: optional(queueLength),
    device: optional(stopAnswers),
    failures: optional(failureCount),
    supported: optional(flag),
    before: optional(svmBefore),
    tasks: svmTasks,
    remember: optional(flag),
  }),
  fewTasks,
  namesAreApart,
  processesAreThere,
  callsFit,
  tasksEndAlone,
  vfreesOnce,
)
