/** What vfio_pin_pages and vfio_unpin_pages have in common: the way in and out. */
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send } from '../../say.ts'
import type { Era } from '../backend/era.ts'

export interface PagesInput {
  readonly task: string
  readonly era: Era
  /** Whether the container is a type1 v2: v1 lets nobody pin. */
  readonly v2: boolean
  readonly at: {
    readonly lock: string
    readonly type1: string
    /** The group, to become a container user for the duration of the call (up to 5.15). Absent: not modelled. */
    readonly group?: string
    /** The call that takes the group out of its container, for when this was its last user. Absent: it stays. */
    readonly detach?: string
    /** container->group_lock, read-locked around the backend as in v13's vfio_register_notifier. Absent: not taken. */
    readonly groupLock?: string
    /** Where pinning means memory: the call that gives locked memory back to its owners (give-back.ts). */
    readonly giveBack?: string
  }
}

/** Which life of the backend: what device->group->container->iommu_data points to. */
export type Backend = Pointer

/** Who pays for pages. */
export interface Account {
  /** The process. */
  readonly mm: string
  /** One of its threads: when that has exited, nobody pays and nobody is given anything back (up to 4.17). */
  readonly thread?: string
  /** Which address space of it, unless the first (since 6.3). */
  readonly life?: number
}

/** Locked pages, to be given back. */
export interface Charge extends Account {
  readonly pages: number
}

export type Ret = number | string

/** `ret` is what the caller will get. */
export interface PagesContext extends PagesInput {
  readonly caller: string | null
  readonly ret: Ret
}

export const isGroupUser = ({ era, at }: PagesContext): boolean => era !== 'v6.0' && at.group !== undefined
export const takesGroupLock = ({ at }: PagesContext): boolean => at.groupLock !== undefined

export const addUser = ({ at, task }: PagesContext) => send(at.group!, 'ADD_USER', { task })
export const dropUser = ({ at, task }: PagesContext) => send(at.group!, 'DROP_USER', { task })
export const downRead = ({ at, task }: PagesContext) => send(at.groupLock!, 'DOWN_READ', { task })
export const upRead = ({ at, task }: PagesContext) => send(at.groupLock!, 'UP_READ', { task })
export const lock = ({ at, task }: PagesContext) => send(at.lock, 'LOCK', { task })
export const unlock = ({ at, task }: PagesContext) => send(at.lock, 'UNLOCK', { task })
export const dissolve = ({ at, task }: PagesContext) => send(at.detach!, 'CALL', { task, how: 'dissolve' })
export const finish = ({ caller, task, ret }: PagesContext) => send(caller!, 'RETURN', { task, ret })
export const giveBack = ({ at, task }: PagesContext, charges: readonly Charge[]) =>
  send(at.giveBack!, 'CALL', { task, charges })
