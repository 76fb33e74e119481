/**
 * The page table of a process, as far as it leads to device memory: which physical page lies at an address. No lock is needed to look
 * something up or to clear it; each entry changes at once (the page table lock).
 *
 * An access of a processor walks the table and then goes out to the device. Who clears entries flushes the TLB, and that waits until the
 * processors are through with what they were doing: between WALK and WALKED nothing is cleared or moved. Whoever only reads an entry
 * (GET: follow_pte) has no such protection: what he read may be wrong as soon as he has it.
 *
 * fork copies entries with the locks of both tables held, the child's first: from HOLD on nothing is cleared or moved in the child's
 * until what was read in the parent's (READ) is there (FILL). So whoever clears first the parent's, then the child's leaves nothing behind.
 *
 * A mapping that is moved is marked as one whose memory type is tracked before its entries have come along. Who zaps it then finds nothing to
 * look that up by, and x86 warns: seen on Linux 6.1.192, that it comes from here is derived.
 *
 * Source: mm/memory.c (follow_pte, zap_page_range, io_remap_pfn_range, copy_pte_range), arch/x86/mm/tlb.c, untrack_pfn of arch/x86/mm/pat.
 * Left out: that the warning comes once a boot, permissions, dirty and accessed bits, huge entries, tables that are freed.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { printk, type Heard, type Said } from '../../say.ts'
import { pageSize } from '../extent.ts'

export interface Pte {
  readonly vaddr: bigint
  readonly pfn: bigint
}

interface PtesContext {
  /** In the order of their addresses. */
  readonly entries: readonly Pte[]
  /** Accesses and copies that are under way. */
  readonly walks: number
}

type PtesEvent =
  | (Heard & { readonly type: 'SET'; readonly vaddr: bigint; readonly pfn: bigint; readonly size?: bigint })
  | (Heard & { readonly type: 'GET' | 'WALK'; readonly vaddr: bigint })
  | (Heard & { readonly type: 'WALKED' | 'HOLD' })
  | (Heard & { readonly type: 'FILL'; readonly entries: readonly Pte[] })
  | (Heard & {
      readonly type: 'CLEAR'
      readonly start: bigint
      readonly size: bigint
      /** Where the entries still are that will move here. */
      readonly copyOf?: bigint
    })
  | (Heard & { readonly type: 'READ'; readonly start: bigint; readonly size: bigint })
  | (Heard & { readonly type: 'MOVE'; readonly start: bigint; readonly to: bigint; readonly size: bigint })

const isIn = ({ vaddr }: Pte, start: bigint, size: bigint): boolean => start <= vaddr && vaddr < start + size

const sorted = (entries: readonly Pte[]): readonly Pte[] =>
  entries.toSorted((one, other) => (one.vaddr < other.vaddr ? -1 : 1))

/** Entries for pages that follow each other. */
const entriesFor = (vaddr: bigint, pfn: bigint, size: bigint): readonly Pte[] =>
  Array.from({ length: Number(size / pageSize) }, (_, n) => ({
    vaddr: vaddr + BigInt(n) * pageSize,
    pfn: pfn + BigInt(n),
  }))

const lookUp = ({ entries }: PtesContext, event: PtesEvent): bigint | null => {
  assertEvent(event, ['GET', 'WALK'])
  return entries.find((each) => isIn(each, event.vaddr - (event.vaddr % pageSize), pageSize))?.pfn ?? null
}

export const ptes = setup({
  types: {
    context: {} as PtesContext,
    events: {} as PtesEvent,
    emitted: {} as Said,
    meta: {} as { readonly defers: readonly string[] },
  },
  guards: {
    isAbsent: ({ context, event }) => lookUp(context, event) === null,
    isLastWalk: ({ context }) => context.walks === 1,
    findsNothingTracked: ({ context: { entries }, event }) => {
      assertEvent(event, 'CLEAR')
      const { start, size, copyOf } = event
      const isMapped = (at: bigint) => entries.some((each) => isIn(each, at, size))
      return copyOf !== undefined && isMapped(copyOf) && !isMapped(start)
    },
  },
  actions: {
    set: assign(({ context, event }) => {
      assertEvent(event, 'SET')
      const { vaddr, pfn, size = pageSize } = event
      const others = context.entries.filter((each) => !isIn(each, vaddr, size))
      return { entries: sorted([...others, ...entriesFor(vaddr, pfn, size)]) }
    }),
    fill: assign(({ context, event }) => {
      assertEvent(event, 'FILL')
      return { entries: sorted([...context.entries, ...event.entries]) }
    }),
    clear: assign(({ context, event }) => {
      assertEvent(event, 'CLEAR')
      return { entries: context.entries.filter((each) => !isIn(each, event.start, event.size)) }
    }),
    move: assign(({ context, event }) => {
      assertEvent(event, 'MOVE')
      const { start, to, size } = event
      const place = (each: Pte) => (isIn(each, start, size) ? { ...each, vaddr: each.vaddr - start + to } : each)
      return { entries: sorted(context.entries.map(place)) }
    }),
    warn: emit(() => printk(4, 'WARNING: untrack_pfn: no entry where the mapping is tracked (x86)')),
    beginWalk: assign({ walks: ({ context }) => context.walks + 1 }),
    endWalk: assign({ walks: ({ context }) => context.walks - 1 }),
    tell: emit(({ context, event }) => answer(event, 'ANSWER', { pfn: lookUp(context, event) })),
    read: emit(({ context, event }) => {
      assertEvent(event, 'READ')
      return answer(event, 'ANSWER', { entries: context.entries.filter((each) => isIn(each, event.start, event.size)) })
    }),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
  },
}).createMachine({
  id: 'ptes',
  context: { entries: [], walks: 0 },
  initial: 'still',
  states: {
    still: {
      on: {
        SET: { actions: ['set', 'done'] },
        GET: { actions: 'tell' },
        WALK: [
          { guard: 'isAbsent', actions: 'tell' },
          { target: 'walked', actions: ['beginWalk', 'tell'] },
        ],
        READ: { actions: 'read' },
        HOLD: { target: 'walked', actions: ['beginWalk', 'done'] },
        CLEAR: [{ guard: 'findsNothingTracked', actions: ['warn', 'done'] }, { actions: ['clear', 'done'] }],
        MOVE: { actions: ['move', 'done'] },
      },
    },
    walked: {
      meta: { defers: ['CLEAR', 'MOVE'] },
      on: {
        SET: { actions: ['set', 'done'] },
        GET: { actions: 'tell' },
        WALK: [{ guard: 'isAbsent', actions: 'tell' }, { actions: ['beginWalk', 'tell'] }],
        WALKED: [
          { guard: 'isLastWalk', target: 'still', actions: ['endWalk', 'done'] },
          { actions: ['endWalk', 'done'] },
        ],
        READ: { actions: 'read' },
        HOLD: { actions: ['beginWalk', 'done'] },
        FILL: [
          { guard: 'isLastWalk', target: 'still', actions: ['fill', 'endWalk', 'done'] },
          { actions: ['fill', 'endWalk', 'done'] },
        ],
      },
    },
  },
})
