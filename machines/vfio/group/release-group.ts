/**
 * The last reference to a group's file is gone. From 5.19 on every device descriptor holds one, so no device is open
 * any more; the group leaves its container if it is in one, and can be opened again.
 *
 * Source: Linux 6.1 vfio_group_fops_release.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { GroupStateIs } from './group.ts'
import { callOf, groupLock } from '../names.ts'

export interface ReleaseGroupInput {
  readonly task: string
  readonly group: string
}

interface ReleaseGroupContext extends ReleaseGroupInput {
  readonly caller: string | null
  readonly file: string | null
  readonly container: string | null
}

type ReleaseGroupEvent =
  | (Heard & { readonly type: 'CALL'; readonly file: string })
  | GroupStateIs
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RETURN' | 'CLOSED' })

const start = ({ task, group }: ReleaseGroupInput): ReleaseGroupContext => ({
  ...{ task, group },
  ...{ caller: null, file: null, container: null },
})

export const releaseGroup = setup({
  types: {
    context: {} as ReleaseGroupContext,
    events: {} as ReleaseGroupEvent,
    emitted: {} as Said,
    input: {} as ReleaseGroupInput,
  },
  guards: {
    isInContainer: ({ event }) => event.type === 'GROUP' && event.container !== null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, file: event.file }
    }),
    lock: emit(({ context: { task, group } }) => send(groupLock(group), 'DOWN_WRITE', { task })),
    look: emit(({ context: { task, group, file } }) => send(group, 'STATE', { task, file })),
    keepContainer: assign(({ event }) => {
      assertEvent(event, 'GROUP')
      return { container: event.container }
    }),
    detach: emit(({ context: { task, group, container } }) =>
      send(callOf(task, container!, 'leave'), 'CALL', { task, group }),
    ),
    close: emit(({ context: { task, group, file } }) => send(group, 'CLOSE', { task, file })),
    unlock: emit(({ context: { task, group } }) => send(groupLock(group), 'UP_WRITE', { task })),
    finish: emit(({ context: { task, caller } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'releaseGroup',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'looking' } },
    looking: {
      entry: 'look',
      on: {
        GROUP: [{ guard: 'isInContainer', target: 'detaching', actions: 'keepContainer' }, { target: 'closing' }],
      },
    },
    detaching: { entry: 'detach', on: { RETURN: 'closing' } },
    closing: { entry: 'close', on: { CLOSED: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
