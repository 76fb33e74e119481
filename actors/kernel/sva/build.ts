/** Turns a description into a world of actors: only those that its tasks can reach, standing where the story begins. */
import { stage, type Cast } from '../../stage/stage.ts'
import { defaultProcess, taskCalled, taskDoing } from '../../scripts/tasks.ts'
import type { ActorSpec, World } from '../../world/world.ts'
import { callsFor, stepFor } from './calls.ts'
import type { SharedMemoryDescription } from './describe.ts'
import { faultThread, ids, kworkerThread } from './names.ts'
import { objectsOf } from './objects.ts'
import { planFor, type Task } from './plan.ts'
import { viewOf, type SharedMemoryView } from './view.ts'

/**
 * A system in which devices work on the address spaces of processes, ready to be explored or run live. Throws a ModelError that names what in
 * the description does not fit.
 */
export function sharedMemory(description: SharedMemoryDescription): World<SharedMemoryView> {
  const plan = planFor(description)
  const { name, before, tasks, devices } = plan
  const taskActor = (task: Task): ActorSpec =>
    taskDoing(task, (id, process, call) => stepFor(plan, id, call.process ?? process, call), plan.description.remember)
  const engines = devices.map(({ id }) => ids.device(id).engine)
  const servers = [...engines, faultThread, kworkerThread]
  const cast: Cast = {
    name,
    shared: [...objectsOf(plan), ...servers.flatMap((thread) => callsFor(plan, thread))],
    servers,
    before: taskActor(before),
    tasks: tasks.map(taskActor),
    callsFor: (task) => callsFor(plan, task),
    joins: (id, script) => taskCalled(id, tasks[0]?.process ?? defaultProcess, script, plan.description.remember),
  }
  return stage(cast, (actors) => viewOf(plan, actors))
}
