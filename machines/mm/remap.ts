/**
 * mremap: a mapping becomes longer or shorter, or goes elsewhere with its pages. What a device reaches does not go along: pages that are pinned stay
 * where they are, and who pins by an old address afterwards finds nothing there.
 *
 * Source: mm/mremap.c (sys_mremap, mremap_to, vma_to_resize, move_vma), Linux 6.1; mremap(2). Left out: MREMAP_DONTUNMAP before 5.13, which private
 * memory without a file had alone; several mappings moved at once (6.17); how many mappings a process may have.
 */
import { firstFailing } from '../kernel/checks.ts'
import type { AddressSpace, Changed } from './address-space.ts'
import { addressesEnd, isAligned, lowestAddress, pageOf, populate, remove, roundUp } from './mappings.ts'
import { pageSize } from './extent.ts'
import * as pageTable from './page-table.ts'
import { change, endOf, holding, insert, inside, isDevice, piece, type Vma } from './vma.ts'

/** MREMAP_MAYMOVE, _FIXED, _DONTUNMAP. */
export const flag = { mayMove: 1, fixed: 2, keepsOld: 4 } as const

export interface RemapArgs {
  readonly vaddr: bigint
  /** How long it was and will be, in bytes. */
  readonly old: bigint
  readonly len: bigint
  readonly flags: number
  /** Where it goes: with MREMAP_FIXED, or if it has to go. */
  readonly addr: bigint
  /** RLIMIT_MEMLOCK in bytes; null for none. CAP_IPC_LOCK, CAP_SYS_RAWIO. */
  readonly limit: bigint | null
  readonly ipcLock: boolean
  readonly rawio: boolean
}

const has = ({ flags }: Pick<RemapArgs, 'flags'>, one: number): boolean => (flags & one) !== 0

/** The same, looked at: in pages, and of which mapping. */
interface Asked extends Pick<RemapArgs, 'flags' | 'limit' | 'ipcLock'> {
  readonly vma: Vma
  readonly at: number
  readonly old: number
  readonly len: number
  readonly to: number
}

export function mremap(space: AddressSpace, args: RemapArgs): Changed {
  const { vaddr, flags, addr, rawio } = args
  const ret = firstFailing([
    [(flags & ~(flag.mayMove | flag.fixed | flag.keepsOld)) !== 0, '-EINVAL'],
    [has(args, flag.fixed) && !has(args, flag.mayMove), '-EINVAL'],
    [has(args, flag.keepsOld) && (!has(args, flag.mayMove) || args.old !== args.len), '-EINVAL'],
    [!isAligned(vaddr), '-EINVAL'],
    [roundUp(args.len) === 0n, '-EINVAL'],
    [() => holding(space.vmas, pageOf(vaddr)) === undefined, '-EFAULT'],
  ])
  if (ret !== undefined) return { space, ret }
  const vma = holding(space.vmas, pageOf(vaddr))!
  // Huge pages are asked for in whole ones.
  const unit = BigInt(vma.unit) * pageSize
  const whole = (len: bigint): bigint => ((roundUp(len) + unit - 1n) / unit) * unit
  const [old, len] = [whole(args.old), whole(args.len)]
  if (vma.unit > 1 && (vaddr % unit !== 0n || addr % unit !== 0n || len > old)) return { space, ret: '-EINVAL' }
  const asked: Asked = {
    ...{ vma, at: pageOf(vaddr), old: pageOf(old), len: pageOf(len), to: pageOf(addr) },
    ...{ flags, limit: args.limit, ipcLock: args.ipcLock },
  }
  if (!has(args, flag.fixed) && !has(args, flag.keepsOld)) return resize(space, asked, args)
  const refused = firstFailing([
    [!isAligned(addr), '-EINVAL'],
    [len > addressesEnd || addr > addressesEnd - len, '-EINVAL'],
    [addr < vaddr + old && addr + len > vaddr, '-EINVAL'],
    [has(args, flag.fixed) && addr < lowestAddress && !rawio, '-EPERM'],
  ])
  return refused === undefined ? moveTo(space, asked) : { space, ret: refused }
}

