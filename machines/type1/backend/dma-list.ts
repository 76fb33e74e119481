/**
 * What type1 knows of its mappings: struct vfio_dma in iommu->dma_list, each with the pages a driver pinned through it
 * (vfio_pfn). Pure.
 *
 * Ends are computed as the kernel did up to 6.18, modulo 2^64: a mapping or a request that ends exactly at 2^64 overlaps
 * nothing (observed on 6.1), and such a mapping leads searches astray (dma-tree.ts). From 6.19 on the last byte is
 * compared instead (`inclusive`). Before 5.12 the kernel went on from any overlapping node, later from the lowest;
 * here it is the lowest, unless a tree is kept and a mapping of the last page makes its shape matter.
 */
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { isSame } from '../../kernel/heap/pointer.ts'
import * as slots from '../../kernel/heap/slots.ts'
import type { Bits } from '../dirty/dirty-bitmap.ts'
import { emptyTree, link, search, searchFirst, unlink, type DmaTree } from './dma-tree.ts'

export const pageSize = 4096n

export type Prot = 'r' | 'w' | 'rw'

export interface Mapping {
  readonly iova: bigint
  readonly size: bigint
  readonly prot: Prot
  /** Whose memory it is. */
  readonly mm: string
}

/** What else is known of a mapping where there is memory behind it. */
export interface Backed {
  readonly vaddr: bigint
  /** CAP_IPC_LOCK when it was mapped: no limit counts. */
  readonly lockCap: boolean
  /** Pages of it that are accounted to its owner (locked_vm of struct vfio_dma). */
  readonly locked: number
  /** Pages pinned in the domain, without reserved ones: what is given back when they are let go. */
  readonly held?: number
  /** The thread that made it, where that is its owner (up to 4.17). */
  readonly thread?: string
  /** Which address space of its owner it is, unless the first (see mm/mm.ts); since 6.3. */
  readonly life?: number
  /** Its address was taken away (UNMAP with VADDR) and not given anew. */
  readonly invalid?: true
  /** While dirty pages are tracked. */
  readonly dirty?: Bits
  /** Of device memory: the device whose dma-buf it was mapped from, and the pfnmaps that hang on it. */
  readonly dmabuf?: string
  readonly pfnmaps?: readonly Covering[]
}

/** A pfnmap, the device whose memory it stands for, and what of the mapping it covers. */
export interface Covering {
  readonly ptr: Pointer
  readonly device: string
  readonly iova: bigint
  readonly size: bigint
}

/** One vfio_pfn: pinning the same iova again only counts. */
export interface Pin {
  readonly iova: bigint
  readonly count: number
  /** The zero page: not accounted. */
  readonly free?: true
}

export interface Dma extends Mapping, Partial<Backed> {
  readonly ptr: Pointer
  /** Sorted by iova. */
  readonly pins: readonly Pin[]
}

/** A mapping of device memory. */
export type DeviceDma = Dma & { readonly vaddr: bigint; readonly pfnmaps: readonly Covering[] }

export const isOfDevice = (dma: Dma): dma is DeviceDma => dma.pfnmaps !== undefined

/** `lives[n]`: how many mappings have lived at the address `dma<n>`. */
export interface DmaList {
  /** Sorted by iova. */
  readonly dmas: readonly Dma[]
  readonly lives: readonly number[]
  /** Kept where mappings may end at 2^64 and the kernel does not handle that. */
  readonly tree?: DmaTree
  /** Ends are inclusive, so 2^64 is an end like any other. */
  readonly inclusive?: true
  /** What stands before the names of mappings, where several containers are told apart: `container0.`. */
  readonly prefix?: string
}

export const emptyList = (inclusive: boolean): DmaList =>
  inclusive ? { dmas: [], lives: [], inclusive } : { dmas: [], lives: [], tree: emptyTree }

const wrap = (address: bigint): bigint => BigInt.asUintN(64, address)

/** Beyond the address space: its last byte is before its first. */
export const isWrapping = (start: bigint, size: bigint): boolean => wrap(start + size - 1n) < start

/** Empty, unaligned or beyond the address space: what MAP and UNMAP refuse. */
export const isBadRange = (iova: bigint, size: bigint): boolean =>
  size <= 0n ||
  iova % pageSize !== 0n ||
  size % pageSize !== 0n ||
  iova < 0n ||
  iova + size - 1n !== wrap(iova + size - 1n)

const overlaps =
  (inclusive: boolean, iova: bigint, size: bigint) =>
  (dma: Dma): boolean =>
    inclusive
      ? iova + size > dma.iova && iova < dma.iova + dma.size
      : wrap(iova + size) > dma.iova && iova < wrap(dma.iova + dma.size)

/** A mapping of the last page, in a kernel that gets it wrong: the tree has to be asked. */
const isAstray = ({ dmas, tree }: DmaList): boolean =>
  tree !== undefined && dmas.some((dma) => dma.iova + dma.size > wrap(dma.iova + dma.size))

const byId = ({ dmas }: DmaList, id: string | null): Dma | undefined => dmas.find(({ ptr }) => ptr.id === id)

