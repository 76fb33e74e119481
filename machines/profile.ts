/**
 * What differs between kernels, in one place: a profile is a record of traits, and a machine asks for a trait, never for a version.
 *
 * Versions stand for themselves and what lies between them and the next: 4.10, 5.10, 5.15, 6.1 (what the recordings were made on) and 7.x.
 * `iommufd-type1` and `iommufd-type1v2` are 7.x with a /dev/vfio/vfio that iommufd provides; which of the two it behaves as is what the
 * program asks for with SET_IOMMU.
 */
export interface Profile extends MemoryTraits, VfioTraits, Type1Traits, IommufdTraits {
  readonly name: ProfileName
}

/** Processes and their memory. */
interface MemoryTraits {
  /** Pages that are pinned for reading, and private, become the process's own first (6.2; from memory). */
  readonly readPinsCopy: boolean
}

/** Containers, groups, devices. */
interface VfioTraits {
  /**
   * How a group keeps track of who uses it: `counted`, by atomic counts that are looked at one by one (up to 5.18), where viable means that
   * each device has a harmless driver; `locked`, under group_rwsem (from 5.19), where viable means that nobody else owns its DMA.
   */
  readonly groups: 'counted' | 'locked'
  /** A device that is being unbound does not make its group non-viable (since 4.1; `counted` only). */
  readonly tracksUnbinding: boolean
  /** What SET_CONTAINER says to a descriptor of something else; another errno since 6.2. */
  readonly notAContainer: '-EINVAL' | '-EBADFD'
  /** The IOMMU driver hears that the container's descriptor was closed (5.12 to 6.2). */
  readonly notifiesContainerClose: boolean
  /** An ioctl that is passed on to the IOMMU driver holds group_lock for read (0b43c082338b of 2012; none of these kernels does). */
  readonly holdsGroupLock: boolean
}

/** The type1 backend. */
interface Type1Traits {
  /**
   * Who owns a mapping, and pays for its pages: the thread that made it (`thread`; without its memory once it has exited), since 4.18 its
   * process (`process`, with whatever memory that has by then), since 6.3 and in stable kernels before that memory (`memory`).
   */
  readonly owner: 'thread' | 'process' | 'memory'
  /** Locked pages are counted by a kworker some time later when mmap_lock is not free (`deferred`, up to 4.11). */
  readonly accounting: 'deferred' | 'at once'
  /** How UNMAP_DMA tells drivers of mappings with pinned pages, and goes on (the charts in type1/unmap/). */
  readonly unmap: 'restart' | 'device-list'
  /** Flags that MAP_DMA knows: 1 READ, 2 WRITE, 4 VADDR (since 5.12). */
  readonly mapFlags: number
  /** Flags that UNMAP_DMA knows: 1 GET_DIRTY_BITMAP (5.8), 2 ALL and 4 VADDR (5.12). */
  readonly unmapFlags: number
  /** DIRTY_PAGES exists (5.8). */
  readonly tracksDirtyPages: boolean
  /** Capabilities of GET_INFO, in the order in which they are chained (5.4, 5.8, 5.10). */
  readonly capabilities: readonly Capability[]
  /** Each of them begins at a multiple of 8 (6.6). */
  readonly alignsCapabilities: boolean
  /** A container has a limited number of mappings (5.1). */
  readonly limitsEntries: boolean
  /** Only IOVAs that every IOMMU domain of the container can use are mapped (5.4). */
  readonly checksWindows: boolean
  /** MAP_DMA looks at size and wrapping before it looks at the flags (6.19). */
  readonly looksAtRangeFirst: boolean
  /** A range that goes beyond the address space. */
  readonly beyondAddressSpace: '-EINVAL' | '-EOVERFLOW'
  /** Ranges may end at 2^64 (6.19; see iommu/dma-list.ts). */
  readonly reachesLastPage: boolean
  /** MAP_DMA with VADDR moves the accounting to the process that makes it (6.3, and stable kernels before). */
  readonly movesOwner: boolean
  /**
   * What happens where a vaddr is invalid and pages are to be pinned (6.3, and stable kernels before): nothing, because VADDR is not for
   * containers with emulated devices (`refuses`); before that whoever pins waits for the new address (`waits`).
   */
  readonly invalidVaddr: 'refuses' | 'waits'
}

