/**
 * Which pages of an address space are its own, and where: runs of pages at `at` that are the frames from `n` on. Only private memory that
 * was written to (or pinned for writing) has frames of its own; what else is mapped follows from the mapping.
 */
export interface Run {
  readonly at: number
  readonly pages: number
  readonly n: number
}

export type PageTable = readonly Run[]

export const drop = (table: PageTable, at: number, end: number): PageTable => {
  if (!table.some((run) => run.at < end && run.at + run.pages > at)) return table
  return table.flatMap((run) => {
    const runEnd = run.at + run.pages
    const before = run.at < at ? [{ ...run, pages: Math.min(runEnd, at) - run.at }] : []
    const behind = runEnd > end ? [{ at: Math.max(run.at, end), pages: runEnd - Math.max(run.at, end), n: 0 }] : []
    return [...before, ...behind.map((rest) => ({ ...rest, n: run.n + (rest.at - run.at) }))]
  })
}

/** Puts frames where there are none. */
export const insert = (table: PageTable, added: Run): PageTable => {
  const index = table.findIndex(({ at }) => at > added.at)
  const behind = index === -1 ? [] : table.slice(index)
  const before = index === -1 ? [...table] : table.slice(0, index)
  const last = before.at(-1)
  if (last && last.at + last.pages === added.at && last.n + last.pages === added.n)
    return [...before.slice(0, -1), { ...last, pages: last.pages + added.pages }, ...behind]
  return [...before, added, ...behind]
}

/** What is at a page: a run of own frames, or nothing for so many pages; up to `end`. */
export const lookUp = (
  table: PageTable,
  page: number,
  end: number,
): { readonly n: number | null; readonly pages: number } => {
  const run = table.find(({ at, pages }) => at + pages > page)
  if (run === undefined || run.at >= end) return { n: null, pages: end - page }
  if (run.at > page) return { n: null, pages: run.at - page }
  return { n: run.n + (page - run.at), pages: Math.min(end, run.at + run.pages) - page }
}
