/** Drivers that pin, in a story: what there is, and what tasks call. */
import { dmaUnmap } from '../../../machines/mdev/dma-unmap.ts'
import { mdevMirror } from '../../../machines/mdev/mdev-mirror.ts'
import { mdevPin } from '../../../machines/mdev/mdev-pin.ts'
import { mdevUnpin } from '../../../machines/mdev/mdev-unpin.ts'
import { mdev } from '../../../machines/mdev/mdev.ts'
import { closeDevice } from '../../../machines/vfio/device/close-device.ts'
import { openDevice } from '../../../machines/vfio/device/open-device.ts'
import type { ActorSpec } from '../../world/world.ts'
import type { Range } from '../../scripts/described.ts'
import { call, type BackendWiring } from './backend.ts'
import type { Call } from './describe.ts'
import { iommufdWiring } from './iommufd.ts'
import { mutexCalled } from '../locks.ts'
import { callName } from '../names.ts'
import { containerOf, groupOf, planFor, type Device, type Plan } from './plan.ts'
import { isGatedEra } from './protocols.ts'
import type { Story, Subject } from '../subject.ts'
import { type1Wiring } from './type1.ts'
import { viewOf, type VfioView } from './view.ts'

type Backends = ReadonlyMap<string, BackendWiring>

export const unmapSubject = (story: Story<Call>): Subject<Call, VfioView> => {
  const plan = planFor(story)
  const wired = (of: Plan): Backends => {
    const wire = isGatedEra(of.protocol) ? iommufdWiring : type1Wiring
    return new Map(of.containers.map(([id]) => [id, wire(of, id)]))
  }
  const backends = wired(plan)
  const beside = { ...plan, joined: true }
  return {
    objects: [
      ...[...backends.values()].flatMap(({ objects }) => objects),
      ...plan.devices.flatMap((device) => driverOf(plan, device)),
    ],
    servers: [],
    callsFor: (task, joined) => (joined ? callsOf(beside, task, wired(beside)) : callsOf(plan, task, backends)),
    stepFor: (task, _process, each) => ({ call: callName(task, procedureFor(plan, each)), args: argsFor(plan, each) }),
    view: (there, tasks) => viewOf(plan, there, tasks),
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
      // Whose memory it is says the task, unless somebody else was told to do it.
      return { ...rangeOf(step), prot: step.prot ?? 'rw', ...(step.process !== undefined && { mm: step.process }) }
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
function callsOf(plan: Plan, task: string, backends: Backends): ActorSpec[] {
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
  const isMirror = plan.calls.some(({ call: step }) => step.do === 'mirror' && step.device === id)
  // A mirror is kept without the driver's lock, and so is what a careless driver notes.
  const guarded = careful && !isMirror && behaviour !== 'mirrors'
  return [
    mutexCalled(lockOf(device), `${id}.lock`),
    { id, machine: mdev, input: { id, pins: pinned, mirror }, ...(guarded && { guardedBy: lockOf(device) }) },
  ]
}
