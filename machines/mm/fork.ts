/**
 * What a new process gets of its parent's address space (dup_mmap). Private pages are copied at once: whether a kernel puts that off until
 * somebody writes cannot be seen from outside, except that pages which are pinned stay with the parent, which they do here.
 */
import type { AddressSpace } from './address-space.ts'
import type { Extent, Page } from './extent.ts'
import { insert, lookUp, type PageTable } from './page-table.ts'
import { endOf } from './vma.ts'

export interface Copy {
  readonly from: Extent
  readonly to: Page
}

export function fork(
  space: AddressSpace,
  id: string,
): { readonly child: AddressSpace; readonly copies: readonly Copy[] } {
  const vmas = space.vmas.filter(({ dontFork }) => !dontFork).map((vma) => ({ ...vma, locked: false }))
  const copies: Copy[] = []
  let table: PageTable = []
  let frames = 0
  for (const vma of vmas) {
    for (let page = vma.at; page < endOf(vma) && !vma.wipeOnFork;) {
      const { n, pages } = lookUp(space.table, page, endOf(vma))
      if (n !== null) {
        table = insert(table, { at: page, pages, n: frames })
        copies.push({ from: { in: space.id, n, pages }, to: { in: id, n: frames } })
        frames += pages
      }
      page += pages
    }
  }
  return { child: { id, vmas, table, frames, locked: 0 }, copies }
}
