/**
 * Drivers of emulated devices reach memory through a container's mappings: they pin pages by IOVA, let go of them, and
 * read and write (vfio_dma_rw). Getting the memory is the caller's business; here is which memory, and what is kept of
 * it. Pure.
 *
 * Source: vfio_iommu_type1_pin_pages, _unpin_pages, _dma_rw_chunk, Linux 5.15 and 6.1. An IOVA need not be aligned: a page
 * is known by the IOVA that it was pinned with.
 * Left out: marks of an unaligned pin that finds the mapping above it (the kernel writes outside of the bitmap).
 */
import { setBits } from '../dirty/dirty-bitmap.ts'
import { dirtied } from '../dirty/dirty-tracking.ts'
import {
  find,
  isWrapping,
  pageSize,
  sortedPins,
  update,
  type Dma,
  type DmaList,
  type Pin,
} from '../backend/dma-list.ts'
import type { Run } from './pin-run.ts'
import { accountOf, charges, hasDomain, hasInvalid, type Reply, type Type1Context } from '../backend/vfio-iommu.ts'

const bitsOf = { r: 1, w: 2, rw: 3 } as const

/** Why nobody may pin or write now; `wait` means until an address is given. */
const invalidVaddr = (context: Type1Context): { refused?: string; wait?: true } => {
  if (!hasInvalid(context)) return {}
  return context.profile!.invalidVaddr === 'waits' ? { wait: true } : { refused: '-EBUSY' }
}

/** The mappings that the pages of a request lie in; the same one is not searched for again and again. */
function* pagesFrom(list: DmaList, iovas: Iterable<bigint>): Generator<readonly [bigint, Dma | undefined]> {
  let dma: Dma | undefined
  for (const iova of iovas) {
    const isInside = dma !== undefined && iova >= dma.iova && iova + pageSize <= dma.iova + dma.size
    if (!isInside) dma = find(list, iova, pageSize)
    yield [iova, dma]
  }
}

function* range(iova: bigint, npage: number): Generator<bigint> {
  for (let page = 0; page < npage; page++) yield BigInt.asUintN(64, iova + BigInt(page) * pageSize)
}

/** Pages beyond the address space are not looked for (from 6.19 on); they are counted from the address as it is, aligned or not. */
function wrapping({ profile }: Type1Context, iova: bigint, npage: number): { refused: string } | undefined {
  const { beyondAddressSpace: refused = '-EINVAL' } = profile ?? {}
  return refused === '-EOVERFLOW' && isWrapping(iova, BigInt(npage) * pageSize) ? { refused } : undefined
}

export interface PinRequest {
  readonly iova: bigint
  readonly npage: number
  readonly prot: number
}

/** Which pages have to be got, in order, up to the first that cannot be asked for. */
export function pinRuns(context: Type1Context, { iova, npage, prot }: PinRequest): Reply {
  const refusal = context.v2 ? (wrapping(context, iova, npage) ?? invalidVaddr(context)) : { refused: '-EACCES' }
  const runs: Run[] = []
  let ret: 0 | string = 0
  let index = 0
  const known = knownPages()
  for (const [at, dma] of pagesFrom(context, range(iova, npage))) {
    if (dma === undefined) ret = '-EINVAL'
    else if ((bitsOf[dma.prot] & prot) !== prot) ret = '-EPERM'
    if (ret !== 0) break
    if (!known(dma!).has(at)) add(runs, runOf(dma!, at, index))
    index++
  }
  return { type: 'PIN_RUNS', fields: { ...refusal, ret, counted: !hasDomain(context), runs } }
}

const runOf = (dma: Dma, at: bigint, index: number): Run => ({
  index,
  vaddr: BigInt.asUintN(64, dma.vaddr! + at - dma.iova),
  pages: 1,
  write: dma.prot !== 'r',
  ...accountOf(dma),
  lockCap: dma.lockCap!,
})

/** Joins a page to the run before it where it goes on. */
function add(runs: Run[], next: Run): void {
  const last = runs.at(-1)
  const goesOn =
    last !== undefined &&
    last.index + last.pages === next.index &&
    last.vaddr + BigInt(last.pages) * pageSize === next.vaddr &&
    last.mm === next.mm &&
    last.thread === next.thread &&
    last.life === next.life &&
    last.write === next.write &&
    last.lockCap === next.lockCap
  if (goesOn) runs[runs.length - 1] = { ...last, pages: last.pages + 1 }
  else runs.push(next)
}

/** The IOVAs pinned in a mapping, looked up once. */
function knownPages(): (dma: Dma) => ReadonlySet<bigint> {
  const sets = new Map<string, ReadonlySet<bigint>>()
  return (dma) => {
    const set = sets.get(dma.ptr.id) ?? new Set(dma.pins.map(({ iova }) => iova))
    sets.set(dma.ptr.id, set)
    return set
  }
}

export interface PinOutcome {
  readonly iova: bigint
  readonly npage: number
  /** How many pages were got before one could not be. */
  readonly through: number
  readonly ok: boolean
  /** Those of the new ones that are the zero page. */
  readonly free: readonly number[]
}

