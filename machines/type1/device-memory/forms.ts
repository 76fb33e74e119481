/**
 * The protocols that keep the IOMMU from holding a mapping of a device that was released, and the choices in which one protocol as it was
 * posted differs from the same protocol with its holes mended. A chart reads them by guards of the same names.
 *
 * Source: "[PATCH 0/3] vfio: Device memory DMA mapping improvements" (Feb 2021, `vma-ops`), "[RFC PATCH 00/10]" of the same title
 * (`device-notifier`) and the reply to its 05/10 of 4 Mar 2021 (`vma-private`), "[PATCH v1 00/14]" (Mar 2021, `vma-to-pfn`), vfio-pci of 6.19
 * (`dma-buf`). `none` is type1 as it is.
 */
export type ProtocolName = 'none' | 'vma-ops' | 'device-notifier' | 'vma-private' | 'vma-to-pfn' | 'dma-buf'

/** What becomes of a mapping of device memory when COMMAND.MEMORY is cleared or the device is reset. */
export type OnMemory = 'keep' | 'unmap' | 'revoke'

export interface Form {
  /** What unregistering waits for: callbacks that run with the head's rwsem held, readers of the head's SRCU, or nothing. */
  readonly chain: 'rwsem' | 'srcu' | 'unprotected'
  /** When a mapping goes its pfnmap is unregistered with iommu->lock held, or only unlinked and handed to a kworker. */
  readonly unregister: 'at-once' | 'background'
  /** A notification queues the unregistering whenever it comes, or only if it took the pfnmap from its mapping. */
  readonly queues: 'each-time' | 'once'
  /** One pfnmap for a whole mapping, or one for every vma it reaches into. */
  readonly covers: 'first-vma' | 'every-vma'
  /** strict_mmio_maps: what cannot be registered cannot be mapped. */
  readonly strict: boolean
  /** A vma without vm_ops is looked at before vm_ops->open is read. */
  readonly checksOps: boolean
  /** The pfnmap holds a reference on the vfio_iommu it points to. The container user it holds is of the device's container, not of this one. */
  readonly holdsIommu: boolean
  /** vma-ops: whoever is registered keeps the entry of its vm_ops in the registry. */
  readonly keepsOps: boolean
  /** vma-to-pfn: the base a pfn is computed from. */
  readonly base: 'first-vma' | 'own-vma'
  readonly memory: OnMemory
  /** Memory disable is told with memory_lock held for write, or before that. */
  readonly tellsMemory: 'under-memory-lock' | 'before-it'
  /** vma-private: the driver's fault handler knows of the shared vm_private_data. */
  readonly convertedDriver: boolean
  /** vma-private: the driver puts data of its own in vm_private_data, and so takes no part. */
  readonly optsOut: boolean
  /** vma-private: vm_ops are wrapped although the driver's mmap failed. */
  readonly wrapsFailed: boolean
  /** dma-buf: whether a device that is closed revokes its buffers before its memory is disabled (B-37). */
  readonly cleanup: 'after-disable' | 'before-disable'
  /** How CPU mappings are zapped: through a list of vmas, through the inode of the device, or not at all. */
  readonly zap: 'never' | 'by-list' | 'by-inode'
  /** by-list: mmap_lock is taken before vma_lock, in the order of the fault handler, although the mm is only known under vma_lock (B-34). */
  readonly switcheroo: boolean
  /** by-list: the list is looked through again after the locks were dropped for that. */
  readonly rescans: boolean
  /** When a device goes to sleep its mappings are zapped as if memory were disabled (from 5.18 on), or stay. */
  readonly sleep: 'zaps' | 'keeps'
  /** When a fork opens its copy of a mapping: after what was faulted in is copied into it, or before (from 6.9 on, and in some stable kernels; B-35). */
  readonly fork: 'opens-last' | 'opens-first'
  /** A hot reset only tries to get the locks of all its devices, and gives up with -EBUSY (B-33). */
  readonly tries: boolean
  /** What vm_pgoff holds: region and page in it, or the physical page (B-12). */
  readonly pgoff: 'index' | 'pfn'
}

const posted: Form = {
  chain: 'srcu',
  unregister: 'at-once',
  queues: 'each-time',
  covers: 'first-vma',
  strict: true,
  checksOps: false,
  holdsIommu: false,
  keepsOps: false,
  base: 'first-vma',
  memory: 'keep',
  tellsMemory: 'under-memory-lock',
  convertedDriver: true,
  optsOut: false,
  wrapsFailed: true,
  cleanup: 'before-disable',
  zap: 'by-inode',
  sleep: 'zaps',
  fork: 'opens-last',
  switcheroo: true,
  rescans: true,
  tries: true,
  pgoff: 'index',
}

/** Holes that every protocol of 2021 shares. Registering takes iommu->lock first, so no head can be an rwsem. */
export const mended = {
  chain: 'srcu',
  unregister: 'background',
  queues: 'once',
  covers: 'every-vma',
  checksOps: true,
  holdsIommu: true,
  keepsOps: true,
  base: 'own-vma',
  convertedDriver: true,
  wrapsFailed: false,
  cleanup: 'before-disable',
  switcheroo: true,
  rescans: true,
  tries: true,
  pgoff: 'index',
} as const satisfies Partial<Form>

/** A trait that is mended, and may be left as it was. */
export type Repair = keyof typeof mended

const both = (more: Partial<Form>): { readonly posted: Form; readonly repaired: Form } => ({
  posted: { ...posted, ...more },
  repaired: { ...posted, ...more, ...mended },
})

export const forms: Readonly<Record<ProtocolName, { readonly posted: Form; readonly repaired: Form }>> = {
  none: both({ zap: 'by-list' }),
  'vma-ops': both({ chain: 'rwsem', zap: 'by-list' }),
  'device-notifier': both({ pgoff: 'pfn' }),
  'vma-private': both({}),
  /** pfnmap->dma is cleared together with dma->pfnmap, so the second notification finds that there is nothing to do. */
  'vma-to-pfn': both({ queues: 'once' }),
  'dma-buf': both({ memory: 'revoke', cleanup: 'after-disable' }),
}
