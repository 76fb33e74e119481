/** What an IOAS knows of its mappings: struct iopt_area in a tree, and the pages pinned through accesses. Pure. */
import { firstFailing } from '../../kernel/checks.ts'
import { isSame, type Pointer } from '../../kernel/heap/pointer.ts'
import type { Pin } from '../../type1/backend/dma-list.ts'

export interface Range {
  readonly iova: bigint
  readonly size: bigint
}

/** The memory behind an area: struct iopt_pages, from the byte at which the area begins. */
export interface UserMemory {
  /** The process it belongs to. */
  readonly process: string
  readonly vaddr: bigint
  /** 1 a device may read it, 2 write it. */
  readonly prot: number
  /** Who is charged for pinned pages; nobody if the process had CAP_IPC_LOCK when it mapped them. */
  readonly charged: Payer
  /** Whose process it was; root's, if it does not say. */
  readonly uid?: number
  /** Not the process's memory, but that of the object behind a descriptor; null: of one that has none. */
  readonly file?: string | null
  /** The file is a dma-buf: which import of it this is. Its pages cost nobody anything. */
  readonly import?: number
  /** Where mappings are copied: what they have in common (held-pages.ts), and whether it was mapped to be written by devices. */
  readonly shared?: { readonly of: string; readonly writable: boolean }
}

export type Payer = 'nobody' | 'user' | 'memory'

/** What is to be given back for pages of a process. */
export interface Charge {
  readonly mm: string
  readonly pages: number
  readonly by: Payer
  readonly uid?: number
}

export interface Area extends Range {
  readonly ptr: Pointer
  /** `area->pages != NULL`: false while a map is not finished or an unmap has begun. */
  readonly pages: boolean
  /** The gate: set by an unmap that found accesses, so that no new ones come. */
  readonly preventAccess: boolean
  /** What accesses have pinned, sorted by iova. */
  readonly pins: readonly Pin[]
  /** Null in stories that are not about memory. */
  readonly user: UserMemory | null
  /** `area->storage_domain`: its pages are pinned, and in the page table of the domain. */
  readonly filled: boolean
}

/** `lives[n]`: how many areas have lived at the address `area<n>`. */
export interface AreaList {
  /** Sorted by iova. */
  readonly areas: readonly Area[]
  readonly lives: readonly number[]
}

const byIova = (a: { readonly iova: bigint }, b: { readonly iova: bigint }): number =>
  a.iova < b.iova ? -1 : a.iova > b.iova ? 1 : 0

/** `area->num_accesses`. */
export const accessesOf = ({ pins }: Area): number => pins.reduce((sum, { count }) => sum + count, 0)

/** The lowest area that overlaps the range. */
export const find = ({ areas }: AreaList, { iova, size }: Range): Area | undefined =>
  areas.find((area) => area.iova < iova + size && iova < area.iova + area.size)

export const follow = ({ areas }: AreaList, ptr: Pointer): Area | undefined =>
  areas.find((area) => isSame(area.ptr, ptr))

/** Where the next area will live: the lowest free address, as an allocator that re-uses what was freed. */
export const nextPointer = ({ areas, lives }: AreaList): Pointer => {
  let slot = 0
  while (areas.some((area) => area.ptr.id === `area${slot}`)) slot += 1
  return { id: `area${slot}`, gen: (lives[slot] ?? 0) + 1 }
}

const unfinished = { pages: false, preventAccess: false, pins: [], user: null, filled: false }

/** A mapping to be, or a part of one, in the order of their addresses. */
export interface NewPart {
  readonly size: bigint
  readonly user: UserMemory
}

const insert = (list: AreaList, area: Omit<Area, 'ptr'>): AreaList => {
  const ptr = nextPointer(list)
  const slot = Number(ptr.id.slice('area'.length))
  return {
    areas: [...list.areas, { ...area, ptr }].sort(byIova),
    lives: slot < list.lives.length ? list.lives.with(slot, ptr.gen) : [...list.lives, ptr.gen],
  }
}

/** Takes the range, without pages yet. */
export const reserve = (list: AreaList, { iova, size }: Range, user: UserMemory | null = null): AreaList =>
  insert(list, { ...unfinished, iova, size, user })

export const change = (list: AreaList, ptr: Pointer, changes: Partial<Area>): AreaList => ({
  ...list,
  areas: list.areas.map((area) => (isSame(area.ptr, ptr) ? { ...area, ...changes } : area)),
})

