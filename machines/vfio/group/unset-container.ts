/**
 * VFIO_GROUP_UNSET_CONTAINER from 5.19 on: under group_rwsem, and only when no device of the group is open.
 *
 * Source: Linux 6.1 vfio_group_ioctl_unset_container.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../../kernel/checks.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { GroupState, GroupStateIs } from './group.ts'
import { callOf, groupLock } from '../names.ts'

export interface UnsetContainerInput {
  readonly task: string
  readonly group: string
}

interface UnsetContainerContext extends UnsetContainerInput {
  readonly caller: string | null
  readonly file: string | null
  readonly container: string | null
  readonly ret: number | string
}

type UnsetContainerEvent =
  | (Heard & { readonly type: 'CALL'; readonly file: string })
  | GroupStateIs
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RETURN' })

const start = ({ task, group }: UnsetContainerInput): UnsetContainerContext => ({
  ...{ task, group },
  ...{ caller: null, file: null, container: null, ret: 0 },
})

const refusal = ({ container, users }: GroupState): string | undefined =>
  firstFailing([
    [container === null, '-EINVAL'],
    [users !== 1, '-EBUSY'],
  ])

export const unsetContainer = setup({
  types: {
    context: {} as UnsetContainerContext,
    events: {} as UnsetContainerEvent,
    emitted: {} as Said,
    input: {} as UnsetContainerInput,
  },
  guards: {
    isRefused: ({ event }) => event.type === 'GROUP' && refusal(event) !== undefined,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, file: event.file }
    }),
    lock: emit(({ context: { task, group } }) => send(groupLock(group), 'DOWN_WRITE', { task })),
    look: emit(({ context: { task, group, file } }) => send(group, 'STATE', { task, file })),
    refuse: assign(({ event }) => {
      assertEvent(event, 'GROUP')
      return { ret: refusal(event)! }
    }),
    keepContainer: assign(({ event }) => {
      assertEvent(event, 'GROUP')
      return { container: event.container }
    }),
    detach: emit(({ context: { task, group, container } }) =>
      send(callOf(task, container!, 'leave'), 'CALL', { task, group }),
    ),
    unlock: emit(({ context: { task, group } }) => send(groupLock(group), 'UP_WRITE', { task })),
    finish: emit(({ context: { task, caller, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'unsetContainer',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'looking' } },
    looking: {
      entry: 'look',
      on: {
        GROUP: [
          { guard: 'isRefused', target: 'unlocking', actions: 'refuse' },
          { target: 'detaching', actions: 'keepContainer' },
        ],
      },
    },
    detaching: { entry: 'detach', on: { RETURN: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
