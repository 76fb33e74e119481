/**
 * An IOAS (struct io_pagetable): the areas that iommufd mapped, and what of the address space can be mapped at all. No lock
 * is asked of whoever speaks to it: taking iova.rwsem is the callers' business, and the form of 6.2 reads an area
 * without it. What concerns the domain is asked under domains_rwsem, too.
 *
 * Source: io_pagetable.c of 6.2 and 7.x: area->pages, num_accesses, prevent_access; iopt_alloc_area_pages, iopt_cut_iova,
 * iopt_disable_large_pages, iopt_table_add_domain. A map takes its range first and fills in the pages later, which is why
 * an unmap may meet an area without pages.
 * Page tables of one IOAS hold the same, so they are one domain here.
 * Left out: protection of accesses (-EPERM), num_locks of hardware queues.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { firstFailing } from '../../kernel/checks.ts'
import { named, type Pointer } from '../../kernel/heap/pointer.ts'
import { allocated, complain, freed, note, used, type Heard, type Observed, type Said } from '../../say.ts'
import * as list from './area-list.ts'
import * as spaces from './iova-space.ts'

export interface IoasInput {
  /** Mapped, and pinned, when the story begins. */
  readonly mapped?: readonly (list.Range & { readonly pinned?: readonly bigint[] })[]
}

export type IoasContext = list.AreaList & spaces.IovaSpace

type IoasEvent =
  | (Heard & list.Range & { readonly type: 'FIND' })
  /** `anywhere`: the iova is for the kernel to choose. */
  | (Heard & list.Range & { readonly type: 'RESERVE'; readonly user?: list.UserMemory; readonly anywhere?: boolean })
  | (Heard & {
      readonly type: 'RESERVE_PARTS'
      readonly iova: bigint
      readonly parts: readonly list.NewPart[]
      readonly anywhere: boolean
    })
  /** `of`: what its pages are called, if they may come to be shared. */
  | (Heard & { readonly type: 'FILL'; readonly area: Pointer; readonly filled?: boolean; readonly of?: string })
  | (Heard & list.Range & { readonly type: 'BEHIND' })
  | (Heard & { readonly type: 'RANGES'; readonly num: number; readonly readable: boolean })
  | (Heard & { readonly type: 'ALLOW'; readonly ranges: readonly spaces.Span[] })
  | (Heard & { readonly type: 'ONLY_FILES' })
  | (Heard & { readonly type: 'CHANGE_PROCESS'; readonly process: string })
  | (Heard & { readonly type: 'GATE' | 'CLEAR_PAGES' | 'FREE'; readonly area: Pointer })
  | (Heard & { readonly type: 'READ_ACCESSES'; readonly area: Pointer; readonly site: string })
  | (Heard & { readonly type: 'PIN'; readonly iova: bigint; readonly device: string })
  | (Heard & { readonly type: 'UNPIN'; readonly iovas: readonly bigint[] })
  | (Heard & { readonly type: 'ACCESS'; readonly iova: bigint; readonly npage: number; readonly write: boolean })
  | (Heard & { readonly type: 'ADD_PINS'; readonly iova: bigint; readonly npage: number })
  | (Heard & { readonly type: 'COPY'; readonly iova: bigint; readonly len: number; readonly write: boolean })
  | (Heard & { readonly type: 'CUT'; readonly lasts: readonly bigint[] })
  | (Heard & { readonly type: 'LARGE_PAGES' | 'COHERENCY' | 'DOMAIN' | 'FILL_ALL' | 'REMOVE_DOMAIN' })
  /** `file`: only what is of that. */
  | (Heard & { readonly type: 'FILLED_AREAS'; readonly file?: string })
  | (Heard & { readonly type: 'SET_LARGE_PAGES'; readonly allowed: boolean })
  | (Heard & { readonly type: 'INFO'; readonly argsz: number })
  | (Heard & { readonly type: 'CLAIM_RANGES'; readonly owner: string; readonly ranges: readonly [bigint, bigint][] })
  | (Heard & { readonly type: 'DROP_RANGES'; readonly owner: string })
  | (Heard & { readonly type: 'ADD_DOMAIN'; readonly domain: spaces.Domain })
  | (Heard & { readonly type: 'ADD_ACCESS' | 'REMOVE_ACCESS'; readonly device: string })

