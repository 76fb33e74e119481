/**
 * What an IOAS knows besides its areas: the domain that its devices share, the addresses that nobody may map, whether large
 * pages are allowed. Pure.
 *
 * One IOMMU stands before all devices, so they share one domain (the kernel chooses it for them); a device of the
 * kernel's own tests brings a domain without hardware.
 */
import { firstFailing } from '../../kernel/checks.ts'
import { addressSpace, pageSize, type Range } from './area-list.ts'

/** An IOMMU domain, or what stands for one in the kernel's tests. */
export interface Domain {
  /** There is an IOMMU behind it. */
  readonly hardware: boolean
  /** A bit for each size that an entry may have. */
  readonly pageSizes: bigint
  /** The addresses it can translate. */
  readonly first: bigint
  readonly last: bigint
}

export interface Reserved {
  readonly first: bigint
  readonly last: bigint
  /** The device or domain that needs it so. */
  readonly owner: string
}

export interface IovaSpace {
  /** False once VFIO_TYPE1_IOMMU was asked for: only then can areas be cut. */
  readonly largePages: boolean
  readonly domain: Domain | null
  /** Devices with a driver of their own, which pin pages: each is an access. */
  readonly accesses: readonly string[]
  /** Sorted by their first address. */
  readonly reserved: readonly Reserved[]
  /** Where the kernel may choose addresses (IOAS_ALLOW_IOVAS); none: anywhere. Sorted. */
  readonly allowed: readonly Span[]
}

/** First and last address. */
export type Span = readonly [first: bigint, last: bigint]

export const emptySpace: IovaSpace = { largePages: true, domain: null, accesses: [], reserved: [], allowed: [] }

const smallest = (pageSizes: bigint): bigint => pageSizes & -pageSizes
const greatest = (sizes: readonly bigint[]): bigint => sizes.reduce((a, b) => (a > b ? a : b))

/** Everything that is mapped begins and ends at multiples of this (iopt->iova_alignment). */
export const alignmentOf = ({ largePages, domain, accesses }: Omit<IovaSpace, 'reserved' | 'allowed'>): bigint =>
  greatest([
    1n,
    ...(largePages ? [] : [pageSize]),
    ...(domain === null ? [] : [smallest(domain.pageSizes)]),
    ...accesses.map(() => pageSize),
  ])

export const isReserved = ({ reserved }: Pick<IovaSpace, 'reserved'>, { iova, size }: Range): boolean =>
  reserved.some(({ first, last }) => iova <= last && first < iova + size)

/** Ranges that an owner takes, by their first and last address. */
export const reserve = (
  reserved: readonly Reserved[],
  owner: string,
  ranges: readonly (readonly [bigint, bigint])[],
): readonly Reserved[] =>
  [...reserved, ...ranges.map(([first, last]) => ({ first, last, owner }))].toSorted((a, b) =>
    a.first < b.first ? -1 : 1,
  )

export const release = (reserved: readonly Reserved[], owner: string): readonly Reserved[] =>
  reserved.filter((each) => each.owner !== owner)

/** What a domain cannot translate. */
export const beyond = ({ first, last }: Domain): readonly (readonly [bigint, bigint])[] => [
  ...(first === 0n ? [] : [[0n, first - 1n] as const]),
  ...(last === addressSpace - 1n ? [] : [[last + 1n, addressSpace - 1n] as const]),
]

/** What a span holds besides some others, which are sorted by their first address. */
const holesIn = ([from, to]: Span, others: readonly Span[]): readonly Span[] => {
  const holes: Span[] = []
  let next = from
  for (const [first, last] of others) {
    if (first > to) break
    if (first > next) holes.push([next, first - 1n])
    if (last >= next) next = last + 1n
  }
  return next <= to ? [...holes, [next, to]] : holes
}

/** Spans of which one begins where another ends are one. They are sorted. */
const joined = (spans: readonly Span[]): readonly Span[] =>
  spans.reduce<readonly Span[]>((done, [first, last]) => {
    const before = done.at(-1)
    return before?.[1] === first - 1n ? [...done.slice(0, -1), [before[0], last]] : [...done, [first, last]]
  }, [])

const spansOf = (reserved: readonly Reserved[]): readonly Span[] => reserved.map(({ first, last }) => [first, last])

/** What may be mapped: the holes between what is reserved. */
export const usable = ({ reserved }: IovaSpace): readonly Span[] => holesIn([0n, addressSpace - 1n], spansOf(reserved))

