/** Who there is where processes make system calls: every object the plan names, and for every thread the calls it can make. */
import { syscall } from '../../../machines/user/syscall.ts'
import { thread } from '../../../machines/user/thread.ts'
import type { ActorSpec, World } from '../../world/world.ts'
import * as compat from './compat.ts'
import { lacking, operationsIn } from './descriptors.ts'
import * as emulated from './emulated.ts'
import * as memory from './memory.ts'
import * as pci from './pci.ts'
import { hasIommufd, processOf, type LinuxPlan } from './plan.ts'
import * as type1 from './type1.ts'
import * as vfio from './vfio.ts'

/** Who declares actors: the objects of a plan, and the calls one thread can make. */
const parts = [memory, vfio, type1, pci, emulated]

const partsOf = (plan: LinuxPlan) => (hasIommufd(plan) ? [...parts, compat] : parts)

/** Everybody whom a plan names, and what is under way when the machine runs; linux() makes a world of them, and a case is run on them. */
export type Declared = Pick<World, 'actors' | 'start'>

/** Plans that differ in no more than their name have the same actors, and those are declared once. */
export const declared = (plan: LinuxPlan): Declared => ({ actors: actorsOf(plan), start: type1.start(plan) })

/** Enough for the plans of a day's recordings; when there are more, those that were not asked for longest are forgotten. */
const keptPlans = 64
const known = new Map<string, readonly ActorSpec[]>()

function actorsOf(plan: LinuxPlan): readonly ActorSpec[] {
  const { name: _name, devices, ...rest } = plan
  const key = JSON.stringify({ ...rest, devices: devices.map(({ id }) => id) })
  const actors = known.get(key) ?? declare(plan)
  known.delete(key)
  known.set(key, actors)
  if (known.size > keptPlans) known.delete(known.keys().next().value!)
  return actors
}

function declare(plan: LinuxPlan): readonly ActorSpec[] {
  const threads = plan.threads.map(({ id }): ActorSpec => ({ id, machine: thread, input: { task: id }, thread: id }))
  const operations = operationsIn(plan)
  const syscalls = plan.threads.map(({ id }): ActorSpec => ({
    id: `${id}.syscall`,
    machine: syscall,
    input: { task: id, table: processOf(plan, id), operations, lacking },
    thread: id,
  }))
  return [
    ...threads,
    ...syscalls,
    ...plan.threads.flatMap(({ id }) => partsOf(plan).flatMap((part) => part.calls(plan, id))),
    ...partsOf(plan).flatMap((part) => part.objects(plan)),
  ]
}