/** Where it is, if it can be; elsewhere if it may. */
function resize(space: AddressSpace, asked: Asked, { addr }: RemapArgs): Changed {
  const { at, old, len, vma } = asked
  if (old >= len) return { space: remove(space, at + len, at + old), ret: 0 }
  const refused = cannotGrow(space, asked)
  if (refused !== undefined) return { space, ret: refused }
  const isFree = inside(space.vmas, at + old, at + len).length === 0 && at + len <= pageOf(addressesEnd)
  if (at + old === endOf(vma) && isFree) return grown(space, { ...vma, pages: vma.pages + len - old }, asked, at)
  if (!has(asked, flag.mayMove)) return { space, ret: '-ENOMEM' }
  return isAligned(addr) ? moved(space, asked) : { space, ret: '-EINVAL' }
}

/** What lies there is gone whether or not it can be moved. */
function moveTo(space: AddressSpace, asked: Asked): Changed {
  const { at, old, len, to } = asked
  let now = has(asked, flag.fixed) ? remove(space, to, to + len) : space
  if (old > len) now = remove(now, at + len, at + old)
  const vma = holding(now.vmas, at)
  const left = { ...asked, old: Math.min(old, len), ...(vma && { vma }) }
  const refused = vma === undefined ? '-EFAULT' : cannotGrow(now, left)
  return refused === undefined ? moved(now, left) : { space: now, ret: refused }
}

/** vma_to_resize */
const cannotGrow = ({ locked }: AddressSpace, asked: Asked) => {
  const { vma, at, old, len, limit, ipcLock } = asked
  const allowed = limit === null || ipcLock ? Infinity : pageOf(limit)
  return firstFailing([
    [old === 0 && !vma.shared, '-EINVAL'],
    [has(asked, flag.keepsOld) && isDevice(vma), '-EINVAL'],
    [old > endOf(vma) - at, '-EFAULT'],
    [len !== old && isDevice(vma), '-EFAULT'],
    [vma.locked && locked + (len - old) > allowed, '-EAGAIN'],
  ])
}

/** It and its pages go elsewhere; of a file that is shared, a second mapping may be made (`old` is 0). */
function moved(space: AddressSpace, asked: Asked): Changed {
  const { vma, at, old, len, to } = asked
  const pages = runsIn(space.table, at, at + old)
  const there: Vma = { ...piece(vma, at, at + len), at: to }
  const isLeft = has(asked, flag.keepsOld)
  const vmas = change(space.vmas, at, at + old, (each) => (isLeft ? { ...each, locked: false } : null))
  const table = pages.reduce(
    (now, run) => pageTable.insert(now, { ...run, at: run.at - at + to }),
    pageTable.drop(space.table, at, at + old),
  )
  return { ...grown({ ...space, vmas, table }, there, asked, to), moved: true }
}

/** The mapping as it becomes, with what is new of it locked and brought in if it is locked. */
function grown(space: AddressSpace, vma: Vma, { old, len }: Asked, at: number): Changed {
  const others = space.vmas.filter((each) => each.at !== vma.at)
  const now = { ...space, vmas: insert(others, vma), locked: space.locked + (vma.locked ? len - old : 0) }
  const isNew = vma.locked && len > old
  return { space: isNew ? populate(now, at + old, at + len).space : now, ret: 0 }
}

/** The runs of a range, cut to it. */
const runsIn = (table: pageTable.PageTable, at: number, end: number): readonly pageTable.Run[] =>
  table.flatMap((run) => {
    const from = Math.max(run.at, at)
    const to = Math.min(run.at + run.pages, end)
    return from < to ? [{ at: from, pages: to - from, n: run.n + (from - run.at) }] : []
  })
