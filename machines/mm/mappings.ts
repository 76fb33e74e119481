/**
 * The calls that change mappings: mmap, munmap, mprotect, madvise and mlock, each as what it makes of an address space. Their checks stand
 * in the kernel's order.
 *
 * Source: mm/mmap.c, mm/mprotect.c, mm/madvise.c, mm/mlock.c, Linux 6.1.
 * Left out: overcommit, the number of huge pages there are, merging of mappings (nobody can see it), advice that punches holes into files
 * (REMOVE), populates (POPULATE_*) or collapses: -EINVAL.
 */
import { firstFailing } from '../kernel/checks.ts'
import type { AddressSpace, Changed } from './address-space.ts'
import { pageSize, type Extent } from './extent.ts'
import { pinMay, reach } from './faults.ts'
import * as pageTable from './page-table.ts'
import { change, cutsUnit, endOf, find, holding, insert, inside, isDevice, may, type Vma } from './vma.ts'

/** TASK_SIZE of x86-64. */
export const addressesEnd = 0x7ffffffff000n
/** Below this only CAP_SYS_RAWIO may map (mmap_min_addr). */
export const lowestAddress = 65536n
const hugePages = 512
const two64 = 1n << 64n

export const pageOf = (address: bigint): number => Number(address / pageSize)

export const roundUp = (len: bigint): bigint => BigInt.asUintN(64, (len + pageSize - 1n) & ~(pageSize - 1n))
export const isAligned = (address: bigint): boolean => address % pageSize === 0n

/** Locked pages between two addresses. */
const lockedIn = (vmas: readonly Vma[], at: number, end: number): number =>
  inside(vmas, at, end).reduce(
    (sum, vma) => sum + (vma.locked ? Math.min(end, endOf(vma)) - Math.max(at, vma.at) : 0),
    0,
  )

/** What lies there is no more. */
export function remove(space: AddressSpace, at: number, end: number): AddressSpace {
  return {
    ...space,
    vmas: change(space.vmas, at, end, () => null),
    table: pageTable.drop(space.table, at, end),
    locked: space.locked - lockedIn(space.vmas, at, end),
  }
}

export type MmapKind = 'anon' | 'shared' | 'memfd' | 'memfd_private' | 'hugetlb' | 'file_ro' | 'devzero'

export interface MmapArgs {
  readonly addr: bigint
  readonly len: bigint
  readonly prot: string
  readonly kind: MmapKind
  /** Length of the file, where it is not that of the mapping; and where in it the mapping begins. */
  readonly flen?: bigint
  readonly off?: bigint
  /** What a file that is made for it will be called. */
  readonly inode: string
  /** CAP_SYS_RAWIO; only low addresses need it. */
  readonly rawio?: boolean
}

/** What each kind maps: a file made for the purpose, or none; and whether it can be written. */
const kinds: Readonly<
  Record<MmapKind, { readonly shared: boolean; readonly file: boolean; readonly readOnly?: true }>
> = {
  anon: { shared: false, file: false },
  shared: { shared: true, file: true },
  memfd: { shared: true, file: true },
  memfd_private: { shared: false, file: true },
  hugetlb: { shared: false, file: false },
  file_ro: { shared: true, file: true, readOnly: true },
  devzero: { shared: false, file: false },
}

const protection = (prot: string): string => [...'rwx'].filter((letter) => prot.includes(letter)).join('')

export function mmap(space: AddressSpace, { addr, len, prot, kind, flen, off = 0n, inode, rawio }: MmapArgs): Changed {
  const { shared, file, readOnly = false } = kinds[kind]
  const unit = kind === 'hugetlb' ? hugePages : 1
  const size = BigInt(unit) * pageSize
  const rounded = BigInt.asUintN(64, ((len + size - 1n) / size) * size)
  const at = pageOf(addr)
  const end = at + pageOf(rounded)
  const ret = firstFailing([
    [len === 0n, '-EINVAL'],
    [rounded === 0n || addr + rounded > addressesEnd, '-ENOMEM'],
    [!isAligned(addr), '-EINVAL'],
    [addr < lowestAddress && rawio !== true, '-EPERM'],
    [addr % size !== 0n, '-EINVAL'],
    [readOnly && shared && prot.includes('w'), '-EACCES'],
    [() => cutsUnit(space.vmas, at, end), '-ENOMEM'],
  ])
  if (ret !== undefined) return { space, ret }
  const vma: Vma = {
    ...plain,
    at,
    pages: end - at,
    prot: protection(prot),
    shared,
    file: file ? inode : null,
    named: file || kind === 'devzero',
    filePages: file ? pageOf(roundUp(flen ?? len)) : null,
    offset: pageOf(off),
    unit,
    mayWrite: !(readOnly && shared),
  }
  const cleared = remove(space, at, end)
  return { space: { ...cleared, vmas: insert(cleared.vmas, vma) }, ret: 0 }
}

