/** Memory of devices, as a part of a kernel: what there is, and what tasks call. */
import type { Part } from '../subject.ts'
import { callsFor, stepFor } from './calls.ts'
import { barDevices } from '../devices.ts'
import { besideDrivers, callsFit, hasDevices, named, strayDevices } from './check.ts'
import type { Call } from './describe.ts'
import { objectsOf } from './objects.ts'
import { planFor } from './plan.ts'
import { deviceMemoryCalls } from './shape.ts'
import { viewOf, type DeviceMemoryView } from './view.ts'
import { kworkerActor, kworkerTask, workqueueId } from './worker.ts'

export const deviceMemoryPart: Part<Call, DeviceMemoryView> = {
  field: 'deviceMemory',
  seenAs: 'deviceMemory',
  about: 'of memory of devices',
  example: "deviceMemory: 'device-notifier', devices: { dev1: { container: 'container0' } }",
  calls: deviceMemoryCalls,
  isOwn: (description, call) =>
    !('device' in call) || call.device === null || Object.hasOwn(barDevices(description), call.device),
  named,
  rules: [hasDevices, callsFit, besideDrivers],
  stray: strayDevices,
  subjectOf(story) {
    const plan = planFor(story)
    return {
      objects: [...objectsOf(plan), kworkerActor],
      servers: [kworkerTask],
      callsFor: (task) => callsFor(plan, task),
      stepFor: (task, process, call) => stepFor(plan, task, process, call),
      view: (there, tasks) => viewOf(plan, there, tasks),
      isQuiet: (there, read) => !there.has(workqueueId) || read(workqueueId).state === 'empty',
    }
  },
}
