/**
 * The type1 backend of a container (struct vfio_iommu): its mappings and the pages pinned through them. Everything here
 * happens under iommu->lock, except where code follows a pointer that it kept (READ: vfio_notify_dma_unmap, 6.0), where
 * the backend is made and freed, and where somebody waits (AWAIT_VADDR). Whoever got hold of the backend without a lock says
 * which life of it he means (`backend`); when that is over, it is a use-after-free (B-25).
 *
 * Source: "[PATCH v13 11/22]" and c086de818dd8 (4.10) to 8cfc5b60751b (6.0), and Linux 5.15 and 6.1 vfio_iommu_type1.c:
 * vfio_dma_do_map, vfio_dma_do_unmap, vfio_remove_dma, vfio_iommu_type1_pin_pages and _unpin_pages; the files beside this
 * one say more. The warning about pins left moved into vfio_remove_dma in 5.15; before that only the detach of the last
 * group looked.
 * PIN and UNPIN are of the stories about unmap, where a pin is of one page and there is no memory behind it; elsewhere
 * memory is got, charged and mapped by the calls, and the backend is told what came of it (LINK, JOIN, PIN_DONE).
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { named, type Pointer } from '../../kernel/heap/pointer.ts'
import { allocated, freed, note, used, type Heard, type Observed, type Said } from '../../say.ts'
import * as tracking from '../dirty/dirty-tracking.ts'
import * as list from './dma-list.ts'
import * as groups from './group-changes.ts'
import { info } from './iommu-info.ts'
import { isAllowed } from './iova-windows.ts'
import * as memory from '../device-memory/mappings.ts'
import * as pages from '../pin/pinned-pages.ts'
import { sites, type Range, type Type1Event } from './type1-messages.ts'
import * as vaddrs from '../map/vaddr-update.ts'
import {
  accountOf,
  available,
  hasDomain,
  hasInvalid,
  isOver,
  start,
  type Reply,
  type Type1Context,
  type Type1Input,
} from './vfio-iommu.ts'

/** The mapping a READ or REMOVE points at. */
const pointedAt = (context: Type1Context, event: Type1Event): list.Dma | undefined => {
  assertEvent(event, ['READ', 'REMOVE'])
  return list.follow(context, event.dma)
}

/** Code follows a pointer that it kept. */
const read = (context: Type1Context, event: Type1Event): Observed => {
  assertEvent(event, 'READ')
  const { dma, site, what } = event
  const live = pointedAt(context, event) !== undefined
  return used(named(dma), 'vfio_dma', { site, live, access: 'read', detail: `reads dma->${what}` })
}

const removed = (context: Type1Context, event: Type1Event): Observed => {
  assertEvent(event, 'REMOVE')
  const { dma, site } = event
  return freed(named(dma), 'vfio_dma', { site, live: pointedAt(context, event) !== undefined })
}

const pageToPin = (context: Type1Context, event: Type1Event): list.Dma | undefined => {
  assertEvent(event, 'PIN')
  return list.find(context, event.iova, list.pageSize)
}

/** What a mapping that goes leaves to be undone: nothing where there is no IOMMU. */
const undoOf = (context: Type1Context, dma: list.Dma) => {
  const { iova, size, held = 0 } = dma
  if (!hasDomain(context)) return {}
  return { undo: { iova, size, charges: held === 0 ? [] : [{ ...accountOf(dma), pages: held }] } }
}

/** Where a walk goes on after this one. */
const walkOn = (context: Type1Context, dma: list.Dma, { iova, size }: Range): Pointer | null =>
  list.nextIn(context, dma, iova, size)?.ptr ?? null

/** ioctls with nothing sensible behind their argument. */
function unreadable({ v2, profile }: Type1Context, req: bigint): string {
  if (req === 15221n && profile!.tracksDirtyPages) return v2 ? '-EFAULT' : '-EACCES'
  return [15216n, 15217n, 15218n].includes(req) ? '-EFAULT' : '-ENOTTY'
}

/** A mapping as it is linked; while pages are tracked it has a bitmap from the start. Kernels differ in whose it is. */
const backed = (
  { tracking: isTracking, profile }: Type1Context,
  { task, life }: Heard & { readonly life?: number },
  memory: Omit<list.Backed, 'dirty'>,
): list.Backed => ({
  ...memory,
  ...(isTracking && { dirty: [] }),
  ...(profile?.owner === 'thread' && { thread: task }),
  ...(profile?.owner === 'memory' && life !== undefined && { life }),
})

