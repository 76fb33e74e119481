/** The calls a task can make, and which of them a step of a script is. */
import type { AnyStateMachine } from 'xstate'
import { allocPasid } from '../../../machines/sva/pasid/alloc-pasid.ts'
import { bindTask } from '../../../machines/sva/bond/bind-task.ts'
import { handleFault } from '../../../machines/sva/fault/handle-fault.ts'
import { noSvm } from '../../../machines/sva/bond/no-svm.ts'
import { releaseMm } from '../../../machines/sva/bond/release-mm.ts'
import { reportFault } from '../../../machines/sva/fault/report-fault.ts'
import { svaBind } from '../../../machines/sva/bond/sva-bind.ts'
import { svaUnbind } from '../../../machines/sva/bond/sva-unbind.ts'
import { unbindTask } from '../../../machines/sva/bond/unbind-task.ts'
import { svmExec } from '../../../machines/mm/life/exec.ts'
import { svmExit } from '../../../machines/mm/life/exit.ts'
import { mmdrop } from '../../../machines/mm/life/mmdrop.ts'
import { mmput } from '../../../machines/mm/life/mmput.ts'
import { vfree } from '../../../machines/mm/vfree.ts'
import { sendMarker } from '../../../machines/sva/device/send-marker.ts'
import { stop } from '../../../machines/sva/device/stop.ts'
import { submit } from '../../../machines/sva/device/submit.ts'
import { touch } from '../../../machines/sva/device/touch.ts'
import { userStop } from '../../../machines/sva/device/user-stop.ts'
import { walkKernel } from '../../../machines/sva/device/walk-kernel.ts'
import type { Step } from '../../../machines/kernel/tasks/task.ts'
import { svmClose } from '../../../machines/sva/device/close.ts'
import { container } from '../../../machines/sva/bond/container.ts'
import { svmInfo } from '../../../machines/sva/bond/info.ts'
import { rfc29 } from '../../../machines/sva/bond/rfc29.ts'
import { svaDomain } from '../../../machines/sva/bond/sva-domain.ts'
import type { ActorSpec } from '../../world/world.ts'
import type { SvmCall } from './describe.ts'
import { calls, ids, kworkerThread } from './names.ts'
import type { Device } from './devices.ts'
import type { Plan } from './plan.ts'

type MakeCall = (id: string, machine: AnyStateMachine, input: object) => ActorSpec

