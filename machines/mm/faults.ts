/**
 * From addresses to pages: what a load or store of the process reaches, what get_user_pages gets, and which pages are allocated for it.
 *
 * Source: mm/memory.c (do_anonymous_page, do_cow_fault, do_fault), mm/gup.c (check_vma_flags, pin_user_pages_remote), Linux 6.1.
 * Left out: transparent huge pages, swap, userfaultfd, stacks that grow, protection keys. Copy-on-write is done when a process forks, for
 * all its pages at once, so a page of its own never has to be copied here.
 */
import type { AddressSpace } from './address-space.ts'
import { append, zeros, type Extent } from './extent.ts'
import * as pageTable from './page-table.ts'
import { endOf, holding, may, type Vma } from './vma.ts'

export interface Access {
  /** Private pages that are reached become the space's own: it is going to write there. */
  readonly owns: boolean
  /** May this mapping be used so? */
  readonly permits: (vma: Vma) => boolean
  /** Whether missing pages are allocated; if not, the walk ends where one is missing. */
  readonly allocates: boolean
}

export interface Reached {
  readonly space: AddressSpace
  /** The pages from the first on, up to where it stopped. */
  readonly extents: readonly Extent[]
  readonly stopped: 'no mapping' | 'nothing behind it' | 'page missing' | null
}

/** x86 cannot write what it may not read, and the kernel allows reads of whatever is accessible at all. */
export const userMay =
  (write: boolean) =>
  (vma: Vma): boolean =>
    write ? may(vma, 'w') : vma.prot !== ''

export const pinMay =
  (write: boolean) =>
  (vma: Vma): boolean =>
    may(vma, write ? 'w' : 'r')

export function reach(space: AddressSpace, from: number, pages: number, access: Access): Reached {
  const extents: Extent[] = []
  const end = from + pages
  let now = space
  let page = from
  while (page < end) {
    const vma = holding(now.vmas, page)
    if (!vma || !access.permits(vma)) return { space: now, extents, stopped: 'no mapping' }
    const stop = Math.min(end, endOf(vma), fileEndOf(vma))
    if (page >= stop) return { space: now, extents, stopped: 'nothing behind it' }
    while (page < stop) {
      const { n, pages: run } = vma.shared ? { n: null, pages: stop - page } : pageTable.lookUp(now.table, page, stop)
      if (n === null && needsOwn(vma, access.owns)) {
        if (!access.allocates) return { space: now, extents, stopped: 'page missing' }
        now = allocate(now, vma, page, page + run)
        continue
      }
      append(extents, n === null ? notOwn(vma, page, run) : { in: now.id, n, pages: run })
      page += run
    }
  }
  return { space: now, extents, stopped: null }
}

/** The address at which the file under a mapping ends. */
const fileEndOf = ({ at, offset, filePages }: Vma): number => (filePages === null ? Infinity : at + filePages - offset)

/** Private memory gets a page of its own when it is written to; huge pages have no page of zeros that could stand for them before. */
const needsOwn = ({ shared, unit }: Vma, owns: boolean): boolean => !shared && (owns || unit > 1)

const notOwn = ({ file, offset, at }: Vma, page: number, pages: number): Extent =>
  file === null ? zeros(pages) : { in: file, n: offset + (page - at), pages }

function allocate(space: AddressSpace, { unit }: Vma, from: number, to: number): AddressSpace {
  const at = Math.floor(from / unit) * unit
  const pages = Math.ceil(to / unit) * unit - at
  return {
    ...space,
    table: pageTable.insert(space.table, { at, pages, n: space.frames }),
    frames: space.frames + pages,
  }
}
