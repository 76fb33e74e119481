/**
 * VFIO_GROUP_UNSET_CONTAINER up to 5.18: the count goes from one to zero, atomically, and with it the right to the
 * container; but nobody keeps others from what follows.
 *
 * Source: Linux 4.19 vfio_group_unset_container.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { crash, send, type Heard, type Said } from '../../say.ts'
import type { GroupStateIs } from './group.ts'
import { callOf } from '../names.ts'

export interface CountedUnsetContainerInput {
  readonly task: string
  readonly group: string
}

type CountedUnsetContainerContext = CountedUnsetContainerInput & {
  readonly caller: string | null
  readonly ret: number | string
}
type CountedUnsetContainerEvent =
  | (Heard & { readonly type: 'UNSET'; readonly ret: number | string })
  | GroupStateIs
  | (Heard & { readonly type: 'CALL' | 'RETURN' })

const start = ({ task, group }: CountedUnsetContainerInput): CountedUnsetContainerContext => ({
  ...{ task, group },
  ...{ caller: null, ret: 0 },
})

export const countedUnsetContainer = setup({
  types: {
    context: {} as CountedUnsetContainerContext,
    events: {} as CountedUnsetContainerEvent,
    emitted: {} as Said,
    input: {} as CountedUnsetContainerInput,
  },
  guards: {
    isRefused: ({ event }) => event.type === 'UNSET' && event.ret !== 0,
    hasNone: ({ event }) => event.type === 'GROUP' && event.container === null,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    unset: emit(({ context: { task, group } }) => send(group, 'UNSET_CONTAINER', { task })),
    keepRet: assign(({ event }) => {
      assertEvent(event, 'UNSET')
      return { ret: event.ret }
    }),
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
    finish: emit(({ context: { task, caller, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'countedUnsetContainer',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'unsetting', actions: 'begin' } } },
    unsetting: {
      entry: 'unset',
      on: {
        UNSET: [{ guard: 'isRefused', target: 'idle', actions: ['keepRet', 'finish', 'reset'] }, { target: 'looking' }],
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