const plain = {
  offset: 0,
  filePages: null,
  holds: null,
  unit: 1,
  mayWrite: true,
  locked: false,
  dontFork: false,
  wipeOnFork: false,
} as const

export interface MapDeviceArgs {
  readonly addr: bigint
  readonly len: bigint
  readonly prot: string
  /** The open file of the device. */
  readonly file: string
  /** `edu1.bar0`: which page of it comes first, and how many there are. */
  readonly memory: Extent
  /** What the driver says to it, if it will not. By then the kernel has taken away what was mapped there. */
  readonly refused: string | null
}

export function mapDevice(space: AddressSpace, { addr, len, prot, file, memory, refused }: MapDeviceArgs): Changed {
  const rounded = roundUp(len)
  const at = pageOf(addr)
  const end = at + pageOf(rounded)
  const ret = firstFailing([
    [len === 0n, '-EINVAL'],
    [rounded === 0n || addr + rounded > addressesEnd, '-ENOMEM'],
    [!isAligned(addr), '-EINVAL'],
    [() => cutsUnit(space.vmas, at, end), '-ENOMEM'],
  ])
  if (ret !== undefined) return { space, ret }
  const cleared = remove(space, at, end)
  if (refused !== null) return { space: cleared, ret: refused }
  const vma: Vma = {
    ...plain,
    at,
    pages: end - at,
    prot: protection(prot),
    shared: true,
    file: memory.in,
    named: true,
    offset: memory.n,
    filePages: memory.pages,
    holds: file,
  }
  return { space: { ...cleared, vmas: insert(cleared.vmas, vma) }, ret: 0 }
}

interface Range {
  readonly vaddr: bigint
  readonly len: bigint
}

export function munmap(space: AddressSpace, { vaddr, len }: Range): Changed {
  const rounded = roundUp(len)
  const at = pageOf(vaddr)
  const end = at + pageOf(rounded)
  const ret = firstFailing([
    [!isAligned(vaddr) || vaddr > addressesEnd || len > addressesEnd - vaddr, '-EINVAL'],
    [rounded === 0n, '-EINVAL'],
    [() => cutsUnit(space.vmas, at, end), '-EINVAL'],
  ])
  return ret === undefined ? { space: remove(space, at, end), ret: 0 } : { space, ret }
}

/**
 * Goes through the mappings of a range in order. What was changed before an error stays changed; a hole is an error where it is met, or
 * (`skipsHoles`) only in the end.
 */
function forEach(
  space: AddressSpace,
  at: number,
  end: number,
  skipsHoles: boolean,
  by: (space: AddressSpace, vma: Vma, from: number, to: number) => AddressSpace | string,
): Changed {
  let now = space
  let page = at
  let hole = false
  while (page < end) {
    const vma = find(now.vmas, page)
    if (!vma || vma.at > page) hole = true
    if (!vma || vma.at >= end || (hole && !skipsHoles)) break
    const from = Math.max(page, vma.at)
    const to = Math.min(end, endOf(vma))
    const next = by(now, vma, from, to)
    if (typeof next === 'string') return { space: now, ret: next }
    now = next
    page = to
  }
  return { space: now, ret: hole ? '-ENOMEM' : 0 }
}

const set = (space: AddressSpace, from: number, to: number, fields: Partial<Vma>): AddressSpace => ({
  ...space,
  vmas: change(space.vmas, from, to, (vma) => ({ ...vma, ...fields })),
})

/** mlock, and mprotect of what is locked: brings in the pages, own ones where the memory is private and may be written. */
export function populate(space: AddressSpace, from: number, to: number): Changed {
  return forEach(space, from, to, false, (now, vma, start, stop) => {
    if (isDevice(vma)) return now
    const write = may(vma, 'w') && !vma.shared
    const permits = write ? pinMay(true) : ({ prot }: Vma): boolean => prot !== ''
    const reached = reach(now, start, stop - start, { owns: write, permits, allocates: true })
    return reached.stopped === null ? reached.space : '-ENOMEM'
  })
}

