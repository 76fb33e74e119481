/** The messages of a type1 backend (type1.ts). */
import type { Pointer } from '../../kernel/heap/pointer.ts'
import type { Heard } from '../../say.ts'
import type { UserBitmap } from '../dirty/dirty-bitmap.ts'
import type { DirtyArguments } from '../dirty/dirty-checks.ts'
import type { Backed, Mapping, Prot } from './dma-list.ts'
import type { Coming, Refilled } from './group-changes.ts'
import type { Access, PinOutcome, PinRequest } from '../pin/pinned-pages.ts'
import type { UnmapArguments } from '../unmap/unmap-checks.ts'
import type { NewOwner } from '../map/vaddr-update.ts'
import { sites as memorySites, type DeviceMemoryEvent } from '../device-memory/mappings.ts'

export interface Range {
  readonly iova: bigint
  readonly size: bigint
}
/** As it was read from the container. */
export interface Of {
  readonly backend?: Pointer
}

/** What a backend is asked, and told. */
export type Type1Event =
  | (Heard & Range & Of & { readonly type: 'CHECK'; readonly all?: boolean; readonly bitmap?: boolean })
  | (Heard & Range & Of & { readonly type: 'FIND'; readonly walk?: Pointer | 'first' })
  | (Heard & { readonly type: 'READ'; readonly dma: Pointer; readonly what: string; readonly site: string })
  | (Heard & Of & { readonly type: 'REMOVE'; readonly dma: Pointer; readonly site: string })
  | (Heard & Of & { readonly type: 'REPORT'; readonly dma: Pointer; readonly base: bigint; readonly user: UserBitmap })
  | (Heard &
      Mapping &
      Of & {
        readonly type: 'MAP'
        readonly vaddr?: bigint
        readonly lockCap?: boolean
        /** Which address space, unless the first. */
        readonly life?: number
      })
  | (Heard & Mapping & Backed & Of & { readonly type: 'LINK' })
  | (Heard & Range & Of & { readonly type: 'CHECK_VADDR'; readonly mm: string; readonly life?: number })
  | (Heard &
      Of & {
        readonly type: 'SET_VADDR'
        readonly dma: Pointer
        readonly vaddr: bigint
        readonly owner?: NewOwner
      })
  | (Heard & Omit<UnmapArguments, 'argsz'> & Of & { readonly type: 'TAKE_VADDRS' })
  | (Heard & DirtyArguments & Of & { readonly type: 'DIRTY_PAGES'; readonly prefill: number; readonly data?: string })
  | (Heard & Of & { readonly type: 'GET_INFO'; readonly argsz: number })
  | (Heard & Of & { readonly type: 'IOCTL'; readonly req: bigint })
  | (Heard & { readonly type: 'EXTENSION'; readonly ext: bigint; readonly backend: Pointer | null })
  | (Heard & { readonly type: 'OPEN'; readonly arg: bigint; readonly limit: number })
  | (Heard & Of & { readonly type: 'RELEASE' | 'CONTAINER_CLOSE' | 'AWAIT_VADDR' })
  | (Heard & Coming & Of & { readonly type: 'ATTACH' })
  | (Heard & Coming & Of & { readonly type: 'JOIN'; readonly done: readonly Refilled[] })
  | (Heard & Of & { readonly type: 'LEAVE'; readonly group: string })
  | (Heard & { readonly type: 'PIN'; readonly iova: bigint; readonly prot: Prot; readonly device: string })
  | (Heard & { readonly type: 'UNPIN'; readonly iovas: readonly bigint[] })
  | (Heard & PinRequest & Of & { readonly type: 'PIN_PAGES' })
  | (Heard & PinOutcome & Of & { readonly type: 'PIN_DONE' })
  | (Heard & Of & { readonly type: 'UNPIN_PAGES'; readonly iovas: readonly bigint[] })
  | (Heard & Access & Of & { readonly type: 'RW' })
  | (Heard & Of & { readonly type: 'RW_DONE'; readonly iova: bigint; readonly len: number })
  | (Heard & { readonly type: 'DETACH' })
  | DeviceMemoryEvent

/** Who follows the pointer to a backend that is no more. */
export const sites: Readonly<Record<string, string>> = {
  ...memorySites,
  CHECK: 'vfio_dma_do_unmap',
  FIND: 'vfio_dma_do_unmap',
  REPORT: 'update_user_bitmap',
  REMOVE: 'vfio_remove_dma',
  MAP: 'vfio_dma_do_map',
  LINK: 'vfio_pin_map_dma',
  CHECK_VADDR: 'vfio_dma_do_map',
  SET_VADDR: 'vfio_dma_do_map',
  TAKE_VADDRS: 'vfio_dma_do_unmap',
  DIRTY_PAGES: 'vfio_iommu_type1_dirty_pages',
  GET_INFO: 'vfio_iommu_type1_get_info',
  IOCTL: 'vfio_iommu_type1_ioctl',
  EXTENSION: 'vfio_iommu_type1_check_extension',
  RELEASE: 'vfio_iommu_type1_release',
  ATTACH: 'vfio_iommu_type1_attach_group',
  JOIN: 'vfio_iommu_type1_attach_group',
  LEAVE: 'vfio_iommu_type1_detach_group',
  PIN_PAGES: 'vfio_iommu_type1_pin_pages',
  PIN_DONE: 'vfio_iommu_type1_pin_pages',
  UNPIN_PAGES: 'vfio_iommu_type1_unpin_pages',
  RW: 'vfio_iommu_type1_dma_rw',
  RW_DONE: 'vfio_iommu_type1_dma_rw',
  PIN: 'vfio_iommu_type1_pin_pages',
  UNPIN: 'vfio_iommu_type1_unpin_pages',
}
