/** Turns a description into a world of actors: only those that its tasks can reach. */
import { dmaUnmap } from '../../../machines/mdev/dma-unmap.ts'
import { mdevMirror } from '../../../machines/mdev/mdev-mirror.ts'
import { mdevPin } from '../../../machines/mdev/mdev-pin.ts'
import { mdevUnpin } from '../../../machines/mdev/mdev-unpin.ts'
import { mdev } from '../../../machines/mdev/mdev.ts'
import { closeDevice } from '../../../machines/vfio/device/close-device.ts'
import { openDevice } from '../../../machines/vfio/device/open-device.ts'
import { worldOf } from '../../world/world-of.ts'
import type { ActorSpec, Joining, Part, World } from '../../world/world.ts'
import { reachableFrom } from '../../world/reachable.ts'
import type { Range } from '../../scripts/described.ts'
import { callsOf as callsIn } from '../../scripts/script.ts'
import { choicesOf, defaultProcess, startOf, taskCalled, taskDoing } from '../../scripts/tasks.ts'
import { call, type BackendWiring } from './backend.ts'
import type { Call, VfioDescription } from './describe.ts'
import { iommufdWiring } from './iommufd.ts'
import { mutexCalled } from '../locks.ts'
import { callName } from '../names.ts'
import { containerOf, groupOf, joinedBy, planFor, type Device, type Plan } from './plan.ts'
import { isGatedEra } from './protocols.ts'
import { callNames } from './shape.ts'
import type { Subject } from '../subject.ts'
import { type1Wiring } from './type1.ts'
import { viewOf, type VfioView } from './view.ts'

/** A VFIO system, ready to be explored or run live. Throws a ModelError that names what in the description does not fit. */
export function vfio(description: VfioDescription): World<VfioView> {
  const plan = planFor(description)
  return worldOf(plan.name, (joining) => partOf(plan, joining))
}

/** What a plan says of drivers that pin, and of what they are told by. */
export function unmapSubject(plan: Plan): Subject<Call, VfioView> {
  const wire = isGatedEra(plan.protocol) ? iommufdWiring : type1Wiring
  const backends = new Map(plan.containers.map(([id]) => [id, wire(plan, id)]))
  return {
    words: callNames,
    objects: [
      ...[...backends.values()].flatMap(({ objects }) => objects),
      ...plan.devices.flatMap((device) => driverOf(plan, device)),
    ],
    servers: [],
    callsFor: (task) => callsOf(plan, task, backends),
    stepFor: (task, _process, each) => ({
      call: callName(task, procedureFor(plan, each)),
      args: argsFor(plan, each),
      as: each.do,
    }),
    view: (actors) => viewOf(plan, actors),
  }
}

/** The part of a plan, with calls for those who join as well. */
function partOf(planned: Plan, joining: Joining): Part<VfioView> {
  const plan = joinedBy(planned, Object.keys(joining))
  const { objects, callsFor, stepFor, view } = unmapSubject(plan)
  const threads = plan.tasks.map(({ id }) => id)
  const tasks = planned.tasks.map((task) => taskDoing(task, stepFor, plan.description.remember))
  const choices = choicesOf(tasks)
  const actors = [
    ...tasks,
    ...Object.entries(joining).map(([id, script]) => taskCalled(id, defaultProcess, script, plan.description.remember)),
    ...plan.tasks.flatMap(({ id }) => callsFor(id)),
    ...objects,
    ...choices.actors,
  ]
  return {
    threads,
    actors,
    start: [...threads.map(startOf), ...choices.start],
    met: (all, brought) => reachableFrom(threads, all, brought),
    view,
  }
}

/** Which procedure a step of a script calls. */
function procedureFor(plan: Plan, step: Call): string {
  switch (step.do) {
    case 'pin':
    case 'unpin':
    case 'mirror':
    case 'open':
    case 'close':
      return `${step.device}.${step.do}`
    case 'register':
    case 'unregister':
    case 'detach': {
      const container = containerOf(plan, step)
      const [firstGroup] = plan.groups.find(([, home]) => home === container)!
      return plan.names.procedure(container, step.do, groupOf(plan, step) ?? firstGroup)
    }
    default:
      return plan.names.procedure(containerOf(plan, step), step.do)
  }
}

/** What the procedure is given. */
function argsFor(plan: Plan, step: Call): Readonly<Record<string, unknown>> {
  switch (step.do) {
    case 'map':
      return { ...rangeOf(step), prot: step.prot ?? 'rw' }
    case 'unmap':
    case 'mirror':
      return rangeOf(step)
    case 'pin':
      return { iova: BigInt(step.iova), prot: step.prot ?? 'rw' }
    case 'unpin':
      return { iova: BigInt(step.iova) }
    case 'register': {
      const { device, nb = device, events } = step
      // The kernel's events mask came with the merged form; elsewhere it is not an argument.
      return { device, nb, ...(plan.protocol.era === 'v4.10' && events !== undefined && { events }) }
    }
    case 'unregister': {
      const { device, nb = device } = step
      return { device, nb }
    }
    case 'detach':
      return { how: step.how ?? 'close' }
    case 'open':
    case 'close':
    case 'setIommu':
      return {}
  }
}

const rangeOf = ({ iova, size }: Range) => ({ iova: BigInt(iova), size: BigInt(size) })

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
  const isMirror = plan.tasks.some(({ script }) =>
    callsIn(script).some((step) => step.do === 'mirror' && step.device === id),
  )
  // A mirror is kept without the driver's lock, and so is what a careless driver notes.
  const guarded = careful && !isMirror && behaviour !== 'mirrors'
  return [
    mutexCalled(lockOf(device), `${id}.lock`),
    { id, machine: mdev, input: { id, pins: pinned, mirror }, ...(guarded && { guardedBy: lockOf(device) }) },
  ]
}
