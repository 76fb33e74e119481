/**
 * What VFIO_IOMMU_MAP_DMA refuses before it looks at what is mapped, in the kernel's order. Which of it happens under
 * iommu->lock cannot be seen: nobody else can change any of it.
 *
 * Source: vfio_iommu_type1_map_dma and the beginning of vfio_dma_do_map, Linux 4.19 to 7.x.
 */
import { firstFailing, type Check } from '../../kernel/checks.ts'
import type { Profile } from '../../profile.ts'
import { isWrapping, pageSize, type Prot } from '../backend/dma-list.ts'

export interface MapArguments {
  readonly argsz: number
  readonly flags: number
  readonly iova: bigint
  readonly size: bigint
  readonly vaddr: bigint
}

const flagBits = { read: 1, write: 2, vaddr: 4 }
const structSize = 32

/** The device may read, write, or both; null when the request is about an address only. */
export const protOf = (flags: number): Prot | null =>
  flags & flagBits.read ? (flags & flagBits.write ? 'rw' : 'r') : flags & flagBits.write ? 'w' : null

export const isVaddrUpdate = (flags: number): boolean => (flags & flagBits.vaddr) !== 0

export function mapError(profile: Profile, { argsz, flags, iova, size, vaddr }: MapArguments): string | undefined {
  const { mapFlags, looksAtRangeFirst, beyondAddressSpace } = profile
  const isEmpty: Check = [size === 0n, '-EINVAL']
  const wraps: Check = [isWrapping(iova, size) || isWrapping(vaddr, size), beyondAddressSpace]
  // Exactly one of access and a new address.
  const isMixedUp: Check = [(protOf(flags) === null) !== isVaddrUpdate(flags), '-EINVAL']
  const isUnaligned: Check = [((size | iova | vaddr) & (pageSize - 1n)) !== 0n, '-EINVAL']
  return firstFailing([
    [argsz < structSize || (flags & ~mapFlags) !== 0, '-EINVAL'],
    ...(looksAtRangeFirst ? [isEmpty, wraps, isMixedUp, isUnaligned] : [isMixedUp, isEmpty, isUnaligned, wraps]),
  ])
}