/** A mapping that overlaps the range: the lowest, where that is not the same. */
export const find = (list: DmaList, iova: bigint, size: bigint): Dma | undefined =>
  isAstray(list)
    ? byId(list, search(list.tree!, iova, size))
    : list.dmas.find(overlaps(list.inclusive ?? false, iova, size))

/** Where a walk over a range begins: the lowest mapping in it. */
export const findFirst = (list: DmaList, iova: bigint, size: bigint): Dma | undefined =>
  isAstray(list) ? byId(list, searchFirst(list.tree!, iova, size)) : find(list, iova, size)

/** Whichever comes after a mapping, and whether a walk that ends where the range ends gets to it. */
export function nextIn(list: DmaList, { ptr }: Dma, iova: bigint, size: bigint): Dma | undefined {
  const next = list.dmas[list.dmas.findIndex((dma) => isSame(dma.ptr, ptr)) + 1]
  if (next === undefined) return undefined
  return next.iova < (list.inclusive ? iova + size : wrap(iova + size)) ? next : undefined
}

/** The mapping behind a pointer, unless that life of the address is over. */
export const follow = ({ dmas }: DmaList, ptr: Pointer): Dma | undefined => dmas.find((dma) => isSame(dma.ptr, ptr))

/** v2: a request takes whole mappings; one that begins or ends inside a mapping is refused. */
export const bisects = (list: DmaList, iova: bigint, size: bigint): boolean => {
  const first = find(list, iova, 1n)
  const last = find(list, iova + size - 1n, 1n)
  return (first !== undefined && first.iova !== iova) || (last !== undefined && last.iova + last.size !== iova + size)
}

/** Where the next mapping will live: the lowest free address, as an allocator that re-uses what was freed. */
export const nextPointer = ({ dmas, lives, prefix }: DmaList): Pointer =>
  slots.nextPointer(
    nameOf(prefix),
    dmas.map(({ ptr }) => ptr),
    lives,
  )

const nameOf = (prefix = ''): string => `${prefix}dma`

export const insert = (list: DmaList, { iova, size, prot, mm }: Mapping, backed: Partial<Backed> = {}): DmaList => {
  const ptr = nextPointer(list)
  const behind = list.dmas.findIndex((dma) => dma.iova >= iova)
  return {
    ...list,
    dmas: list.dmas.toSpliced(behind === -1 ? list.dmas.length : behind, 0, {
      ...{ ptr, iova, size, prot, mm, pins: [] },
      ...backed,
    }),
    lives: slots.withLife(nameOf(list.prefix), list.lives, ptr),
    ...(list.tree && { tree: link(list.tree, ptr.id, iova, wrap(iova + size)) }),
  }
}

export const remove = (list: DmaList, ptr: Pointer): DmaList => ({
  ...list,
  dmas: list.dmas.filter((dma) => !isSame(dma.ptr, ptr)),
  ...(list.tree && { tree: unlink(list.tree, ptr.id) }),
})

/** What changes when all of them go. */
export const cleared = ({ tree }: DmaList): Pick<DmaList, 'dmas' | 'tree'> => ({
  dmas: [],
  ...(tree && { tree: emptyTree }),
})

export const update = (list: DmaList, ptr: Pointer, change: (dma: Dma) => Dma): DmaList => ({
  ...list,
  dmas: list.dmas.map((dma) => (isSame(dma.ptr, ptr) ? change(dma) : dma)),
})

const replace = (list: DmaList, dma: Dma, pins: readonly Pin[]): DmaList =>
  update(list, dma.ptr, (same) => ({ ...same, pins }))

export const allows = (dma: Dma, prot: Prot): boolean => [...prot].every((right) => dma.prot.includes(right))

const byIova = (a: { readonly iova: bigint }, b: { readonly iova: bigint }): number =>
  a.iova < b.iova ? -1 : a.iova > b.iova ? 1 : 0

export const sortedPins = (pins: readonly Pin[]): readonly Pin[] => pins.toSorted(byIova)

export const pin = (list: DmaList, iova: bigint): DmaList => {
  const dma = find(list, iova, pageSize)
  if (dma === undefined) return list
  const known = dma.pins.find((other) => other.iova === iova)
  const others = dma.pins.filter((other) => other !== known)
  return replace(list, dma, sortedPins([...others, { iova, count: (known?.count ?? 0) + 1 }]))
}

/** How many of `iovas` an unpin gets through: up to the first without a mapping. Mapped but not pinned counts. */
export const unpinnable = (list: DmaList, iovas: readonly bigint[]): number => {
  const stop = iovas.findIndex((iova) => find(list, iova, pageSize) === undefined)
  return stop === -1 ? iovas.length : stop
}

export const isPinnedAt = (list: DmaList, iova: bigint): boolean =>
  find(list, iova, pageSize)?.pins.some((other) => other.iova === iova) ?? false

export const unpin = (list: DmaList, iova: bigint): DmaList => {
  const dma = find(list, iova, pageSize)
  if (dma === undefined) return list
  const counted = dma.pins.map((other) => (other.iova === iova ? { ...other, count: other.count - 1 } : other))
  return replace(
    list,
    dma,
    counted.filter(({ count }) => count > 0),
  )
}
