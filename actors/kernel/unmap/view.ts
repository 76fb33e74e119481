/** A state in the words of VFIO: containers with what is mapped and pinned in them, groups, and drivers. */
import type { Area } from '../../../machines/iommufd/ioas/area-list.ts'
import type { Dma } from '../../../machines/type1/backend/dma-list.ts'
import { askedFor, mustBeAmong, strict } from '../../scripts/asked.ts'
import type { Bytes } from '../../scripts/described.ts'
import { callName } from '../names.ts'
import type { Read } from '../subject.ts'
import type { Plan } from './plan.ts'
import { isGatedEra } from './protocols.ts'

export interface MappingView {
  readonly iova: bigint
  readonly size: bigint
  /** Which page is pinned how many times. */
  readonly pins: readonly { readonly iova: bigint; readonly count: number }[]
}

export interface DriverView {
  /** Pages its driver believes to have pinned. */
  readonly pins: readonly bigint[]
  /** Ranges in its mirror of the mappings. */
  readonly mirror: readonly { readonly iova: bigint; readonly size: bigint }[]
  mirrors(iova: Bytes): boolean
}

/**
 * A callback that is running now: which task told the driver about which range (size 0: it is done with it, and on its way out; or it is one of
 * the user's own that does not look at it).
 */
export interface CallbackView {
  readonly task: string
  readonly iova: bigint
  readonly size: bigint
}

export interface VfioView {
  /** What is mapped in a container (default: the first). */
  mappings(container?: string): readonly MappingView[]
  mapped(iova: Bytes, container?: string): boolean
  /** How many times a page is pinned in a container. */
  pinned(iova: Bytes, container?: string): number
  driver(device: string): DriverView
  callbacks(device: string): readonly CallbackView[]
  /** container_users of a group; undefined where no call of this system looks at it. */
  users(group: string): number | undefined
  /** Which devices listen, in the order they are called. */
  listeners(container?: string): readonly string[]
}

export function viewOf(plan: Plan, exists: ReadonlySet<string>, tasks: readonly string[]): (read: Read) => VfioView {
  const first = plan.containers[0]![0]
  const gated = isGatedEra(plan.protocol)
  const containerNames = plan.containers.map(([id]) => id)
  const groupNames = plan.groups.map(([id]) => id)
  const deviceNames = plan.devices.map(({ id }) => id)
  return (read) => {
    const mappings = (container = first): readonly MappingView[] => {
      mustBeAmong('container', container, containerNames)
      const id = plan.names.in(container, gated ? 'ioas' : 'type1')
      if (!exists.has(id)) return []
      return gated ? read(id).areas.filter((area: Area) => area.pages) : (read(id).dmas as readonly Dma[])
    }
    const at = (address: Bytes, container?: string) => {
      const iova = askedFor(address)
      return mappings(container).find((each) => each.iova <= iova && iova < each.iova + each.size)
    }
    const view = {
      __proto__: strict,
      mappings,
      mapped: (iova: Bytes, container?: string) => at(iova, container) !== undefined,
      pinned: (iova: Bytes, container?: string) =>
        at(iova, container)?.pins.find((each) => each.iova === BigInt(iova))?.count ?? 0,
      driver(device: string): DriverView {
        mustBeAmong('device', device, deviceNames)
        const { pins, mirror } = exists.has(device) ? read(device) : { pins: [], mirror: [] }
        const mirrors = (address: Bytes) => {
          const iova = askedFor(address)
          return mirror.some(
            (each: { iova: bigint; size: bigint }) => each.iova <= iova && iova < each.iova + each.size,
          )
        }
        const driver = { __proto__: strict, pins, mirror, mirrors }
        return driver
      },
      callbacks(device: string) {
        mustBeAmong('device', device, deviceNames)
        return tasks.flatMap((name) => {
          const id = callName(name, `${device}.dma_unmap`)
          if (!exists.has(id)) return []
          const { state, locals, ...own } = read(id)
          const { iova = 0n, size = 0n } = locals ?? own
          return state === 'idle' ? [] : [{ task: name, iova, size }]
        })
      },
      users(group: string): number | undefined {
        mustBeAmong('group', group, groupNames)
        return exists.has(group) ? read(group).users : undefined
      },
      listeners(container = first): readonly string[] {
        mustBeAmong('container', container, containerNames)
        if (gated)
          return read(plan.names.in(container, 'accesses')).accesses.map((each: { device: string }) => each.device)
        const listed = plan.names.in(container, 'devices')
        return exists.has(listed) ? read(listed).devices : read(plan.names.in(container, 'notifier')).blocks
      },
    }
    return view
  }
}
