/** Mappings of an address space (struct vm_area_struct), in the order of their addresses. Addresses are counted in pages here. */

export interface Vma {
  readonly at: number
  readonly pages: number
  /** Some of `rwx`; empty for PROT_NONE. */
  readonly prot: string
  readonly shared: boolean
  /** The inode, or the memory of a device; null when there is no file. */
  readonly file: string | null
  /** Mapped from a descriptor: so is private memory of /dev/zero, which has no file as far as its pages go. */
  readonly named: boolean
  /** Which page of the file lies at `at`. */
  readonly offset: number
  /** How many pages the file has: beyond them is nothing to map. Null without a file. */
  readonly filePages: number | null
  /** An open file of a device (VM_IO | VM_PFNMAP): held as long as a piece of the mapping is left. */
  readonly holds: string | null
  /** Pages that come and go together: 1, or those of a huge page. */
  readonly unit: number
  readonly mayWrite: boolean
  readonly locked: boolean
  readonly dontFork: boolean
  readonly wipeOnFork: boolean
}

export const endOf = ({ at, pages }: { readonly at: number; readonly pages: number }): number => at + pages

export const isDevice = ({ holds }: Vma): boolean => holds !== null

export const may = ({ prot }: Vma, what: 'r' | 'w'): boolean => prot.includes(what)

/** The first mapping that ends behind a page: it holds the page, or lies behind it (find_vma). */
export const find = (vmas: readonly Vma[], page: number): Vma | undefined => {
  let low = 0
  let high = vmas.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (endOf(vmas[middle]!) > page) high = middle
    else low = middle + 1
  }
  return vmas[low]
}

export const holding = (vmas: readonly Vma[], page: number): Vma | undefined => {
  const vma = find(vmas, page)
  return vma && vma.at <= page ? vma : undefined
}

/** Mappings that overlap a range. */
export const inside = (vmas: readonly Vma[], at: number, end: number): readonly Vma[] =>
  vmas.filter((vma) => vma.at < end && endOf(vma) > at)

/** A part of it, as a mapping of its own; longer than it was, if `end` says so. */
export const piece = (vma: Vma, at: number, end: number): Vma => ({
  ...vma,
  at,
  pages: end - at,
  offset: vma.offset + (at - vma.at),
})

/** A mapping that reaches over `page` becomes two. */
const splitAt = (vmas: readonly Vma[], page: number): readonly Vma[] =>
  vmas.flatMap((vma) =>
    vma.at < page && endOf(vma) > page ? [piece(vma, vma.at, page), piece(vma, page, endOf(vma))] : [vma],
  )

/** What lies in a range becomes something else, or nothing; what reaches out of it stays as it is outside. */
export const change = (vmas: readonly Vma[], at: number, end: number, by: (vma: Vma) => Vma | null): readonly Vma[] =>
  splitAt(splitAt(vmas, at), end).flatMap((vma) => {
    if (vma.at >= end || endOf(vma) <= at) return [vma]
    return by(vma) ?? []
  })

export const insert = (vmas: readonly Vma[], vma: Vma): readonly Vma[] =>
  [...vmas, vma].sort((one, other) => one.at - other.at)

/** Would an edge of the range cut through a huge page? */
export const cutsUnit = (vmas: readonly Vma[], ...edges: readonly number[]): boolean =>
  edges.some((page) => {
    const vma = holding(vmas, page)
    return vma !== undefined && vma.at < page && page % vma.unit !== 0
  })

/** Open files that the mappings hold, each once. */
export const heldFiles = (vmas: readonly Vma[]): readonly string[] => [
  ...new Set(vmas.flatMap(({ holds }) => holds ?? [])),
]
