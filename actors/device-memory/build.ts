/** Turns a description into a world of actors: only those that its tasks can reach, standing where the story begins. */
import type { Send } from '../../explore/system.ts'
import { task as taskMachine } from '../../machines/user/task.ts'
import { after } from '../before.ts'
import { reachableFrom } from '../reachable.ts'
import type { ActorSpec, World } from '../world.ts'
import { callsFor, stepFor } from './calls.ts'
import type { DeviceMemoryDescription } from './describe.ts'
import { objectsOf } from './objects.ts'
import { planFor, type Plan, type Task } from './plan.ts'
import { viewOf, type DeviceMemoryView } from './view.ts'
import { kworkerActor, kworkerTask } from './worker.ts'

/** A system with device memory, ready to be explored or run live. Throws a ModelError that names what in the description does not fit. */
export function deviceMemory(description: DeviceMemoryDescription): World<DeviceMemoryView> {
  const plan = planFor(description)
  const { name, before, tasks } = plan
  const shared = [...objectsOf(plan), kworkerActor, ...callsFor(plan, kworkerTask)]
  const starting = [taskActor(plan, before), ...callsFor(plan, before.id), ...shared]
  const start = [startOf(kworkerTask), startOf(before.id)]
  const begun = after({ name, actors: starting, start, view: () => undefined }, before.id)
  // What was done before stands where it was left.
  const left = new Map(begun.actors.map((spec) => [spec.id, spec]))
  const scripts = tasks.map((task) => taskActor(plan, task))
  const everything = [
    ...scripts,
    ...tasks.flatMap(({ id }) => callsFor(plan, id)),
    ...shared.map((spec) => left.get(spec.id) ?? spec),
  ]
  // What was changed by then is part of the picture, whether or not anybody comes to it again.
  const roots = [...scripts, ...everything.filter(({ id }) => begun.touched.has(id))]
  const actors = reachableFrom(roots, everything)
  const isThere = (id: string) => actors.some((spec) => spec.id === id)
  return {
    name,
    actors,
    start: [...begun.inFlight.filter(({ to }) => isThere(to)), ...tasks.map(({ id }) => startOf(id))],
    view: viewOf(plan, actors),
  }
}

const startOf = (task: string): Send => ({ to: task, message: { type: 'START', from: 'env', task } })

function taskActor(plan: Plan, { id, process, script }: Task): ActorSpec {
  const steps = script.flatMap((each) => {
    const step = stepFor(plan, id, process, each)
    return step ? [{ ...step, as: each.do }] : []
  })
  const { remember = true } = plan.description
  return { id, machine: taskMachine, input: { task: id, mm: process, script: steps, remember }, thread: id }
}
