/** What the builder needs to know of an IOMMU backend: its objects, and the calls a task can make to it. */
import type { ActorSpec } from '../../world/world.ts'
import { callName } from '../names.ts'
import type { Device, Plan } from './plan.ts'

export interface BackendWiring {
  /** Everything shared. What no call can reach is left out of the world. */
  readonly objects: readonly ActorSpec[]
  /** Every call that a task might make. What its script cannot reach is left out, too. */
  callsFor(task: string): ActorSpec[]
  /** The calls by which a device's driver pins and unpins. */
  pinOf(task: string, device: Device): string
  unpinOf(task: string, device: Device): string
  /** Neighbours of openDevice and closeDevice. */
  openAt(task: string, device: Device): Readonly<Record<string, string>>
  closeAt(task: string, device: Device): Readonly<Record<string, string>>
}

/** A call of a task to a procedure. */
export const call = (task: string, procedure: string, machine: ActorSpec['machine'], input: object): ActorSpec => ({
  id: callName(task, procedure),
  machine,
  input: { task, ...input },
  thread: task,
})

/** Device → the callback as this task runs it. */
export const callbacksOf = (task: string, devices: readonly Device[]): Record<string, string> =>
  Object.fromEntries(devices.map(({ id }) => [id, callName(task, `${id}.dma_unmap`)]))

export const devicesIn = (plan: Plan, container: string): readonly Device[] =>
  plan.devices.filter((each) => each.container === container)

/** Devices that are called back when the story begins, in the order in which they were opened. */
export const listeningIn = (plan: Plan, container: string): readonly string[] =>
  devicesIn(plan, container)
    .filter(({ open, behaviour }) => open && behaviour !== 'no-notifier')
    .map(({ id }) => id)

/** What is mapped in a container when the story begins, and which pages of it are pinned. */
export function mappedIn(plan: Plan, container: string) {
  const { mappings = [] } = plan.containers.find(([id]) => id === container)![1]
  const pages = devicesIn(plan, container).flatMap(({ pinned }) => pinned)
  return mappings.map((mapping) => {
    const iova = BigInt(mapping.iova)
    const size = BigInt(mapping.size)
    return { ...mapping, iova, size, pinned: pages.filter((page) => iova <= page && page < iova + size) }
  })
}
