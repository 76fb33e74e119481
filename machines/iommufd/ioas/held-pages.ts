/**
 * Pages that mappings of an iommufd file have in common (struct iopt_pages): a copy of a mapping has the same memory behind it, which is
 * pinned once, as long as one of them needs it. Spoken to under pages->mutex.
 *
 * Source: iopt_area_fill_domain, iopt_area_unfill_domain, iopt_unpin (drivers/iommu/iommufd/pages.c, 6.2 to 7.x).
 * Left out: pages that accesses have pinned; that each iopt_pages has a mutex of its own.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { append, slice, type Extent } from '../../mm/extent.ts'
import type { Heard, Said } from '../../say.ts'

/** Pages of one iopt_pages, by their numbers in it. */
export interface Stretch {
  readonly of: string
  readonly first: number
  readonly pages: number
}

interface Held extends Stretch {
  readonly extents: readonly Extent[]
  /** How many mappings hold them. */
  readonly count: number
}

/** Sorted by their first page. */
type HeldPagesContext = { readonly held: readonly Held[] }

type HeldPagesEvent =
  | (Heard & Stretch & { readonly type: 'LOOK' | 'DROP' })
  | (Heard & Stretch & { readonly type: 'HOLD'; readonly got: readonly Held[] })

const endOf = ({ first, pages }: Stretch): number => first + pages

const part = (held: Held, first: number, end: number): Held => {
  const [from, to] = [Math.max(first, held.first), Math.min(end, endOf(held))]
  return { ...held, first: from, pages: to - from, extents: slice(held.extents, from - held.first, to - from) }
}

const overlaps = (held: Stretch, { of, first, pages }: Stretch): boolean =>
  held.of === of && held.first < first + pages && first < endOf(held)

/** Cut so that each lies in the stretch or not. */
const cutAt = (all: readonly Held[], stretch: Stretch): readonly Held[] =>
  all.flatMap((held) =>
    overlaps(held, stretch)
      ? [
          part(held, held.first, stretch.first),
          part(held, stretch.first, endOf(stretch)),
          part(held, endOf(stretch), endOf(held)),
        ].filter(({ pages }) => pages > 0)
      : [held],
  )

const sorted = (all: readonly Held[]): readonly Held[] =>
  all.toSorted((a, b) => (a.of === b.of ? a.first - b.first : a.of < b.of ? -1 : 1))

/** What nobody holds yet. */
const missing = (all: readonly Held[], stretch: Stretch): readonly Stretch[] => {
  const found: Stretch[] = []
  let next = stretch.first
  for (const { first, pages } of cutAt(all, stretch).filter((held) => overlaps(held, stretch))) {
    if (first > next) found.push({ of: stretch.of, first: next, pages: first - next })
    next = first + pages
  }
  return next < endOf(stretch) ? [...found, { of: stretch.of, first: next, pages: endOf(stretch) - next }] : found
}

const counted = (all: readonly Held[], stretch: Stretch, by: number): readonly Held[] =>
  cutAt(all, stretch).map((held) => (overlaps(held, stretch) ? { ...held, count: held.count + by } : held))

const hold = (all: readonly Held[], stretch: Stretch, got: readonly Held[]): readonly Held[] =>
  counted(sorted([...all, ...got.map((each) => ({ ...each, count: 0 }))]), stretch, 1)

const extentsOf = (all: readonly Held[], stretch: Stretch): readonly Extent[] => {
  const found: Extent[] = []
  for (const { extents } of cutAt(all, stretch).filter((held) => overlaps(held, stretch)))
    for (const extent of extents) append(found, extent)
  return found
}

export const heldPages = setup({
  types: {
    context: {} as HeldPagesContext,
    events: {} as HeldPagesEvent,
    emitted: {} as Said,
    input: {} as Readonly<Record<string, never>>,
  },
  actions: {
    tellMissing: emit(({ context: { held }, event }) => answer(event, 'MISSING', { missing: missing(held, event) })),
    hold: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'HOLD')
      const held = hold(context.held, event, event.got)
      enqueue.assign({ held })
      enqueue.emit(answer(event, 'HELD', { extents: extentsOf(held, event) }))
    }),
    /** Before `drop`: how many pages nobody holds any more. */
    dropped: emit(({ context: { held }, event }) => {
      const gone = counted(held, event, -1).filter(({ count }) => count === 0)
      return answer(event, 'DROPPED', { freed: gone.reduce((sum, { pages }) => sum + pages, 0) })
    }),
    drop: assign(({ context: { held }, event }) => ({
      held: counted(held, event, -1).filter(({ count }) => count > 0),
    })),
  },
}).createMachine({
  id: 'heldPages',
  context: { held: [] },
  initial: 'ready',
  states: {
    ready: {
      on: {
        LOOK: { actions: 'tellMissing' },
        HOLD: { actions: 'hold' },
        DROP: { actions: ['dropped', 'drop'] },
      },
    },
  },
})
