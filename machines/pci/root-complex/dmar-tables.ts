/**
 * What the IOMMU hardware works with, as data: the page tables of its domains, which device uses which, and the translations it remembers
 * (IOTLB). A domain's table is kept as runs of pages, in the order of their addresses.
 *
 * Source: Linux 6.1 intel_iommu_map, iommu_flush_iotlb_psi; the VT-d emulation of QEMU 7.2 (vtd_do_iommu_translate), which fills
 * its IOTLB from every translation that works and answers from it before it looks at a table.
 * Left out: superpages, the size of the IOTLB, passthrough, PASIDs, devices' own TLBs.
 */
import { isZero, pageSize, within, type Extent, type Page } from '../../mm/extent.ts'

/** Consecutive pages of bus addresses and the memory behind them. */
interface Mapped extends Extent {
  readonly iova: bigint
  readonly read: boolean
  readonly write: boolean
}

export interface Remembered {
  readonly device: string
  readonly domain: string
  /** Page number of the bus address. */
  readonly pfn: bigint
  readonly page: Page
  readonly read: boolean
  readonly write: boolean
  /** Page number of what a first stage has made of it. */
  readonly nested?: bigint
}

export interface Tables {
  readonly domains: Readonly<Record<string, readonly Mapped[]>>
  /** Device → its domain. */
  readonly attached: Readonly<Record<string, string>>
  readonly iotlb: readonly Remembered[]
}

export const empty: Tables = { domains: {}, attached: {}, iotlb: [] }

const addressWidth = 48
/** The first bus address that does not exist. */
const apertureEnd = 1n << BigInt(addressWidth)

const [readable, writable] = [1, 2]

const without = <T>(record: Readonly<Record<string, T>>, keys: readonly string[]): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)))

/** A device that comes makes the whole domain be forgotten: in caching mode even entries that were not there are flushed. */
export const attach = (tables: Tables, domain: string, devices: readonly string[]): Tables => ({
  domains: { [domain]: [], ...tables.domains },
  attached: { ...tables.attached, ...Object.fromEntries(devices.map((device) => [device, domain])) },
  iotlb: tables.iotlb.filter((entry) => entry.domain !== domain),
})

export const detach = (tables: Tables, domain: string, devices: readonly string[]): Tables => ({
  ...tables,
  // Those that were attached to another one meanwhile stay there.
  attached: without(
    tables.attached,
    devices.filter((device) => tables.attached[device] === domain),
  ),
  iotlb: tables.iotlb.filter((entry) => entry.domain !== domain),
})

export const free = (tables: Tables, domain: string): Tables => ({
  ...tables,
  domains: without(tables.domains, [domain]),
  iotlb: tables.iotlb.filter((entry) => entry.domain !== domain),
})

const endOf = ({ iova, pages }: { readonly iova: bigint; readonly pages: number }): bigint =>
  iova + BigInt(pages) * pageSize

/** The first run that ends behind an address. */
const find = (table: readonly Mapped[], iova: bigint): number => {
  let low = 0
  let high = table.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (endOf(table[middle]!) > iova) high = middle
    else low = middle + 1
  }
  return low
}

/** The order of the largest range that an invalidation of pages can name. */
const largestMask = 18n

/** Which pages are forgotten when `pages` from `pfn` on change: a power of two that holds them all; everything when that is too large. */
const flushedBy = (pfn: bigint, pages: bigint): ((entry: Remembered) => boolean) => {
  let mask = 0n
  while (1n << mask < pages) mask++
  while (pfn >> mask !== (pfn + pages - 1n) >> mask) mask++
  return mask > largestMask ? () => true : (entry) => entry.pfn >> mask === pfn >> mask
}

const flush = (iotlb: Tables['iotlb'], domain: string, iova: bigint, size: bigint): Tables['iotlb'] => {
  if (iotlb.length === 0) return iotlb
  const flushed = flushedBy(iova / pageSize, size / pageSize)
  // Which addresses of a first stage lead there nobody knows.
  return iotlb.filter((entry) => entry.domain !== domain || (entry.nested === undefined && !flushed(entry)))
}

/**
 * Puts runs in, one after the other; what is present can be read where one bit of an entry means both (`prot` says so). `refused` is the end of the first
 * that reaches out of the aperture: then nothing is put in.
 */
export function map(
  tables: Tables,
  domain: string,
  { iova, prot, extents }: { readonly iova: bigint; readonly prot: number; readonly extents: readonly Extent[] },
): { readonly tables: Tables; readonly refused: bigint | null } {
  const added: Mapped[] = []
  let next = iova
  let { iotlb } = tables
  for (const extent of extents) {
    const run = { ...extent, iova: next, read: (prot & readable) !== 0, write: (prot & writable) !== 0 }
    next = endOf(run)
    if (next > apertureEnd) return { tables: { ...tables, iotlb }, refused: next }
    iotlb = flush(iotlb, domain, run.iova, next - run.iova)
    added.push(run)
  }
  const before = tables.domains[domain] ?? []
  const index = find(before, iova)
  const table = [...before.slice(0, index), ...added, ...before.slice(index)]
  return { tables: { ...tables, iotlb, domains: { ...tables.domains, [domain]: table } }, refused: null }
}