export function mprotect(space: AddressSpace, { vaddr, len, prot }: Range & { readonly prot: string }): Changed {
  const end = vaddr + roundUp(len)
  const ret = firstFailing([[!isAligned(vaddr), '-EINVAL']])
  if (ret !== undefined || len === 0n) return { space, ret: ret ?? 0 }
  if (end <= vaddr || end >= two64) return { space, ret: '-ENOMEM' }
  const wanted = protection(prot)
  return forEach(space, pageOf(vaddr), pageOf(end), false, (now, vma, from, to) => {
    if (wanted.includes('w') && !vma.mayWrite) return '-EACCES'
    if (cutsUnit(now.vmas, from, to)) return '-EINVAL'
    const changed = set(now, from, to, { prot: wanted })
    const becomesWritable = vma.locked && !vma.shared && !may(vma, 'w') && wanted.includes('w')
    return becomesWritable ? populate(changed, from, to).space : changed
  })
}

const advices = {
  dontneed: 4,
  free: 8,
  dontfork: 10,
  dofork: 11,
  wipeonfork: 18,
  keeponfork: 19,
  cold: 20,
  pageout: 21,
  dontneedLocked: 24,
} as const
/** NORMAL, RANDOM, SEQUENTIAL, WILLNEED, MERGEABLE, UNMERGEABLE, HUGEPAGE, NOHUGEPAGE, DONTDUMP, DODUMP. */
const unseen = [0, 1, 2, 3, 12, 13, 14, 15, 16, 17]

export function madvise(space: AddressSpace, { vaddr, len, advice }: Range & { readonly advice: number }): Changed {
  const rounded = roundUp(len)
  const end = vaddr + rounded
  const known: readonly number[] = [...Object.values(advices), ...unseen]
  const ret = firstFailing([
    [!known.includes(advice), '-EINVAL'],
    [!isAligned(vaddr), '-EINVAL'],
    [len > 0n && rounded === 0n, '-EINVAL'],
    [end >= two64, '-EINVAL'],
  ])
  if (ret !== undefined || rounded === 0n) return { space, ret: ret ?? 0 }
  return forEach(space, pageOf(vaddr), pageOf(end), true, (now, vma, from, to) => advise(now, vma, from, to, advice))
}

function advise(space: AddressSpace, vma: Vma, from: number, to: number, advice: number): AddressSpace | string {
  switch (advice) {
    case advices.dontneed:
    case advices.dontneedLocked:
      if (isDevice(vma) || (vma.locked && advice === advices.dontneed) || from % vma.unit !== 0) return '-EINVAL'
      return { ...space, table: pageTable.drop(space.table, from, to - (to % vma.unit)) }
    case advices.free:
      return isDevice(vma) || vma.locked || vma.unit > 1 || vma.file !== null ? '-EINVAL' : space
    case advices.cold:
    case advices.pageout:
      return isDevice(vma) || vma.locked || vma.unit > 1 ? '-EINVAL' : space
    case advices.dontfork:
      return set(space, from, to, { dontFork: true })
    case advices.dofork:
      return isDevice(vma) ? '-EINVAL' : set(space, from, to, { dontFork: false })
    case advices.wipeonfork:
      return vma.named || vma.shared ? '-EINVAL' : set(space, from, to, { wipeOnFork: true })
    case advices.keeponfork:
      return set(space, from, to, { wipeOnFork: false })
    default:
      return space
  }
}

export interface MlockArgs extends Range {
  /** RLIMIT_MEMLOCK in bytes; null for none. */
  readonly limit: bigint | null
  /** CAP_IPC_LOCK. */
  readonly ipcLock: boolean
}

export function mlock(space: AddressSpace, { vaddr, len, limit, ipcLock }: MlockArgs): Changed {
  const start = vaddr - (vaddr % pageSize)
  const at = pageOf(start)
  const end = at + pageOf(roundUp(len + (vaddr - start)))
  const wanted = space.locked + (end - at)
  const allowed = limit === null || ipcLock ? Infinity : pageOf(limit)
  const ret = firstFailing([
    [limit === 0n && !ipcLock, '-EPERM'],
    [() => wanted > allowed && wanted - lockedIn(space.vmas, at, end) > allowed, '-ENOMEM'],
    [at < end && end >= pageOf(two64), '-EINVAL'],
    [() => at < end && holding(space.vmas, at) === undefined, '-ENOMEM'],
  ])
  if (ret !== undefined) return { space, ret }
  const changed = forEach(space, at, end, false, (now, vma, from, to) => {
    if (vma.locked || isDevice(vma) || vma.unit > 1) return now
    return { ...set(now, from, to, { locked: true }), locked: now.locked + (to - from) }
  })
  if (changed.ret !== 0) return changed
  return populate(changed.space, at, end)
}