export const remove = (list: AreaList, ptr: Pointer): AreaList => ({
  ...list,
  areas: list.areas.filter((area) => !isSame(area.ptr, ptr)),
})

export const pageSize = 4096n
/** One past the last address there is. */
export const addressSpace = 1n << 64n

const pageOffset = (user: UserMemory | null): bigint => (user?.vaddr ?? 0n) % pageSize

/** Fits an address space in which everything begins and ends at multiples of `alignment`. */
export const isAligned = ({ iova, size, user }: Area, alignment: bigint): boolean =>
  [iova, size, pageOffset(user)].every((part) => part % alignment === 0n)

/** Why a range cannot be taken (iopt_alloc_area_pages), if so. `taken` says which ranges nobody may map. */
export const refusal = (
  list: AreaList,
  range: Range & { readonly user?: UserMemory },
  alignment: bigint,
  taken: (range: Range) => boolean,
): string | undefined => {
  const { iova, size, user = null } = range
  return firstFailing([
    [size <= 0n || size % alignment !== 0n, '-EINVAL'],
    [iova % alignment !== 0n, '-EINVAL'],
    [iova + size > addressSpace, '-EOVERFLOW'],
    [() => taken(range), '-EINVAL'],
    [() => find(list, range) !== undefined, '-EEXIST'],
    [user?.shared?.writable === false && (user.prot & 2) !== 0, '-EPERM'],
    [pageOffset(user) % alignment !== 0n, '-EINVAL'],
  ])
}

/** The memory behind a range that is mapped from end to end (iopt_get_pages); undefined if it is not. */
export const behind = (list: AreaList, { iova, size }: Range): readonly NewPart[] | undefined => {
  const found: NewPart[] = []
  for (let at = iova; at < iova + size;) {
    const area = find(list, { iova: at, size: 1n })
    if (!area?.pages || area.user === null) return undefined
    const end = area.iova + area.size < iova + size ? area.iova + area.size : iova + size
    found.push({ size: end - at, user: { ...area.user, vaddr: area.user.vaddr + (at - area.iova) } })
    at = end
  }
  return found
}

export interface Split {
  readonly list: AreaList
  readonly ret: 0 | string
}

/** An area as whoever pins or unpins its pages needs it. */
export interface Backed extends Range {
  readonly user: UserMemory
}

/** Pages of a process, from the page that `user` begins in. */
export interface Pages {
  readonly user: UserMemory
  readonly pages: number
}

/** Pages that an area touches, whole or in part. */
export const pagesOf = ({ size, user }: Backed): Pages => ({
  user,
  pages: Number((user.vaddr + size - 1n) / pageSize - user.vaddr / pageSize) + 1,
})

/** What is to be given back when pages are let go. */
export const chargesFor = (list: readonly Pages[]): readonly Charge[] =>
  list
    .filter(({ user }) => user.import === undefined)
    .map(({ user, pages }) => ({
      ...{ mm: user.process, pages, by: user.charged },
      ...(user.uid !== undefined && { uid: user.uid }),
    }))

export const chargeOf = (area: Backed): readonly Charge[] => chargesFor([pagesOf(area)])

/** Makes `last` the last address of an area (iopt_area_split). A domain may hold the pages only as long as all of them are small. */
const split = (list: AreaList, last: bigint, alignment: bigint, largePages: boolean): Split => {
  const area = find(list, { iova: last, size: 1n })
  if (area === undefined || last === area.iova || last === area.iova + area.size - 1n) return { list, ret: 0 }
  const left = last + 1n - area.iova
  const refused = firstFailing([
    [!area.pages || area.preventAccess, '-EBUSY'],
    [(last + 1n) % alignment !== 0n || (pageOffset(area.user) + left) % alignment !== 0n, '-EINVAL'],
    [accessesOf(area) > 0, '-EINVAL'],
    [area.filled && largePages, '-EINVAL'],
  ])
  if (refused !== undefined) return { list, ret: refused }
  const { user } = area
  const rest = user && { ...user, vaddr: user.vaddr + left }
  const halves = [
    { ...area, size: left },
    { ...area, iova: last + 1n, size: area.size - left, user: rest },
  ]
  return { list: remove(halves.reduce(insert, list), area.ptr), ret: 0 }
}

