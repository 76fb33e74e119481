/**
 * The devices that use the page table of an IOAS (struct iommufd_hwpt_paging that was chosen for them, and the
 * iommufd_group of each). The devices of one IOMMU group come and go together as far as hardware can tell: the first
 * brings the group, the last takes it away. Spoken to under ioas->mutex.
 *
 * Source: iommufd_hw_pagetable_attach and _detach (drivers/iommu/iommufd/device.c, 7.x). Left out: replacing one page
 * table by another.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Heard, Said } from '../../say.ts'

interface Use {
  readonly device: string
  /** Its IOMMU group. */
  readonly group: string
}

type UsersContext = { readonly users: readonly Use[] }
type UsersEvent =
  | (Heard & Use & { readonly type: 'ADD' })
  | (Heard & { readonly type: 'REMOVE'; readonly device: string })

const remaining = ({ users }: UsersContext, event: UsersEvent): readonly Use[] =>
  users.filter(({ device }) => device !== event.device)

export const pageTableUsers = setup({
  types: {
    context: {} as UsersContext,
    events: {} as UsersEvent,
    emitted: {} as Said,
    input: {} as Readonly<Record<string, never>>,
  },
  actions: {
    /** Before `add`. */
    added: emit(({ context: { users }, event }) => {
      assertEvent(event, 'ADD')
      const isFirstOfGroup = !users.some(({ group }) => group === event.group)
      return answer(event, 'ADDED', { first: users.length === 0, firstOfGroup: isFirstOfGroup })
    }),
    add: assign(({ context: { users }, event }) => {
      assertEvent(event, 'ADD')
      const { device, group } = event
      return { users: [...users, { device, group }] }
    }),
    /** Before `remove`. */
    removed: emit(({ context, event }) => {
      const left = remaining(context, event)
      const group = context.users.find(({ device }) => device === event.device)?.group
      const isLastOfGroup = group !== undefined && !left.some((other) => other.group === group)
      return answer(event, 'REMOVED', { last: left.length === 0, lastOfGroup: isLastOfGroup })
    }),
    remove: assign(({ context, event }) => ({ users: remaining(context, event) })),
  },
}).createMachine({
  id: 'pageTableUsers',
  context: { users: [] },
  initial: 'ready',
  states: {
    ready: {
      on: {
        ADD: { actions: ['added', 'add'] },
        REMOVE: { actions: ['removed', 'remove'] },
      },
    },
  },
})
