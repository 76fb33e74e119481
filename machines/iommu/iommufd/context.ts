/**
 * An open /dev/iommu, or /dev/vfio/vfio where iommufd provides it (struct iommufd_ctx): the objects made through it by their
 * numbers, and which IOAS stands for the container of old (vfio_ioas). A device that is bound has the DMA of its whole
 * IOMMU group, as long as any device of the group is bound through the same file.
 *
 * IOASes live in actors of their own, which are there from the start; this knows which of them have been made. Numbers begin
 * at 1, and what is free is used again.
 *
 * Source: drivers/iommu/iommufd/main.c, vfio_compat.c (6.2 to 7.x). The devices of the kernel's own tests are bound and attached
 * in one go.
 * Left out: references that keep an object from being destroyed; destroying one by its number; noiommu.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Heard, Said } from '../../say.ts'

type Made =
  | { readonly what: 'ioas'; readonly actor: string }
  | { readonly what: 'page table'; readonly actor: string }
  | { readonly what: 'device'; readonly device: string; readonly group: string; readonly ioas: string | null }

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
}

type IommufdEvent =
  | (Heard & { readonly type: 'ALLOCATE' | 'CREATE_COMPAT' | 'COMPAT' | 'FILE' | 'CONTENTS' })
  | (Heard & { readonly type: 'HOLD'; readonly file: string })
  | (Heard & { readonly type: 'FIND' | 'SET_COMPAT'; readonly ioas: number })
  | (Heard & { readonly type: 'CLEAR_COMPAT' | 'GET_COMPAT' })
  | (Heard & { readonly type: 'BIND'; readonly device: string; readonly group: string })
  | (Heard & { readonly type: 'ATTACHED'; readonly device: string; readonly ioas: string })
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

const bound = ({ objects }: IommufdContext, device: string) =>
  objects.flatMap((each) => (each.what === 'device' && each.device === device ? [each] : []))[0]

const deviceIn = (event: IommufdEvent): string => {
  assertEvent(event, ['BIND', 'ATTACHED', 'DETACHED', 'UNBIND', 'DEVICE'])
  return event.device
}

const devicesOf = ({ objects }: IommufdContext, group: string) =>
  objects.filter((each) => each.what === 'device' && each.group === group)

const isAttachedTo = (ioas: string) => (each: Numbered) => each.what === 'device' && each.ioas === ioas

/** The page table is made with the first device that is attached, and goes with the last. */
const withPageTables = (objects: readonly Numbered[]): readonly Numbered[] => {
  const stale = (each: Numbered) => each.what === 'page table' && !objects.some(isAttachedTo(each.actor))
  const kept = objects.filter((each) => !stale(each))
  const needed = kept.flatMap((each) => (each.what === 'device' && each.ioas !== null ? [each.ioas] : []))
  const missing = [...new Set(needed)].filter(
    (ioas) => !kept.some((each) => each.what === 'page table' && each.actor === ioas),
  )
  return missing.reduce<readonly Numbered[]>((now, actor) => add(now, { what: 'page table', actor }), kept)
}

const attachedTo = (context: IommufdContext, event: IommufdEvent, ioas: string | null) => {
  const device = deviceIn(event)
  const objects = context.objects.map((each) =>
    each.what === 'device' && each.device === device ? { ...each, ioas } : each,
  )
  return { objects: withPageTables(objects) }
}

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
      return answer(event, 'IOAS', { ioas: ioasCalled(context, event.ioas) })
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
      return answer(event, 'BOUND', { first: devicesOf(context, event.group).length === 0 })
    }),
    bind: assign(({ context: { objects }, event }) => {
      assertEvent(event, 'BIND')
      const { device, group } = event
      return { objects: add(objects, { what: 'device', device, group, ioas: null }) }
    }),
    attach: assign(({ context, event }) => {
      assertEvent(event, 'ATTACHED')
      return attachedTo(context, event, event.ioas)
    }),
    detach: assign(({ context, event }) => attachedTo(context, event, null)),
    noted: emit(({ event }) => answer(event, 'NOTED')),
    tellDevice: emit(({ context, event }) =>
      answer(event, 'DEVICE_IS', { ioas: bound(context, deviceIn(event))?.ioas ?? null }),
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
  context: ({ input }) => ({ file: null, free: input.ioases, objects: [], compat: null }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        HOLD: { actions: ['hold', 'noted'] },
        FILE: { actions: 'tellFile' },
        ALLOCATE: { actions: ['allocated', 'allocate'] },
        FIND: { actions: 'tellIoas' },
        COMPAT: { actions: 'tellCompat' },
        CREATE_COMPAT: [{ guard: 'hasCompat', actions: 'done' }, { actions: ['makeCompat', 'done'] }],
        GET_COMPAT: [{ guard: 'hasCompat', actions: 'compatIs' }, { actions: 'noCompat' }],
        SET_COMPAT: [{ guard: 'isUnknown', actions: 'noIoas' }, { actions: ['setCompat', 'done'] }],
        CLEAR_COMPAT: { actions: ['clearCompat', 'done'] },
        BIND: { actions: ['bound', 'bind'] },
        ATTACHED: { actions: ['attach', 'noted'] },
        DETACHED: { actions: ['detach', 'noted'] },
        DEVICE: { actions: 'tellDevice' },
        UNBIND: { actions: ['unbound', 'unbind'] },
        CONTENTS: { actions: 'tellContents' },
      },
    },
  },
})