/** The pages were got, or some of them were and had to be let go again: those are marked dirty all the same. */
export function pinDone(context: Type1Context, { iova, npage, through, ok, free }: PinOutcome): Reply {
  const changed = new Map<string, { dma: Dma; pins: Map<bigint, Pin>; fresh: bigint[]; charged: number }>()
  let index = 0
  for (const [at, dma] of pagesFrom(context, range(iova, Math.min(npage, through)))) {
    const { ptr } = dma!
    const entry = changed.get(ptr.id) ?? {
      ...{ dma: dma!, pins: new Map(dma!.pins.map((pin) => [pin.iova, pin])) },
      ...{ fresh: [], charged: 0 },
    }
    changed.set(ptr.id, entry)
    const before = entry.pins.get(at)
    const isFree = before?.free ?? free.includes(index)
    if (before === undefined) entry.fresh.push(at)
    if (before === undefined && !isFree) entry.charged++
    entry.pins.set(at, { iova: at, count: (before?.count ?? 0) + 1, ...(isFree && { free: true as const }) })
    index++
  }
  const dmas = context.dmas.map((dma) => {
    const entry = changed.get(dma.ptr.id)
    return entry === undefined ? dma : after(context, entry, ok)
  })
  return { next: { dmas }, type: 'PINNED', fields: { ret: ok ? npage : 0 } }
}

function after(
  context: Type1Context,
  {
    dma,
    pins,
    fresh,
    charged,
  }: { dma: Dma; pins: ReadonlyMap<bigint, Pin>; fresh: readonly bigint[]; charged: number },
  ok: boolean,
): Dma {
  const marked = dma.dirty === undefined ? {} : { dirty: marks(dma, fresh) }
  if (!ok) return { ...dma, ...marked }
  const locked = (dma.locked ?? 0) + (hasDomain(context) ? 0 : charged)
  return { ...dma, ...marked, locked, pins: sortedPins([...pins.values()]) }
}

const marks = (dma: Dma, iovas: readonly bigint[]) =>
  iovas.reduce(
    (bits, iova) => (iova < dma.iova ? bits : setBits(bits, Number((iova - dma.iova) / pageSize), 1)),
    dma.dirty!,
  )

/** Lets go of pages, one count for each IOVA given, up to the first without a mapping. */
export function unpinPages(context: Type1Context, iovas: readonly bigint[]): Reply {
  const puts = new Map<string, Map<bigint, number>>()
  let done = 0
  if (context.v2)
    for (const [iova, dma] of pagesFrom(context, iovas)) {
      if (dma === undefined) break
      const counts = puts.get(dma.ptr.id) ?? new Map<bigint, number>()
      puts.set(dma.ptr.id, counts.set(iova, (counts.get(iova) ?? 0) + 1))
      done++
    }
  const counted = !hasDomain(context)
  const given = new Map<string, number>()
  const dmas = context.dmas.map((dma) => {
    const counts = puts.get(dma.ptr.id)
    if (counts === undefined) return dma
    const left = dma.pins.map((pin) => ({ ...pin, count: pin.count - (counts.get(pin.iova) ?? 0) }))
    const gone = left.filter(({ count, free }) => count <= 0 && !free).length
    given.set(dma.ptr.id, counted ? gone : 0)
    return { ...dma, pins: left.filter(({ count }) => count > 0), locked: (dma.locked ?? 0) - (counted ? gone : 0) }
  })
  const accounts = charges(context.dmas, ({ ptr }) => given.get(ptr.id) ?? 0)
  const refused = context.v2 ? {} : { refused: '-EACCES' }
  return { next: { dmas }, type: 'UNPINNED', fields: { ...refused, done, accounts } }
}

export interface Access {
  readonly iova: bigint
  readonly len: number
  readonly write: boolean
}

/** Which memory vfio_dma_rw gets to, mapping by mapping, up to the first that does not allow it. */
export function accessRuns(context: Type1Context, { iova, len, write }: Access): Reply {
  const runs: { iova: bigint; vaddr: bigint; len: number; mm: string }[] = []
  let ret: 0 | string = 0
  let left = BigInt(len)
  for (let at = iova; left > 0n;) {
    const dma = find(context, at, 1n)
    if (dma === undefined) ret = '-EINVAL'
    else if ((write && dma.prot === 'r') || dma.prot === 'w') ret = '-EPERM'
    if (ret !== 0) break
    const offset = at - dma!.iova
    const here = left < dma!.size - offset ? left : dma!.size - offset
    runs.push({ iova: at, vaddr: BigInt.asUintN(64, dma!.vaddr! + offset), len: Number(here), mm: dma!.mm })
    left -= here
    at = BigInt.asUintN(64, at + here)
  }
  return { type: 'RW_RUNS', fields: { ...invalidVaddr(context), ret, runs } }
}

/** Bytes from `iova` on were written. */
export function written(context: Type1Context, { iova, len }: { readonly iova: bigint; readonly len: number }): Reply {
  let list: DmaList = context
  let left = BigInt(len)
  for (let at = iova; left > 0n;) {
    const dma = find(list, at, 1n)
    if (dma === undefined) break
    const here = left < dma.iova + dma.size - at ? left : dma.iova + dma.size - at
    const from = at
    list = update(list, dma.ptr, (same) => dirtied(same, from, here))
    left -= here
    at = BigInt.asUintN(64, at + here)
  }
  return { next: { dmas: list.dmas }, type: 'ANSWER', fields: { ret: 0 } }
}
