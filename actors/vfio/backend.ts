/** What the builder needs to know of an IOMMU backend: its objects, and the calls a task needs to work with it. */
import type { ActorSpec } from '../world.ts'
import type { Device } from './plan.ts'

/** Which procedures a task may end up running, directly or inside another. */
export interface Wants {
  readonly map: boolean
  readonly unmap: boolean
  readonly pin: boolean
  readonly unpin: boolean
  readonly register: boolean
  readonly unregister: boolean
  readonly detach: boolean
  readonly setIommu: boolean
}

export interface BackendWiring {
  readonly objects: readonly ActorSpec[]
  /** The container and its groups: made only when some call looks at them. */
  readonly containerObjects: readonly ActorSpec[]
  callsFor(task: string, wants: Wants): ActorSpec[]
  openAt(task: string, device: Device): Readonly<Record<string, string>>
  closeAt(task: string, device: Device): Readonly<Record<string, string>>
}
