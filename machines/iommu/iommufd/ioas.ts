/**
 * An IOAS (struct io_pagetable): the areas that iommufd mapped. No lock is asked of whoever speaks to it: taking
 * iova.rwsem is the callers' business, and the form of 6.2 reads an area without it.
 *
 * Source: io_pagetable.c of 6.2 and 7.x: area->pages, num_accesses, prevent_access. A map takes its range first and
 * fills in the pages later, which is why an unmap may meet an area without pages (the two phases from memory).
 * Left out: domains and their page tables, protection (-EPERM), reserved ranges, cutting areas, num_locks of hardware
 * queues.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { named, type Pointer } from '../../kernel/pointer.ts'
import { complain, crash, note, type Heard, type Said } from '../../say.ts'
import * as list from './area-list.ts'

export interface IoasInput {
  /** Mapped, and pinned, when the story begins. */
  readonly mapped?: readonly (list.Range & { readonly pinned?: readonly bigint[] })[]
}

type IoasEvent =
  | (Heard & list.Range & { readonly type: 'FIND' | 'RESERVE' })
  | (Heard & { readonly type: 'FILL' | 'GATE' | 'CLEAR_PAGES' | 'FREE'; readonly area: Pointer })
  | (Heard & { readonly type: 'READ_ACCESSES'; readonly area: Pointer; readonly site: string })
  | (Heard & { readonly type: 'PIN'; readonly iova: bigint; readonly device: string })
  | (Heard & { readonly type: 'UNPIN'; readonly iovas: readonly bigint[] })

const start = ({ mapped = [] }: IoasInput): list.AreaList => {
  let areas: list.AreaList = { areas: [], lives: [] }
  for (const { pinned = [], ...range } of mapped) {
    const ptr = list.nextPointer(areas)
    areas = list.change(list.reserve(areas, range), ptr, { pages: true })
    for (const iova of pinned) areas = list.pin(areas, iova)
  }
  return areas
}

const pointerIn = (event: IoasEvent): Pointer => {
  assertEvent(event, ['FILL', 'GATE', 'CLEAR_PAGES', 'FREE', 'READ_ACCESSES'])
  return event.area
}

