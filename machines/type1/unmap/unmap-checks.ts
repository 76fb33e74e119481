/**
 * What VFIO_IOMMU_UNMAP_DMA refuses before it looks at what is mapped, in the kernel's order.
 *
 * Source: vfio_iommu_type1_unmap_dma and the beginning of vfio_dma_do_unmap, Linux 4.19 to 7.x.
 */
import { firstFailing, type Check } from '../../kernel/checks.ts'
import type { Profile } from '../../profile.ts'
import { isBadBitmapSize } from '../dirty/dirty-bitmap.ts'
import { isWrapping, pageSize } from '../backend/dma-list.ts'

export interface BitmapArguments {
  readonly bitmap_size: bigint
  readonly pgsize: bigint
}

export interface UnmapArguments extends BitmapArguments {
  readonly argsz: number
  readonly flags: number
  readonly iova: bigint
  readonly size: bigint
}

const flagBits = { dirtyBitmap: 1, all: 2, vaddr: 4 }
const structSize = 24
const structSizeWithBitmap = 48

export const wantsBitmap = (flags: number): boolean => (flags & flagBits.dirtyBitmap) !== 0
export const isAll = (flags: number): boolean => (flags & flagBits.all) !== 0
export const takesVaddrs = (flags: number): boolean => (flags & flagBits.vaddr) !== 0

/** With ALL the range is everything but the very last byte. */
export const wholeSpace = { iova: 0n, size: 2n ** 64n - 1n }

/** How many pages of the given size there are; a size of 0 has no lowest bit, and is refused later. */
const pagesIn = (size: bigint, pgsize: bigint): bigint => (pgsize === 0n ? size : size / (pgsize & -pgsize))

/** Room for the bits of a range in a user's bitmap. */
export const bitmapError = (size: bigint, { bitmap_size: bytes, pgsize }: BitmapArguments): Check => [
  isBadBitmapSize(pagesIn(size, pgsize), bytes),
  '-EINVAL',
]

/** Only bitmaps with one bit for each of the IOMMU's smallest pages. */
export const isWrongPageSize = (pgsize: bigint): boolean => pgsize !== pageSize

/** The request as such. */
export const unmapError = ({ unmapFlags }: Profile, args: UnmapArguments): string | undefined => {
  const { argsz, flags, size } = args
  return firstFailing([
    [argsz < structSize || (flags & ~unmapFlags) !== 0, '-EINVAL'],
    [wantsBitmap(flags) && (isAll(flags) || takesVaddrs(flags)), '-EINVAL'],
    ...(wantsBitmap(flags) ? ([[argsz < structSizeWithBitmap, '-EINVAL'], bitmapError(size, args)] as const) : []),
  ])
}

/** Its range, as seen under iommu->lock. */
export const unmapRangeError = (
  { beyondAddressSpace }: Profile,
  { flags, iova, size, pgsize }: Omit<UnmapArguments, 'argsz'>,
): string | undefined =>
  firstFailing([
    [(iova & (pageSize - 1n)) !== 0n, '-EINVAL'],
    ...(isAll(flags)
      ? ([[iova !== 0n || size !== 0n, '-EINVAL']] as const)
      : ([
          [size === 0n || (size & (pageSize - 1n)) !== 0n, '-EINVAL'],
          [isWrapping(iova, size), beyondAddressSpace],
        ] as const)),
    [wantsBitmap(flags) && isWrongPageSize(pgsize), '-EINVAL'],
  ])
