/** What may be said of shared virtual memory: the types of describe.ts, told again for whoever has no compiler. */
import { svmForms, type SvmForm, type SvmProtocol } from '../../../machines/sva/bond/forms.ts'
import {
  byName,
  flag,
  listOf,
  name,
  oneOf,
  optional,
  partOf,
  record,
  some,
  u32,
  whole,
  type KindsOf,
  type Shape,
} from '../../../shapes/shape.ts'
import { ofProcess, processName } from '../../scripts/described.ts'
import { chosen } from '../chosen.ts'
import type {
  BindCall,
  SubmitCall,
  Svm,
  SvmCall,
  SvmChoice,
  SvmDevice,
  SvmDeviceCall,
  SvmGroupCall,
  SvmProcessCall,
  UnbindCall,
} from './describe.ts'
import { svmFormFields } from './form-shape.ts'

/** Oldest first. */
export const svmProtocols = Object.keys(svmForms) as SvmProtocol[]

const ofDevice = { device: name('the name of a device'), ...ofProcess }
const ioctl = { argsz: optional(u32), flags: optional(u32), fault: optional(oneOf(['in', 'out'])) }

const deviceCall = record<SvmDeviceCall>({ do: oneOf(['stop', 'closeDevice', 'info']), ...ofDevice })
const groupCall = record<SvmGroupCall>({
  ...{ do: oneOf(['attach', 'detach']), group: name('the name of a group') },
  ...ofProcess,
})
const processCall = record<SvmProcessCall>({ do: oneOf(['exit', 'exec', 'vfree']), ...ofProcess })

export const svmCalls: KindsOf<SvmCall, 'do'> = {
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
export const svmDevice = record<SvmDevice>({
  group: optional(name('the name of a group')),
  attached: optional(flag),
  openBy: optional(listOf('a list of processes', processName)),
})

export const svmForm: Shape<Partial<SvmForm>> = partOf<SvmForm>(svmFormFields)
export const stopAnswers = oneOf(['flushed', 'clean', 'silent'])
export const svmDevices = some(
  byName('devices by name', svmDevice),
  'at least one device; without `devices` there is dev0',
)
export const queueLength = whole(1, 16)
export const failureCount = whole(0, 8)

export const svmShape: Shape<Svm> = chosen<SvmProtocol, SvmChoice>(svmProtocols, {
  as: optional(oneOf(['posted', 'repaired'])),
  but: optional(svmForm),
  pasids: optional(whole(1, 8)),
  queue: optional(queueLength),
  device: optional(stopAnswers),
  failures: optional(failureCount),
  supported: optional(flag),
})
