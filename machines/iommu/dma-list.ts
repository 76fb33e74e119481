/**
 * What type1 knows of its mappings: struct vfio_dma in iommu->dma_list, each with the pages a driver pinned through it
 * (vfio_pfn). Pure.
 *
 * Ends are computed as the kernel does, modulo 2^64: a mapping or a request that ends exactly at 2^64 overlaps nothing
 * (observed on 6.1; fixed in 6.19). The kernel meets any overlapping node first (an rbtree), from 5.12 on the lowest;
 * here it is always the lowest.
 */
import type { Pointer } from '../kernel/pointer.ts'
import { isSame } from '../kernel/pointer.ts'

export const pageSize = 4096n

export type Prot = 'r' | 'w' | 'rw'

export interface Mapping {
  readonly iova: bigint
  readonly size: bigint
  readonly prot: Prot
  /** Whose memory it is. */
  readonly mm: string
}

/** One vfio_pfn: pinning the same iova again only counts. */
export interface Pin {
  readonly iova: bigint
  readonly count: number
}

export interface Dma extends Mapping {
  readonly ptr: Pointer
  /** Sorted by iova. */
  readonly pins: readonly Pin[]
}

/** `lives[n]`: how many mappings have lived at the address `dma<n>`. */
export interface DmaList {
  /** Sorted by iova. */
  readonly dmas: readonly Dma[]
  readonly lives: readonly number[]
}

const wrap = (address: bigint): bigint => BigInt.asUintN(64, address)
const byIova = (a: { readonly iova: bigint }, b: { readonly iova: bigint }): number =>
  a.iova < b.iova ? -1 : a.iova > b.iova ? 1 : 0

/** Empty, unaligned or beyond the address space: what MAP and UNMAP refuse. */
export const isBadRange = (iova: bigint, size: bigint): boolean =>
  size <= 0n ||
  iova % pageSize !== 0n ||
  size % pageSize !== 0n ||
  iova < 0n ||
  iova + size - 1n !== wrap(iova + size - 1n)

/** The lowest mapping that overlaps the range. */
export const find = ({ dmas }: DmaList, iova: bigint, size: bigint): Dma | undefined =>
  dmas.find((dma) => wrap(iova + size) > dma.iova && iova < wrap(dma.iova + dma.size))

/** The mapping behind a pointer, unless that life of the address is over. */
export const follow = ({ dmas }: DmaList, ptr: Pointer): Dma | undefined => dmas.find((dma) => isSame(dma.ptr, ptr))

/** v2: a request takes whole mappings; one that begins or ends inside a mapping is refused. */
export const bisects = (list: DmaList, iova: bigint, size: bigint): boolean => {
  const first = find(list, iova, 1n)
  const last = find(list, iova + size - 1n, 1n)
  return (first !== undefined && first.iova !== iova) || (last !== undefined && last.iova + last.size !== iova + size)
}

/** Where the next mapping will live: the lowest free address, as an allocator that re-uses what was freed. */
export const nextPointer = ({ dmas, lives }: DmaList): Pointer => {
  let slot = 0
  while (dmas.some((dma) => dma.ptr.id === `dma${slot}`)) slot += 1
  return { id: `dma${slot}`, gen: (lives[slot] ?? 0) + 1 }
}

export const insert = (list: DmaList, { iova, size, prot, mm }: Mapping): DmaList => {
  const ptr = nextPointer(list)
  const slot = Number(ptr.id.slice('dma'.length))
  return {
    dmas: [...list.dmas, { ptr, iova, size, prot, mm, pins: [] }].sort(byIova),
    lives: slot < list.lives.length ? list.lives.with(slot, ptr.gen) : [...list.lives, ptr.gen],
  }
}

export const remove = (list: DmaList, ptr: Pointer): DmaList => ({
  ...list,
  dmas: list.dmas.filter((dma) => !isSame(dma.ptr, ptr)),
})

const replace = (list: DmaList, dma: Dma, pins: readonly Pin[]): DmaList => ({
  ...list,
  dmas: list.dmas.map((other) => (other === dma ? { ...dma, pins } : other)),
})

export const allows = (dma: Dma, prot: Prot): boolean => [...prot].every((right) => dma.prot.includes(right))

export const pin = (list: DmaList, iova: bigint): DmaList => {
  const dma = find(list, iova, pageSize)
  if (dma === undefined) return list
  const known = dma.pins.find((other) => other.iova === iova)
  const others = dma.pins.filter((other) => other !== known)
  return replace(list, dma, [...others, { iova, count: (known?.count ?? 0) + 1 }].sort(byIova))
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
  const counted = dma.pins.map((other) => (other.iova === iova ? { iova, count: other.count - 1 } : other))
  return replace(
    list,
    dma,
    counted.filter(({ count }) => count > 0),
  )
}
