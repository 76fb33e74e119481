/**
 * An open /dev/iommu, or /dev/vfio/vfio where iommufd provides it (struct iommufd_ctx): the objects made through it by their
 * numbers, and which IOAS stands for the container of old (vfio_ioas). A device that is bound has the DMA of its whole
 * IOMMU group, as long as any device of the group is bound through the same file.
 *
 * IOASes live in actors of their own, which are there from the start; this knows which of them have been made. Numbers begin
 * at 1, and what is free is used again. What is used by something else, or by a call at this moment, is not removed: a page table uses its
 * IOAS, a device what it is attached to, and VFIO the device. Page tables that nobody asked for by themselves go with the last device that
 * is attached. All devices of an IOMMU group that are attached have one page table.
 *
 * Source: drivers/iommu/iommufd/main.c, vfio_compat.c (6.2 to 7.x). The devices of the kernel's own tests are bound and attached
 * in one go.
 * Left out: the reference that setting the IOAS of a container takes for a moment; noiommu.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../kernel/answer.ts'
import { firstFailing } from '../kernel/checks.ts'
import type { Heard, Said } from '../say.ts'

type Made =
  | { readonly what: 'ioas'; readonly actor: string }
  | {
      readonly what: 'page table'
      /** The IOAS that it is filled from. */
      readonly actor: string
      /** Made for devices that were attached to the IOAS, not by HWPT_ALLOC. */
      readonly auto: boolean
      /** Its fault queue: no device of this machine can be attached to it. */
      readonly queue?: number
    }
  /** `file`: as long as its descriptor is open. */
  | { readonly what: 'fault queue'; readonly file: string | null }
  | {
      readonly what: 'device'
      readonly device: string
      readonly group: string
      readonly ioas: string | null
      /** The number of its page table. */
      readonly pt: number | null
      /** By an IOMMU: it needs a page table. */
      readonly translated: boolean
    }

type Numbered = Made & { readonly id: number }

type IommufdContext = {
  /** The open file, once somebody besides its descriptors holds it. */
  readonly file: string | null
  /** IOASes that can be made, in this order. */
  readonly free: readonly string[]
  /** Sorted by their numbers. */
  readonly objects: readonly Numbered[]
  /** The number of the IOAS that the ioctls of a container are about. */
  readonly compat: number | null
  /** IOASes that calls are at work on: each once for every such call. Counted where objects are destroyed. */
  readonly inUse: readonly string[]
  /** Who is charged for pinned pages (IOMMU_OPTION_RLIMIT_MODE). */
  readonly accounts: 'user' | 'memory'
}

/** Who wants to be attached: what is to be known of it is told as well. */
interface Attaching {
  readonly attaches?: string
}

type IommufdEvent =
  | (Heard & { readonly type: 'ALLOCATE' | 'CREATE_COMPAT' | 'FILE' | 'CONTENTS' })
  | (Heard & Attaching & { readonly type: 'COMPAT' })
  | (Heard & { readonly type: 'HOLD'; readonly file: string })
  | (Heard & { readonly type: 'SET_COMPAT'; readonly ioas: number })
  /** To attach a device with an IOMMU to it, the number of a page table will do. */
  | (Heard & Attaching & { readonly type: 'FIND'; readonly ioas: number; readonly translated?: boolean })
  | (Heard & { readonly type: 'RLIMIT_MODE'; readonly do: string; readonly val: bigint; readonly may: boolean })
  | (Heard & {
      readonly type: 'MAKE_TABLE'
      readonly devid: number
      readonly pt: number
      readonly flags: number
      readonly nested: boolean
      readonly queue: number | null
      readonly refusesQueue: boolean
    })
  | (Heard & { readonly type: 'DROP_OBJECT' | 'TABLE' | 'ANY'; readonly id: number })
  | (Heard & { readonly type: 'DEVICE_NUMBERED'; readonly devid: number })
  | (Heard & { readonly type: 'MAKE_QUEUE'; readonly file: string })
  | (Heard & { readonly type: 'CLOSE_QUEUE'; readonly file: string })
  | (Heard & { readonly type: 'GET' | 'PUT'; readonly ioas: string })
  | (Heard & { readonly type: 'OBJECT'; readonly id: number })
  /** `own`: whoever asks counts as a user. */
  | (Heard & { readonly type: 'REMOVE'; readonly ioas: string; readonly own: boolean })
  | (Heard & { readonly type: 'CLEAR_COMPAT' | 'GET_COMPAT' })
  | (Heard & { readonly type: 'BIND'; readonly device: string; readonly group: string })
  | (Heard & {
      readonly type: 'ATTACHED'
      readonly device: string
      readonly ioas: string
      readonly translated: boolean
      /** A page table that was named by its number. */
      readonly pt?: number
    })
  | (Heard & { readonly type: 'DETACHED' | 'UNBIND' | 'DEVICE'; readonly device: string })

