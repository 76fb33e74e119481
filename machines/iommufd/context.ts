/**
 * An open /dev/iommu, or /dev/vfio/vfio where iommufd provides it (struct iommufd_ctx): the objects made through it by their
 * numbers, and which IOAS stands for the container of old (vfio_ioas). A device that is bound has the DMA of its whole
 * IOMMU group, as long as any device of the group is bound through the same file.
 *
 * IOASes live in actors of their own, which are there from the start; this knows which of them have been made. Numbers begin
 * at 1, and what is free is used again. What is used by something else, or by a call at this moment, is not removed: a page table uses its
 * IOAS, a device what it is attached to, and VFIO the device.
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
  | { readonly what: 'page table'; readonly actor: string }
  | {
      readonly what: 'device'
      readonly device: string
      readonly group: string
      readonly ioas: string | null
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
}

type IommufdEvent =
  | (Heard & { readonly type: 'ALLOCATE' | 'CREATE_COMPAT' | 'COMPAT' | 'FILE' | 'CONTENTS' })
  | (Heard & { readonly type: 'HOLD'; readonly file: string })
  | (Heard & { readonly type: 'SET_COMPAT'; readonly ioas: number })
  /** To attach to it, the number of a page table will do. */
  | (Heard & { readonly type: 'FIND'; readonly ioas: number; readonly attaches?: boolean })
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

const toAttachTo = ({ objects }: IommufdContext, number: number): { ioas: string | null; ret: 0 | string } => {
  const found = objects.find(({ id }) => id === number)
  if (found === undefined) return { ioas: null, ret: '-ENOENT' }
  return found.what === 'device' ? { ioas: null, ret: '-EINVAL' } : { ioas: found.actor, ret: 0 }
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

/** The page table is made with the first device that is attached, before another goes with the last. */
const withPageTables = (objects: readonly Numbered[]): readonly Numbered[] => {
  const isNeeded = (actor: string) => objects.some((each) => isAttachedTo(actor)(each) && isTranslated(each))
  const isMissing = (actor: string) => !objects.some((each) => each.what === 'page table' && each.actor === actor)
  const used = new Set(objects.flatMap((each) => (each.what === 'device' && each.ioas !== null ? [each.ioas] : [])))
  return [...used]
    .filter((actor) => isNeeded(actor) && isMissing(actor))
    .reduce<readonly Numbered[]>((now, actor) => add(now, { what: 'page table', actor }), objects)
    .filter((each) => each.what !== 'page table' || isNeeded(each.actor))
}

/** The IOAS of the other devices of its group that are attached: all have one. */
const neighboursIn = (context: IommufdContext, device: string): string | null => {
  const group = bound(context, device)?.group
  if (group === undefined) return null
  const others = devicesOf(context, group).filter((each) => each.device !== device)
  return others.find(({ ioas }) => ioas !== null)?.ioas ?? null
}

const attachedTo = (context: IommufdContext, event: IommufdEvent) => {
  const device = deviceIn(event)
  const how =
    event.type === 'ATTACHED' ? { ioas: event.ioas, translated: event.translated } : { ioas: null, translated: false }
  const objects = context.objects.map((each) =>
    each.what === 'device' && each.device === device ? { ...each, ...how } : each,
  )
  return { objects: withPageTables(objects) }
}

/** The number of the page table a device uses. */
const pageTableOf = ({ objects }: IommufdContext, ioas: string): number | null =>
  objects.find((each) => each.what === 'page table' && each.actor === ioas)?.id ?? null

export const iommufdContext = setup({
  types: {
    context: {} as IommufdContext,
    events: {} as IommufdEvent,
    emitted: {} as Said,
    /** The IOASes that can be made. */
    input: {} as { readonly ioases: readonly string[] },
  },
  guards: {
    hasCompat: ({ context }) => context.compat !== null,
    isUnknown: ({ context, event }) => event.type === 'SET_COMPAT' && ioasCalled(context, event.ioas) === null,
    isGone: ({ context, event }) => !isThere(context, ioasIn(event)),
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
      answer(event, 'IOAS', { ioas: context.compat === null ? null : ioasCalled(context, context.compat) }),
    ),
    tellIoas: emit(({ context, event }) => {
      assertEvent(event, 'FIND')
      if (event.attaches) return answer(event, 'IOAS', toAttachTo(context, event.ioas))
      return answer(event, 'IOAS', { ioas: ioasCalled(context, event.ioas) })
    }),

    get: assign(({ context: { inUse }, event }) => ({ inUse: [...inUse, ioasIn(event)].toSorted() })),
    got: emit(({ event }, { ret }: { ret: 0 | string }) => answer(event, 'GOT', { ret })),
    put: assign(({ context: { inUse }, event }) => ({ inUse: withoutOne(inUse, ioasIn(event)) })),
    tellObject: emit(({ context: { objects }, event }) => {
      assertEvent(event, 'OBJECT')
      const found = objects.find(({ id }) => id === event.id)
      // A page table that was made for devices goes with the last of them, and a device when VFIO lets go of it.
      const ret = found === undefined ? '-ENOENT' : found.what === 'ioas' ? 0 : '-EBUSY'
      return answer(event, 'OBJECT_IS', { ret, ioas: found?.what === 'ioas' ? found.actor : null })
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
      return { objects: add(objects, { what: 'device', device, group, ioas: null, translated: false }) }
    }),
    attach: assign(({ context, event }) => attachedTo(context, event)),
    /** After `attach`. */
    attached: emit(({ context, event }) => {
      assertEvent(event, 'ATTACHED')
      return answer(event, 'NOTED', { pt: pageTableOf(context, event.ioas) })
    }),
    detach: assign(({ context, event }) => attachedTo(context, event)),
    noted: emit(({ event }) => answer(event, 'NOTED')),
    tellDevice: emit(({ context, event }) =>
      answer(event, 'DEVICE_IS', {
        ioas: bound(context, deviceIn(event))?.ioas ?? null,
        neighbours: neighboursIn(context, deviceIn(event)),
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
        ioases: objects.flatMap((each) => (each.what === 'ioas' ? [each.actor] : [])),
      }),
    ),
  },
}).createMachine({
  id: 'iommufdContext',
  context: ({ input }) => ({ file: null, free: input.ioases, objects: [], compat: null, inUse: [] }),
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