/** Cuts areas behind each of these addresses in turn, up to the first that cannot be cut. */
export const cut = (list: AreaList, lasts: readonly bigint[], alignment: bigint, largePages: boolean): Split =>
  lasts.reduce<Split>((now, last) => (now.ret === 0 ? split(now.list, last, alignment, largePages) : now), {
    list,
    ret: 0,
  })

const pageAt = (list: AreaList, iova: bigint): Area | undefined => find(list, { iova, size: 1n })

export const isPinnedAt = (list: AreaList, iova: bigint): boolean =>
  pageAt(list, iova)?.pins.some((pin) => pin.iova === iova) ?? false

const count = (list: AreaList, iova: bigint, by: 1 | -1): AreaList => {
  const area = pageAt(list, iova)
  if (area === undefined) return list
  const known = area.pins.find((pin) => pin.iova === iova)?.count ?? 0
  const others = area.pins.filter((pin) => pin.iova !== iova)
  const pins = known + by > 0 ? [...others, { iova, count: known + by }].sort(byIova) : others
  return change(list, area.ptr, { pins })
}

export const pin = (list: AreaList, iova: bigint): AreaList => count(list, iova, 1)
export const unpin = (list: AreaList, iova: bigint): AreaList => count(list, iova, -1)

/** What an access asks for: pages of the IOVA space, and those of them that nobody has got yet; `ret` when it cannot have all of them. */
export interface Access {
  readonly ret: 0 | string
  readonly missing: readonly Pages[]
}

/** Whether `iova` can be reached, and in which area (iopt_area_contig_init, iommufd_access_pin_pages). */
const reached = (list: AreaList, iova: bigint, prot: number): Area | string => {
  const area = find(list, { iova, size: 1n })
  if (!area?.pages) return '-ENOENT'
  const refused = firstFailing([
    [area.preventAccess, '-EINVAL'],
    [area.user !== null && (area.user.prot & prot) !== prot, '-EPERM'],
  ])
  return refused ?? area
}

const memoryAt = ({ iova, user }: Area, at: bigint): UserMemory => ({ ...user!, vaddr: user!.vaddr + (at - iova) })

/** Pages from `iova` on. Reading needs no right here: pages that may only be written can be pinned. */
export function access(list: AreaList, iova: bigint, npage: number, write: boolean): Access {
  const missing: Pages[] = []
  for (let page = 0; page < npage; page++) {
    const at = iova + BigInt(page) * pageSize
    const area = reached(list, at, write ? 2 : 0)
    if (typeof area === 'string') return { ret: area, missing }
    if (area.filled || isPinnedAt(list, at)) continue
    const user = memoryAt(area, at)
    const last = missing.at(-1)
    const goesOn = last?.user.process === user.process && last.user.vaddr + BigInt(last.pages) * pageSize === user.vaddr
    if (goesOn && last.user.prot === user.prot) missing[missing.length - 1] = { ...last, pages: last.pages + 1 }
    else missing.push({ user, pages: 1 })
  }
  return { ret: 0, missing }
}

/** A part of a copy, in one area. */
export interface Part {
  readonly user: UserMemory
  readonly len: number
}

/** Where the bytes of a copy by iova lie, up to where it cannot go on (iommufd_access_rw). */
export function parts(
  list: AreaList,
  iova: bigint,
  len: number,
  write: boolean,
): { readonly ret: 0 | string; readonly parts: readonly Part[] } {
  const found: Part[] = []
  for (let at = iova; at < iova + BigInt(len);) {
    const area = reached(list, at, write ? 2 : 1)
    if (typeof area === 'string') return { ret: area, parts: found }
    const left = [area.iova + area.size - at, iova + BigInt(len) - at]
    const size = left[0]! < left[1]! ? left[0]! : left[1]!
    found.push({ user: memoryAt(area, at), len: Number(size) })
    at += size
  }
  return { ret: 0, parts: found }
}

/** What is let go of when pages are unpinned that were pinned once more than this, by the processes they are charged to. */
export const freedBy = (list: AreaList, iovas: readonly bigint[]): readonly Charge[] => {
  let left = list
  const freed: Pages[] = []
  for (const iova of iovas) {
    const area = pageAt(left, iova)
    const wasPinned = isPinnedAt(left, iova)
    left = unpin(left, iova)
    if (area?.user && wasPinned && !area.filled && !isPinnedAt(left, iova))
      freed.push({ user: memoryAt(area, iova), pages: 1 })
  }
  return chargesFor(freed)
}
