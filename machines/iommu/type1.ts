/**
 * The type1 backend (struct vfio_iommu): its mappings and the pages pinned through them. Everything here happens under
 * iommu->lock; only READ may come without it, from code that follows a pointer it kept (vfio_notify_dma_unmap, 6.0).
 *
 * Source: "[PATCH v13 11/22]" and c086de818dd8 (4.10) to 8cfc5b60751b (6.0): vfio_dma_do_map, vfio_dma_do_unmap,
 * vfio_remove_dma, vfio_iommu_type1_pin_pages and _unpin_pages. The warning about pins left moved into vfio_remove_dma
 * in 5.15; before that only the detach of the last group looked.
 * Left out: real pinning and its errors (-ENODEV, -EFAULT, -ENOMEM), accounting, dma_avail, iova windows, dirty
 * bitmaps, VADDR, UNMAP_ALL, IOMMU domains and their TLB. A pin is of one page.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../kernel/answer.ts'
import { named, type Pointer } from '../kernel/pointer.ts'
import { complain, crash, note, type Heard, type Said } from '../say.ts'
import * as list from './dma-list.ts'
import type { Era } from './era.ts'

export interface Type1Input {
  /** VFIO_TYPE1v2_IOMMU: unmap never cuts a mapping, and drivers may pin. */
  readonly v2: boolean
  readonly era?: Era
  /** Mapped, and pinned, when the story begins. */
  readonly mapped?: readonly (list.Mapping & { readonly pinned?: readonly bigint[] })[]
}

export interface Type1Context extends list.DmaList {
  readonly v2: boolean
  readonly era: Era
}

type Type1Event =
  | (Heard & { readonly type: 'CHECK' | 'FIND'; readonly iova: bigint; readonly size: bigint })
  | (Heard & { readonly type: 'READ'; readonly dma: Pointer; readonly what: string; readonly site: string })
  | (Heard & { readonly type: 'REMOVE'; readonly dma: Pointer; readonly site: string })
  | (Heard & list.Mapping & { readonly type: 'MAP' })
  | (Heard & { readonly type: 'PIN'; readonly iova: bigint; readonly prot: list.Prot; readonly device: string })
  | (Heard & { readonly type: 'UNPIN'; readonly iovas: readonly bigint[] })
  | (Heard & { readonly type: 'DETACH' })

const start = ({ v2, era = 'v6.0', mapped = [] }: Type1Input): Type1Context => {
  let dmas: list.DmaList = { dmas: [], lives: [] }
  for (const { pinned = [], ...mapping } of mapped) {
    dmas = list.insert(dmas, mapping)
    for (const iova of pinned) dmas = list.pin(dmas, iova)
  }
  return { v2, era, ...dmas }
}

/** The mapping a READ or REMOVE points at. */
const pointedAt = (context: Type1Context, event: Type1Event): list.Dma | undefined => {
  assertEvent(event, ['READ', 'REMOVE'])
  return list.follow(context, event.dma)
}

const pageToPin = (context: Type1Context, event: Type1Event): list.Dma | undefined => {
  assertEvent(event, 'PIN')
  return list.find(context, event.iova, list.pageSize)
}

/** What the kernel says, and loses, when a mapping goes while pages are pinned through it. */
const leak = ({ ptr, pins }: list.Dma): Said =>
  complain('leak', 'leak in vfio_remove_dma: pinned pages left', {
    object: named(ptr),
    detail: `pages, their vfio_pfn and locked_vm stay: ${pins.map(({ iova }) => `0x${iova.toString(16)}`).join(', ')}`,
  })
const pinsLeft = (where: string, { ptr }: list.Dma): Said =>
  complain('warn', `WARNING in ${where}: pinned pages left`, { object: named(ptr) })

