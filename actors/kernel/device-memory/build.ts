/** Turns a description into a world of actors: only those that its tasks can reach, standing where the story begins. */
import { stage, type Cast } from '../../stage/stage.ts'
import { defaultProcess, taskCalled, taskDoing } from '../../scripts/tasks.ts'
import type { ActorSpec, World } from '../../world/world.ts'
import { callsFor, stepFor } from './calls.ts'
import type { Call, DeviceMemoryDescription } from './describe.ts'
import { objectsOf } from './objects.ts'
import { planFor, type Plan, type Task } from './plan.ts'
import { callNames } from './shape.ts'
import type { Subject } from '../subject.ts'
import { viewOf, type DeviceMemoryView } from './view.ts'
import { kworkerActor, kworkerTask } from './worker.ts'

/** A system with device memory, ready to be explored or run live. Throws a ModelError that names what in the description does not fit. */
export function deviceMemory(description: DeviceMemoryDescription): World<DeviceMemoryView> {
  const plan = planFor(description)
  const { name, before, tasks } = plan
  const { objects, servers, callsFor, stepFor, view } = deviceMemorySubject(plan)
  const taskActor = (task: Task): ActorSpec => taskDoing(task, stepFor, plan.description.remember)
  const cast: Cast = {
    name,
    shared: [...objects, ...servers.flatMap(callsFor)],
    servers,
    before: taskActor(before),
    tasks: tasks.map(taskActor),
    callsFor,
    joins: (id, script) => taskCalled(id, tasks[0]?.process ?? defaultProcess, script, plan.description.remember),
  }
  return stage(cast, view)
}

/** What a plan says of memory of devices, and of who maps it. */
export const deviceMemorySubject = (plan: Plan): Subject<Call, DeviceMemoryView> => ({
  words: callNames,
  objects: [...objectsOf(plan), kworkerActor],
  servers: [kworkerTask],
  callsFor: (task) => callsFor(plan, task),
  stepFor: (task, process, call) => stepFor(plan, task, process, call),
  view: (actors) => viewOf(plan, actors),
})
