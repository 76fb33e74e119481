/** Devices that work on the address spaces of processes, as a part of a kernel: what there is, and what tasks call. */
import type { Part } from '../subject.ts'
import { callsFit, named, processesAreThere, strayDevices, tasksEndAlone, vfreesOnce } from './check.ts'
import type { SvmCall } from './describe.ts'
import { svmDevicesIn } from './devices.ts'
import { svmCalls } from './shape.ts'

export const svmPart: Part<SvmCall> = {
  field: 'svm',
  seenAs: 'svm',
  about: 'of shared virtual memory',
  example: "svm: 'sva-domain'",
  calls: svmCalls,
  isOwn: (description, call) => !('device' in call) || Object.hasOwn(svmDevicesIn(description), call.device),
  named,
  rules: [processesAreThere, callsFit, tasksEndAlone, vfreesOnce],
  stray: strayDevices,
}
