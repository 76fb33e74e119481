/** An address space as data: its mappings, its own pages, and what of it counts as locked. */
import type { PageTable } from './page-table.ts'
import type { Vma } from './vma.ts'

export interface AddressSpace {
  readonly id: string
  readonly vmas: readonly Vma[]
  readonly table: PageTable
  /** Frames allocated so far: the number of the next. */
  readonly frames: number
  /** locked_vm, in pages. */
  readonly locked: number
  /** Each exec gives a process another address space: which one this is, unless it is the first. */
  readonly life?: number
}

/** What a change came to: the space afterwards, and what the call returns. */
export interface Changed {
  readonly space: AddressSpace
  readonly ret: number | string
  /** A mapping is at another address now. */
  readonly moved?: true
}
