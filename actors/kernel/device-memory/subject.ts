/** Memory of devices in a story: its objects, and what its tasks call. */
import type { Story, Subject } from '../subject.ts'
import { callsFor, stepFor } from './calls.ts'
import type { Call } from './describe.ts'
import { objectsOf } from './objects.ts'
import { planFor } from './plan.ts'
import { viewOf, type DeviceMemoryView } from './view.ts'
import { kworkerActor, kworkerTask, workqueueId } from './worker.ts'

export const deviceMemorySubject = (story: Story<Call>): Subject<Call, DeviceMemoryView> => {
  const plan = planFor(story)
  return {
    objects: [...objectsOf(plan), kworkerActor],
    servers: [kworkerTask],
    callsFor: (task) => callsFor(plan, task),
    stepFor: (task, process, call) => stepFor(plan, task, process, call),
    view: (there, tasks) => viewOf(plan, there, tasks),
    isQuiet: (there, read) => !there.has(workqueueId) || read(workqueueId).state === 'empty',
  }
}
