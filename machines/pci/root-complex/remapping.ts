/**
 * What the IOMMU's page tables say, as far as device memory goes: one entry a page, each with a page frame and whether it may
 * be accessed. Pure functions; the root complex (root-complex.ts) asks them.
 *
 * Left out: read and write as two permissions, large pages, the IOTLB (its invalidation is part of UNMAP and ALLOW: they are
 * answered when it is over).
 */
import { pageSize } from '../../mm/extent.ts'

export interface Entry {
  readonly iova: bigint
  readonly pfn: bigint
  /** Without permissions the entry is there, and whoever uses it faults. */
  readonly allowed: boolean
}

/** Domain → its entries by address. */
export type Remapping = Readonly<Record<string, readonly Entry[]>>

const isIn = (entry: Entry, iova: bigint, size: bigint): boolean => iova <= entry.iova && entry.iova < iova + size

const change = (
  tables: Remapping,
  domain: string,
  entries: (before: readonly Entry[]) => readonly Entry[],
): Remapping => ({ ...tables, [domain]: entries(tables[domain] ?? []) })

export const map = (tables: Remapping, domain: string, iova: bigint, pfn: bigint): Remapping =>
  change(tables, domain, (before) => [
    ...before.filter((each) => each.iova < iova),
    { iova, pfn, allowed: true },
    ...before.filter((each) => each.iova > iova),
  ])

export const unmap = (tables: Remapping, domain: string, iova: bigint, size: bigint): Remapping =>
  change(tables, domain, (before) => before.filter((each) => !isIn(each, iova, size)))

export const allow = (
  tables: Remapping,
  domain: string,
  { iova, size, allowed }: { readonly iova: bigint; readonly size: bigint; readonly allowed: boolean },
): Remapping =>
  change(tables, domain, (before) => before.map((each) => (isIn(each, iova, size) ? { ...each, allowed } : each)))

/** The page frame behind an address; null is a fault. */
export const translate = (tables: Remapping, domain: string, iova: bigint): bigint | null => {
  const entry = (tables[domain] ?? []).find((each) => isIn(each, iova - (iova % pageSize), pageSize))
  return entry?.allowed ? entry.pfn : null
}