const lowestFree = (objects: readonly Numbered[]): number => {
  const at = objects.findIndex(({ id }, place) => id !== place + 1)
  return (at === -1 ? objects.length : at) + 1
}

const add = (objects: readonly Numbered[], made: Made): readonly Numbered[] =>
  [...objects, { ...made, id: lowestFree(objects) }].toSorted((a, b) => a.id - b.id)

const ioasCalled = ({ objects }: IommufdContext, ioas: number): string | null => {
  const found = objects.find(({ id }) => id === ioas)
  return found?.what === 'ioas' ? found.actor : null
}

const toAttachTo = (
  { objects }: IommufdContext,
  number: number,
): { readonly ioas: string | null; readonly ret: 0 | string; readonly pt?: number } => {
  const found = objects.find(({ id }) => id === number)
  if (found === undefined) return { ioas: null, ret: '-ENOENT' }
  if (found.what === 'page table' && found.queue !== undefined) return { ioas: null, ret: '-ENODEV' }
  if (found.what !== 'ioas' && found.what !== 'page table') return { ioas: null, ret: '-EINVAL' }
  return { ioas: found.actor, ret: 0, ...(found.what === 'page table' && { pt: number }) }
}

const isThere = ({ objects }: IommufdContext, actor: string): boolean =>
  objects.some((each) => each.what === 'ioas' && each.actor === actor)

/** Something that lasts uses it. */
const isUsed = ({ objects }: IommufdContext, actor: string): boolean =>
  objects.some(
    (each) =>
      (each.what === 'page table' && each.actor === actor) || (isAttachedTo(actor)(each) && !isTranslated(each)),
  )

const ioasIn = (event: IommufdEvent): string => {
  assertEvent(event, ['GET', 'PUT', 'REMOVE'])
  return event.ioas
}

/** Why an object cannot be removed, if so. */
const notRemovable = (context: IommufdContext, event: IommufdEvent): string | undefined => {
  assertEvent(event, 'REMOVE')
  const { ioas, own } = event
  const calls = context.inUse.filter((each) => each === ioas).length
  return firstFailing([
    [!isThere(context, ioas), '-ENOENT'],
    [isUsed(context, ioas) || calls > (own ? 1 : 0), '-EBUSY'],
  ])
}

/** A device belongs to VFIO; a page table is used by devices, or was made for them; a queue by its descriptor and by page tables. */
const isHeld = (objects: readonly Numbered[], { id, ...made }: Numbered): boolean => {
  switch (made.what) {
    case 'ioas':
      return false
    case 'device':
      return true
    case 'page table':
      return made.auto || objects.some((each) => each.what === 'device' && each.pt === id)
    case 'fault queue':
      return made.file !== null || objects.some((each) => each.what === 'page table' && each.queue === id)
  }
}

/** Why a page table or a fault queue cannot be removed, if so. */
const notDroppable = ({ objects }: IommufdContext, event: IommufdEvent): string | undefined => {
  assertEvent(event, 'DROP_OBJECT')
  const found = objects.find(({ id }) => id === event.id)
  if (found === undefined) return '-ENOENT'
  return isHeld(objects, found) ? '-EBUSY' : undefined
}

const withoutOne = (list: readonly string[], one: string): readonly string[] =>
  list.includes(one) ? list.toSpliced(list.indexOf(one), 1) : list

const bound = ({ objects }: IommufdContext, device: string) =>
  objects.flatMap((each) => (each.what === 'device' && each.device === device ? [each] : []))[0]

const deviceIn = (event: IommufdEvent): string => {
  assertEvent(event, ['BIND', 'ATTACHED', 'DETACHED', 'UNBIND', 'DEVICE'])
  return event.device
}

