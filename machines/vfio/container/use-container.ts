/**
 * A device whose group is in a container is opened for the first time, where the kernel has iommufd: the container must have an IOMMU driver, and
 * has one user more, and the group's file one reference more. With the last close both go again; what that was the last
 * reference to is released by whoever closes.
 *
 * Source: vfio_group_use_container, vfio_group_unuse_container (6.2 to 7.x). Left out: noiommu.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { GroupStateIs } from '../group/group.ts'

export interface UseContainerInput {
  readonly task: string
  readonly container: string
}

type UseContainerContext = UseContainerInput & {
  readonly caller: string | null
  readonly ends: boolean
  readonly group: string | null
  /** The group's. */
  readonly file: string | null
  readonly backend: Pointer | null
}
type UseContainerEvent =
  | (Heard & { readonly type: 'CALL'; readonly how: 'bind' | 'unbind'; readonly group: string })
  | (Heard & { readonly type: 'DRIVER_IS'; readonly data: Pointer | null })
  | GroupStateIs
  | (Heard & { readonly type: 'PUT'; readonly last: boolean })
  | (Heard & { readonly type: 'GOT' | 'TAKEN' | 'DROPPED' })

const start = ({ task, container }: UseContainerInput): UseContainerContext => ({
  ...{ task, container, caller: null, ends: false, group: null, file: null, backend: null },
})

export const useContainer = setup({
  types: {
    context: {} as UseContainerContext,
    events: {} as UseContainerEvent,
    emitted: {} as Said,
    input: {} as UseContainerInput,
  },
  guards: {
    ends: ({ context }) => context.ends,
    hasNoDriver: ({ event }) => event.type === 'DRIVER_IS' && event.data === null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, ends: event.how === 'unbind', group: event.group }
    }),
    look: emit(({ context: { task, group } }) => send(group!, 'STATE', { task })),
    keepFile: assign(({ event }) => {
      assertEvent(event, 'GROUP')
      return { file: event.file }
    }),
    askDriver: emit(({ context: { task, container } }) => send(container, 'DRIVER', { task })),
    keepDriver: assign(({ event }) => {
      assertEvent(event, 'DRIVER_IS')
      return { backend: event.data }
    }),
    getFile: emit(({ context: { task, file } }) => send('files', 'GET', { task, file })),
    takeUser: emit(({ context: { task, group } }) => send(group!, 'TAKE_USER', { task })),
    dropUser: emit(({ context: { task, group } }) => send(group!, 'DROP_USER', { task })),
    putFile: emit(({ context: { task, file } }) => send('files', 'PUT', { task, file })),
    refuse: emit(({ context: { task, caller } }) => send(caller!, 'RETURN', { task, ret: '-EINVAL' })),
    used: emit(({ context: { task, caller, backend } }) => send(caller!, 'RETURN', { task, ret: 0, backend })),
    unused: emit(({ context: { task, caller, file }, event }) => {
      assertEvent(event, 'PUT')
      return send(caller!, 'RETURN', { task, ret: 0, ...(event.last && { releases: file }) })
    }),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'useContainer',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'looking', actions: 'begin' } } },
    looking: {
      entry: 'look',
      on: {
        GROUP: [
          { guard: 'ends', target: 'dropping user', actions: 'keepFile' },
          { target: 'asking driver', actions: 'keepFile' },
        ],
      },
    },

    'asking driver': {
      entry: 'askDriver',
      on: {
        DRIVER_IS: [
          { guard: 'hasNoDriver', target: 'idle', actions: ['refuse', 'reset'] },
          { target: 'getting file', actions: 'keepDriver' },
        ],
      },
    },
    'getting file': { entry: 'getFile', on: { GOT: 'taking user' } },
    'taking user': { entry: 'takeUser', on: { TAKEN: { target: 'idle', actions: ['used', 'reset'] } } },

    'dropping user': { entry: 'dropUser', on: { DROPPED: 'putting file' } },
    'putting file': { entry: 'putFile', on: { PUT: { target: 'idle', actions: ['unused', 'reset'] } } },
  },
})
