/**
 * A group's file is closed, up to 5.18: its own user goes, and the group can be opened again. Devices that are still
 * open keep the container, though nobody has a descriptor of the group (B-24).
 *
 * Source: Linux 4.19 vfio_group_fops_release.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { callOf } from '../names.ts'

export interface CountedReleaseGroupInput {
  readonly task: string
  readonly group: string
}

type CountedReleaseGroupContext = CountedReleaseGroupInput & {
  readonly caller: string | null
  readonly file: string | null
}
type CountedReleaseGroupEvent =
  | (Heard & { readonly type: 'CALL'; readonly file: string })
  | (Heard & { readonly type: 'RETURN' | 'CLOSED' })

const start = ({ task, group }: CountedReleaseGroupInput): CountedReleaseGroupContext => ({
  ...{ task, group },
  ...{ caller: null, file: null },
})

export const countedReleaseGroup = setup({
  types: {
    context: {} as CountedReleaseGroupContext,
    events: {} as CountedReleaseGroupEvent,
    emitted: {} as Said,
    input: {} as CountedReleaseGroupInput,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, file: event.file }
    }),
    dissolve: emit(({ context: { task, group } }) => send(callOf(task, group, 'dissolve'), 'CALL', { task })),
    close: emit(({ context: { task, group, file } }) => send(group, 'CLOSE', { task, file })),
    finish: emit(({ context: { task, caller } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'countedReleaseGroup',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'dissolving', actions: 'begin' } } },
    dissolving: { entry: 'dissolve', on: { RETURN: 'closing' } },
    closing: { entry: 'close', on: { CLOSED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
