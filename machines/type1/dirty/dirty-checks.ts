/**
 * What VFIO_IOMMU_DIRTY_PAGES refuses, in the kernel's order.
 *
 * Source: vfio_iommu_type1_dirty_pages, vfio_iova_dirty_bitmap, Linux 5.10 to 7.x.
 */
import { firstFailing } from '../../kernel/checks.ts'
import type { Profile } from '../../profile.ts'
import { bisects, isWrapping, pageSize, type DmaList } from '../backend/dma-list.ts'
import { bitmapError, isWrongPageSize, type BitmapArguments } from '../unmap/unmap-checks.ts'

export interface DirtyArguments extends BitmapArguments {
  readonly argsz: number
  readonly flags: number
  readonly iova: bigint
  readonly size: bigint
}

const flagBits = { start: 1, stop: 2, get: 4 }
const everyFlag = 7
const structSize = 8
const structSizeWithRange = 48

const isOne = (flags: number): boolean => flags === flagBits.start || flags === flagBits.stop || flags === flagBits.get

export const isStart = (flags: number): boolean => flags === flagBits.start
export const isStop = (flags: number): boolean => flags === flagBits.stop
const isGet = (flags: number): boolean => flags === flagBits.get

export function dirtyError(
  { tracksDirtyPages, reachesLastPage, looksAtRangeFirst, beyondAddressSpace }: Profile,
  backend: DmaList & { readonly v2: boolean; readonly tracking: boolean },
  args: DirtyArguments,
): string | undefined {
  const { argsz, flags, iova, size, pgsize } = args
  // The sum is what wraps here, so a range may not even end at 2^64.
  const wraps = isWrapping(iova, size + 1n)
  return firstFailing([
    [!tracksDirtyPages, '-ENOTTY'],
    [!backend.v2, '-EACCES'],
    [argsz < structSize || (flags & ~everyFlag) !== 0, '-EINVAL'],
    [!isOne(flags), '-EINVAL'],
    ...(isGet(flags)
      ? ([
          [argsz < structSizeWithRange, '-EINVAL'],
          [looksAtRangeFirst && size === 0n, '-EINVAL'],
          [reachesLastPage ? isWrapping(iova, size) : wraps, beyondAddressSpace],
          bitmapError(size, args),
          [isWrongPageSize(pgsize), '-EINVAL'],
          [(iova & (pageSize - 1n)) !== 0n, '-EINVAL'],
          [size === 0n || (size & (pageSize - 1n)) !== 0n, '-EINVAL'],
          [!backend.tracking, '-EINVAL'],
          [() => bisects(backend, iova, size), '-EINVAL'],
        ] as const)
      : []),
  ])
}
