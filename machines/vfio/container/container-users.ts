/**
 * container_users of the one group in a container: one for the container itself, one for each of its devices that is open, one
 * for each notifier that the series of 2021 keep registered with one of its devices. With the last one the group leaves the
 * container; what was isolated until then is isolated no more, and there is no IOMMU driver behind the container (HAS_IOMMU).
 * That is all an ioctl asks: it counts as no user, so the last one may leave behind its back (B-25).
 *
 * Source: Linux 5.11 vfio_group_add_container_user, vfio_group_try_dissolve_container, vfio_fops_unl_ioctl.
 * Left out: several groups in a container; putting a group into a container again. container->iommu_driver is cleared when the
 * vfio_iommu is freed, not before: an ioctl that reads it in between fares as one that had read it earlier.
 */
import { assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { counted, note, type Heard, type Observed, type Said } from '../../say.ts'

export interface ContainerUsersInput {
  readonly id: string
  readonly users: number
}

type ContainerUsersEvent = Heard & { readonly type: 'ADD_USER' | 'DROP_USER' | 'HAS_IOMMU' }

const sites = { '1': 'vfio_group_add_container_user', '-1': 'vfio_group_try_dissolve_container' } as const

/** An atomic_t, which says nothing when it goes wrong. */
const change = ({ id, users }: ContainerUsersInput, by: 1 | -1): Observed =>
  counted(
    id,
    'vfio_group',
    { field: 'container_users', from: users, by, title: 'container_users dropped below zero' },
    { site: sites[by], ...(by < 0 && users === 0 && { detail: sites[by] }) },
  )

export const containerUsers = setup({
  types: {
    context: {} as ContainerUsersInput,
    events: {} as ContainerUsersEvent,
    emitted: {} as Said,
    input: {} as ContainerUsersInput,
  },
  guards: {
    isDissolved: ({ context }) => context.users === 0,
  },
  actions: {
    adding: emit(({ context }) => change(context, 1)),
    add: assign({ users: ({ context }) => context.users + 1 }),
    added: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    /** atomic_inc_not_zero. */
    notAdded: emit(({ event }) => answer(event, 'ANSWER', { ret: '-EINVAL' })),
    tellIommu: emit(({ context, event }) => answer(event, 'ANSWER', { ret: context.users > 0 ? 0 : '-EINVAL' })),
    drop: enqueueActions(({ context, event, enqueue }) => {
      const users = context.users - 1
      enqueue.emit(change(context, -1))
      if (users === 0) enqueue.emit(note(context.id, 'dissolved'))
      enqueue.assign({ users })
      enqueue.emit(answer(event, 'ANSWER', { ret: 0, last: users === 0 }))
    }),
    underflow: emit(({ context }) => change(context, -1)),
    notLast: emit(({ event }) => answer(event, 'ANSWER', { ret: 0, last: false })),
  },
}).createMachine({
  id: 'containerUsers',
  context: ({ input: { id, users } }) => ({ id, users }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        ADD_USER: [{ guard: 'isDissolved', actions: 'notAdded' }, { actions: ['adding', 'add', 'added'] }],
        HAS_IOMMU: { actions: 'tellIommu' },
        DROP_USER: [{ guard: 'isDissolved', actions: ['underflow', 'notLast'] }, { actions: 'drop' }],
      },
    },
  },
})