const start = ({ mapped = [] }: IoasInput): IoasContext => {
  let areas: list.AreaList = { areas: [], lives: [] }
  for (const { pinned = [], ...range } of mapped) {
    const ptr = list.nextPointer(areas)
    areas = list.change(list.reserve(areas, range), ptr, { pages: true })
    for (const iova of pinned) areas = list.pin(areas, iova)
  }
  return { ...areas, ...spaces.emptySpace }
}

const pointerIn = (event: IoasEvent): Pointer => {
  assertEvent(event, ['FILL', 'GATE', 'CLEAR_PAGES', 'FREE', 'READ_ACCESSES'])
  return event.area
}

const pagesFrom = (iova: bigint, npage: number): readonly bigint[] =>
  Array.from({ length: npage }, (_, page) => iova + BigInt(page) * list.pageSize)

/** The reserved ranges of a domain are its own, not a device's. */
const domainItself = 'domain'

const spansOf = ({ areas }: list.AreaList): readonly spaces.Span[] =>
  areas.map(({ iova, size }) => [iova, iova + size - 1n])

/** Where it shall lie, or why it cannot be anywhere. A length of 0 is refused before anything is chosen. */
const placeFor = (context: IoasContext, event: IoasEvent): bigint | string => {
  assertEvent(event, ['RESERVE', 'RESERVE_PARTS'])
  if (event.anywhere !== true) return event.iova
  const { size, user } = event.type === 'RESERVE' ? event : wholeOf(event.parts)
  if (size % spaces.alignmentOf(context) !== 0n || size === 0n) return '-EINVAL'
  return spaces.choose(context, spansOf(context), { size, vaddr: user?.vaddr ?? 0n })
}

/** All parts together; the first decides how it is aligned. */
const wholeOf = (parts: readonly list.NewPart[]) => ({
  size: parts.reduce((sum, { size }) => sum + size, 0n),
  user: parts[0]!.user,
})

const notReservable = (context: IoasContext, event: IoasEvent): string | undefined => {
  assertEvent(event, ['RESERVE', 'RESERVE_PARTS'])
  const iova = placeFor(context, event)
  if (typeof iova === 'string') return iova
  const refusal = (range: list.Range & { readonly user?: list.UserMemory }): string | undefined =>
    list.refusal(context, range, spaces.alignmentOf(context), (each) => spaces.isReserved(context, each))
  if (event.type === 'RESERVE') return refusal({ ...event, iova })
  const whole = refusal({ iova, size: wholeOf(event.parts).size })
  return (
    whole ??
    placed(iova, event.parts)
      .map(refusal)
      .find((each) => each !== undefined)
  )
}

/** Parts one behind the other. */
const placed = (iova: bigint, parts: readonly list.NewPart[]): readonly (list.NewPart & list.Range)[] => {
  let at = iova
  return parts.map((part) => {
    const range = { ...part, iova: at }
    at += part.size
    return range
  })
}

const cut = (context: IoasContext, event: IoasEvent): list.Split => {
  assertEvent(event, 'CUT')
  return list.cut(context, event.lasts, spaces.alignmentOf(context), context.largePages)
}

/** Some area does not fit what the address space is about to become. */
const misfits = ({ areas }: list.AreaList, space: Omit<spaces.IovaSpace, 'reserved' | 'allowed'>): boolean =>
  areas.some((area) => !list.isAligned(area, spaces.alignmentOf(space)))

/** Somebody has something mapped there, or the kernel may choose addresses there (iopt_reserve_iova). */
const isTaken = (context: IoasContext, ranges: readonly spaces.Span[]): boolean =>
  ranges.some(
    ([first, last]) =>
      list.find(context, { iova: first, size: last - first + 1n }) !== undefined ||
      context.allowed.some((allowed) => allowed[0] <= last && first <= allowed[1]),
  )

