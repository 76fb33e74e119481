/**
 * One user of a group's container less; if it was the last the group leaves the container
 * (vfio_group_try_dissolve_container).
 *
 * Source: Linux 4.19.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { crash, send, type Heard, type Said } from '../../say.ts'
import type { GroupStateIs } from './group.ts'
import { callOf } from '../names.ts'

export interface DissolveInput {
  readonly task: string
  readonly group: string
}

type DissolveContext = DissolveInput & { readonly caller: string | null }
type DissolveEvent =
  | (Heard & { readonly type: 'DROPPED'; readonly last: boolean })
  | GroupStateIs
  | (Heard & { readonly type: 'CALL' | 'RETURN' })

const start = ({ task, group }: DissolveInput): DissolveContext => ({ task, group, caller: null })

export const dissolve = setup({
  types: {
    context: {} as DissolveContext,
    events: {} as DissolveEvent,
    emitted: {} as Said,
    input: {} as DissolveInput,
  },
  guards: {
    wasLast: ({ event }) => event.type === 'DROPPED' && event.last,
    hasNone: ({ event }) => event.type === 'GROUP' && event.container === null,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    dropUser: emit(({ context: { task, group } }) => send(group, 'DROP_USER', { task })),
    look: emit(({ context: { task, group } }) => send(group, 'STATE', { task })),
    followNull: emit(({ context: { group } }) =>
      crash('bug', 'NULL pointer dereference in __vfio_group_unset_container', {
        object: group,
        detail: 'it had a user, but no container',
      }),
    ),
    detach: emit(({ context: { task, group }, event }) => {
      assertEvent(event, 'GROUP')
      return send(callOf(task, event.container!, 'leave'), 'CALL', { task, group })
    }),
    finish: emit(({ context: { task, caller } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'dissolve',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'dropping user', actions: 'begin' } } },
    'dropping user': {
      entry: 'dropUser',
      on: {
        DROPPED: [
          { guard: 'wasLast', target: 'looking' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    looking: {
      entry: 'look',
      on: {
        GROUP: [
          { guard: 'hasNone', target: 'idle', actions: 'followNull' },
          { target: 'detaching', actions: 'detach' },
        ],
      },
    },
    detaching: { on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
