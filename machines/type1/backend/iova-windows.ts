/**
 * Which IOVAs the IOMMU domains of a container can use (iommu->iova_list, since 5.4): the aperture of the IOMMU without
 * what is reserved for its groups. It comes with the first group that has an IOMMU, is narrowed by every other, and is
 * computed anew when one leaves; an empty list forbids nothing. Pure.
 *
 * Source: vfio_iommu_aper_conflict, _aper_resize, _resv_exclude, _resv_refresh, _iova_dma_valid. A search for mappings
 * above the new end may be one up to 2^64, which finds nothing before 6.19.
 */
import { find, type DmaList } from './dma-list.ts'

export type Window = readonly [first: bigint, last: bigint]
export type Windows = readonly Window[]

const topOfSpace = 2n ** 64n - 1n

/** VT-d with 48 bits of address. */
export const aperture: Window = [0n, 2n ** 48n - 1n]

/** What VT-d reserves for every group: the window in which writes are interrupts. */
export const reserved: Windows = [[0xfee00000n, 0xfeefffffn]]

export const isAllowed = (windows: Windows, first: bigint, last: bigint): boolean =>
  windows.length === 0 || windows.some(([begin, end]) => first >= begin && last <= end)

/** A group with this aperture and these reserved windows would leave mappings where it cannot reach them. */
export const conflicts = (list: DmaList, windows: Windows): boolean =>
  conflictsWithAperture(list, windows) ||
  reserved.some(([first, last]) => find(list, first, last - first + 1n) !== undefined)

function conflictsWithAperture(list: DmaList, windows: Windows): boolean {
  if (windows.length === 0) return false
  const [first, last] = [windows[0]![0], windows.at(-1)![1]]
  const [begin, end] = aperture
  if (begin > last || end < first) return true
  if (begin > first && find(list, first, begin - first) !== undefined) return true
  return end < last && find(list, end + 1n, last - end) !== undefined
}

const without = (windows: Windows, [first, last]: Window): Windows =>
  windows.flatMap((window): Windows => {
    const [begin, end] = window
    if (first > end || last < begin) return [window]
    return [
      ...(first > begin ? [[begin, first - 1n] as const] : []),
      ...(last < end ? [[last + 1n, end] as const] : []),
    ]
  })

/** Another group with an IOMMU joins. */
export function narrowed(windows: Windows): Windows {
  const before = windows.length === 0 ? [aperture] : windows
  const inside = before.flatMap(([begin, end]): Windows => {
    const window = [begin > aperture[0] ? begin : aperture[0], end < aperture[1] ? end : aperture[1]] as const
    return window[0] <= window[1] ? [window] : []
  })
  return reserved.reduce(without, inside)
}

/** One has left: `remain` says whether another is still there. Without any, everything is allowed, and said to be. */
export const restored = (windows: Windows, remain: boolean): Windows => {
  if (windows.length === 0) return windows
  return remain ? reserved.reduce(without, [aperture]) : [[0n, topOfSpace]]
}
