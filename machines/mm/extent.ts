/**
 * Physical pages go by where they came from: `in` is an address space (memory that one process allocated for itself), an inode (memory that
 * several may map), the memory of a device (`edu1.bar0`) or `zero`, and `n` counts pages in there. What lies together there lies together in
 * memory, so a run of pages is one extent, however long.
 */
export interface Page {
  readonly in: string
  readonly n: number
}

export interface Extent extends Page {
  readonly pages: number
}

export const pageSize = 4096n
export const pageBytes = 4096

/** In the contents of memory: a byte nobody knows (what a device had in it before the story began, say). */
export const unknownByte = '\uFFFD'

/** The one page of zeros that stands for private memory nobody has written to. An extent of it is that same page again and again. */
const zero = 'zero'

export const zeros = (pages: number): Extent => ({ in: zero, n: 0, pages })

export const isZero = ({ in: where }: Page): boolean => where === zero

/** Whose memory it is, when it is a device's. */
export const deviceOf = ({ in: where }: Page): { readonly device: string; readonly bar: number } | null => {
  const found = /^(.+)\.bar(\d+)$/.exec(where)
  return found === null ? null : { device: found[1]!, bar: Number(found[2]) }
}

/** A buffer of the system's dma-buf heap, by its file; its pages are not to be pinned. */
export const heapOf = (file: string): string => `heap.${file}`

export const isOfHeap = ({ in: where }: Page): boolean => where.startsWith('heap.')

export const countPages = (extents: readonly Extent[]): number => extents.reduce((sum, { pages }) => sum + pages, 0)

/** Adds one at the end of a list, or to its last extent when it goes on from there. */
export const append = (extents: Extent[], next: Extent): void => {
  const last = extents.at(-1)
  const goesOn = last?.in === next.in && (isZero(next) || last.n + last.pages === next.n)
  if (goesOn) extents[extents.length - 1] = { ...last, pages: last.pages + next.pages }
  else extents.push(next)
}

/** Part of one extent. */
export const within = (extent: Extent, from: number, pages: number): Extent => ({
  in: extent.in,
  n: isZero(extent) ? 0 : extent.n + from,
  pages,
})

/** `pages` pages of a list, from the page at `from`. */
export const slice = (extents: readonly Extent[], from: number, pages: number): Extent[] => {
  const found: Extent[] = []
  let before = 0
  for (const extent of extents) {
    const start = Math.max(from, before)
    const end = Math.min(from + pages, before + extent.pages)
    if (start < end) found.push(within(extent, start - before, end - start))
    before += extent.pages
  }
  return found
}
