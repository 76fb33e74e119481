/**
 * The user's address of a mapping is taken away (UNMAP_DMA with VADDR) and given anew (MAP_DMA with VADDR), by whoever
 * will own the memory from then on. Meanwhile the pages stay mapped. Pure.
 *
 * Source: vfio_dma_do_unmap, vfio_dma_do_map and vfio_change_dma_owner, Linux 5.15 and 6.1.192 (which has the changes
 * of 6.3).
 */
import { firstFailing } from '../../kernel/checks.ts'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { bisects, find, findFirst, nextIn, update, type Dma } from '../backend/dma-list.ts'
import { isAll, unmapRangeError, wholeSpace, type UnmapArguments } from '../unmap/unmap-checks.ts'
import { accountOf, type Reply, type Type1Context } from '../backend/vfio-iommu.ts'

export function takeVaddrs(context: Type1Context, args: Omit<UnmapArguments, 'argsz'>): Reply {
  const { profile, emulated, v2 } = context
  const refused = firstFailing([
    [profile!.invalidVaddr === 'refuses' && emulated.length > 0, '-EBUSY'],
    ...rangeChecks(context, args),
  ])
  if (refused !== undefined) return { type: 'ANSWER', fields: { ret: refused } }
  const { iova, size } = isAll(args.flags) ? wholeSpace : args
  const taken: Dma[] = []
  for (let dma = findFirst(context, iova, size); dma !== undefined; dma = nextIn(context, dma, iova, size)) {
    if (!v2 && iova > dma.iova) break
    // One that has no address ends it all: those before get theirs back.
    if (dma.invalid) return { type: 'ANSWER', fields: { ret: '-EINVAL' } }
    taken.push(dma)
  }
  const dmas = context.dmas.map((dma) => (taken.includes(dma) ? { ...dma, invalid: true as const } : dma))
  return { next: { dmas }, type: 'ANSWER', fields: { ret: 0, size: taken.reduce((sum, dma) => sum + dma.size, 0n) } }
}

const rangeChecks = (context: Type1Context, args: Omit<UnmapArguments, 'argsz'>) => {
  const wrong = unmapRangeError(context.profile!, args)
  const { iova, size, flags } = args
  return [
    [wrong !== undefined, wrong ?? ''],
    [() => context.v2 && !isAll(flags) && bisects(context, iova, size), '-EINVAL'],
  ] as const
}

interface Request {
  readonly iova: bigint
  readonly size: bigint
  /** Whose memory it will be. */
  readonly mm: string
  /** Which address space, unless the first. */
  readonly life?: number
}

/** Who owns a mapping from now on. */
export interface NewOwner {
  readonly mm: string
  readonly life?: number
  readonly lockCap: boolean
}

/** May this mapping get a new address, and who has to be charged for its pages then? */
export function checkVaddr(context: Type1Context, { iova, size, mm, life = 0 }: Request): Reply {
  const dma = find(context, iova, size)
  const refused = firstFailing([
    [dma === undefined, '-ENOENT'],
    [() => !dma!.invalid || dma!.iova !== iova || dma!.size !== size, '-EINVAL'],
  ])
  if (refused !== undefined) return { type: 'VADDR_CHECKED', fields: { ret: refused } }
  const moves = context.profile!.movesOwner && (dma!.mm !== mm || (dma!.life ?? 0) !== life)
  return {
    type: 'VADDR_CHECKED',
    fields: { ret: 0, dma: dma!.ptr, ...(moves && { before: { ...accountOf(dma!), pages: dma!.locked ?? 0 } }) },
  }
}

export function setVaddr(
  context: Type1Context,
  { dma: ptr, vaddr, owner }: { readonly dma: Pointer; readonly vaddr: bigint; readonly owner?: NewOwner },
): Reply {
  const { dmas } = update(context, ptr, ({ invalid: _invalid, ...dma }) => ({
    ...(owner === undefined ? dma : owned(dma, owner)),
    vaddr,
  }))
  return { next: { dmas }, type: 'VADDR_SET' }
}

const owned = ({ life: _life, ...dma }: Dma, { mm, life, lockCap }: NewOwner): Dma => ({
  ...dma,
  ...{ mm, lockCap },
  ...(life !== undefined && { life }),
})