/** Why large pages cannot be done without, if so (iopt_disable_large_pages). */
const mustHaveLargePages = (context: IoasContext): string | undefined =>
  firstFailing([
    [context.domain !== null && context.areas.length > 0, '-EINVAL'],
    [misfits(context, { ...context, largePages: false }), '-EADDRINUSE'],
  ])

const noDomain = (context: IoasContext, event: IoasEvent): string | undefined => {
  assertEvent(event, 'ADD_DOMAIN')
  return firstFailing([
    [misfits(context, { ...context, domain: event.domain }), '-EADDRINUSE'],
    [isTaken(context, spaces.beyond(event.domain)), '-EADDRINUSE'],
  ])
}

/** Areas with memory behind them, in the order of their addresses. */
const backed = (areas: readonly list.Area[]): readonly list.Backed[] =>
  areas.flatMap(({ iova, size, user, pages }) => (user !== null && pages ? [{ iova, size, user }] : []))

const cache = 'iopt_area'
const unmapping = 'iopt_unmap_iova_range'

/** Code follows a pointer to an area. */
const touched = ({ context, event }: { readonly context: IoasContext; readonly event: IoasEvent }): Observed => {
  const area = pointerIn(event)
  const live = list.follow(context, area) !== undefined
  if (event.type === 'FREE') return freed(named(area), cache, { site: unmapping, live })
  if (event.type === 'READ_ACCESSES') return used(named(area), cache, { site: event.site, live, access: 'read' })
  return used(named(area), cache, {
    site: event.type === 'FILL' && live ? 'iopt_map_pages' : unmapping,
    live,
    access: 'write',
  })
}

/** The parts that an area is cut into are areas of their own. */
const replaced = (before: list.AreaList, now: list.AreaList): readonly Observed[] => {
  const added = (one: list.AreaList, other: list.AreaList) =>
    one.areas.flatMap(({ ptr }) => (list.follow(other, ptr) === undefined ? [named(ptr)] : []))
  const site = 'iopt_area_split'
  return [
    ...added(now, before).map((object) => allocated(object, cache, { site })),
    ...added(before, now).map((object) => freed(object, cache, { site })),
  ]
}