const devicesOf = ({ objects }: IommufdContext, group: string) =>
  objects.flatMap((each) => (each.what === 'device' && each.group === group ? [each] : []))

const isAttachedTo = (ioas: string) => (each: Made) => each.what === 'device' && each.ioas === ioas
const isTranslated = (each: Made) => each.what === 'device' && each.translated

/** Those that were made for devices go with the last of them. */
const withoutUnused = (objects: readonly Numbered[]): readonly Numbered[] => {
  const used = new Set(objects.flatMap((each) => (each.what === 'device' && each.pt !== null ? [each.pt] : [])))
  return objects.filter((each) => each.what !== 'page table' || !each.auto || used.has(each.id))
}

const autoTableOf = (objects: readonly Numbered[], ioas: string): number | undefined =>
  objects.find((each) => each.what === 'page table' && each.auto && each.actor === ioas)?.id

const tableOfNeighbours = (context: IommufdContext, device: string): number | null => {
  const group = bound(context, device)?.group
  if (group === undefined) return null
  return devicesOf(context, group).find((each) => each.device !== device && each.pt !== null)?.pt ?? null
}

/** Those that move when one of them does: all of its group that are attached. */
const moversWith = (context: IommufdContext, device: string): readonly string[] => {
  const group = bound(context, device)?.group
  return group === undefined
    ? []
    : devicesOf(context, group).flatMap((each) => (each.ioas !== null ? [each.device] : []))
}

/** What whoever attaches a device has to know of it. */
const tellsOf = (context: IommufdContext, device: string | undefined, target: Target) =>
  device === undefined
    ? {}
    : {
        before: bound(context, device)?.ioas ?? null,
        movers: moversWith(context, device),
        ...placeOf(context, device, target),
      }

/** Whether a device has a page table already, or cannot have it because its group has another. */
const placeOf = (context: IommufdContext, device: string, { ioas, pt }: Target) => {
  const own = bound(context, device)?.pt ?? null
  const wanted = pt ?? (ioas === null ? null : (autoTableOf(context.objects, ioas) ?? null))
  const others = tableOfNeighbours(context, device)
  return { there: own !== null && own === wanted, elsewhere: own === null && others !== null && others !== wanted }
}

interface Target {
  readonly ioas: string | null
  /** A page table that is named. */
  readonly pt?: number
}

/** A page table is made before the one that is not needed any more goes. */
const attachedTo = (context: IommufdContext, event: IommufdEvent) => {
  const device = deviceIn(event)
  const [movers, how] =
    event.type === 'ATTACHED'
      ? [[device, ...moversWith(context, device)], { ioas: event.ioas, translated: event.translated }]
      : [[device], { ioas: null, translated: false }]
  const { ioas, translated } = how
  const named = event.type === 'ATTACHED' ? event.pt : undefined
  const needsTable = ioas !== null && translated && named === undefined
  const isMissing = needsTable && autoTableOf(context.objects, ioas) === undefined
  const objects = isMissing ? add(context.objects, { what: 'page table', actor: ioas, auto: true }) : context.objects
  const pt = named ?? (needsTable ? autoTableOf(objects, ioas)! : null)
  return {
    objects: withoutUnused(
      objects.map((each) => (each.what === 'device' && movers.includes(each.device) ? { ...each, ...how, pt } : each)),
    ),
  }
}

const compatOf = (context: IommufdContext): Target => ({
  ioas: context.compat === null ? null : ioasCalled(context, context.compat),
})

const noRlimitMode = ({ objects }: IommufdContext, event: IommufdEvent): string | undefined => {
  assertEvent(event, 'RLIMIT_MODE')
  return firstFailing([
    [!event.may, '-EPERM'],
    [objects.length > 0, '-EBUSY'],
    [event.val !== 0n && event.val !== 1n, '-EINVAL'],
  ])
}

const flag = { nestParent: 1, dirtyTracking: 2, faultId: 4, pasid: 8 }

