/** The calls a task can make, and which of them a step of a script is. */
import type { AnyStateMachine } from 'xstate'
import { deviceNotifier } from '../../../machines/type1/device-memory/device-notifier.ts'
import { dmaBuf } from '../../../machines/type1/device-memory/dma-buf.ts'
import { exportDmaBuf } from '../../../machines/type1/device-memory/export.ts'
import type { ProtocolName } from '../../../machines/type1/device-memory/forms.ts'
import { mapDeviceMemory } from '../../../machines/type1/device-memory/map.ts'
import { none } from '../../../machines/type1/device-memory/none.ts'
import { unmapDeviceMemory } from '../../../machines/type1/device-memory/unmap.ts'
import { vmaOps } from '../../../machines/type1/device-memory/vma-ops.ts'
import { vmaPrivate } from '../../../machines/type1/device-memory/vma-private.ts'
import { vmaToPfn } from '../../../machines/type1/device-memory/vma-to-pfn.ts'
import { lockedCall } from '../../../machines/kernel/locks/locked-call.ts'
import { fault } from '../../../machines/mm/vma/fault.ts'
import { fork } from '../../../machines/mm/vma/fork.ts'
import { load } from '../../../machines/mm/vma/load.ts'
import { mmap } from '../../../machines/mm/vma/mmap.ts'
import { mremap } from '../../../machines/mm/vma/mremap.ts'
import { munmap } from '../../../machines/mm/vma/munmap.ts'
import { hotResetSet } from '../../../machines/pci/reset/hot-reset-set.ts'
import { deviceReset } from '../../../machines/pci/reset/reset.ts'
import { setMemory } from '../../../machines/pci/memory/set-memory.ts'
import { zapByInode } from '../../../machines/pci/memory/zap-by-inode.ts'
import { zapByList } from '../../../machines/pci/memory/zap-by-list.ts'
import { closeContainer } from '../../../machines/vfio/container/close-container.ts'
import { closeDeviceFile } from '../../../machines/vfio/device/file/close-file.ts'
import { openDeviceFile } from '../../../machines/vfio/device/file/open-file.ts'
import { releaseDeviceFile } from '../../../machines/vfio/device/file/release-file.ts'
import type { Step } from '../../../machines/kernel/tasks/task.ts'
import type { ActorSpec } from '../../world/world.ts'
import type { Bytes } from '../../scripts/described.ts'
import type { Call } from './describe.ts'
import { calls, ids } from './names.ts'
import { barIn, type Device, type Plan } from './plan.ts'
import { workqueueId, kworkerTask } from './worker.ts'

const protocols: Readonly<Record<ProtocolName, AnyStateMachine>> = {
  none,
  'vma-ops': vmaOps,
  'device-notifier': deviceNotifier,
  'vma-private': vmaPrivate,
  'vma-to-pfn': vmaToPfn,
  'dma-buf': dmaBuf,
}

