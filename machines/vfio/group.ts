/**
 * A VFIO group: how many users its container has through it (group->container_users, an atomic), and whether it is in
 * one. One user for SET_CONTAINER itself, one for each open device, and for a moment one for each pin or notifier
 * call.
 *
 * Source: Linux 4.19 vfio_group_add_container_user, vfio_group_try_dissolve_container, VFIO_GROUP_UNSET_CONTAINER.
 * `backend` is container->iommu_driver and ->noiommu as seen through the group: it does not change while the group
 * has a user.
 * Left out: the moment between the increment and the decrement of a refused user; viability never changes; the group
 * is never freed.
 */
import { assign, emit, setup } from 'xstate'
import { answer } from '../kernel/answer.ts'
import type { Heard, Said } from '../say.ts'
import type { Backend } from './container.ts'

type GroupContext = {
  readonly id: string
  readonly container: string | null
  readonly backend: Backend
  readonly viable: boolean
  readonly users: number
}
type GroupEvent = Heard & { readonly type: 'ADD_USER' | 'DROP_USER' | 'UNSET_CONTAINER' | 'LEAVE' }

export const group = setup({
  types: {
    context: {} as GroupContext,
    events: {} as GroupEvent,
    emitted: {} as Said,
    input: {} as {
      readonly id: string
      readonly container: string
      readonly backend: Backend
      readonly viable?: boolean
      readonly users?: number
    },
  },
  guards: {
    unused: ({ context }) => context.users === 0,
    oneUser: ({ context }) => context.users === 1,
    noiommu: ({ context }) => context.backend === 'noiommu',
    noDriverOrNotViable: ({ context }) => context.backend === 'none' || !context.viable,
  },
  actions: {
    add: assign({ users: ({ context }) => context.users + 1 }),
    drop: assign({ users: ({ context }) => context.users - 1 }),
    leave: assign({ container: null, backend: 'none' }),
    user: emit(({ event }, { ret }: { ret: number | string }) => answer(event, 'USER', { ret })),
    dropped: emit(({ event }, { last }: { last: boolean }) => answer(event, 'DROPPED', { last })),
    unset: emit(({ event }, { ret }: { ret: number | string }) => answer(event, 'UNSET', { ret })),
    left: emit(({ event }) => answer(event, 'LEFT')),
  },
}).createMachine({
  id: 'group',
  context: ({ input }) => ({
    id: input.id,
    container: input.container,
    backend: input.backend,
    viable: input.viable ?? true,
    users: input.users ?? 1,
  }),
  initial: 'known',
  states: {
    known: {
      on: {
        ADD_USER: [
          { guard: 'unused', actions: { type: 'user', params: { ret: '-EINVAL' } } },
          { guard: 'noiommu', actions: { type: 'user', params: { ret: '-EPERM' } } },
          { guard: 'noDriverOrNotViable', actions: { type: 'user', params: { ret: '-EINVAL' } } },
          { actions: ['add', { type: 'user', params: { ret: 0 } }] },
        ],
        // atomic_dec_if_positive: at zero nothing happens, and nobody was the last.
        DROP_USER: [
          { guard: 'unused', actions: { type: 'dropped', params: { last: false } } },
          { guard: 'oneUser', actions: ['drop', { type: 'dropped', params: { last: true } }] },
          { actions: ['drop', { type: 'dropped', params: { last: false } }] },
        ],
        UNSET_CONTAINER: [
          { guard: 'unused', actions: { type: 'unset', params: { ret: '-EINVAL' } } },
          { guard: 'oneUser', actions: ['drop', { type: 'unset', params: { ret: 0 } }] },
          { actions: { type: 'unset', params: { ret: '-EBUSY' } } },
        ],
        LEAVE: { actions: ['leave', 'left'] },
      },
    },
  },
})
