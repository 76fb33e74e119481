/**
 * A VFIO container: which groups are in it and which IOMMU backend serves them. Changed only under group.lock
 * (container->group_lock) held for write; READ may come without it, as vfio_pin_pages and the merged
 * vfio_register_notifier do.
 *
 * Source: v13 11/22 (15 Nov 2016); Linux 4.19 vfio.c, SET_IOMMU and __vfio_group_unset_container.
 * Left out: the first SET_IOMMU (every story starts after it; it is ignored here, so it shows), attaching groups,
 * CHECK_EXTENSION, and freeing the backend when the last group leaves: `backend` becomes 'none', the type1 object stays
 * behind with every mapping freed.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../kernel/answer.ts'
import type { Heard, Said } from '../say.ts'

/** `spapr` stands for a backend without pin and notifier operations; `none`: no driver set; `noiommu`: no isolation. */
export type Backend = 'type1' | 'type1v2' | 'spapr' | 'none' | 'noiommu'

type ContainerContext = { readonly id: string; readonly backend: Backend; readonly groups: readonly string[] }
type ContainerEvent =
  | (Heard & { readonly type: 'READ' })
  | (Heard & { readonly type: 'SET_IOMMU' })
  | (Heard & { readonly type: 'REMOVE_GROUP'; readonly group: string })

export const container = setup({
  types: {
    context: {} as ContainerContext,
    events: {} as ContainerEvent,
    emitted: {} as Said,
    input: {} as { readonly id: string; readonly backend: Backend; readonly groups: readonly string[] },
  },
  guards: {
    hasDriverOrNoGroup: ({ context }) => context.backend !== 'none' || context.groups.length === 0,
    isLast: ({ context, event }) => {
      assertEvent(event, 'REMOVE_GROUP')
      return context.groups.every((group) => group === event.group)
    },
  },
  actions: {
    tell: emit(({ context, event }) =>
      answer(event, 'BACKEND', { backend: context.backend, groups: context.groups.length }),
    ),
    refuse: emit(({ event }) => answer(event, 'SET', { ret: '-EINVAL' })),
    remove: assign({
      groups: ({ context, event }) => {
        assertEvent(event, 'REMOVE_GROUP')
        return context.groups.filter((group) => group !== event.group)
      },
    }),
    dropDriver: assign({ backend: 'none' }),
    removed: emit(({ event }) => answer(event, 'REMOVED')),
  },
}).createMachine({
  id: 'container',
  context: ({ input }) => ({ id: input.id, backend: input.backend, groups: input.groups.toSorted() }),
  initial: 'open',
  states: {
    open: {
      on: {
        READ: { actions: 'tell' },
        SET_IOMMU: { guard: 'hasDriverOrNoGroup', actions: 'refuse' },
        REMOVE_GROUP: [
          { guard: 'isLast', actions: ['remove', 'dropDriver', 'removed'] },
          { actions: ['remove', 'removed'] },
        ],
      },
    },
  },
})
