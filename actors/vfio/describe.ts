/**
 * How a person describes a VFIO system: containers, groups, devices with a driver, what is mapped and pinned when the story begins, and
 * tasks as scripts of calls. Nothing here needs knowledge of the machines.
 *
 *   vfio({
 *     unmap: 'restart',
 *     containers: {
 *       container0: {
 *         mappings: [{ iova: 0x1000, size: 0x1000 }],
 *         groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned: [0x1000] } } } },
 *       },
 *     },
 *     tasks: { vmm0: [unmap(0x1000, 0x1000)], vmm1: [unmap(0x1000, 0x1000)], worker0: [pin('mdev0', 0x1000)] },
 *   })
 */
import type { Behaviour } from '../../machines/bus/dma-unmap.ts'
import type { Prot } from '../../machines/iommu/dma-list.ts'
import type { Backend } from '../../machines/vfio/container.ts'
import type { Protocol } from './protocols.ts'

/** An address or a size in bytes; bigint where a number would lose bits. */
export type Bytes = number | bigint

export interface VfioDescription {
  readonly name?: string
  /** Which DMA_UNMAP protocol; it also decides the era of everything around it (protocols.ts). */
  readonly unmap: Protocol
  /** BUG_ON(++retries > bound) of `restart` and `device-list` (default 10, the kernel's), WARN_ON(tries > bound) of `gated` (100). */
  readonly retryBound?: number
  readonly containers: Readonly<Record<string, ContainerDescription>>
  readonly tasks: Readonly<Record<string, TaskDescription | readonly Call[]>>
  /** Whether tasks remember what their calls returned (default true). Without, states that differ only in that are one. */
  readonly remember?: boolean
  /** vfio_pin_pages takes container->group_lock for read, as vfio_register_notifier of v13 does: an assumption, see V13-5. */
  readonly pinTakesGroupLock?: boolean
}

export interface ContainerDescription {
  /** Default `type1v2`. Ignored by the gated protocols, which are iommufd's. */
  readonly backend?: Backend
  readonly mappings?: readonly MappingDescription[]
  readonly groups: Readonly<Record<string, GroupDescription>>
}

export interface MappingDescription {
  readonly iova: Bytes
  readonly size: Bytes
  /** Default `rw`. */
  readonly prot?: Prot
  /** Whose memory it maps (default `vmm`, which is also the process of every task that names none). */
  readonly process?: string
}

export interface GroupDescription {
  readonly devices: Readonly<Record<string, DriverDescription>>
  /** False: some device of the group is bound to a driver that VFIO cannot trust. */
  readonly viable?: boolean
  /** False: no user opened anything and nobody set a container: container_users is 0. */
  readonly used?: boolean
}

export interface DriverDescription {
  /** What its driver does when it is told that a range is going away. */
  readonly driver: Behaviour
  /** Open (and listening) when the story begins; default true. */
  readonly open?: boolean
  /** Pages it has pinned when the story begins. */
  readonly pinned?: readonly Bytes[]
  /** Ranges in its mirror when the story begins. */
  readonly mirror?: readonly { readonly iova: Bytes; readonly size: Bytes }[]
  /** False: it pins without its own lock and takes note of it only afterwards. */
  readonly careful?: boolean
}

export interface TaskDescription {
  /** Tasks of one process share its memory; default `vmm`. */
  readonly process?: string
  readonly script: readonly Call[]
}

/** One call in a script. Made by the functions below. */
export interface Call {
  readonly do:
    | 'map'
    | 'unmap'
    | 'pin'
    | 'unpin'
    | 'mirror'
    | 'open'
    | 'close'
    | 'register'
    | 'unregister'
    | 'detach'
    | 'setIommu'
  readonly device?: string | null
  readonly container?: string
  readonly group?: string
  readonly args: Readonly<Record<string, unknown>>
}

type InContainer = { readonly container?: string }

/** VFIO_IOMMU_MAP_DMA. Returns 0, -EEXIST or -EINVAL. */
export const map = (iova: Bytes, size: Bytes, options: InContainer & { readonly prot?: Prot } = {}): Call => ({
  do: 'map',
  ...where(options),
  args: { iova: BigInt(iova), size: BigInt(size), prot: options.prot ?? 'rw' },
})

/** VFIO_IOMMU_UNMAP_DMA. Returns 0 and the size it reports, or an errno (and usually no size). */
export const unmap = (iova: Bytes, size: Bytes, options: InContainer = {}): Call => ({
  do: 'unmap',
  ...where(options),
  args: { iova: BigInt(iova), size: BigInt(size) },
})

/** The vendor driver of a device pins one page. Returns 1, or what vfio_pin_pages answers. */
export const pin = (device: string, iova: Bytes, options: { readonly prot?: Prot } = {}): Call => ({
  do: 'pin',
  device,
  args: { iova: BigInt(iova), prot: options.prot ?? 'rw' },
})

/** The vendor driver of a device unpins one page it holds. */
export const unpin = (device: string, iova: Bytes): Call => ({ do: 'unpin', device, args: { iova: BigInt(iova) } })

/** A driver that mirrors mappings learns of a new one from its user. Returns 0, or -EEXIST when it collides with what it still has. */
export const mirror = (device: string, iova: Bytes, size: Bytes): Call => ({
  do: 'mirror',
  device,
  args: { iova: BigInt(iova), size: BigInt(size) },
})

/** A user opens a device. */
export const open = (device: string): Call => ({ do: 'open', device, args: {} })

/** A user closes a device: its driver unpins what it holds and stops listening. */
export const close = (device: string): Call => ({ do: 'close', device, args: {} })

/** vfio_register_notifier(). `nb: null` and `events` are there to provoke its errnos. */
export const register = (
  device: string | null,
  options: { readonly nb?: string | null; readonly events?: number } = {},
): Call => ({
  do: 'register',
  device,
  args: {
    device,
    nb: options.nb === undefined ? device : options.nb,
    ...(options.events !== undefined && { events: options.events }),
  },
})

/** vfio_unregister_notifier(). */
export const unregister = (device: string | null, options: { readonly nb?: string | null } = {}): Call => ({
  do: 'unregister',
  device,
  args: { device, nb: options.nb === undefined ? device : options.nb },
})

/** A group leaves its container: by closing its descriptor (default), or by VFIO_GROUP_UNSET_CONTAINER. */
export const detach = (group: string, how: 'close' | 'unset' = 'close'): Call => ({
  do: 'detach',
  group,
  args: { how },
})

/** VFIO_SET_IOMMU on a container that has a backend: -EINVAL, but not before container->group_lock was had for write. */
export const setIommu = (options: InContainer = {}): Call => ({ do: 'setIommu', ...where(options), args: {} })

/** A script that does the same several times. */
export const times = (count: number, ...calls: readonly Call[]): Call[] =>
  Array.from({ length: count }, () => calls).flat()

const where = ({ container }: InContainer): InContainer => (container === undefined ? {} : { container })
