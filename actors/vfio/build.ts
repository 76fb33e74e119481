/** Turns a description into a world of actors: only those that its tasks can reach. */
import type { Send } from '../../explore/system.ts'
import { dmaUnmap } from '../../machines/bus/dma-unmap.ts'
import { mdevMirror } from '../../machines/bus/mdev-mirror.ts'
import { mdevPin } from '../../machines/bus/mdev-pin.ts'
import { mdevUnpin } from '../../machines/bus/mdev-unpin.ts'
import { mdev } from '../../machines/bus/mdev.ts'
import { mutex, mutexFacts } from '../../machines/kernel/mutex.ts'
import { task as taskMachine } from '../../machines/user/task.ts'
import { closeDevice } from '../../machines/vfio/close-device.ts'
import { openDevice } from '../../machines/vfio/open-device.ts'
import type { ActorSpec, World } from '../world.ts'
import type { BackendWiring, Wants } from './backend.ts'
import type { Call, VfioDescription } from './describe.ts'
import { iommufdWiring } from './iommufd.ts'
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
  const calls = plan.tasks.flatMap((task) => callsOf(plan, task, backends))
  const used = new Set(calls.flatMap(({ input }) => namesIn(input)))
  const objects = [...backends.values()]
    .flatMap((each) => [...each.objects, ...each.containerObjects])
    .filter(({ id }) => used.has(id))
  const drivers = plan.devices.flatMap((device) => driverOf(plan, device)).filter(({ id }) => used.has(id))
  const tasks = plan.tasks.map((task) => taskActor(plan, task))
  const actors = [...tasks, ...calls, ...withGuards(objects, backends), ...drivers]
  return { name: plan.name, actors, start: plan.tasks.map(startOf), view: viewOf(plan, actors) }
}

const startOf = ({ id }: Task): Send => ({ to: id, message: { type: 'START', from: 'env', task: id } })

function taskActor(plan: Plan, { id, process, script }: Task): ActorSpec {
  const steps = script.map((call) => ({ call: actorFor(plan, id, call), args: argsFor(plan, call), as: call.do }))
  return {
    id,
    machine: taskMachine,
    input: { task: id, mm: process, script: steps, remember: plan.description.remember ?? true },
    thread: id,
  }
}

/** Which call a step of a script is made to. */
function actorFor(plan: Plan, task: string, call: Call): string {
  const ofDevice = ['pin', 'unpin', 'mirror', 'open', 'close'].includes(call.do)
  return callName(task, ofDevice ? `${call.device}.${call.do}` : plan.names.in(containerOf(plan, call), call.do))
}

/** The kernel's events mask came with the merged form; elsewhere it is not an argument. */
function argsFor(plan: Plan, call: Call): Readonly<Record<string, unknown>> {
  const { events, ...args } = call.args
  return call.do === 'register' && plan.protocol.era === 'v4.10' && events !== undefined ? { ...args, events } : args
}

/** Every call a task can run: those in its script, and those they run in turn. */
function callsOf(plan: Plan, task: Task, backends: ReadonlyMap<string, BackendWiring>): ActorSpec[] {
  const perContainer = plan.containers.flatMap(([id]) => backends.get(id)!.callsFor(task.id, wantsOf(plan, task, id)))
  const perDevice = plan.devices.flatMap((device) => deviceCalls(plan, task, device, backends.get(device.container)!))
  return [...perContainer, ...perDevice]
}

function wantsOf(plan: Plan, { script }: Task, container: string): Wants {
  const here = script.filter((call) => containerOf(plan, call) === container).map((call) => call.do)
  const does = (...kinds: readonly Call['do'][]) => here.some((kind) => kinds.includes(kind))
  const notifies = plan.protocol.era === 'v13' || plan.protocol.era === 'v4.10'
  return {
    map: does('map'),
    unmap: does('unmap'),
    pin: does('pin'),
    unpin: does('unpin', 'unmap', 'close'),
    register: does('register') || (notifies && does('open')),
    unregister: does('unregister') || (notifies && does('close')),
    detach: notifies ? does('detach', 'register', 'unregister', 'open', 'close') : does('detach'),
    setIommu: does('setIommu'),
  }
}

function deviceCalls(plan: Plan, { id: task, script }: Task, device: Device, backend: BackendWiring): ActorSpec[] {
  const does = (kind: Call['do']) => script.some((call) => call.do === kind && call.device === device.id)
  const unmapsHere = script.some((call) => call.do === 'unmap' && containerOf(plan, call) === device.container)
  const inContainer = (procedure: string) => callName(task, plan.names.in(device.container, procedure))
  const driver = { driver: device.id, driverLock: lockOf(device) }
  const own = { task, device: device.id }
  const call = (procedure: string, machine: ActorSpec['machine'], input: object): ActorSpec => ({
    id: callName(task, `${device.id}.${procedure}`),
    machine,
    input,
    thread: task,
  })
  const era = plan.protocol.era
  const notifier = device.behaviour !== 'no-notifier'
  return [
    ...(unmapsHere
      ? [
          call('dma_unmap', dmaUnmap, {
            ...own,
            behaviour: device.behaviour,
            at: { ...driver, unpin: inContainer('unpin') },
          }),
        ]
      : []),
    ...(does('pin')
      ? [call('pin', mdevPin, { ...own, careful: device.careful, at: { ...driver, pin: inContainer('pin') } })]
      : []),
    ...(does('unpin')
      ? [call('unpin', mdevUnpin, { ...own, careful: device.careful, at: { ...driver, unpin: inContainer('unpin') } })]
      : []),
    ...(does('mirror') ? [call('mirror', mdevMirror, { task, at: { driver: device.id } })] : []),
    ...(does('open') ? [call('open', openDevice, { ...own, era, notifier, at: backend.openAt(task, device) })] : []),
    ...(does('close')
      ? [
          call('close', closeDevice, {
            ...own,
            era,
            notifier,
            at: { ...driver, unpin: inContainer('unpin'), ...backend.closeAt(task, device) },
          }),
        ]
      : []),
  ]
}

const lockOf = ({ id }: Device): string => `${id}.lock`

function driverOf(plan: Plan, device: Device): ActorSpec[] {
  const lock = lockOf(device)
  const mirrors = plan.tasks.some(({ script }) =>
    script.some((call) => call.do === 'mirror' && call.device === device.id),
  )
  const guarded = device.careful && !mirrors && device.behaviour !== 'mirrors'
  return [
    { id: lock, machine: mutex, input: { id: lock }, lockClass: lock, lock: mutexFacts },
    {
      id: device.id,
      machine: mdev,
      input: { id: device.id, pins: device.pinned, mirror: device.mirror },
      ...(guarded && { guardedBy: lock }),
    },
  ]
}

/** The locks that guard objects, even when no call takes them: an object nobody locks for is then seen to be so. */
function withGuards(objects: readonly ActorSpec[], backends: ReadonlyMap<string, BackendWiring>): ActorSpec[] {
  const guards = new Set(objects.map(({ guardedBy }) => guardedBy))
  const all = [...backends.values()].flatMap((each) => [...each.objects, ...each.containerObjects])
  return all.filter((each) => objects.includes(each) || guards.has(each.id))
}

/** Every string in an input: the ids of neighbours are among them. */
function namesIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(namesIn)
}