export const ioas = setup({
  types: {
    context: {} as IoasContext,
    events: {} as IoasEvent,
    emitted: {} as Said,
    input: {} as IoasInput,
  },
  guards: {
    cannotReserve: ({ context, event }) => notReservable(context, event) !== undefined,
    isStale: ({ context, event }) => list.follow(context, pointerIn(event)) === undefined,
    isNotMapped: ({ context, event }) =>
      event.type === 'PIN' && !(list.find(context, { iova: event.iova, size: 1n })?.pages ?? false),
    isGated: ({ context, event }) =>
      event.type === 'PIN' && list.find(context, { iova: event.iova, size: 1n })!.preventAccess,
    isSo: ({ context, event }) => event.type === 'SET_LARGE_PAGES' && event.allowed === context.largePages,
    mustStay: ({ context, event }) =>
      event.type === 'SET_LARGE_PAGES' && !event.allowed && mustHaveLargePages(context) !== undefined,
    areTaken: ({ context, event }) => event.type === 'CLAIM_RANGES' && isTaken(context, event.ranges),
    isNotAllowed: ({ context, event }) =>
      event.type === 'ALLOW' && spaces.notAllowable(context, event.ranges) !== undefined,
    cannotAddDomain: ({ context, event }) => noDomain(context, event) !== undefined,
    accessMisfits: ({ context, event }) =>
      event.type === 'ADD_ACCESS' && misfits(context, { ...context, accesses: [...context.accesses, event.device] }),
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
    reserved: enqueueActions(({ context, event, enqueue }) => {
      const area = list.nextPointer(context)
      enqueue.emit(allocated(named(area), cache, { site: 'iopt_alloc_area_pages' }))
      const chosen = 'anywhere' in event && event.anywhere ? { iova: placeFor(context, event) } : {}
      enqueue.emit(answer(event, 'RESERVED', { ret: 0, area, ...chosen }))
    }),
    reserveParts: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'RESERVE_PARTS')
      const iova = placeFor(context, event) as bigint
      let now: list.AreaList = context
      const areas: (list.Backed & { readonly area: Pointer })[] = []
      for (const { size, user, iova: at } of placed(iova, event.parts)) {
        const area = list.nextPointer(now)
        enqueue.emit(allocated(named(area), cache, { site: 'iopt_alloc_area_pages' }))
        now = list.reserve(now, { iova: at, size }, user)
        areas.push({ area, iova: at, size, user })
      }
      enqueue.assign(now)
      enqueue.emit(answer(event, 'RESERVED', { ret: 0, areas, iova }))
    }),
    notReserved: emit(({ context, event }) =>
      answer(event, 'RESERVED', {
        ret: notReservable(context, event)!,
        ...(event.type === 'RESERVE_PARTS' ? { areas: [] } : { area: null }),
      }),
    ),
    reserve: assign(({ context, event }) => {
      assertEvent(event, 'RESERVE')
      const range = { iova: placeFor(context, event) as bigint, size: event.size }
      return list.reserve(context, range, event.user)
    }),
    fill: assign(({ context, event }) => {
      assertEvent(event, 'FILL')
      const { area, filled = false, of } = event
      const user = list.follow(context, area)!.user
      const shared = of === undefined || user === null ? {} : { user: { ...user, shared: { ...user.shared!, of } } }
      return list.change(context, area, { pages: true, filled, ...shared })
    }),
    filled: enqueueActions((step) => {
      step.enqueue.emit(touched(step))
      step.enqueue.emit(answer(step.event, 'FILLED'))
    }),
    gate: assign(({ context, event }) => list.change(context, pointerIn(event), { preventAccess: true })),
    gated: enqueueActions((step) => {
      step.enqueue.emit(touched(step))
      step.enqueue.emit(answer(step.event, 'GATED'))
    }),
    clearPages: assign(({ context, event }) => list.change(context, pointerIn(event), { pages: false })),
    /** Says what has to be taken out of the domain, if there is anything. */
    cleared: enqueueActions((step) => {
      const { context, event, enqueue } = step
      const { user, filled, iova, size } = list.follow(context, pointerIn(event))!
      enqueue.emit(touched(step))
      enqueue.emit(answer(event, 'CLEARED', filled ? { filled: { iova, size, user } } : {}))
    }),
    free: assign(({ context, event }) => list.remove(context, pointerIn(event))),
    freed: emit(({ event }) => answer(event, 'FREED')),
    accesses: enqueueActions((step) => {
      const { context, event, enqueue } = step
      enqueue.emit(touched(step))
      enqueue.emit(answer(event, 'ACCESSES', { accesses: list.accessesOf(list.follow(context, pointerIn(event))!) }))
    }),
    pin: assign(({ context, event }) => {
      assertEvent(event, 'PIN')
      return list.pin(context, event.iova)
    }),
    pinned: emit(({ event }, { ret }: { ret: number | string }) => answer(event, 'PINNED', { ret })),
    unpin: assign(({ context, event }) => {
      assertEvent(event, 'UNPIN')
      return event.iovas.reduce<list.AreaList>(list.unpin, context)
    }),
    /** Before `unpin`: says what is to be given back, if anything is. */
    unpinned: emit(({ context, event }) => {
      assertEvent(event, 'UNPIN')
      const charges = list.freedBy(context, event.iovas)
      return answer(event, 'UNPINNED', { ret: event.iovas.length, ...(charges.length > 0 && { charges }) })
    }),
    tellAccess: emit(({ context, event }) => {
      assertEvent(event, 'ACCESS')
      return answer(event, 'ACCESS_IS', { ...list.access(context, event.iova, event.npage, event.write) })
    }),
    addPins: assign(({ context, event }) => {
      assertEvent(event, 'ADD_PINS')
      return pagesFrom(event.iova, event.npage).reduce<list.AreaList>(list.pin, context)
    }),
    pinsAdded: emit(({ event }) => {
      assertEvent(event, 'ADD_PINS')
      return answer(event, 'PINNED', { ret: event.npage })
    }),
    tellParts: emit(({ context, event }) => {
      assertEvent(event, 'COPY')
      return answer(event, 'PARTS', { ...list.parts(context, event.iova, event.len, event.write) })
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

    /** Before `cut`. */
    tellCut: enqueueActions(({ context, event, enqueue }) => {
      const { list: now, ret } = cut(context, event)
      for (const each of replaced(context, now)) enqueue.emit(each)
      enqueue.emit(answer(event, 'ANSWER', { ret }))
    }),
    cut: assign(({ context, event }) => cut(context, event).list),
    tellLargePages: emit(({ context, event }) => answer(event, 'ANSWER', { ret: 0, val: context.largePages ? 1 : 0 })),
    /** The devices behind the IOMMU of this machine cannot promise that all of their accesses are coherent. */
    tellCoherency: emit(({ context, event }) => answer(event, 'ANSWER', { ret: context.domain === null ? 1 : 0 })),
    setLargePages: assign(({ event }) => {
      assertEvent(event, 'SET_LARGE_PAGES')
      return { largePages: event.allowed }
    }),
    needsLargePages: emit(({ context, event }) => answer(event, 'ANSWER', { ret: mustHaveLargePages(context)! })),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    addressInUse: emit(({ event }) => answer(event, 'ANSWER', { ret: '-EADDRINUSE' })),
    tellInfo: emit(({ context, event }) => {
      assertEvent(event, 'INFO')
      return answer(event, 'ANSWER', { ret: 0, ...spaces.infoOf(context, event.argsz) })
    }),
    tellBehind: emit(({ context, event }) => {
      assertEvent(event, 'BEHIND')
      const parts = list.behind(context, event)
      return answer(event, 'ANSWER', { ret: parts === undefined ? '-ENOENT' : 0, ...(parts && { parts }) })
    }),
    tellRanges: emit(({ context, event }) => {
      assertEvent(event, 'RANGES')
      // What there is no room for is not written, and what is written nowhere is a fault.
      const isFault = !event.readable && event.num > 0
      return answer(event, 'ANSWER', isFault ? { ret: '-EFAULT' } : spaces.rangesOf(context, event.num))
    }),
    notAllowed: emit(({ context, event }) => {
      assertEvent(event, 'ALLOW')
      return answer(event, 'ANSWER', { ret: spaces.notAllowable(context, event.ranges)! })
    }),
    allow: assign(({ event }) => {
      assertEvent(event, 'ALLOW')
      return { allowed: event.ranges.toSorted((a, b) => (a[0] < b[0] ? -1 : 1)) }
    }),
    tellOnlyFiles: emit(({ context: { areas }, event }) => {
      const isFile = ({ user }: list.Area): boolean => user?.file !== undefined && user.import === undefined
      return answer(event, 'ANSWER', {
        ret: areas.every(isFile) ? 0 : '-EINVAL',
        areas: backed(areas.filter(({ filled }) => filled)),
      })
    }),
    changeProcess: assign(({ context: { areas }, event }) => {
      assertEvent(event, 'CHANGE_PROCESS')
      const { process } = event
      return { areas: areas.map((area) => ({ ...area, user: area.user && { ...area.user, process } })) }
    }),
    claimRanges: assign(({ context: { reserved }, event }) => {
      assertEvent(event, 'CLAIM_RANGES')
      return { reserved: spaces.reserve(reserved, event.owner, event.ranges) }
    }),
    dropRanges: assign(({ context: { reserved }, event }) => {
      assertEvent(event, 'DROP_RANGES')
      return { reserved: spaces.release(reserved, event.owner) }
    }),

    tellDomain: emit(({ context: { domain }, event }) => answer(event, 'DOMAIN_IS', { domain })),
    addDomain: assign(({ context: { reserved }, event }) => {
      assertEvent(event, 'ADD_DOMAIN')
      return { domain: event.domain, reserved: spaces.reserve(reserved, domainItself, spaces.beyond(event.domain)) }
    }),
    domainAdded: emit(({ context, event }) => answer(event, 'DOMAIN_ADDED', { ret: 0, areas: backed(context.areas) })),
    domainRefused: emit(({ context, event }) =>
      answer(event, 'DOMAIN_ADDED', { ret: noDomain(context, event)!, areas: [] }),
    ),
    fillAll: assign({
      areas: ({ context }) => context.areas.map((area) => ({ ...area, filled: area.pages && area.user !== null })),
    }),
    tellFilled: emit(({ context: { areas }, event }) => {
      assertEvent(event, 'FILLED_AREAS')
      const { file } = event
      const wanted = areas.filter(({ filled, user }) => filled && (file === undefined || user?.file === file))
      return answer(event, 'AREAS_ARE', { areas: backed(wanted) })
    }),
    removeDomain: assign(({ context: { areas, reserved } }) => ({
      domain: null,
      reserved: spaces.release(reserved, domainItself),
      areas: areas.map((area) => ({ ...area, filled: false })),
    })),
    addAccess: assign(({ context: { accesses }, event }) => {
      assertEvent(event, 'ADD_ACCESS')
      return { accesses: [...accesses, event.device] }
    }),
    removeAccess: assign(({ context: { accesses }, event }) => {
      assertEvent(event, 'REMOVE_ACCESS')
      return { accesses: accesses.filter((device) => device !== event.device) }
    }),

    /** After `free` the area is gone: that is the end of its life, not something else that happened to it. */
    note: emit(({ event }, { what }: { what: string }) => {
      const object = named(pointerIn(event))
      return event.type === 'FREE' ? freed(object, cache, { site: unmapping }) : note(object, what)
    }),
    useAfterFree: emit((step) => touched(step)),
    doubleFree: emit((step) => touched(step)),
  },
}).createMachine({
  id: 'ioas',
  context: ({ input }) => start(input),
  initial: 'ready',
  states: {
    ready: {
      on: {
        FIND: { actions: 'found' },
        RESERVE: [{ guard: 'cannotReserve', actions: 'notReserved' }, { actions: ['reserved', 'reserve'] }],
        RESERVE_PARTS: [{ guard: 'cannotReserve', actions: 'notReserved' }, { actions: 'reserveParts' }],
        BEHIND: { actions: 'tellBehind' },
        RANGES: { actions: 'tellRanges' },
        ALLOW: [{ guard: 'isNotAllowed', actions: 'notAllowed' }, { actions: ['allow', 'done'] }],
        ONLY_FILES: { actions: 'tellOnlyFiles' },
        CHANGE_PROCESS: { actions: ['changeProcess', 'done'] },
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
          { actions: ['cleared', 'clearPages'] },
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
        UNPIN: { actions: ['noteUnpinned', 'unpinned', 'unpin'] },
        ACCESS: { actions: 'tellAccess' },
        ADD_PINS: { actions: ['addPins', 'pinsAdded'] },
        COPY: { actions: 'tellParts' },

        CUT: { actions: ['tellCut', 'cut'] },
        LARGE_PAGES: { actions: 'tellLargePages' },
        COHERENCY: { actions: 'tellCoherency' },
        SET_LARGE_PAGES: [
          { guard: 'isSo', actions: 'done' },
          { guard: 'mustStay', actions: 'needsLargePages' },
          { actions: ['setLargePages', 'done'] },
        ],
        INFO: { actions: 'tellInfo' },
        CLAIM_RANGES: [{ guard: 'areTaken', actions: 'addressInUse' }, { actions: ['claimRanges', 'done'] }],
        DROP_RANGES: { actions: ['dropRanges', 'done'] },

        DOMAIN: { actions: 'tellDomain' },
        ADD_DOMAIN: [{ guard: 'cannotAddDomain', actions: 'domainRefused' }, { actions: ['addDomain', 'domainAdded'] }],
        FILL_ALL: { actions: ['fillAll', 'done'] },
        FILLED_AREAS: { actions: 'tellFilled' },
        REMOVE_DOMAIN: { actions: ['removeDomain', 'done'] },
        ADD_ACCESS: [{ guard: 'accessMisfits', actions: 'addressInUse' }, { actions: ['addAccess', 'done'] }],
        REMOVE_ACCESS: { actions: ['removeAccess', 'done'] },
      },
    },
    dead: {},
  },
})