/** Why HWPT_ALLOC makes nothing (iommufd_hwpt_alloc), if so. */
const noTable = ({ objects }: IommufdContext, event: IommufdEvent): string | undefined => {
  assertEvent(event, 'MAKE_TABLE')
  const { devid, pt, flags, nested, queue, refusesQueue } = event
  const parent = objects.find(({ id }) => id === pt)
  const known = flag.nestParent | flag.dirtyTracking | flag.faultId | flag.pasid
  const needs = flag.nestParent | flag.dirtyTracking | flag.pasid
  return firstFailing([
    [objects.find(({ id }) => id === devid)?.what !== 'device', '-ENOENT'],
    [parent === undefined || parent.what === 'device' || parent.what === 'fault queue', '-EINVAL'],
    // What is for a page table of this kind is refused by the IOMMU's driver: it has none of it.
    [parent?.what === 'page table' && ((flags & ~(flag.faultId | flag.pasid)) !== 0 || !nested), '-EOPNOTSUPP'],
    [parent?.what === 'page table', '-EINVAL'],
    [(flags & ~known) !== 0 || (flags & needs) !== 0 || nested, '-EOPNOTSUPP'],
    [queue !== null && refusesQueue, '-EOPNOTSUPP'],
    [queue !== null && objects.find(({ id }) => id === queue)?.what !== 'fault queue', '-ENOENT'],
  ])
}

