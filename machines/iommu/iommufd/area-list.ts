/** What an IOAS knows of its mappings: struct iopt_area in a tree, and the pages pinned through accesses. Pure. */
import { isSame, type Pointer } from '../../kernel/pointer.ts'
import type { Pin } from '../dma-list.ts'

export interface Range {
  readonly iova: bigint
  readonly size: bigint
}

export interface Area extends Range {
  readonly ptr: Pointer
  /** `area->pages != NULL`: false while a map is not finished or an unmap has begun. */
  readonly pages: boolean
  /** The gate: set by an unmap that found accesses, so that no new ones come. */
  readonly preventAccess: boolean
  /** What accesses have pinned, sorted by iova. */
  readonly pins: readonly Pin[]
}

/** `lives[n]`: how many areas have lived at the address `area<n>`. */
export interface AreaList {
  /** Sorted by iova. */
  readonly areas: readonly Area[]
  readonly lives: readonly number[]
}

const byIova = (a: { readonly iova: bigint }, b: { readonly iova: bigint }): number =>
  a.iova < b.iova ? -1 : a.iova > b.iova ? 1 : 0

/** `area->num_accesses`. */
export const accessesOf = ({ pins }: Area): number => pins.reduce((sum, { count }) => sum + count, 0)

/** The lowest area that overlaps the range. */
export const find = ({ areas }: AreaList, { iova, size }: Range): Area | undefined =>
  areas.find((area) => area.iova < iova + size && iova < area.iova + area.size)

export const follow = ({ areas }: AreaList, ptr: Pointer): Area | undefined =>
  areas.find((area) => isSame(area.ptr, ptr))

/** Where the next area will live: the lowest free address, as an allocator that re-uses what was freed. */
export const nextPointer = ({ areas, lives }: AreaList): Pointer => {
  let slot = 0
  while (areas.some((area) => area.ptr.id === `area${slot}`)) slot += 1
  return { id: `area${slot}`, gen: (lives[slot] ?? 0) + 1 }
}

/** Takes the range, without pages yet. */
export const reserve = (list: AreaList, { iova, size }: Range): AreaList => {
  const ptr = nextPointer(list)
  const slot = Number(ptr.id.slice('area'.length))
  return {
    areas: [...list.areas, { ptr, iova, size, pages: false, preventAccess: false, pins: [] }].sort(byIova),
    lives: slot < list.lives.length ? list.lives.with(slot, ptr.gen) : [...list.lives, ptr.gen],
  }
}

export const change = (list: AreaList, ptr: Pointer, changes: Partial<Area>): AreaList => ({
  ...list,
  areas: list.areas.map((area) => (isSame(area.ptr, ptr) ? { ...area, ...changes } : area)),
})

export const remove = (list: AreaList, ptr: Pointer): AreaList => ({
  ...list,
  areas: list.areas.filter((area) => !isSame(area.ptr, ptr)),
})

const pageAt = (list: AreaList, iova: bigint): Area | undefined => find(list, { iova, size: 1n })

export const isPinnedAt = (list: AreaList, iova: bigint): boolean =>
  pageAt(list, iova)?.pins.some((pin) => pin.iova === iova) ?? false

const count = (list: AreaList, iova: bigint, by: 1 | -1): AreaList => {
  const area = pageAt(list, iova)
  if (area === undefined) return list
  const known = area.pins.find((pin) => pin.iova === iova)?.count ?? 0
  const others = area.pins.filter((pin) => pin.iova !== iova)
  const pins = known + by > 0 ? [...others, { iova, count: known + by }].sort(byIova) : others
  return change(list, area.ptr, { pins })
}

export const pin = (list: AreaList, iova: bigint): AreaList => count(list, iova, 1)
export const unpin = (list: AreaList, iova: bigint): AreaList => count(list, iova, -1)
