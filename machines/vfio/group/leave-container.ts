/**
 * A group lets go of the file of iommufd that is its container, under group_rwsem. Its devices need not be closed: what is bound to the
 * file holds it, too.
 *
 * Source: vfio_group_ioctl_unset_container, vfio_group_fops_release (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { callOf } from '../names.ts'

export interface CompatLeaveContainerInput {
  readonly task: string
  /** The file of iommufd. */
  readonly container: string
}

type CompatLeaveContainerContext = CompatLeaveContainerInput & {
  readonly caller: string | null
  readonly group: string | null
}
type CompatLeaveContainerEvent =
  | (Heard & { readonly type: 'CALL'; readonly group: string })
  | (Heard & { readonly type: 'DROPPED' | 'LEFT' | 'RETURN' })

const start = ({ task, container }: CompatLeaveContainerInput): CompatLeaveContainerContext => ({
  ...{ task, container, caller: null, group: null },
})

export const compatLeaveContainer = setup({
  types: {
    context: {} as CompatLeaveContainerContext,
    events: {} as CompatLeaveContainerEvent,
    emitted: {} as Said,
    input: {} as CompatLeaveContainerInput,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, group: event.group }
    }),
    dropUser: emit(({ context: { task, group } }) => send(group!, 'DROP_USER', { task })),
    leave: emit(({ context: { task, group } }) => send(group!, 'LEAVE', { task })),
    letGo: emit(({ context: { task, container } }) =>
      send(callOf(task, container, 'hold'), 'CALL', { task, how: 'put' }),
    ),
    finish: emit(({ context: { task, caller } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'compatLeaveContainer',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'dropping user', actions: 'begin' } } },
    'dropping user': { entry: 'dropUser', on: { DROPPED: 'leaving' } },
    leaving: { entry: 'leave', on: { LEFT: 'letting go' } },
    'letting go': { entry: 'letGo', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