export const iommufdContext = setup({
  types: {
    context: {} as IommufdContext,
    events: {} as IommufdEvent,
    emitted: {} as Said,
    /** The IOASes that can be made. */
    input: {} as { readonly ioases: readonly string[]; readonly accounts?: 'user' | 'memory' },
  },
  guards: {
    hasCompat: ({ context }) => context.compat !== null,
    isUnknown: ({ context, event }) => event.type === 'SET_COMPAT' && ioasCalled(context, event.ioas) === null,
    isGone: ({ context, event }) => !isThere(context, ioasIn(event)),
    cannotMake: ({ context, event }) => noTable(context, event) !== undefined,
    cannotRemove: ({ context, event }) => notRemovable(context, event) !== undefined,
  },
  actions: {
    hold: assign(({ event }) => {
      assertEvent(event, 'HOLD')
      return { file: event.file }
    }),
    tellFile: emit(({ context: { file }, event }) => answer(event, 'FILE_IS', { file })),
    allocate: assign(({ context: { objects, free } }) => ({
      objects: add(objects, { what: 'ioas', actor: free[0]! }),
      free: free.slice(1),
    })),
    /** Before `allocate`. */
    allocated: emit(({ context, event }) => answer(event, 'ANSWER', { ret: 0, ioas: lowestFree(context.objects) })),
    makeCompat: assign(({ context: { objects, free } }) => ({
      objects: add(objects, { what: 'ioas', actor: free[0]! }),
      free: free.slice(1),
      compat: lowestFree(objects),
    })),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    tellCompat: emit(({ context, event }) =>
      answer(event, 'IOAS', {
        ...compatOf(context),
        accounts: context.accounts,
        ...(event.type === 'COMPAT' && tellsOf(context, event.attaches, compatOf(context))),
      }),
    ),
    tellIoas: emit(({ context, event }) => {
      assertEvent(event, 'FIND')
      const { ioas, attaches, translated } = event
      const target = translated ? toAttachTo(context, ioas) : { ioas: ioasCalled(context, ioas) }
      return answer(event, 'IOAS', { ...target, accounts: context.accounts, ...tellsOf(context, attaches, target) })
    }),
    tellRlimitMode: emit(({ context, event }) => {
      assertEvent(event, 'RLIMIT_MODE')
      if (event.do === 'get') return answer(event, 'ANSWER', { ret: 0, val: context.accounts === 'memory' ? 1 : 0 })
      return answer(event, 'ANSWER', { ret: noRlimitMode(context, event) ?? 0 })
    }),
    setRlimitMode: assign(({ context, event }) => {
      assertEvent(event, 'RLIMIT_MODE')
      const isRefused = event.do !== 'set' || noRlimitMode(context, event) !== undefined
      return isRefused ? {} : { accounts: event.val === 1n ? ('memory' as const) : ('user' as const) }
    }),
    notMade: emit(({ context, event }) => answer(event, 'MADE', { ret: noTable(context, event)! })),
    /** Before `make`. */
    made: emit(({ context, event }) => {
      assertEvent(event, 'MAKE_TABLE')
      const ioas = ioasCalled(context, event.pt)
      return answer(event, 'MADE', { ret: 0, ioas, hwpt: lowestFree(context.objects) })
    }),
    make: assign(({ context, event }) => {
      assertEvent(event, 'MAKE_TABLE')
      const actor = ioasCalled(context, event.pt)!
      const queue = event.queue === null ? {} : { queue: event.queue }
      return { objects: add(context.objects, { what: 'page table', actor, auto: false, ...queue }) }
    }),
    drop: assign(({ context, event }) => {
      assertEvent(event, 'DROP_OBJECT')
      return notDroppable(context, event) === undefined
        ? { objects: context.objects.filter(({ id }) => id !== event.id) }
        : {}
    }),
    /** Before `drop`. */
    dropped: emit(({ context, event }) => answer(event, 'DROPPED', { ret: notDroppable(context, event) ?? 0 })),
    tellKind: emit(({ context: { objects }, event }) => {
      assertEvent(event, ['TABLE', 'ANY'])
      const found = objects.find(({ id }) => id === event.id)
      const ret = event.type === 'ANY' ? found !== undefined : found?.what === 'page table'
      return answer(event, 'ANSWER', { ret: ret ? 0 : '-ENOENT' })
    }),
    tellDeviceNumbered: emit(({ context: { objects }, event }) => {
      assertEvent(event, 'DEVICE_NUMBERED')
      const isOne = objects.find(({ id }) => id === event.devid)?.what === 'device'
      return answer(event, 'ANSWER', { ret: isOne ? 0 : '-ENOENT' })
    }),
    makeQueue: assign(({ context: { objects }, event }) => {
      assertEvent(event, 'MAKE_QUEUE')
      return { objects: add(objects, { what: 'fault queue', file: event.file }) }
    }),
    /** Before `makeQueue`. */
    madeQueue: emit(({ context, event }) => answer(event, 'ANSWER', { ret: 0, id: lowestFree(context.objects) })),
    closeQueue: assign(({ context: { objects }, event }) => {
      assertEvent(event, 'CLOSE_QUEUE')
      return {
        objects: objects.map((each) =>
          each.what === 'fault queue' && each.file === event.file ? { ...each, file: null } : each,
        ),
      }
    }),

    get: assign(({ context: { inUse }, event }) => ({ inUse: [...inUse, ioasIn(event)].toSorted() })),
    got: emit(({ event }, { ret }: { ret: 0 | string }) => answer(event, 'GOT', { ret })),
    put: assign(({ context: { inUse }, event }) => ({ inUse: withoutOne(inUse, ioasIn(event)) })),
    tellObject: emit(({ context: { objects }, event }) => {
      assertEvent(event, 'OBJECT')
      const found = objects.find(({ id }) => id === event.id)
      const actor = found?.what === 'ioas' || found?.what === 'page table' ? found.actor : null
      const ret = found === undefined ? '-ENOENT' : isHeld(objects, found) ? '-EBUSY' : 0
      return answer(event, 'OBJECT_IS', { ret, what: found?.what ?? null, ioas: actor })
    }),
    /** Before `remove`. */
    removed: emit(({ context, event }) => answer(event, 'REMOVED', { ret: notRemovable(context, event) ?? 0 })),
    remove: assign(({ context: { objects, compat }, event }) => {
      const gone = objects.find((each) => each.what === 'ioas' && each.actor === ioasIn(event))!
      return { objects: objects.filter((each) => each !== gone), compat: compat === gone.id ? null : compat }
    }),
    /** Its own reference goes in any case. */
    putOwn: assign(({ context: { inUse }, event }) => {
      assertEvent(event, 'REMOVE')
      return { inUse: event.own ? withoutOne(inUse, event.ioas) : inUse }
    }),
    compatIs: emit(({ context, event }) => answer(event, 'ANSWER', { ret: 0, ioas: context.compat! })),
    noCompat: emit(({ event }) => answer(event, 'ANSWER', { ret: '-ENODEV' })),
    noIoas: emit(({ event }) => answer(event, 'ANSWER', { ret: '-ENOENT' })),
    setCompat: assign(({ event }) => {
      assertEvent(event, 'SET_COMPAT')
      return { compat: event.ioas }
    }),
    clearCompat: assign({ compat: null }),

    /** Before `bind`. */
    bound: emit(({ context, event }) => {
      assertEvent(event, 'BIND')
      return answer(event, 'BOUND', {
        first: devicesOf(context, event.group).length === 0,
        devid: lowestFree(context.objects),
      })
    }),
    bind: assign(({ context: { objects }, event }) => {
      assertEvent(event, 'BIND')
      const { device, group } = event
      return { objects: add(objects, { what: 'device', device, group, ioas: null, pt: null, translated: false }) }
    }),
    attach: assign(({ context, event }) => attachedTo(context, event)),
    /** After `attach`. */
    attached: emit(({ context, event }) => {
      assertEvent(event, 'ATTACHED')
      return answer(event, 'NOTED', { pt: bound(context, event.device)?.pt ?? null })
    }),
    detach: assign(({ context, event }) => attachedTo(context, event)),
    noted: emit(({ event }) => answer(event, 'NOTED')),
    tellDevice: emit(({ context, event }) =>
      answer(event, 'DEVICE_IS', {
        ioas: bound(context, deviceIn(event))?.ioas ?? null,
        devid: bound(context, deviceIn(event))?.id ?? null,
      }),
    ),
    /** Before `unbind`. */
    unbound: emit(({ context, event }) => {
      const device = bound(context, deviceIn(event))
      return answer(event, 'UNBOUND', { last: device !== undefined && devicesOf(context, device.group).length === 1 })
    }),
    unbind: assign(({ context: { objects }, event }) => ({
      objects: objects.filter((each) => each.what !== 'device' || each.device !== deviceIn(event)),
    })),

    tellContents: emit(({ context: { objects }, event }) =>
      answer(event, 'CONTENTS_ARE', {
        devices: objects.flatMap((each) =>
          each.what === 'device' && each.ioas !== null ? [{ device: each.device, ioas: each.ioas }] : [],
        ),
        tables: objects.flatMap((each) =>
          each.what === 'page table' && !each.auto ? [{ id: each.id, ioas: each.actor }] : [],
        ),
        ioases: objects.flatMap((each) => (each.what === 'ioas' ? [each.actor] : [])),
      }),
    ),
  },
}).createMachine({
  id: 'iommufdContext',
  context: ({ input: { ioases, accounts = 'memory' } }) => ({
    ...{ file: null, free: ioases, objects: [], compat: null, inUse: [] },
    accounts,
  }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        HOLD: { actions: ['hold', 'noted'] },
        FILE: { actions: 'tellFile' },
        ALLOCATE: { actions: ['allocated', 'allocate'] },
        FIND: { actions: 'tellIoas' },
        GET: [
          { guard: 'isGone', actions: { type: 'got', params: { ret: '-ENOENT' } } },
          { actions: ['get', { type: 'got', params: { ret: 0 } }] },
        ],
        PUT: { actions: ['put', 'noted'] },
        OBJECT: { actions: 'tellObject' },
        REMOVE: [
          { guard: 'cannotRemove', actions: ['removed', 'putOwn'] },
          { actions: ['removed', 'putOwn', 'remove'] },
        ],
        COMPAT: { actions: 'tellCompat' },
        RLIMIT_MODE: { actions: ['tellRlimitMode', 'setRlimitMode'] },
        MAKE_TABLE: [{ guard: 'cannotMake', actions: 'notMade' }, { actions: ['made', 'make'] }],
        DROP_OBJECT: { actions: ['dropped', 'drop'] },
        TABLE: { actions: 'tellKind' },
        ANY: { actions: 'tellKind' },
        DEVICE_NUMBERED: { actions: 'tellDeviceNumbered' },
        MAKE_QUEUE: { actions: ['madeQueue', 'makeQueue'] },
        CLOSE_QUEUE: { actions: ['closeQueue', 'noted'] },
        CREATE_COMPAT: [{ guard: 'hasCompat', actions: 'done' }, { actions: ['makeCompat', 'done'] }],
        GET_COMPAT: [{ guard: 'hasCompat', actions: 'compatIs' }, { actions: 'noCompat' }],
        SET_COMPAT: [{ guard: 'isUnknown', actions: 'noIoas' }, { actions: ['setCompat', 'done'] }],
        CLEAR_COMPAT: { actions: ['clearCompat', 'done'] },
        BIND: { actions: ['bound', 'bind'] },
        ATTACHED: { actions: ['attach', 'attached'] },
        DETACHED: { actions: ['detach', 'noted'] },
        DEVICE: { actions: 'tellDevice' },
        UNBIND: { actions: ['unbound', 'unbind'] },
        CONTENTS: { actions: 'tellContents' },
      },
    },
  },
})