const entries = <T>(names: readonly string[], of: (name: string) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(names.map((name) => [name, of(name)]))

/** Every call a task might make, and every call those might make in turn. */
export function callsFor(plan: Plan, task: string): ActorSpec[] {
  const call = (id: string, machine: AnyStateMachine, input: object): ActorSpec => ({
    id,
    machine,
    input: { task, ...input },
    thread: task,
  })
  const own = calls(task, plan.protocol)
  const { hardware } = ids
  const memory = memoryInput(plan, task)
  const protocol = protocols[plan.protocol]
  return [
    ...[mmap, munmap, mremap, fork, load, fault].map((machine) =>
      call(own[machine.id as 'mmap'], machine, memory(machine.id)),
    ),
    call(own.dma, lockedCall, { to: hardware, ask: 'DMA' }),
    call(own.unregisterOps, lockedCall, {
      locks: [{ id: ids.vmOpsLock, how: 'LOCK' }],
      to: ids.vmOps,
      ask: 'UNREGISTER',
    }),
    call(own.hotReset, hotResetSet, hotResetInput(plan, task)),
    call(own.protocol, protocol, protocolInput(plan, task)),
    ...plan.containers.flatMap((container) => {
      const { users, lock, type1 } = ids.container(container)
      const { map, unmap, close, teardown } = own.container(container)
      const at = { users, lock, type1, protocol: own.protocol, hardware }
      return [
        call(map, mapDeviceMemory, { container, at }),
        call(unmap, unmapDeviceMemory, { container, at }),
        call(close, closeContainer, { container, at: { ...at, protocol: teardown } }),
        // A protocol that lets go of the last user is in the middle of something: tearing down is told to another activation of it.
        call(teardown, protocol, protocolInput(plan, task)),
      ]
    }),
    ...plan.devices.flatMap((device) => deviceCalls(plan, task, device, call)),
  ]
}

function deviceCalls(
  plan: Plan,
  task: string,
  { id, container, bars, resetSet }: Device,
  call: (id: string, machine: AnyStateMachine, input: object) => ActorSpec,
): ActorSpec[] {
  const { form, processes } = plan
  const own = calls(task, plan.protocol)
  const mine = own.device(id)
  const { hardware } = ids
  const { life, file, vmaLock, vmaList, memoryLock, iMmapRwsem, inode, dmaResv, dmabuf } = ids.device(id)
  const devSet = ids.devSet(resetSet)
  const memoryAt = {
    memoryLock,
    hardware,
    ...(form.zap !== 'never' && { zap: mine.zap }),
    ...(form.zap === 'by-list' && { vmaLock }),
    ...(form.memory !== 'keep' && { protocol: own.protocol }),
  }
  const memory = { device: id, at: memoryAt, zap: form.zap, memory: form.memory, tellsMemory: form.tellsMemory }
  const release = {
    device: id,
    at: { file, devSet, life, protocol: own.protocol, closeContainer: own.container(container).close, hardware },
  }
  return [
    form.zap === 'by-list'
      ? call(mine.zap, zapByList, {
          at: { vmaLock, vmaList, processes: entries(processes, ids.process) },
          switcheroo: form.switcheroo,
          rescans: form.rescans,
        })
      : call(mine.zap, zapByInode, {
          at: { iMmapRwsem, inode, processes: entries(processes, (each) => ({ ptes: ids.process(each).ptes })) },
        }),
    call(mine.setMemory, setMemory, memory),
    call(mine.setPower, setMemory, { ...memory, turns: 'power', cares: form.zap !== 'never' && form.sleep === 'zaps' }),
    call(mine.reset, deviceReset, memory),
    call(mine.open, openDeviceFile, { device: id, at: { file, devSet, life, users: container, hardware } }),
    call(mine.close, closeDeviceFile, { device: id, at: { file, release: mine.release } }),
    call(mine.release, releaseDeviceFile, release),
    call(mine.export, exportDmaBuf, {
      device: id,
      bars: Object.fromEntries(bars.map(({ bar, pfn, pages }) => [bar, { pfn, pages }])),
      at: { file, device: life, release: mine.release, memoryLock, hardware, dmaResv, dmabuf },
    }),
  ]
}

/** The input that the calls of an address space share; each is wired with what it can need. */
function memoryInput({ form, devices, processes, protocol }: Plan, task: string) {
  const own = calls(task, protocol)
  const at = {
    processes: entries(processes, ids.process),
    devices: Object.fromEntries(
      devices.map(({ id }) => {
        const { file, memoryLock, vmaLock, vmaList, iMmapRwsem, inode } = ids.device(id)
        const zapped =
          form.zap === 'by-list' ? { vmaLock, vmaList } : form.zap === 'by-inode' ? { iMmapRwsem, inode } : {}
        return [id, { file, release: own.device(id).release, memoryLock, ...zapped }]
      }),
    ),
    ...(protocol === 'vma-private' && { protocol: own.protocol }),
  }
  const bars = Object.fromEntries(
    devices.map(({ id, bars }) => [id, bars.map(({ bar, pfn, pages }) => ({ bar, pfn, pages }))]),
  )
  return (name: string) => ({
    form,
    bars,
    at: {
      ...at,
      ...(name !== 'fork' && { hardware: ids.hardware }),
      ...(name === 'load' && { fault: own.fault }),
    },
  })
}

function hotResetInput({ form, devices, protocol }: Plan, task: string) {
  const own = calls(task, protocol)
  const at = {
    // Who hot-resets describes the devices of one set.
    devSet: ids.devSet(devices[0]!.resetSet),
    devices: Object.fromEntries(
      devices.map(({ id }) => {
        const { vmaLock, memoryLock } = ids.device(id)
        return [id, { zap: own.device(id).zap, memoryLock, ...(form.zap === 'by-list' && { vmaLock }) }]
      }),
    ),
    hardware: ids.hardware,
    ...(form.memory !== 'keep' && { protocol: own.protocol }),
  }
  return { at, zap: form.zap, memory: form.memory, tellsMemory: form.tellsMemory, tries: form.tries }
}

function protocolInput({ form, devices, containers, processes, protocol }: Plan, task: string) {
  const own = calls(task, protocol)
  const at = {
    containers: entries(containers, (container) => {
      const { lock, type1 } = ids.container(container)
      return { lock, type1 }
    }),
    processes: entries(processes, ids.process),
    devices: Object.fromEntries(
      devices.map(({ id, container, bars }) => {
        const { life, notifier, guard, memoryLock, dmabuf, dmaResv } = ids.device(id)
        if (protocol === 'dma-buf') return [id, { device: life, memoryLock, dmabuf, dmaResv }]
        const bases = Object.fromEntries(bars.map(({ bar, pfn }) => [bar, pfn]))
        return [
          id,
          { device: life, container, closeContainer: own.container(container).close, notifier, guard, bars: bases },
        ]
      }),
    ),
    fault: own.fault,
    hardware: ids.hardware,
    ...(protocol !== 'none' &&
      protocol !== 'dma-buf' && {
        pfnmaps: ids.pfnmaps,
        events: workqueueId,
        worker: calls(kworkerTask, protocol).protocol,
      }),
    ...(protocol === 'vma-ops' && { vmOps: ids.vmOps, vmOpsLock: ids.vmOpsLock }),
    ...(protocol === 'vma-private' && { privates: ids.privates }),
  }
  return { form, at }
}

/** What a step of a script calls, and with what; undefined when there is nothing to do in this protocol. */
export function stepFor(plan: Plan, task: string, process: string, step: Call): Step | undefined {
  const own = calls(task, plan.protocol)
  const wantsDmaBuf = plan.protocol === 'dma-buf'
  switch (step.do) {
    case 'share':
      return wantsDmaBuf
        ? { call: own.device(step.device).export, args: { process, bar: step.bar ?? 0 } }
        : stepFor(plan, task, process, { ...step, do: 'mmap' })
    case 'unshare':
      return wantsDmaBuf ? undefined : stepFor(plan, task, process, { ...step, do: 'munmap' })
    case 'mmap': {
      const { bar = 0, fails } = step
      const { at, size } = step.device === null ? foreignOf(step) : rangeOf(plan, step.device, step)
      const range = { process, device: step.device, start: at, size, bar }
      const args = { ...range, ...(step.device === null && { pfn: foreign.pfn }), ...(fails && { fails }) }
      return { call: own.mmap, args }
    }
    case 'munmap': {
      const { at, size } = rangeOf(plan, step.device, step)
      return { call: own.munmap, args: { process, start: at, size } }
    }
    case 'mremap': {
      const { at } = rangeOf(plan, step.device, step)
      return { call: own.mremap, args: { process, start: at, to: BigInt(step.to) } }
    }
    case 'fork':
      return { call: own.fork, args: { process, child: step.child } }
    case 'load': {
      const { at } = rangeOf(plan, step.device, step)
      return { call: own.load, args: { process, vaddr: at } }
    }
    case 'mapMemory': {
      const { device, container, iova } = step
      const { at, size } = rangeOf(plan, device, step)
      const from = wantsDmaBuf ? { process, vaddr: 0n, dmabuf: device } : { process, vaddr: at }
      return { call: own.container(container).map, args: { iova: BigInt(iova), size, ...from } }
    }
    case 'unmapMemory': {
      const args = { iova: BigInt(step.iova), size: BigInt(step.size) }
      return { call: own.container(step.container).unmap, args }
    }
    case 'openDevice':
      return { call: own.device(step.device).open, args: { process } }
    case 'closeDevice':
      return { call: own.device(step.device).close, args: { process } }
    case 'closeContainer':
      return { call: own.container(step.container).close, args: {} }
    case 'setMemory':
      return { call: own.device(step.device).setMemory, args: { on: step.on } }
    case 'setPower':
      return { call: own.device(step.device).setPower, args: { on: step.state === 'D0' } }
    case 'reset':
      return { call: own.device(step.device).reset, args: {} }
    case 'hotReset':
      return { call: own.hotReset, args: { devices: step.devices } }
    case 'unregisterOps':
      return { call: own.unregisterOps, args: { ops: 'driver' } }
    case 'dma':
      return { call: own.dma, args: { device: step.device, iova: BigInt(step.iova) } }
  }
}

interface Where {
  readonly bar?: number
  readonly at?: Bytes
  readonly size?: Bytes
}

/** The addresses that a call speaks of: those of the BAR unless it says others. */
function rangeOf(plan: Plan, device: string, { bar, at, size }: Where): { readonly at: bigint; readonly size: bigint } {
  const whole = barIn(plan, device, bar)
  return { at: BigInt(at ?? whole.vaddr), size: BigInt(size ?? whole.size) }
}

/** Memory that belongs to no device here: mapped where nothing else is. */
const foreign = { at: 0x7e00_0000_0000n, size: 0x1000n, pfn: 0xa0n }

const foreignOf = ({ at = foreign.at, size = foreign.size }: Where) => ({ at: BigInt(at), size: BigInt(size) })
