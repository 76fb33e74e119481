/**
 * Which pages a container's devices may have written: VFIO_IOMMU_DIRTY_PAGES, and the bitmap that goes with an unmap. A
 * device behind an IOMMU may have written everything that is mapped; an emulated one what it pinned or wrote through
 * vfio_dma_rw. Pure.
 *
 * Source: vfio_iommu_type1_dirty_pages, vfio_iova_dirty_bitmap, update_user_bitmap, vfio_dma_bitmap_alloc_all, Linux 5.10
 * to 7.x (6.1 for what was observed). Left out: a group with an IOMMU whose driver pins what it writes: there is none.
 */
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { named } from '../../kernel/heap/pointer.ts'
import { crash } from '../../say.ts'
import {
  clearBits,
  copyOut,
  firstWords,
  mostPages,
  setBits,
  type Bits,
  type Copied,
  type UserBitmap,
} from './dirty-bitmap.ts'
import { dirtyError, isStart, isStop, type DirtyArguments } from './dirty-checks.ts'
import { follow, pageSize, update, type Dma } from '../backend/dma-list.ts'
import { hasDomain, type Reply, type Type1Context, type VfioIommu } from '../backend/vfio-iommu.ts'

/** How many words of a bitmap are of interest to the program. */
const shownWords = 16

export const userBitmap = (prefill: number, data: string | undefined): UserBitmap => ({
  prefill,
  bad: data === 'bad',
  writes: [],
})

export const shown = (user: UserBitmap): { readonly bitmap?: readonly bigint[] } => {
  const words = firstWords(user, shownWords)
  return words === undefined ? {} : { bitmap: words }
}

const pagesOf = ({ size }: Dma): number => Number(size / pageSize)

/** A bitmap for this many pages cannot be had. */
export const isTooLargeToTrack = (size: bigint): boolean => size / pageSize > mostPages

/** Marks the pages that drivers have pinned. A page below the mapping (an unaligned pin) is none of it. */
const withPins = (bits: Bits, { iova, pins }: Dma): Bits =>
  pins.reduce((all, pin) => (pin.iova < iova ? all : setBits(all, Number((pin.iova - iova) / pageSize), 1)), bits)

/** Every page of every mapping may be dirty, as far as anybody knows. */
export const allDirty = (iommu: VfioIommu): readonly Dma[] =>
  iommu.tracking ? iommu.dmas.map((dma) => ({ ...dma, dirty: setBits(dma.dirty ?? [], 0, pagesOf(dma)) })) : iommu.dmas

/** Bytes of a mapping that were written. */
export const dirtied = (dma: Dma, iova: bigint, length: bigint): Dma => {
  if (dma.dirty === undefined || iova < dma.iova) return dma
  const first = (iova - dma.iova) / pageSize
  const last = (iova - dma.iova + length - 1n) / pageSize
  return { ...dma, dirty: setBits(dma.dirty, Number(first), Number(last - first + 1n)) }
}

/** Copies the bitmap of one mapping into the user's, whose first bit stands for `base`. */
function copied(iommu: VfioIommu, dma: Dma, user: UserBitmap, base: bigint): Copied {
  const pages = pagesOf(dma)
  const bits = hasDomain(iommu) ? setBits(dma.dirty!, 0, pages) : dma.dirty!
  return copyOut(bits, pages, user, Number((dma.iova - base) / pageSize))
}

function startTracking(context: Type1Context): Reply {
  if (context.tracking) return { type: 'ANSWER', fields: { ret: 0 } }
  if (context.dmas.some(({ size }) => isTooLargeToTrack(size))) return { type: 'ANSWER', fields: { ret: '-EINVAL' } }
  const dmas = context.dmas.map((dma) => ({ ...dma, dirty: withPins([], dma) }))
  return { next: { tracking: true, dmas }, type: 'ANSWER', fields: { ret: 0 } }
}

const stopTracking = (context: Type1Context): Reply => ({
  next: { tracking: false, dmas: context.dmas.map(({ dirty: _dirty, ...dma }) => dma) },
  type: 'ANSWER',
  fields: { ret: 0 },
})

/** Mappings that begin in the range, lowest first, until one cannot be copied. */
function getBitmap(context: Type1Context, { iova, size }: DirtyArguments, user: UserBitmap): Reply {
  let ret: 0 | string = 0
  let theirs = user
  const dmas = context.dmas.map((dma) => {
    if (ret !== 0 || dma.iova < iova || dma.iova >= iova + size) return dma
    const { bits, user: after, ret: failed } = copied(context, dma, theirs, iova)
    ret = failed
    theirs = after
    return { ...dma, dirty: failed === 0 ? withPins(clearBits(bits, 0, pagesOf(dma)), dma) : bits }
  })
  return { next: { dmas }, type: 'ANSWER', fields: { ret, ...shown(theirs) } }
}

export function dirtyPages(
  context: Type1Context,
  args: DirtyArguments & { readonly prefill: number; readonly data?: string },
): Reply {
  const refused = dirtyError(context.profile!, context, args)
  if (refused !== undefined) return { type: 'ANSWER', fields: { ret: refused } }
  if (isStart(args.flags)) return startTracking(context)
  if (isStop(args.flags)) return stopTracking(context)
  return getBitmap(context, args, userBitmap(args.prefill, args.data))
}

/** The bitmap of a mapping that is about to go. Tracking may have been stopped while a driver was told. */
export function report(context: Type1Context, ptr: Pointer, base: bigint, user: UserBitmap): Reply {
  const dma = follow(context, ptr)!
  if (dma.dirty === undefined)
    return {
      said: [crash('bug', 'kernel NULL pointer dereference in update_user_bitmap', { object: named(ptr) })],
      type: 'REPORTED',
      fields: { ret: '-EFAULT', user },
    }
  const { bits, user: after, ret } = copied(context, dma, user, base)
  const { dmas } = update(context, ptr, (same) => ({ ...same, dirty: bits }))
  return { next: { dmas }, type: 'REPORTED', fields: { ret, user: after } }
}