const keyed = <T>(names: readonly string[], of: (name: string) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(names.map((name) => [name, of(name)]))

const own = (plan: Plan, task: string) => calls(task, plan.protocol)

const isIn = (plan: Plan, ...protocols: readonly Plan['protocol'][]): boolean => protocols.includes(plan.protocol)

const processIds = ({ processes }: Plan) => keyed(processes, (each) => each)
const pasidIds = ({ pasids }: Plan) => Object.fromEntries(pasids.map((each) => [each, ids.pasid(each)]))
const deviceIds = ({ devices }: Plan) => devices.map(({ id }) => id)

/** Every call a task might make, and every call those might make in turn. */
export function callsFor(plan: Plan, task: string): ActorSpec[] {
  const call: MakeCall = (id, machine, input) => ({
    id,
    machine,
    input: { task, form: plan.form, ...input },
    thread: task,
  })
  return [
    ...memoryCalls(plan, task, call),
    ...(isIn(plan, 'sva-domain') ? svaCalls(plan, task, call) : coreCalls(plan, task, call)),
    ...(isIn(plan, 'container') ? containerCalls(plan, task, call) : []),
    ...plan.devices.flatMap((device) => deviceCalls(plan, task, device, call)),
  ]
}

function memoryCalls(plan: Plan, task: string, call: MakeCall): ActorSpec[] {
  const mine = own(plan, task)
  const { translation, mms, pageTables: ptpages, walks, iommuMms } = ids
  const processes = processIds(plan)
  const pasids = pasidIds(plan)
  const sva = isIn(plan, 'sva-domain')
  const memory = plan.deviceMemory?.(task)
  const closes = isIn(plan, 'container')
    ? [mine.closeContainer]
    : deviceIds(plan).map((device) => mine.device(device).close)
  const putAt = {
    ...{ mms, translation, mmdrop: mine.mmdrop },
    ...(memory && { munmap: memory.munmap }),
    // Since 6.2 the notifier has nothing to do but to make the IOMMU forget, which ZAP is.
    ...(sva ? { iommuMms, pasids } : { release: mine.release }),
  }
  return [
    call(mine.exit, svmExit, { at: { processes, mmput: mine.mmput, closes: [...closes, ...(memory?.closes ?? [])] } }),
    call(mine.exec, svmExec, { at: { processes, mms, mmput: mine.mmput } }),
    call(mine.vfree, vfree, { at: { walks, ptpages } }),
    call(mine.mmput, mmput, { at: putAt }),
    call(mine.mmputAsync, mmput, { at: { ...putAt, events: ids.events, worker: own(plan, kworkerThread).mmput } }),
    call(mine.mmdrop, mmdrop, { at: { mms, ...(sva && { iommuMms, pasids }) } }),
    call(mine.allocPasid, allocPasid, { at: { pasids: plan.pasids.map(ids.pasid) } }),
  ]
}

/** The IOMMU core of 2017 and 2018. */
function coreCalls(plan: Plan, task: string, call: MakeCall): ActorSpec[] {
  const mine = own(plan, task)
  const { coreLock: lock, bonds, mms, translation, queue } = ids
  const { mmdrop, allocPasid: alloc } = mine
  const pasids = pasidIds(plan)
  const at = {
    ...{ lock, bonds, mms, pasids, translation, queue },
    ...(plan.answers !== 'silent' && { stop: keyed(deviceIds(plan), (device) => mine.device(device).stop) }),
    ...(isIn(plan, 'container') && { gate: ids.gate }),
  }
  return [
    call(mine.bind, plan.supported ? bindTask : noSvm, { at: { lock, bonds, allocPasid: alloc, mms, translation } }),
    call(mine.unbind, unbindTask, { at: { ...at, mmdrop } }),
    call(mine.release, releaseMm, { at: { ...at, ...(isIn(plan, 'container') && { mmExit: mine.mmExit }) } }),
    call(mine.handle, handleFault, {
      at: {
        // The queue's own thread cannot do what the last mmput does: wait until the queue is empty.
        ...{ lock, bonds, mms, translation, mmput: mine.mmputAsync, pasids },
        devices: keyed(deviceIds(plan), (each) => each),
      },
    }),
  ]
}

/** iommu-sva of 6.2 and later. */
function svaCalls(plan: Plan, task: string, call: MakeCall): ActorSpec[] {
  const mine = own(plan, task)
  const { coreLock: lock, bonds, mms, translation, queue, params, faults, groups, handles, domains, iommuMms } = ids
  const places = keyed(deviceIds(plan), (device) => {
    const { param, paramLock } = ids.device(device)
    return { faultParam: param, paramLock }
  })
  const at = { lock, bonds, mms, iommuMms, domains, handles, params, translation, devices: places }
  return [
    call(mine.bind, plan.supported ? svaBind : noSvm, { at: { ...at, allocPasid: mine.allocPasid } }),
    call(mine.unbind, svaUnbind, { at: { ...at, faults, queue, mmdrop: mine.mmdrop } }),
    call(mine.handle, reportFault, {
      at: {
        ...{ bonds, mms, translation, mmput: mine.mmput, params, faults, groups },
        devices: keyed(deviceIds(plan), (each) => each),
        pasids: pasidIds(plan),
        faultParams: places,
      },
    }),
  ]
}

function containerCalls(plan: Plan, task: string, call: MakeCall): ActorSpec[] {
  const mine = own(plan, task)
  const { file, lock, changes, list, attached } = ids.container
  const { vfioMms, mms, translation } = ids
  const input = {
    groups: plan.groups,
    at: {
      ...{ file, processes: processIds(plan), lock, changes, list, vfioMms, attached },
      ...{ bind: mine.bind, unbind: mine.unbind, mms, mmput: mine.mmput, mmputAsync: mine.mmputAsync, translation },
    },
  }
  return [
    call(mine.container, container, input),
    // An address space may end within another call of the container's.
    call(mine.mmExit, container, input),
    call(mine.closeContainer, svmClose, { at: { file, protocol: mine.container } }),
  ]
}

function deviceCalls(plan: Plan, task: string, { id: device }: Device, call: MakeCall): ActorSpec[] {
  const mine = own(plan, task)
  const {
    touch: touching,
    walk,
    marker,
    stop: stopping,
    userStop: told,
    submit: submits,
    ...vfio
  } = mine.device(device)
  const { hardware, file, lock, list } = ids.device(device)
  const { translation, queue, walks, pageTables: ptpages, mms } = ids
  const tasks = ids.tasks(plan.protocol)
  const processes = processIds(plan)
  const { bind, unbind } = mine
  const at = { file, processes, lock, list, tasks, mms, bind, unbind, translation, bonds: ids.bonds }
  const protocol = isIn(plan, 'container')
    ? []
    : [
        isIn(plan, 'sva-domain')
          ? call(vfio.protocol, svaDomain, { device, at: { ...at, stop: stopping, pasids: pasidIds(plan) } })
          : call(vfio.protocol, rfc29, { device, at }),
        call(vfio.close, svmClose, { at: { file, protocol: vfio.protocol } }),
      ]
  return [
    call(touching, touch, { at: { translation, device: hardware, queue } }),
    call(walk, walkKernel, { at: { walks, device: hardware, ptpages } }),
    call(marker, sendMarker, { at: { queue } }),
    call(stopping, stop, { answers: plan.answers, at: { device: hardware } }),
    call(told, userStop, { device, at: { processes, stop: stopping } }),
    call(submits, submit, { device, at: { device: hardware, processes } }),
    call(vfio.info, svmInfo, { svm: plan.supported }),
    ...protocol,
  ]
}

/** What a step of a script calls, and with what. */
export function stepFor(plan: Plan, task: string, process: string, step: SvmCall): Step {
  const mine = own(plan, task)
  const inContainer = isIn(plan, 'container')
  switch (step.do) {
    case 'bind':
    case 'unbind': {
      const { do: what, device, process: _, ...args } = step
      const given = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined))
      const asked = { do: what.toUpperCase(), process }
      if (!inContainer) return { call: mine.device(device).protocol, args: { ...asked, ...given } }
      // A container is bound to a process, and not told how its devices are done.
      const { flags: _flags, pasid: _own, ...others } = given
      return { call: mine.container, args: { ...asked, ...others, ...containerFlags(step.flags) } }
    }
    case 'submit': {
      const { kernel, pages = 1 } = step
      return { call: mine.device(step.device).submit, args: { process, ...(kernel ? { kernel } : { pages }) } }
    }
    case 'stop':
      return { call: mine.device(step.device).userStop, args: { process } }
    case 'closeDevice':
      return { call: inContainer ? mine.closeContainer : mine.device(step.device).close, args: { process } }
    case 'info':
      return { call: mine.device(step.device).info, args: {} }
    case 'exit':
      return { call: mine.exit, args: { process } }
    case 'exec':
      return { call: mine.exec, args: { process } }
    case 'attach':
    case 'detach':
      return { call: mine.container, args: { do: step.do.toUpperCase(), group: step.group, process } }
    case 'vfree':
      return { call: mine.vfree, args: {} }
  }
}

/** Flags that a device would know as RELEASE_FLUSHED and RELEASE_CLEAN mean nothing to a container; others it refuses. */
const containerFlags = (flags = 0) => (flags > 3 ? { flags } : {})
