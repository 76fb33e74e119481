/**
 * Which page of which BAR a page of a device file is: vfio-pci keeps the index of the region in the upper bits of an offset
 * (VFIO_PCI_OFFSET_SHIFT is 40, pages are 12 bits). The mapping of a BAR (vm_pgoff) may be counted so, or in physical pages; whoever zaps
 * must count in the same way (B-12).
 */

/** A BAR as its driver knows it: the first of its physical pages, and how many. */
export interface BarRange {
  readonly bar: number
  readonly pfn: bigint
  readonly pages: bigint
}

export type PgoffSpace = 'index' | 'pfn'

const indexShift = 28n

export const indexed = (bar: number, page: bigint): bigint => (BigInt(bar) << indexShift) + page

/** Which page of its BAR. */
const pageOf = (pgoff: bigint): bigint => pgoff & ((1n << indexShift) - 1n)

type Base = Pick<BarRange, 'pfn'>

/** What the driver's mmap writes into vm_pgoff. */
export const pgoffOf = (space: PgoffSpace, { bar, pfn }: Base & Pick<BarRange, 'bar'>, page: bigint): bigint =>
  space === 'index' ? indexed(bar, page) : pfn + page

/** The physical page behind it. */
export const pfnOf = (space: PgoffSpace, { pfn }: Base, pgoff: bigint): bigint =>
  space === 'index' ? pfn + pageOf(pgoff) : pgoff