/** What comes of a message is what a pure function says. */
const reply = (
  queue: { assign(next: Partial<Type1Context>): void; emit(said: Said): void },
  event: Type1Event,
  { next, type, fields, said = [] }: Reply,
): void => {
  for (const each of said) queue.emit(each)
  if (next !== undefined) queue.assign(next)
  if (type !== undefined) queue.emit(answer(event, type, fields))
}

export const type1 = setup({
  types: {
    context: {} as Type1Context,
    events: {} as Type1Event,
    emitted: {} as Said,
    input: {} as Type1Input,
    meta: {} as { readonly defers: readonly string[] },
  },
  guards: {
    isOver: ({ context, event }) => 'backend' in event && isOver(context, event.backend ?? undefined),
    isRefused: ({ context, event }) => {
      assertEvent(event, 'CHECK')
      const { iova, size, all = false, bitmap = false } = event
      return (bitmap && !context.tracking) || (context.v2 && !all && list.bisects(context, iova, size))
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
    isFull: ({ context }) => available(context) <= 0,
    isOutside: ({ context, event }) => {
      assertEvent(event, 'MAP')
      return !isAllowed(context.windows, event.iova, event.iova + event.size - 1n)
    },
    needsPages: ({ context }) => hasDomain(context),
    isTooLargeToTrack: ({ context, event }) => {
      assertEvent(event, 'MAP')
      return context.tracking && tracking.isTooLargeToTrack(event.size)
    },
    // Memory of a device has no struct page: as if nothing were mapped.
    isUnmapped: ({ context, event }) => {
      const dma = pageToPin(context, event)
      return dma === undefined || list.isOfDevice(dma)
    },
    isForbidden: ({ context, event }) => {
      assertEvent(event, 'PIN')
      return !list.allows(pageToPin(context, event)!, event.prot)
    },
    lacksAddress: ({ context }) => context.open && !context.closed && hasInvalid(context),
    isReferenced: ({ context }) => context.refs > 0,
    isLastReference: ({ context }) => memory.isLast(context),
    lacksNoAddress: ({ context }) => !context.open || context.closed || !hasInvalid(context),
  },
  actions: {
    freedBackend: emit(({ context, event }) =>
      used(groups.backendName(context), 'vfio_iommu', {
        site: sites[event.type]!,
        live: false,
        detail: 'the backend was freed when the last group left',
      }),
    ),
    usedAfterFree: emit(({ context, event }) =>
      used(memory.nameOf(context), 'vfio_iommu', {
        site: 'site' in event ? event.site : sites[event.type]!,
        live: false,
        detail: 'struct vfio_iommu was freed when the last user left the container',
      }),
    ),
    deviceMemory: enqueueActions(({ context, event, enqueue }) => {
      reply(enqueue, event, memory.replyTo(context, event as memory.DeviceMemoryEvent))
    }),
    mayUnmap: emit(({ event }) => answer(event, 'CHECKED', { ret: 0 })),
    refused: emit(({ event }) => answer(event, 'CHECKED', { ret: '-EINVAL' })),
    found: emit(({ context, event }) => {
      assertEvent(event, 'FIND')
      const { iova: from, size: length, walk } = event
      const isWalk = typeof walk === 'object'
      const dma = isWalk ? list.follow(context, walk) : list.findFirst(context, from, length)
      // v1 takes whole mappings without refusing anything: a request that begins inside one stops there.
      const stops = dma === undefined || (walk !== undefined && !context.v2 && from > dma.iova)
      if (stops) return answer(event, 'FOUND', { dma: null })
      const { ptr, iova, size, mm, thread, pins } = dma
      const owner = thread === undefined ? { mm } : { mm, thread }
      const next = walk === undefined ? {} : { next: walkOn(context, dma, event) }
      return answer(event, 'FOUND', { dma: ptr, iova, size, ...owner, pinned: pins.length > 0, ...next })
    }),
    readResult: enqueueActions(({ context, event, enqueue }) => {
      const { iova, size, mm, pins } = pointedAt(context, event)!
      enqueue.emit(read(context, event))
      enqueue.emit(answer(event, 'READ_RESULT', { iova, size, mm, pinned: pins.length > 0 }))
    }),
    useAfterFree: emit(({ context, event }) => read(context, event)),
    doubleFree: emit(({ context, event }) => removed(context, event)),
    complainOfPins: enqueueActions(({ context, event, enqueue }) => {
      const dma = pointedAt(context, event)!
      if (context.era === 'v6.0') enqueue.emit(groups.pinsLeft('vfio_remove_dma', dma))
      enqueue.emit(groups.leak(dma))
    }),
    noteFreed: emit(({ context, event }) => removed(context, event)),
    remove: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'REMOVE')
      const undo = undoOf(context, pointedAt(context, event)!)
      reply(enqueue, event, { next: list.remove(context, event.dma), type: 'REMOVED', fields: undo })
    }),
    report: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'REPORT')
      reply(enqueue, event, tracking.report(context, event.dma, event.base, event.user))
    }),
    noteMapped: emit(({ context }) =>
      allocated(named(list.nextPointer(context)), 'vfio_dma', { site: 'vfio_dma_do_map', what: 'mapped' }),
    ),
    insert: assign(({ context, event }) => {
      assertEvent(event, 'MAP')
      const { vaddr, lockCap } = event
      const memory = vaddr === undefined ? {} : backed(context, event, { vaddr, lockCap: lockCap!, locked: 0 })
      return list.insert(context, event, memory)
    }),
    mapped: emit(({ event }) => answer(event, 'MAPPED', { ret: 0 })),
    getPages: emit(({ event }) => answer(event, 'MAPPED', { ret: 0, pin: true })),
    notMapped: emit(({ event }, { ret }: { ret: string }) => answer(event, 'MAPPED', { ret })),
    link: assign(({ context, event }) => {
      assertEvent(event, 'LINK')
      const { vaddr, lockCap, locked } = event
      return list.insert(context, event, backed(context, event, { vaddr, lockCap, locked, held: locked }))
    }),
    linked: emit(({ event }) => answer(event, 'LINKED')),
    checkVaddr: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'CHECK_VADDR')
      reply(enqueue, event, vaddrs.checkVaddr(context, event))
    }),
    setVaddr: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'SET_VADDR')
      reply(enqueue, event, vaddrs.setVaddr(context, event))
    }),
    takeVaddrs: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'TAKE_VADDRS')
      reply(enqueue, event, vaddrs.takeVaddrs(context, event))
    }),
    awaited: emit(({ context, event }) => answer(event, 'AWAITED', { open: context.open && !context.closed })),
    dirtyPages: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'DIRTY_PAGES')
      reply(enqueue, event, tracking.dirtyPages(context, event))
    }),
    info: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'GET_INFO')
      reply(enqueue, event, info(context.profile!, context, event.argsz))
    }),
    unreadable: emit(({ context, event }) => {
      assertEvent(event, 'IOCTL')
      return answer(event, 'ANSWER', { ret: unreadable(context, event.req) })
    }),
    extension: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'EXTENSION')
      reply(enqueue, event, groups.extension(context, event.ext, event.backend !== null))
    }),
    open: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'OPEN')
      reply(enqueue, event, groups.open(context, event))
    }),
    release: enqueueActions(({ context, event, enqueue }) => {
      reply(enqueue, event, groups.release(context))
    }),
    containerClosed: assign({ closed: true }),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    attach: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'ATTACH')
      reply(enqueue, event, groups.attach(context, event))
    }),
    join: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'JOIN')
      reply(enqueue, event, groups.join(context, event))
    }),
    leave: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'LEAVE')
      reply(enqueue, event, groups.leave(context, event.group))
    }),
    pinPages: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'PIN_PAGES')
      reply(enqueue, event, pages.pinRuns(context, event))
    }),
    pinDone: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'PIN_DONE')
      reply(enqueue, event, pages.pinDone(context, event))
    }),
    unpinPages: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'UNPIN_PAGES')
      reply(enqueue, event, pages.unpinPages(context, event.iovas))
    }),
    access: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'RW')
      reply(enqueue, event, pages.accessRuns(context, event))
    }),
    written: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'RW_DONE')
      reply(enqueue, event, pages.written(context, event))
    }),
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
    freeAll: enqueueActions(({ context, event, enqueue }) => {
      reply(enqueue, event, { next: list.cleared(context), said: groups.allFreed(context), type: 'DETACHED' })
    }),
  },
}).createMachine({
  id: 'type1',
  context: ({ input }) => start(input),
  initial: 'ready',
  on: {
    CHECK: [
      { guard: 'isOver', actions: 'freedBackend' },
      { guard: 'isRefused', actions: 'refused' },
      { actions: 'mayUnmap' },
    ],
    FIND: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: 'found' }],
    READ: [{ guard: 'isStale', actions: 'useAfterFree' }, { actions: 'readResult' }],
    REPORT: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: 'report' }],
    REMOVE: [
      { guard: 'isOver', actions: 'freedBackend' },
      { guard: 'isStale', actions: 'doubleFree' },
      { guard: 'isPinned', actions: ['complainOfPins', 'noteFreed', 'remove'] },
      { actions: ['noteFreed', 'remove'] },
    ],
    MAP: [
      { guard: 'isOver', actions: 'freedBackend' },
      { guard: 'isBadRange', actions: { type: 'notMapped', params: { ret: '-EINVAL' } } },
      { guard: 'isTaken', actions: { type: 'notMapped', params: { ret: '-EEXIST' } } },
      { guard: 'isFull', actions: { type: 'notMapped', params: { ret: '-ENOSPC' } } },
      { guard: 'isOutside', actions: { type: 'notMapped', params: { ret: '-EINVAL' } } },
      { guard: 'needsPages', actions: 'getPages' },
      { guard: 'isTooLargeToTrack', actions: { type: 'notMapped', params: { ret: '-EINVAL' } } },
      { actions: ['noteMapped', 'insert', 'mapped'] },
    ],
    LINK: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: ['noteMapped', 'link', 'linked'] }],
    CHECK_VADDR: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: 'checkVaddr' }],
    SET_VADDR: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: 'setVaddr' }],
    TAKE_VADDRS: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: 'takeVaddrs' }],
    DIRTY_PAGES: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: 'dirtyPages' }],
    GET_INFO: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: 'info' }],
    IOCTL: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: 'unreadable' }],
    EXTENSION: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: 'extension' }],
    OPEN: { actions: 'open' },
    RELEASE: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: 'release' }],
    CONTAINER_CLOSE: { actions: ['containerClosed', 'done'] },
    ATTACH: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: 'attach' }],
    JOIN: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: 'join' }],
    LEAVE: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: 'leave' }],
    PIN_PAGES: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: 'pinPages' }],
    PIN_DONE: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: 'pinDone' }],
    UNPIN_PAGES: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: 'unpinPages' }],
    RW: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: 'access' }],
    RW_DONE: [{ guard: 'isOver', actions: 'freedBackend' }, { actions: 'written' }],
    PIN: [
      { guard: 'isUnmapped', actions: 'unmapped' },
      { guard: 'isForbidden', actions: 'forbidden' },
      { actions: ['notePinned', 'pin', 'pinned'] },
    ],
    UNPIN: { actions: 'unpin' },
    DETACH: { actions: 'freeAll' },
    INSERT: { actions: 'deviceMemory' },
    FIND_WHOLE: { actions: 'deviceMemory' },
    LINK_PFNMAP: { actions: 'deviceMemory' },
    UNLINK_PFNMAP: { actions: 'deviceMemory' },
    BY_PFNMAP: { actions: 'deviceMemory' },
    USE: { actions: 'deviceMemory' },
    LIST: { actions: 'deviceMemory' },
    GET: { actions: 'deviceMemory' },
  },
  states: {
    ready: {
      always: { guard: 'lacksAddress', target: 'invalid' },
      on: {
        AWAIT_VADDR: { actions: 'awaited' },
        PUT: [{ guard: 'isLastReference', target: 'freed', actions: 'deviceMemory' }, { actions: 'deviceMemory' }],
        FREE: [
          { guard: 'isReferenced', actions: 'deviceMemory' },
          { target: 'freed', actions: 'deviceMemory' },
        ],
      },
    },
    // Some mapping has no address: whoever needs it waits for one, or for the container's end.
    invalid: {
      meta: { defers: ['AWAIT_VADDR'] },
      always: { guard: 'lacksNoAddress', target: 'ready' },
    },
    // The last user of the container is gone, and whoever held on to it.
    freed: {
      on: {
        INSERT: { actions: 'usedAfterFree' },
        FIND_WHOLE: { actions: 'usedAfterFree' },
        LINK_PFNMAP: { actions: 'usedAfterFree' },
        UNLINK_PFNMAP: { actions: 'usedAfterFree' },
        BY_PFNMAP: { actions: 'usedAfterFree' },
        USE: { actions: 'usedAfterFree' },
        LIST: { actions: 'usedAfterFree' },
        GET: { actions: 'usedAfterFree' },
        PUT: { actions: 'usedAfterFree' },
        FREE: { actions: 'usedAfterFree' },
        CHECK: { actions: 'usedAfterFree' },
        FIND: { actions: 'usedAfterFree' },
        READ: { actions: 'usedAfterFree' },
        REMOVE: { actions: 'usedAfterFree' },
        MAP: { actions: 'usedAfterFree' },
        PIN: { actions: 'usedAfterFree' },
        UNPIN: { actions: 'usedAfterFree' },
      },
    },
  },
})