/** Where iommufd stands for the container. */
interface IommufdTraits {
  /** What a file of /dev/vfio/vfio is. */
  readonly container: 'vfio' | 'iommufd'
  /** What its UNMAP_DMA says of a range in which nothing is mapped: an error until 6.18. */
  readonly emptyUnmap: 0 | '-ENOENT'
  /**
   * How a call is known to be at work on an object: by a lock that lies in it (`rwsem`, 6.2 to 6.6), or by a count that whoever destroys it
   * waits for elsewhere (`counted`).
   */
  readonly iommufdObjects: 'rwsem' | 'counted'
}

export type Capability = 'migration' | 'avail' | 'ranges'

export const profileNames = ['4.10', '5.10', '5.15', '6.1', '7.x', 'iommufd-type1', 'iommufd-type1v2'] as const
export type ProfileName = (typeof profileNames)[number]

const firstMemory: MemoryTraits = { readPinsCopy: false }

const countedGroups: VfioTraits = {
  groups: 'counted',
  tracksUnbinding: true,
  notAContainer: '-EINVAL',
  notifiesContainerClose: false,
  holdsGroupLock: false,
}
const lockedGroups: VfioTraits = { ...countedGroups, groups: 'locked' }

const firstType1: Type1Traits = {
  owner: 'thread',
  accounting: 'deferred',
  unmap: 'restart',
  mapFlags: 0b011,
  unmapFlags: 0,
  tracksDirtyPages: false,
  capabilities: [],
  alignsCapabilities: false,
  limitsEntries: false,
  checksWindows: false,
  looksAtRangeFirst: false,
  beyondAddressSpace: '-EINVAL',
  reachesLastPage: false,
  movesOwner: false,
  invalidVaddr: 'waits',
}
const trackingType1: Type1Traits = {
  ...firstType1,
  owner: 'process',
  accounting: 'at once',
  unmapFlags: 0b001,
  tracksDirtyPages: true,
  capabilities: ['migration', 'avail', 'ranges'],
  limitsEntries: true,
  checksWindows: true,
}
const vaddrType1: Type1Traits = { ...trackingType1, mapFlags: 0b111, unmapFlags: 0b111 }
const listedType1: Type1Traits = {
  ...vaddrType1,
  owner: 'memory',
  unmap: 'device-list',
  movesOwner: true,
  invalidVaddr: 'refuses',
}
const lastType1: Type1Traits = {
  ...listedType1,
  alignsCapabilities: true,
  looksAtRangeFirst: true,
  beyondAddressSpace: '-EOVERFLOW',
  reachesLastPage: true,
}

const realContainer: IommufdTraits = { container: 'vfio', emptyUnmap: 0, iommufdObjects: 'counted' }
const iommufd: IommufdTraits = { ...realContainer, container: 'iommufd' }

const newest = { readPinsCopy: true, ...lockedGroups, ...lastType1, notAContainer: '-EBADFD' } as const

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  '4.10': { ...firstMemory, ...countedGroups, ...firstType1, ...realContainer, name: '4.10' },
  '5.10': { ...firstMemory, ...countedGroups, ...trackingType1, ...realContainer, name: '5.10' },
  '5.15': {
    ...firstMemory,
    ...countedGroups,
    ...vaddrType1,
    ...realContainer,
    notifiesContainerClose: true,
    name: '5.15',
  },
  '6.1': { ...firstMemory, ...lockedGroups, ...listedType1, ...realContainer, name: '6.1' },
  '7.x': { ...newest, ...realContainer, name: '7.x' },
  'iommufd-type1': { ...newest, ...iommufd, name: 'iommufd-type1' },
  'iommufd-type1v2': { ...newest, ...iommufd, name: 'iommufd-type1v2' },
}
