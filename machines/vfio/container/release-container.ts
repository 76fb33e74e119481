/**
 * The last reference to a container's file is gone. Groups and devices keep the container, its IOMMU driver and every
 * mapping alive. From 5.12 to 6.2 the driver is told, for the sake of those who wait for a new virtual address
 * (`notifies`).
 *
 * Source: Linux 6.1 vfio_fops_release.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { callOf } from '../names.ts'

export interface ReleaseContainerInput {
  readonly task: string
  readonly container: string
  readonly notifies: boolean
}

type ReleaseContainerContext = ReleaseContainerInput & { readonly caller: string | null }
type ReleaseContainerEvent =
  | (Heard & { readonly type: 'DRIVER_IS'; readonly data: Pointer | null })
  | (Heard & { readonly type: 'CALL' | 'RETURN' })

const start = ({ task, container, notifies }: ReleaseContainerInput): ReleaseContainerContext => ({
  ...{ task, container, notifies },
  caller: null,
})

export const releaseContainer = setup({
  types: {
    context: {} as ReleaseContainerContext,
    events: {} as ReleaseContainerEvent,
    emitted: {} as Said,
    input: {} as ReleaseContainerInput,
  },
  guards: {
    notifies: ({ context }) => context.notifies,
    hasDriver: ({ event }) => event.type === 'DRIVER_IS' && event.data !== null,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    askDriver: emit(({ context: { task, container } }) => send(container, 'DRIVER', { task })),
    notify: emit(({ context: { task, container }, event }) => {
      assertEvent(event, 'DRIVER_IS')
      return send(callOf(task, container, 'container_close'), 'CALL', { task, backend: event.data })
    }),
    finish: emit(({ context: { task, caller } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'releaseContainer',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'notifies', target: 'asking driver', actions: 'begin' },
          { actions: ['begin', 'finish', 'reset'] },
        ],
      },
    },
    'asking driver': {
      entry: 'askDriver',
      on: {
        DRIVER_IS: [
          { guard: 'hasDriver', target: 'notifying', actions: 'notify' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    notifying: { on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