/** IOMMU_IOAS_IOVA_RANGES, with room for so many. */
export const rangesOf = (space: IovaSpace, room: number): Readonly<Record<string, unknown>> => {
  const all = usable(space)
  const told = { num: all.length, alignment: alignmentOf(space), ranges: all.slice(0, room) }
  return { ret: all.length > room ? '-EMSGSIZE' : 0, ...told }
}

/** Why these cannot be the ranges that are allowed from now on (iopt_set_allow_iova), if so. */
export const notAllowable = ({ reserved }: IovaSpace, spans: readonly Span[]): string | undefined => {
  const inOrder = spans.toSorted((a, b) => (a[0] < b[0] ? -1 : 1))
  return firstFailing([
    [
      inOrder.some(([first, last], index) => first >= last || (inOrder[index + 1]?.[0] ?? addressSpace) <= last),
      '-EINVAL',
    ],
    [spans.some(([iova, last]) => isReserved({ reserved }, { iova, size: last - iova + 1n })), '-EADDRINUSE'],
  ])
}

const largePage = 1n << 21n

const atLeastPowerOf2 = (size: bigint): bigint => 1n << BigInt((size - 1n).toString(2).length)

/** As much alignment as the memory's address has, so that large pages fit, up to a large page. */
const alignmentFor = (vaddr: bigint, size: bigint): bigint => {
  const wanted = [size === 1n ? 1n : atLeastPowerOf2(size), largePage, ...(vaddr === 0n ? [] : [smallest(vaddr)])]
  return wanted.reduce((a, b) => (a < b ? a : b))
}

/** Never the first page and the last. */
const anywhere: Span = [pageSize, addressSpace - 1n - pageSize]

/** Where the kernel may look for room: in what is allowed, if anything is. */
const searched = ({ allowed }: IovaSpace): readonly Span[] =>
  allowed.length === 0
    ? [anywhere]
    : joined(allowed).flatMap(([first, last]): readonly Span[] => {
        const [from, to] = [first > anywhere[0] ? first : anywhere[0], last < anywhere[1] ? last : anywhere[1]]
        return from <= to ? [[from, to]] : []
      })

/** The lowest address that fits (iopt_alloc_iova), or why there is none. `taken`: what is mapped, sorted. */
export function choose(
  space: IovaSpace,
  taken: readonly Span[],
  { size, vaddr }: { readonly size: bigint; readonly vaddr: bigint },
): bigint | string {
  if (size >= addressSpace / 2n - 1n) return '-EOVERFLOW'
  const alignment = alignmentFor(vaddr, size)
  if (alignment < alignmentOf(space)) return '-EINVAL'
  const offset = vaddr % pageSize
  /** Those that it fits in, each from where it could begin: what lies before is not looked at again. */
  const fitting = (spans: readonly Span[]): readonly Span[] =>
    spans.flatMap(([first, last]): readonly Span[] => {
      const start = ((first + alignment - 1n) & ~(alignment - 1n)) | offset
      return start < last && last - start >= size - 1n ? [[start, last]] : []
    })
  const [found] = fitting(searched(space))
    .flatMap((allowed) => fitting(holesIn(allowed, taken)))
    .flatMap((free) => fitting(holesIn(free, spansOf(space.reserved))))
  return found?.[0] ?? '-ENOSPC'
}

/** Sizes below that of a page are told as that of a page. */
const pageSizesOf = ({ domain }: IovaSpace): bigint => {
  const sizes = domain?.pageSizes ?? addressSpace - 1n
  const whole = sizes & ~(pageSize - 1n)
  return whole === sizes ? whole : whole | pageSize
}

/** struct vfio_iommu_type1_info, and two of its capabilities: how many mappings are left, and where they may lie. */
const sizes = { untilPageSizes: 16, info: 24, available: 16, rangesHeader: 16, range: 16 }
const capabilities = { ranges: 1, available: 3 }
const flags = { pageSizes: 1, capabilities: 2 }

export const leastInfo = sizes.untilPageSizes

/** VFIO_IOMMU_GET_INFO: the capabilities only if all of them fit, but always how much room they need. */
export function infoOf(space: IovaSpace, argsz: number): Readonly<Record<string, unknown>> {
  const ranges = usable(space)
  const needed = sizes.info + sizes.available + sizes.rangesHeader + sizes.range * ranges.length
  const told = { argsz: needed, flags: flags.pageSizes | flags.capabilities, pgsizes: pageSizesOf(space) }
  if (argsz < needed) return { ...told, cap_offset: 0, cap_ids: [] }
  return {
    ...told,
    cap_offset: sizes.info,
    avail: 0xffff_ffff,
    iova_ranges: ranges,
    cap_ids: [capabilities.available, capabilities.ranges],
  }
}
