/**
 * What an IOMMU knows of page tables by themselves, as data, where it can do more than translate: which of an IOAS's tables each device uses, which of
 * them are tracked, and which are nested: a first stage, which the guest has in its own memory, over a table of the IOAS. The guest's entries are
 * kept here, since nobody else reads them; that one of them changes tells the IOMMU nothing, until it is told to forget what it remembers.
 *
 * Source: the VT-d specification (nested translation); intel_nested_domain_alloc, intel_nested_cache_invalidate_user (6.7 to 7.x).
 * Left out: levels, sizes and permissions of a first stage; that it lies in memory that can be unmapped.
 */
import { pageSize } from '../../mm/extent.ts'
import * as dirt from './dirty-bits.ts'
import type { Remembered } from './dmar-tables.ts'

interface Nested {
  /** The table that its addresses are translated by afterwards. */
  readonly over: string
  /** Where the guest has its first stage. */
  readonly pgtbl: bigint
}

export interface UsedTables {
  /** Device → its page table. */
  readonly through: Readonly<Record<string, string>>
  readonly tracked: dirt.Tracked
  readonly nested: Readonly<Record<string, Nested>>
  /** Page table → the queue of requests for pages that are not in it. */
  readonly asking: Readonly<Record<string, string>>
  /** First stages, by where they are: page → page, by their numbers. */
  readonly guest: Readonly<Record<string, Readonly<Record<string, bigint>>>>
}

/** A PASID of a device has a page table of its own, as if it were another device. */
export const pasidOf = (device: string, pasid: number): string => `${device}#${pasid}`

export const noneUsed: UsedTables = { through: {}, tracked: {}, nested: {}, asking: {}, guest: {} }

const without = <T>(record: Readonly<Record<string, T>>, keys: readonly string[]): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)))

/** From now on these devices use a page table, or none that matters. */
export const use = (used: UsedTables, devices: readonly string[], table: string | undefined): UsedTables => {
  const others = without(used.through, devices)
  const theirs = table === undefined ? [] : devices.map((device) => [device, table] as const)
  return { ...used, through: { ...others, ...Object.fromEntries(theirs) } }
}

export const nest = (used: UsedTables, table: string, nested: Nested): UsedTables => ({
  ...used,
  nested: { ...used.nested, [table]: nested },
})

export const askAt = (used: UsedTables, table: string, queue: string): UsedTables => ({
  ...used,
  asking: { ...used.asking, [table]: queue },
})

/** Where a device asks for a page that is not there; undefined: nowhere, it is a fault. */
export const askedBy = (used: UsedTables | undefined, device: string) => {
  const table = used?.through[device] ?? ''
  const queue = used?.asking[table]
  return queue === undefined ? undefined : { queue, table }
}

/** A page table is no more. */
export const forget = (used: UsedTables, table: string): UsedTables => ({
  ...used,
  tracked: without(used.tracked, [table]),
  nested: without(used.nested, [table]),
  asking: without(used.asking, [table]),
})

export const untrack = (used: UsedTables, table: string): UsedTables => ({
  ...used,
  tracked: without(used.tracked, [table]),
})

/** The guest writes an entry of a first stage. */
export const guestEntry = (
  used: UsedTables,
  { pgtbl, iova, gpa }: { readonly pgtbl: bigint; readonly iova: bigint; readonly gpa?: bigint },
): UsedTables => {
  const others = without(used.guest[`${pgtbl}`] ?? {}, [`${iova / pageSize}`])
  const entry = gpa === undefined ? {} : { [`${iova / pageSize}`]: gpa / pageSize }
  return { ...used, guest: { ...used.guest, [`${pgtbl}`]: { ...others, ...entry } } }
}

/** Where a first stage leads, page by page; undefined: the device has none. */
export function firstStageOf(
  used: UsedTables | undefined,
  device: string,
): ((pfn: bigint) => bigint | undefined) | undefined {
  const nested = used?.nested[used.through[device] ?? '']
  return nested && ((pfn) => used!.guest[`${nested.pgtbl}`]?.[`${pfn}`])
}

/** A device wrote to these pages, which are those of the last stage. */
export const written = (used: UsedTables, device: string, pages: readonly bigint[]): UsedTables => {
  const table = used.through[device] ?? ''
  return { ...used, tracked: dirt.write(used.tracked, used.nested[table]?.over ?? table, pages) }
}

/** What the IOMMU remembers of a nested table and a range of it is forgotten. */
export const invalidated = (
  used: UsedTables,
  iotlb: readonly Remembered[],
  { table, addr, npages }: { readonly table: string; readonly addr: bigint; readonly npages: bigint },
): readonly Remembered[] => {
  const first = addr / pageSize
  return iotlb.filter(({ device, pfn }) => used.through[device] !== table || pfn < first || pfn >= first + npages)
}
