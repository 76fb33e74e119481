/** Turns a description into a world of actors: only those that its tasks can reach. */
import { dmaUnmap } from '../../machines/bus/dma-unmap.ts'
import { mdevMirror } from '../../machines/bus/mdev-mirror.ts'
import { mdevPin } from '../../machines/bus/mdev-pin.ts'
import { mdevUnpin } from '../../machines/bus/mdev-unpin.ts'
import { mdev } from '../../machines/bus/mdev.ts'
import { closeDevice } from '../../machines/vfio/close-device.ts'
import { openDevice } from '../../machines/vfio/open-device.ts'
import type { ActorSpec, World } from '../world.ts'
import { reachableFrom } from '../reachable.ts'
import { startOf, taskCalled } from '../tasks.ts'
import { call, type BackendWiring } from './backend.ts'
import type { Call, VfioDescription } from './describe.ts'
import { iommufdWiring } from './iommufd.ts'
import { mutexCalled } from './locks.ts'
import { callName } from './names.ts'
import { containerOf, planFor, type Device, type Plan, type Task } from './plan.ts'
import { isGatedEra } from './protocols.ts'
import { type1Wiring } from './type1.ts'
import { viewOf, type VfioView } from './view.ts'

/** A VFIO system, ready to be explored or run live. Throws a ModelError that names what in the description does not fit. */
export function vfio(description: VfioDescription): World<VfioView> {
  const plan = planFor(description)
  const wire = isGatedEra(plan.protocol) ? iommufdWiring : type1Wiring
  const backends = new Map(plan.containers.map(([id]) => [id, wire(plan, id)]))
  const tasks = plan.tasks.map((task) => taskActor(plan, task))
  const everything = [
    ...tasks,
    ...plan.tasks.flatMap(({ id }) => callsOf(plan, id, backends)),
    ...[...backends.values()].flatMap(({ objects }) => objects),
    ...plan.devices.flatMap((device) => driverOf(plan, device)),
  ]
  const actors = reachableFrom(tasks, everything)
  return { name: plan.name, actors, start: plan.tasks.map(({ id }) => startOf(id)), view: viewOf(plan, actors) }
}

function taskActor(plan: Plan, { id, process, script }: Task): ActorSpec {
  const steps = script.map((each) => ({
    call: callName(id, procedureFor(plan, each)),
    args: argsFor(plan, each),
    as: each.do,
  }))
  return taskCalled(id, process, steps, plan.description.remember)
}

/** Which procedure a step of a script calls. */
function procedureFor(plan: Plan, step: Call): string {
  if (['pin', 'unpin', 'mirror', 'open', 'close'].includes(step.do)) return `${step.device}.${step.do}`
  const container = containerOf(plan, step)
  const [firstGroup] = plan.groups.find(([, home]) => home === container)!
  const device = plan.devices.find(({ id }) => id === step.device)
  const isOfGroup = ['register', 'unregister', 'detach'].includes(step.do)
  return plan.names.procedure(container, step.do, isOfGroup ? (step.group ?? device?.group ?? firstGroup) : undefined)
}

/** The kernel's events mask came with the merged form; elsewhere it is not an argument. */
function argsFor(plan: Plan, step: Call): Readonly<Record<string, unknown>> {
  const { events, ...args } = step.args
  return step.do === 'register' && plan.protocol.era === 'v4.10' && events !== undefined ? { ...args, events } : args
}

/** Every call a task might make, and every call those might make in turn. */
function callsOf(plan: Plan, task: string, backends: ReadonlyMap<string, BackendWiring>): ActorSpec[] {
  return [
    ...[...backends.values()].flatMap((backend) => backend.callsFor(task)),
    ...plan.devices.flatMap((device) => driverCalls(plan, task, device, backends.get(device.container)!)),
  ]
}

function driverCalls(plan: Plan, task: string, device: Device, backend: BackendWiring): ActorSpec[] {
  const { id, behaviour, careful } = device
  const driver = { driver: id, driverLock: lockOf(device) }
  const pin = backend.pinOf(task, device)
  const unpin = backend.unpinOf(task, device)
  const user = { device: id, era: plan.protocol.era, notifier: behaviour !== 'no-notifier' }
  const closeAt = { ...driver, unpin, ...backend.closeAt(task, device) }
  return [
    call(task, `${id}.dma_unmap`, dmaUnmap, { device: id, behaviour, at: { ...driver, unpin } }),
    call(task, `${id}.pin`, mdevPin, { device: id, careful, at: { ...driver, pin } }),
    call(task, `${id}.unpin`, mdevUnpin, { device: id, careful, at: { ...driver, unpin } }),
    call(task, `${id}.mirror`, mdevMirror, { at: { driver: id } }),
    call(task, `${id}.open`, openDevice, { ...user, at: backend.openAt(task, device) }),
    call(task, `${id}.close`, closeDevice, { ...user, at: closeAt }),
  ]
}

const lockOf = ({ id }: Device): string => `${id}.lock`

function driverOf(plan: Plan, device: Device): ActorSpec[] {
  const { id, pinned, mirror, careful, behaviour } = device
  const isMirror = plan.tasks.some(({ script }) => script.some((step) => step.do === 'mirror' && step.device === id))
  // A mirror is kept without the driver's lock, and so is what a careless driver notes.
  const guarded = careful && !isMirror && behaviour !== 'mirrors'
  return [
    mutexCalled(lockOf(device), `${id}.lock`),
    { id, machine: mdev, input: { id, pins: pinned, mirror }, ...(guarded && { guardedBy: lockOf(device) }) },
  ]
}
