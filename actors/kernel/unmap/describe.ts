/**
 * Drivers that pin: containers, groups, devices with a driver, what is mapped and pinned when the story begins, and the calls that work on that.
 *
 *   unmap: 'restart',
 *   containers: {
 *     container0: {
 *       mappings: [{ iova: 0x1000, size: 0x1000 }],
 *       groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned: [0x1000] } } } },
 *     },
 *   },
 */
import type { Behaviour } from '../../../machines/mdev/dma-unmap.ts'
import type { Prot } from '../../../machines/type1/backend/dma-list.ts'
import type { Backend } from '../../../machines/vfio/container/container.ts'
import type { Bytes, OfProcess } from '../../scripts/described.ts'
import type { Protocol } from './protocol-names.ts'

/** How a DMA_UNMAP goes about it; it also decides the era of everything around it (protocols.ts). */
export type Unmap = Protocol | UnmapForm

export interface UnmapForm {
  readonly protocol: Protocol
  /** BUG_ON(++retries > bound) of `restart` and `device-list` (default 10, the kernel's), WARN_ON(tries > bound) of `gated` (100). */
  readonly retryBound?: number
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

interface InContainer extends OfProcess {
  /** Default: the first. */
  readonly container?: string
}

interface WithProt {
  /** Default `rw`. */
  readonly prot?: Prot
}

interface WithNotifier {
  /** Default: the device's own. */
  readonly nb?: string | null
}

/** VFIO_IOMMU_MAP_DMA. */
export interface MapCall extends InContainer, WithProt {
  readonly do: 'map'
  readonly iova: Bytes
  readonly size: Bytes
}

/** VFIO_IOMMU_UNMAP_DMA. */
export interface UnmapCall extends InContainer {
  readonly do: 'unmap'
  readonly iova: Bytes
  readonly size: Bytes
}

export interface PinCall extends WithProt, OfProcess {
  readonly do: 'pin'
  readonly device: string
  readonly iova: Bytes
}

export interface UnpinCall extends OfProcess {
  readonly do: 'unpin'
  readonly device: string
  readonly iova: Bytes
}

export interface MirrorCall extends OfProcess {
  readonly do: 'mirror'
  readonly device: string
  readonly iova: Bytes
  readonly size: Bytes
}

export interface OpenCall extends OfProcess {
  readonly do: 'open'
  readonly device: string
}

export interface CloseCall extends OfProcess {
  readonly do: 'close'
  readonly device: string
}

export interface RegisterCall extends WithNotifier, OfProcess {
  readonly do: 'register'
  readonly device: string | null
  /** What it wants to be told of (default: of unmaps). Only the merged form knows it. */
  readonly events?: number
}

export interface UnregisterCall extends WithNotifier, OfProcess {
  readonly do: 'unregister'
  readonly device: string | null
}

export interface DetachCall extends OfProcess {
  readonly do: 'detach'
  readonly group: string
  /** Default `close`. */
  readonly how?: 'close' | 'unset'
}

export interface SetIommuCall extends InContainer {
  readonly do: 'setIommu'
}

/** One call in a script. Made by the functions below; what is wrong with it is told when the system is built. */
export type Call =
  | MapCall
  | UnmapCall
  | PinCall
  | UnpinCall
  | MirrorCall
  | OpenCall
  | CloseCall
  | RegisterCall
  | UnregisterCall
  | DetachCall
  | SetIommuCall

/** VFIO_IOMMU_MAP_DMA. Returns 0, -EEXIST or -EINVAL. */
export const map = (iova: Bytes, size: Bytes, options: InContainer & WithProt = {}): MapCall => ({
  ...options,
  ...{ do: 'map', iova, size },
})

/** VFIO_IOMMU_UNMAP_DMA. Returns 0 and the size it reports, or an errno (and usually no size). */
export const unmap = (iova: Bytes, size: Bytes, options: InContainer = {}): UnmapCall => ({
  ...options,
  ...{ do: 'unmap', iova, size },
})

/** The vendor driver of a device pins one page. Returns 1, or what vfio_pin_pages answers. */
export const pin = (device: string, iova: Bytes, options: WithProt = {}): PinCall => ({
  ...options,
  ...{ do: 'pin', device, iova },
})

/** The vendor driver of a device unpins one page it holds. */
export const unpin = (device: string, iova: Bytes): UnpinCall => ({ do: 'unpin', device, iova })

/** A driver that mirrors mappings learns of a new one from its user. Returns 0, or -EEXIST when it collides with what it still has. */
export const mirror = (device: string, iova: Bytes, size: Bytes): MirrorCall => ({ do: 'mirror', device, iova, size })

/** A user opens a device. */
export const open = (device: string): OpenCall => ({ do: 'open', device })

/** A user closes a device: its driver unpins what it holds and stops listening. */
export const close = (device: string): CloseCall => ({ do: 'close', device })

/** vfio_register_notifier(). `nb: null` and `events` are there to provoke its errnos. */
export const register = (
  device: string | null,
  options: WithNotifier & { readonly events?: number } = {},
): RegisterCall => ({ ...options, ...{ do: 'register', device } })

/** vfio_unregister_notifier(). */
export const unregister = (device: string | null, options: WithNotifier = {}): UnregisterCall => ({
  ...options,
  ...{ do: 'unregister', device },
})

/** A group leaves its container: by closing its descriptor (default), or by VFIO_GROUP_UNSET_CONTAINER. */
export const detach = (group: string, how?: 'close' | 'unset'): DetachCall => ({
  do: 'detach',
  group,
  ...(how !== undefined && { how }),
})

/** VFIO_SET_IOMMU on a container that has a backend: -EINVAL, but not before container->group_lock was had for write. */
export const setIommu = (options: InContainer = {}): SetIommuCall => ({ ...options, do: 'setIommu' })
