/**
 * VFIO_IOMMU_GET_INFO: page sizes, and a chain of capabilities behind the structure if the caller left room for all of
 * them; if not, how much room it takes. Pure.
 *
 * Source: vfio_iommu_type1_get_info, Linux 4.19 to 7.x.
 */
import type { Profile } from '../../profile.ts'
import type { Capability } from '../../traits.ts'
import { largestBitmap } from '../dirty/dirty-bitmap.ts'
import { pageSize } from './dma-list.ts'
import { available, hasDomain, type Reply, type VfioIommu } from './vfio-iommu.ts'

const smallestArgsz = 16
const structSize = 24
const hasPageSizes = 1
const hasCapabilities = 2
const ids: Readonly<Record<Capability, number>> = { migration: 2, avail: 3, ranges: 1 }

/** VT-d: 4 KiB, 2 MiB, 1 GiB. */
const pageSizesOfIommu = 0x40201000n
/** Without an IOMMU every multiple of a page will do. */
const everyPageSize = BigInt.asUintN(64, -pageSize)

const capability = (name: Capability, iommu: VfioIommu): Readonly<Record<string, unknown>> => {
  switch (name) {
    case 'migration':
      return { migration: { flags: 0, pgsize_bitmap: pageSize, max_dirty_bitmap_size: largestBitmap } }
    case 'avail':
      return { avail: available(iommu) }
    default:
      return { iova_ranges: iommu.windows.map((window) => [...window]) }
  }
}

const sizeOf = (name: Capability, { windows }: VfioIommu): number => {
  if (name === 'migration') return 32
  return name === 'avail' ? 12 : 16 + 16 * windows.length
}

export function info(profile: Profile, iommu: VfioIommu, argsz: number): Reply {
  if (argsz < smallestArgsz) return { type: 'ANSWER', fields: { ret: '-EINVAL' } }
  const chain = profile.capabilities.filter((name) => name !== 'ranges' || iommu.windows.length > 0)
  const step = profile.alignsCapabilities ? 8 : 1
  const size = chain.reduce((sum, name) => sum + Math.ceil(sizeOf(name, iommu) / step) * step, structSize)
  const pgsizes = hasDomain(iommu) ? pageSizesOfIommu : everyPageSize
  const flags = chain.length > 0 ? hasPageSizes | hasCapabilities : hasPageSizes
  const fields = { ret: 0, argsz, flags, pgsizes, cap_offset: 0, cap_ids: [] }
  if (chain.length === 0) return { type: 'ANSWER', fields }
  if (argsz < size) return { type: 'ANSWER', fields: { ...fields, argsz: size } }
  const parts = chain.map((name) => capability(name, iommu))
  return {
    type: 'ANSWER',
    fields: {
      ...fields,
      cap_offset: structSize,
      ...Object.assign({}, ...parts),
      cap_ids: chain.map((name) => ids[name]),
    },
  }
}