/** What a range leaves of a run. */
const outside = (run: Mapped, iova: bigint, size: bigint): readonly Mapped[] => {
  const before = Number((iova - run.iova) / pageSize)
  const behind = Number((endOf(run) - iova - size) / pageSize)
  const rest = within(run, run.pages - behind, behind)
  return [
    ...(before > 0 ? [{ ...run, pages: before }] : []),
    ...(behind > 0 ? [{ ...run, ...rest, iova: iova + size }] : []),
  ]
}

/** Takes out what lies in a range. */
export function unmap(tables: Tables, domain: string, iova: bigint, size: bigint): Tables {
  const before = tables.domains[domain] ?? []
  const from = find(before, iova)
  let to = from
  while (to < before.length && before[to]!.iova < iova + size) to++
  const left = before.slice(from, to).flatMap((run) => outside(run, iova, size))
  return {
    ...tables,
    domains: { ...tables.domains, [domain]: [...before.slice(0, from), ...left, ...before.slice(to)] },
    iotlb: flush(tables.iotlb, domain, iova, size),
  }
}

export interface Fault {
  readonly iova: bigint
  readonly write: boolean
  readonly reason: number
}

/** Part of a transfer: where it ends up; `page` null = nowhere, what is read there is zeros. */
export interface Piece {
  readonly page: Page | null
  readonly offset: number
  readonly len: number
}

interface Looked {
  readonly tables: Tables
  readonly page: Page | null
  readonly fault: Fault | null
  /** Where it was found in the table. */
  readonly pfn?: bigint
}

/** Where a guest's own table leads: page number to page number. */
type FirstStage = (pfn: bigint) => bigint | undefined

const msiWindow = { from: 0xfee00000n, to: 0xfef00000n }

/** One page of bus addresses. */
function look(
  tables: Tables,
  device: string,
  iova: bigint,
  write: boolean,
  { unattachedIsBlocked = false, firstStage }: Lookup,
): Looked {
  const nowhere = (reason: number | null): Looked => ({
    tables,
    page: null,
    fault: reason === null ? null : { iova, write, reason },
  })
  // Messages for the interrupt controller, not memory.
  if (iova >= msiWindow.from && iova < msiWindow.to) return nowhere(null)
  const pfn = iova / pageSize
  const known = tables.iotlb.find((entry) => entry.device === device && entry.pfn === pfn)
  // Blocked, but nobody looked into a table, so nobody found anything wrong with it.
  if (known)
    return (write ? known.write : known.read)
      ? { tables, page: known.page, fault: null, pfn: known.nested ?? pfn }
      : nowhere(null)
  const domain = tables.attached[device]
  if (domain === undefined && unattachedIsBlocked) return nowhere(0x02)
  if (iova >= apertureEnd) return nowhere(0x04)
  const table = tables.domains[domain ?? ''] ?? []
  const nested = firstStage?.(pfn)
  if (firstStage && nested === undefined) return nowhere(0x71)
  const address = nested === undefined ? iova : nested * pageSize
  const run = table[find(table, address)]
  if (!run || run.iova > address || !(write ? run.write : run.read)) return nowhere(write ? 0x05 : 0x06)
  const page = { in: run.in, n: isZero(run) ? 0 : run.n + Number((address - run.iova) / pageSize) }
  const through = nested === undefined ? {} : { nested }
  return {
    tables: {
      ...tables,
      iotlb: [...tables.iotlb, { device, domain: domain!, pfn, page, read: run.read, write: run.write, ...through }],
    },
    page,
    fault: null,
    pfn: address / pageSize,
  }
}

interface Lookup {
  readonly unattachedIsBlocked?: boolean
  readonly firstStage?: FirstStage | undefined
}

/**
 * What a device's access meets, page by page. Only the first fault is kept: the hardware has one register for them, and nobody reads it
 * before the transfer is over.
 */
export function translate(
  tables: Tables,
  device: string,
  { iova, len, write }: { readonly iova: bigint; readonly len: number; readonly write: boolean },
  lookup: Lookup = {},
): {
  readonly tables: Tables
  readonly pieces: readonly Piece[]
  readonly fault: Fault | null
  /** The pages it found, by their numbers in its domain. */
  readonly pages: readonly bigint[]
} {
  const pieces: Piece[] = []
  const pages: bigint[] = []
  let now = tables
  let first: Fault | null = null
  for (let done = 0; done < len;) {
    const address = BigInt.asUintN(64, iova + BigInt(done))
    const offset = Number(address % pageSize)
    const part = Math.min(len - done, Number(pageSize) - offset)
    const { tables: after, page, fault, pfn } = look(now, device, address - BigInt(offset), write, lookup)
    now = after
    first ??= fault
    pieces.push({ page, offset, len: part })
    if (page !== null) pages.push(pfn!)
    done += part
  }
  return { tables: now, pieces, fault: first, pages }
}