export const type1 = setup({
  types: {
    context: {} as Type1Context,
    events: {} as Type1Event,
    emitted: {} as Said,
    input: {} as Type1Input,
  },
  guards: {
    wouldBisect: ({ context, event }) => {
      assertEvent(event, 'CHECK')
      return context.v2 && list.bisects(context, event.iova, event.size)
    },
    isStale: ({ context, event }) => pointedAt(context, event) === undefined,
    isPinned: ({ context, event }) => pointedAt(context, event)!.pins.length > 0,
    isBadRange: ({ event }) => {
      assertEvent(event, 'MAP')
      return list.isBadRange(event.iova, event.size)
    },
    isTaken: ({ context, event }) => {
      assertEvent(event, 'MAP')
      return list.find(context, event.iova, event.size) !== undefined
    },
    isUnmapped: ({ context, event }) => pageToPin(context, event) === undefined,
    isForbidden: ({ context, event }) => {
      assertEvent(event, 'PIN')
      return !list.allows(pageToPin(context, event)!, event.prot)
    },
  },
  actions: {
    mayUnmap: emit(({ event }) => answer(event, 'CHECKED', { ret: 0 })),
    bisected: emit(({ event }) => answer(event, 'CHECKED', { ret: '-EINVAL' })),
    found: emit(({ context, event }) => {
      assertEvent(event, 'FIND')
      const dma = list.find(context, event.iova, event.size)
      if (dma === undefined) return answer(event, 'FOUND', { dma: null })
      const { ptr, iova, size, mm, pins } = dma
      return answer(event, 'FOUND', { dma: ptr, iova, size, mm, pinned: pins.length > 0 })
    }),
    readResult: emit(({ context, event }) => {
      const { iova, size, mm, pins } = pointedAt(context, event)!
      return answer(event, 'READ_RESULT', { iova, size, mm, pinned: pins.length > 0 })
    }),
    useAfterFree: emit(({ event }) => {
      assertEvent(event, 'READ')
      const object = named(event.dma)
      return crash('use-after-free', `use-after-free in ${event.site}`, { object, detail: `reads dma->${event.what}` })
    }),
    doubleFree: emit(({ event }) => {
      assertEvent(event, 'REMOVE')
      return crash('double-free', `double-free in ${event.site}`, { object: named(event.dma) })
    }),
    complainOfPins: enqueueActions(({ context, event, enqueue }) => {
      const dma = pointedAt(context, event)!
      if (context.era === 'v6.0') enqueue.emit(pinsLeft('vfio_remove_dma', dma))
      enqueue.emit(leak(dma))
    }),
    noteFreed: emit(({ event }) => {
      assertEvent(event, 'REMOVE')
      return note(named(event.dma), 'freed')
    }),
    remove: assign(({ context, event }) => {
      assertEvent(event, 'REMOVE')
      return list.remove(context, event.dma)
    }),
    removed: emit(({ event }) => answer(event, 'REMOVED')),
    noteMapped: emit(({ context }) => note(named(list.nextPointer(context)), 'mapped')),
    insert: assign(({ context, event }) => {
      assertEvent(event, 'MAP')
      return list.insert(context, event)
    }),
    mapped: emit(({ event }) => answer(event, 'MAPPED', { ret: 0 })),
    badRange: emit(({ event }) => answer(event, 'MAPPED', { ret: '-EINVAL' })),
    taken: emit(({ event }) => answer(event, 'MAPPED', { ret: '-EEXIST' })),
    notePinned: emit(({ context, event }) => note(named(pageToPin(context, event)!.ptr), 'pinned')),
    pin: assign(({ context, event }) => {
      assertEvent(event, 'PIN')
      return list.pin(context, event.iova)
    }),
    pinned: emit(({ event }) => answer(event, 'PINNED', { ret: 1 })),
    unmapped: emit(({ event }) => answer(event, 'PINNED', { ret: '-EINVAL' })),
    forbidden: emit(({ event }) => answer(event, 'PINNED', { ret: '-EPERM' })),
    unpin: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'UNPIN')
      const done = list.unpinnable(context, event.iovas)
      let left: list.DmaList = context
      for (const iova of event.iovas.slice(0, done)) {
        if (list.isPinnedAt(left, iova))
          enqueue.emit(note(named(list.find(left, iova, list.pageSize)!.ptr), 'unpinned'))
        left = list.unpin(left, iova)
      }
      enqueue.assign({ dmas: left.dmas })
      enqueue.emit(answer(event, 'UNPINNED', { ret: done === 0 ? '-EINVAL' : done }))
    }),
    freeAll: enqueueActions(({ context, enqueue }) => {
      const where = context.era === 'v6.0' ? 'vfio_remove_dma' : 'vfio_sanity_check_pfn_list'
      for (const dma of context.dmas) {
        if (dma.pins.length > 0) enqueue.emit(pinsLeft(where, dma))
        if (dma.pins.length > 0) enqueue.emit(leak(dma))
        enqueue.emit(note(named(dma.ptr), 'freed'))
      }
      enqueue.assign({ dmas: [] })
    }),
    detached: emit(({ event }) => answer(event, 'DETACHED')),
  },
}).createMachine({
  id: 'type1',
  context: ({ input }) => start(input),
  initial: 'ready',
  states: {
    ready: {
      on: {
        CHECK: [{ guard: 'wouldBisect', actions: 'bisected' }, { actions: 'mayUnmap' }],
        FIND: { actions: 'found' },
        READ: [{ guard: 'isStale', actions: 'useAfterFree' }, { actions: 'readResult' }],
        REMOVE: [
          { guard: 'isStale', actions: 'doubleFree' },
          { guard: 'isPinned', actions: ['complainOfPins', 'noteFreed', 'remove', 'removed'] },
          { actions: ['noteFreed', 'remove', 'removed'] },
        ],
        MAP: [
          { guard: 'isBadRange', actions: 'badRange' },
          { guard: 'isTaken', actions: 'taken' },
          { actions: ['noteMapped', 'insert', 'mapped'] },
        ],
        PIN: [
          { guard: 'isUnmapped', actions: 'unmapped' },
          { guard: 'isForbidden', actions: 'forbidden' },
          { actions: ['notePinned', 'pin', 'pinned'] },
        ],
        UNPIN: { actions: 'unpin' },
        DETACH: { actions: ['freeAll', 'detached'] },
      },
    },
  },
})
