/**
 * The dirty bits of page tables, as data: which pages devices wrote to. They are kept apart from what the tables map, for all page tables of an IOAS
 * map the same.
 *
 * Source: the VT-d specification (accessed and dirty bits of second-stage tables); intel_iommu_set_dirty_tracking and _read_and_clear_dirty (6.7 to
 * 7.x), dirty bits once tracking is off are never told. Left out: that a page of 2 MiB has one bit.
 */
import { pageSize } from '../../mm/extent.ts'

/** A page table whose dirty bits are looked at. */
interface TrackedTable {
  /** What it maps goes with that of its domain. */
  readonly domain: string
  /** Numbers of pages, sorted. */
  readonly pages: readonly bigint[]
}

/** Page tables in which writes are tracked, by their names. */
export type Tracked = Readonly<Record<string, TrackedTable>>

/** Tracking begins with clean pages, each time it is switched on. */
export const track = (tracked: Tracked, table: string, domain: string): Tracked => ({
  ...tracked,
  [table]: { domain, pages: [] },
})

const byNumber = (a: bigint, b: bigint): number => (a < b ? -1 : 1)

/** Pages were written to through a table. */
export function write(tracked: Tracked, table: string, pages: readonly bigint[]): Tracked {
  const one = tracked[table]
  if (one === undefined) return tracked
  return { ...tracked, [table]: { ...one, pages: [...new Set([...one.pages, ...pages])].toSorted(byNumber) } }
}

const isWithin =
  (iova: bigint, size: bigint) =>
  (page: bigint): boolean =>
    page >= iova / pageSize && page < (iova + size + pageSize - 1n) / pageSize

const cleaned = (one: TrackedTable, iova: bigint, size: bigint): TrackedTable => {
  const isGone = isWithin(iova, size)
  return { ...one, pages: one.pages.filter((page) => !isGone(page)) }
}

/** What is not mapped any more has no bits. */
export const unmapped = (tracked: Tracked, domain: string, iova: bigint, size: bigint): Tracked =>
  Object.fromEntries(
    Object.entries(tracked).map(([table, one]) => [table, one.domain === domain ? cleaned(one, iova, size) : one]),
  )

/** With a domain go all page tables that map what it does. */
export const freed = (tracked: Tracked, domain: string): Tracked =>
  Object.fromEntries(Object.entries(tracked).filter(([, one]) => one.domain !== domain))

/** What is asked of a page table: a range, and how much of it one bit of the answer stands for. */
export interface Reading {
  readonly iova: bigint
  readonly size: bigint
  readonly pgsize: bigint
  readonly clears: boolean
}

const wordBits = 64n

/** A bit for each `pgsize` bytes of the range in which something was written, in words of 64; zeros at the end are left out. */
const bitmapOf = (pages: readonly bigint[], { iova, size, pgsize }: Reading): readonly bigint[] => {
  const words: bigint[] = []
  for (const page of pages) {
    const from = page * pageSize > iova ? page * pageSize : iova
    const end = (page + 1n) * pageSize < iova + size ? (page + 1n) * pageSize : iova + size
    for (let bit = (from - iova) / pgsize; bit * pgsize + iova < end; bit++) {
      const word = Number(bit / wordBits)
      while (words.length <= word) words.push(0n)
      words[word]! |= 1n << (bit % wordBits)
    }
  }
  return words
}

/** What is dirty in a range; of a page table that is not tracked nothing is told. */
export function read(
  tracked: Tracked,
  table: string,
  reading: Reading,
): { readonly tracked: Tracked; readonly bitmap: readonly bigint[] } {
  const one = tracked[table]
  if (one === undefined) return { tracked, bitmap: [] }
  const { iova, size, clears } = reading
  const bitmap = bitmapOf(one.pages.filter(isWithin(iova, size)), reading)
  return { tracked: clears ? { ...tracked, [table]: cleaned(one, iova, size) } : tracked, bitmap }
}
