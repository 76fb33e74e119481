/** What kernels differ in: a machine asks for one of these, never for a version. history.ts says when each changed, profile.ts which kernel has which. */

export type Traits = MemoryTraits & VfioTraits & PciTraits & IommuTraits & Type1Traits & IommufdTraits

/** Processes and their memory. */
interface MemoryTraits {
  /** Pages that are pinned for reading, and private, become the process's own first. */
  readonly readPinsCopy: boolean
}

/** Containers, groups, devices. */
interface VfioTraits {
  /**
   * How a group keeps track of who uses it: `counted`, by atomic counts that are looked at one by one, where viable means that
   * each device has a harmless driver; `locked`, under group_rwsem, where viable means that nobody else owns its DMA.
   */
  readonly groups: 'counted' | 'locked'
  /** A device that is being unbound does not make its group non-viable (`counted` only). */
  readonly tracksUnbinding: boolean
  /** What SET_CONTAINER says to a descriptor of something else. */
  readonly notAContainer: '-EINVAL' | '-EBADFD'
  /** The IOMMU driver hears that the container's descriptor was closed. */
  readonly notifiesContainerClose: boolean
  /** An ioctl that is passed on to the IOMMU driver holds group_lock for read (0b43c082338b of 2012; none of these kernels does). */
  readonly holdsGroupLock: boolean
  /** A device that is being unbound can be opened once more as long as somebody has it open. */
  readonly opensUnbinding: boolean
  /**
   * A device that is bound through a file of its own keeps its group shut, and a group that is open keeps its devices from being bound so; as
   * first posted (2023) each only looked whether the device was open.
   */
  readonly barsGroup: boolean
  /** Closing a file of a device's own closes the device, whichever file it is bound through (as posted in 2023; none of these kernels does). */
  readonly closesUnbound: boolean
}

/** vfio-pci, and the PCI core behind it. */
export interface PciTraits {
  /** HOT_RESET without any group is -EINVAL, before the bus is looked at. */
  readonly hotResetNeedsGroups: boolean
  /** Vectors of MSI-X can be added to those that are in use. */
  readonly addsMsixVectors: boolean
  /** A reset that saves and restores the function's state is told in the log. */
  readonly tellsResets: boolean
}

/** The IOMMU's driver. */
export interface IommuTraits {
  /** What is mapped for writing only can be read as well. */
  readonly writeOnlyIsReadable: boolean
  /** A line about a fault names the device with its PCI domain. */
  readonly faultsNameDomain: boolean
  /** What lies beyond the aperture cannot be mapped; with -EFAULT comes a line in the log. */
  readonly beyondAperture: '-EFAULT' | '-ERANGE'
}

/** The type1 backend. */
interface Type1Traits {
  /**
   * Who owns a mapping, and pays for its pages: the thread that made it (`thread`; without its memory once it has exited), its
   * process (`process`, with whatever memory that has by then), or that memory (`memory`).
   */
  readonly owner: 'thread' | 'process' | 'memory'
  /** Locked pages are counted by a kworker some time later when mmap_lock is not free (`deferred`). */
  readonly accounting: 'deferred' | 'at once'
  /** How UNMAP_DMA tells drivers of mappings with pinned pages, and goes on (the charts in type1/unmap/). */
  readonly unmap: 'restart' | 'device-list'
  /** Flags that MAP_DMA knows: 1 READ, 2 WRITE, 4 VADDR. */
  readonly mapFlags: number
  /** Flags that UNMAP_DMA knows: 1 GET_DIRTY_BITMAP, 2 ALL and 4 VADDR. */
  readonly unmapFlags: number
  /** DIRTY_PAGES exists. */
  readonly tracksDirtyPages: boolean
  /** Capabilities of GET_INFO, in the order in which they are chained. */
  readonly capabilities: readonly Capability[]
  /** Each of them begins at a multiple of 8. */
  readonly alignsCapabilities: boolean
  /** A container has a limited number of mappings. */
  readonly limitsEntries: boolean
  /** Only IOVAs that every IOMMU domain of the container can use are mapped. */
  readonly checksWindows: boolean
  /** MAP_DMA and DIRTY_PAGES look at size and wrapping before anything else of the range. */
  readonly looksAtRangeFirst: boolean
  /** A range that goes beyond the address space. */
  readonly beyondAddressSpace: '-EINVAL' | '-EOVERFLOW'
  /** Ranges may end at 2^64 (see type1/backend/dma-list.ts). */
  readonly reachesLastPage: boolean
  /** MAP_DMA with VADDR moves the accounting to the process that makes it. */
  readonly movesOwner: boolean
  /**
   * What happens where a vaddr is invalid and pages are to be pinned: nothing, because VADDR is not for
   * containers with emulated devices (`refuses`); before that whoever pins waits for the new address (`waits`).
   */
  readonly invalidVaddr: 'refuses' | 'waits'
  /** There is VFIO_TYPE1_NESTING_IOMMU, for IOMMUs that have it: this one has not. */
  readonly knowsNesting: boolean
}

/** Where there is iommufd. */
interface IommufdTraits {
  /**
   * Whether there are /dev/iommu and files of devices' own, and what a file of /dev/vfio/vfio is then: a container as ever, `beside` it, or one of
   * iommufd's (`instead`).
   */
  readonly iommufd: 'absent' | 'beside' | 'instead'
  /** What its UNMAP_DMA says of a range in which nothing is mapped. */
  readonly emptyUnmap: 0 | '-ENOENT'
  /**
   * How a call is known to be at work on an object: by a lock that lies in it (`rwsem`), or by a count that whoever destroys it
   * waits for elsewhere (`counted`).
   */
  readonly iommufdObjects: 'rwsem' | 'counted'
  /** A device's memory can be had as a dma-buf (VFIO_DEVICE_FEATURE_DMA_BUF). */
  readonly exportsBars: boolean
  /** The number of the last ioctl that it has: 0x8e IOMMU_FAULT_QUEUE_ALLOC, 0x94 IOMMU_HW_QUEUE_ALLOC. */
  readonly lastIoctl: 0x8e | 0x94
  /** BIND takes a token, ATTACH and DETACH a PASID; and what lies behind the structure of BIND has to be zero. */
  readonly takesTokens: boolean
  /** MAP refuses a length that is too long before it adds it to an address. */
  readonly looksAtLengthFirst: boolean
  /** A page table for a device without page requests cannot have a fault queue; otherwise it is made, and attaching to it fails. */
  readonly refusesFaultQueue: boolean
  /** HWPT_INVALIDATE finds objects of any kind, and refuses those that are of another; otherwise it does not find them. */
  readonly invalidatesAny: boolean
  /** out_capabilities of GET_HW_INFO, for a device without any. */
  readonly hardwareCapabilities: 0 | 8
}

export type Capability = 'migration' | 'avail' | 'ranges'