export const ioas = setup({
  types: {
    context: {} as list.AreaList,
    events: {} as IoasEvent,
    emitted: {} as Said,
    input: {} as IoasInput,
  },
  guards: {
    isEmptyRange: ({ event }) => event.type === 'RESERVE' && event.size <= 0n,
    overlaps: ({ context, event }) => event.type === 'RESERVE' && list.find(context, event) !== undefined,
    isStale: ({ context, event }) => list.follow(context, pointerIn(event)) === undefined,
    isNotMapped: ({ context, event }) =>
      event.type === 'PIN' && !(list.find(context, { iova: event.iova, size: 1n })?.pages ?? false),
    isGated: ({ context, event }) =>
      event.type === 'PIN' && list.find(context, { iova: event.iova, size: 1n })!.preventAccess,
  },
  actions: {
    found: emit(({ context, event }) => {
      assertEvent(event, 'FIND')
      const area = list.find(context, event)
      if (area === undefined) return answer(event, 'FOUND', { area: null })
      const { ptr, iova, size, pages } = area
      return answer(event, 'FOUND', { area: ptr, iova, size, pages, accesses: list.accessesOf(area) })
    }),
    /** Before `reserve`: it names the area that comes. */
    reserved: emit(({ context, event }) => answer(event, 'RESERVED', { ret: 0, area: list.nextPointer(context) })),
    notReserved: emit(({ event }, { ret }: { ret: string }) => answer(event, 'RESERVED', { ret, area: null })),
    reserve: assign(({ context, event }) => {
      assertEvent(event, 'RESERVE')
      return list.reserve(context, event)
    }),
    fill: assign(({ context, event }) => list.change(context, pointerIn(event), { pages: true })),
    filled: emit(({ event }) => answer(event, 'FILLED')),
    gate: assign(({ context, event }) => list.change(context, pointerIn(event), { preventAccess: true })),
    gated: emit(({ event }) => answer(event, 'GATED')),
    clearPages: assign(({ context, event }) => list.change(context, pointerIn(event), { pages: false })),
    cleared: emit(({ event }) => answer(event, 'CLEARED')),
    free: assign(({ context, event }) => list.remove(context, pointerIn(event))),
    freed: emit(({ event }) => answer(event, 'FREED')),
    accesses: emit(({ context, event }) =>
      answer(event, 'ACCESSES', { accesses: list.accessesOf(list.follow(context, pointerIn(event))!) }),
    ),
    pin: assign(({ context, event }) => {
      assertEvent(event, 'PIN')
      return list.pin(context, event.iova)
    }),
    pinned: emit(({ event }, { ret }: { ret: number | string }) => answer(event, 'PINNED', { ret })),
    unpin: assign(({ context, event }) => {
      assertEvent(event, 'UNPIN')
      return event.iovas.reduce(list.unpin, context)
    }),
    unpinned: emit(({ event }) => {
      assertEvent(event, 'UNPIN')
      return answer(event, 'UNPINNED', { ret: event.iovas.length })
    }),
    notePinned: emit(({ context, event }) => {
      assertEvent(event, 'PIN')
      return note(named(list.find(context, { iova: event.iova, size: 1n })!.ptr), 'pinned')
    }),
    noteUnpinned: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'UNPIN')
      for (const iova of event.iovas) {
        const area = list.find(context, { iova, size: 1n })
        if (area !== undefined && list.isPinnedAt(context, iova)) enqueue.emit(note(named(area.ptr), 'unpinned'))
        else enqueue.emit(complain('warn', 'WARNING in iommufd_access_unpin_pages: nothing is pinned there'))
      }
    }),
    note: emit(({ event }, { what }: { what: string }) => note(named(pointerIn(event)), what)),
    useAfterFree: emit(({ event }) => {
      const site = event.type === 'READ_ACCESSES' ? event.site : 'iopt_unmap_iova_range'
      return crash('use-after-free', `use-after-free in ${site}`, { object: named(pointerIn(event)) })
    }),
    doubleFree: emit(({ event }) =>
      crash('double-free', 'double-free in iopt_unmap_iova_range', { object: named(pointerIn(event)) }),
    ),
  },
}).createMachine({
  id: 'ioas',
  context: ({ input }) => start(input),
  initial: 'ready',
  states: {
    ready: {
      on: {
        FIND: { actions: 'found' },
        RESERVE: [
          { guard: 'isEmptyRange', actions: { type: 'notReserved', params: { ret: '-EINVAL' } } },
          { guard: 'overlaps', actions: { type: 'notReserved', params: { ret: '-EEXIST' } } },
          { actions: ['reserved', 'reserve'] },
        ],
        FILL: [
          { guard: 'isStale', target: 'dead', actions: 'useAfterFree' },
          { actions: ['fill', 'filled', { type: 'note', params: { what: 'mapped' } }] },
        ],
        GATE: [
          { guard: 'isStale', target: 'dead', actions: 'useAfterFree' },
          { actions: ['gate', 'gated', { type: 'note', params: { what: 'gated' } }] },
        ],
        CLEAR_PAGES: [
          { guard: 'isStale', target: 'dead', actions: 'useAfterFree' },
          { actions: ['clearPages', 'cleared'] },
        ],
        FREE: [
          { guard: 'isStale', target: 'dead', actions: 'doubleFree' },
          { actions: ['free', 'freed', { type: 'note', params: { what: 'freed' } }] },
        ],
        READ_ACCESSES: [{ guard: 'isStale', target: 'dead', actions: 'useAfterFree' }, { actions: 'accesses' }],
        PIN: [
          { guard: 'isNotMapped', actions: { type: 'pinned', params: { ret: '-ENOENT' } } },
          { guard: 'isGated', actions: { type: 'pinned', params: { ret: '-EINVAL' } } },
          { actions: ['pin', 'notePinned', { type: 'pinned', params: { ret: 1 } }] },
        ],
        UNPIN: { actions: ['noteUnpinned', 'unpin', 'unpinned'] },
      },
    },
    dead: {},
  },
})
