/** Devices that work on the address spaces of processes, as a part of a kernel: what there is, and what tasks call. */
import type { Part } from '../subject.ts'
import { callsFor, stepFor } from './calls.ts'
import { callsFit, named, processesAreThere, strayDevices, tasksEndAlone, vfreesOnce } from './check.ts'
import type { SvmCall } from './describe.ts'
import { svmDevicesIn } from './devices.ts'
import { faultThread, ids, kworkerThread } from './names.ts'
import { objectsOf } from './objects.ts'
import { planFor } from './plan.ts'
import { svmCalls } from './shape.ts'
import { isQuiet, viewOf, type SvmView } from './view.ts'

export const svmPart: Part<SvmCall, SvmView> = {
  field: 'svm',
  seenAs: 'svm',
  about: 'of shared virtual memory',
  example: "svm: 'sva-domain'",
  calls: svmCalls,
  isOwn: (description, call) => !('device' in call) || Object.hasOwn(svmDevicesIn(description), call.device),
  named,
  rules: [processesAreThere, callsFit, tasksEndAlone, vfreesOnce],
  stray: strayDevices,
  subjectOf(story) {
    const plan = planFor(story)
    return {
      objects: objectsOf(plan),
      servers: [...plan.devices.map(({ id }) => ids.device(id).engine), faultThread, kworkerThread],
      callsFor: (task) => callsFor(plan, task),
      stepFor: (task, process, call) => stepFor(plan, task, process, call),
      view: (there) => viewOf(plan, there),
      isQuiet: (there, read) => isQuiet(plan, there, read),
    }
  },
}
