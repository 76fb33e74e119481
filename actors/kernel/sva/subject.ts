/** Devices that work on the address spaces of processes, in a story: its objects, and what its tasks call. */
import type { Story, Subject } from '../subject.ts'
import { callsFor, stepFor } from './calls.ts'
import type { SvmCall } from './describe.ts'
import { faultThread, ids, kworkerThread } from './names.ts'
import { objectsOf } from './objects.ts'
import { planFor } from './plan.ts'
import { isQuiet, viewOf, type SvmView } from './view.ts'

export const svmSubject = (story: Story<SvmCall>): Subject<SvmCall, SvmView> => {
  const plan = planFor(story)
  return {
    objects: objectsOf(plan),
    servers: [...plan.devices.map(({ id }) => ids.device(id).engine), faultThread, kworkerThread],
    callsFor: (task) => callsFor(plan, task),
    stepFor: (task, process, call) => stepFor(plan, task, process, call),
    view: (there) => viewOf(plan, there),
    isQuiet: (there, read) => isQuiet(plan, there, read),
  }
}
