/**
 * A VFIO container: which groups are in it, which IOMMU driver serves them, and that driver's data (iommu_data).
 * Changed only under group.lock (container->group_lock) held for write; READ and DRIVER may come without it, as every
 * ioctl that is passed on to the driver does (B-25), as vfio_pin_pages and the merged vfio_register_notifier do.
 *
 * Source: v13 11/22 (15 Nov 2016); Linux 4.19 vfio.c and 6.1 container.c: SET_IOMMU, attaching and detaching groups.
 * REMOVE_GROUP, of the stories about what type1 loses, takes the driver away in one step with the last group; elsewhere
 * the driver's data is freed first, by a call, and only then does the container forget it (DELETE_GROUP, CLEAR_DRIVER).
 * Left out: noiommu groups, and that they do not mix with others; the end of the container: its file and its groups
 * keep it, and without them nobody comes here any more.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import type { Heard, Said } from '../../say.ts'

/** `spapr` stands for a backend without pin and notifier operations; `none`: no driver set; `noiommu`: no isolation. */
export type Backend = 'type1' | 'type1v2' | 'spapr' | 'none' | 'noiommu'

type ContainerContext = {
  readonly id: string
  readonly backend: Backend
  /** iommu_data; the stories that begin with a driver do not say. */
  readonly data: Pointer | null
  /** Those that were added, newest first. */
  readonly groups: readonly string[]
}
type ContainerEvent =
  | (Heard & { readonly type: 'READ' | 'DRIVER' | 'SET_IOMMU' | 'CLEAR_DRIVER' })
  | (Heard & { readonly type: 'SET_DRIVER'; readonly backend: Backend; readonly data: Pointer })
  | (Heard & { readonly type: 'ADD_GROUP' | 'DELETE_GROUP' | 'REMOVE_GROUP'; readonly group: string })

export const container = setup({
  types: {
    context: {} as ContainerContext,
    events: {} as ContainerEvent,
    emitted: {} as Said,
    input: {} as { readonly id: string; readonly backend?: Backend; readonly groups?: readonly string[] },
  },
  guards: {
    hasDriverOrNoGroup: ({ context }) => context.backend !== 'none' || context.groups.length === 0,
    isLast: ({ context, event }) => {
      assertEvent(event, ['REMOVE_GROUP', 'DELETE_GROUP'])
      return context.groups.every((group) => group === event.group)
    },
  },
  actions: {
    tell: emit(({ context, event }) =>
      answer(event, 'BACKEND', { backend: context.backend, groups: context.groups.length }),
    ),
    tellDriver: emit(({ context: { backend, data, groups }, event }) =>
      answer(event, 'DRIVER_IS', { backend, data, groups }),
    ),
    refuse: emit(({ event }) => answer(event, 'SET', { ret: '-EINVAL' })),
    letChoose: emit(({ context, event }) => answer(event, 'MAY_SET', { groups: context.groups })),
    add: assign({
      groups: ({ context, event }) => {
        assertEvent(event, 'ADD_GROUP')
        return [event.group, ...context.groups]
      },
    }),
    added: emit(({ event }) => answer(event, 'ADDED')),
    remove: assign({
      groups: ({ context, event }) => {
        assertEvent(event, ['REMOVE_GROUP', 'DELETE_GROUP'])
        return context.groups.filter((group) => group !== event.group)
      },
    }),
    removed: emit(({ event }) => answer(event, 'REMOVED')),
    deleted: emit(({ event }, { last }: { last: boolean }) => answer(event, 'DELETED', { last })),
    setDriver: assign(({ event }) => {
      assertEvent(event, 'SET_DRIVER')
      return { backend: event.backend, data: event.data }
    }),
    driverSet: emit(({ event }) => answer(event, 'DRIVER_SET')),
    dropDriver: assign({ backend: 'none', data: null }),
    cleared: emit(({ event }) => answer(event, 'CLEARED')),
  },
}).createMachine({
  id: 'container',
  context: ({ input: { id, backend = 'none', groups = [] } }) => ({
    id,
    backend,
    data: null,
    groups: groups.toSorted(),
  }),
  initial: 'open',
  states: {
    open: {
      on: {
        READ: { actions: 'tell' },
        DRIVER: { actions: 'tellDriver' },
        ADD_GROUP: { actions: ['add', 'added'] },
        SET_IOMMU: [{ guard: 'hasDriverOrNoGroup', actions: 'refuse' }, { actions: 'letChoose' }],
        SET_DRIVER: { actions: ['setDriver', 'driverSet'] },
        REMOVE_GROUP: [
          { guard: 'isLast', actions: ['remove', 'dropDriver', 'removed'] },
          { actions: ['remove', 'removed'] },
        ],
        DELETE_GROUP: [
          { guard: 'isLast', actions: ['remove', { type: 'deleted', params: { last: true } }] },
          { actions: ['remove', { type: 'deleted', params: { last: false } }] },
        ],
        CLEAR_DRIVER: { actions: ['dropDriver', 'cleared'] },
      },
    },
  },
})
