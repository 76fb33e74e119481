/**
 * VFIO_GROUP_SET_CONTAINER up to 5.18: whether the group has a container already is seen from its count alone, before
 * any lock. One that is just leaving its container has none any more, but has not left (B-24).
 *
 * Source: Linux 4.19 vfio_group_set_container.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { isReleased } from '../../kernel/released.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { GroupStateIs } from './group.ts'
import { callOf, containerLock } from '../names.ts'

export interface CountedSetContainerInput {
  readonly task: string
  /** The descriptor table. */
  readonly table: string
  readonly group: string
  readonly emulated: boolean
  /** Every device of the IOMMU group. */
  readonly devices: readonly string[]
}

interface File {
  readonly file: string
  readonly kind: string
  readonly of: string
  readonly light: boolean
}

interface CountedSetContainerContext extends CountedSetContainerInput {
  readonly caller: string | null
  readonly fd: string | null
  readonly found: File | null
  readonly driver: Pointer | null
  readonly ret: number | string
}

type CountedSetContainerEvent =
  | (Heard & { readonly type: 'CALL'; readonly container: string })
  | GroupStateIs
  | (Heard & File & { readonly type: 'FILE'; readonly ret: number | string })
  | (Heard & { readonly type: 'DRIVER_IS'; readonly data: Pointer | null })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })
  | (Heard & { readonly type: 'PUT'; readonly last: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'ATTACHED' | 'ADDED' })

const start = ({ task, table, group, emulated, devices }: CountedSetContainerInput): CountedSetContainerContext => ({
  ...{ task, table, group, emulated, devices },
  ...{ caller: null, fd: null, found: null, driver: null, ret: 0 },
})

export const countedSetContainer = setup({
  types: {
    context: {} as CountedSetContainerContext,
    events: {} as CountedSetContainerEvent,
    emitted: {} as Said,
    input: {} as CountedSetContainerInput,
  },
  guards: {
    isNoDescriptor: ({ event }) => event.type === 'CALL' && event.container === '',
    isUsed: ({ event }) => event.type === 'GROUP' && event.users !== 0,
    failed: ({ event }) => 'ret' in event && event.ret !== 0,
    isNoContainer: ({ event }) => event.type === 'FILE' && event.kind !== 'container',
    hasDriver: ({ event }) => event.type === 'DRIVER_IS' && event.data !== null,
    holdsFile: ({ context }) => !context.found!.light,
    wasLast: ({ context, event }) => event.type === 'PUT' && event.last && isReleased(context.found!),
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, fd: event.container }
    }),
    refuse: assign({ ret: '-EINVAL' }),
    look: emit(({ context: { task, group } }) => send(group, 'STATE', { task })),
    find: emit(({ context: { task, table, fd } }) => send('files', 'FDGET', { task, table, fd })),
    badDescriptor: assign({ ret: '-EBADF' }),
    keepFile: assign(({ event }) => {
      assertEvent(event, 'FILE')
      const { file, kind, of, light } = event
      return { found: { file, kind, of, light } }
    }),
    lock: emit(({ context: { task, found } }) => send(containerLock(found!.of), 'DOWN_WRITE', { task })),
    askDriver: emit(({ context: { task, found } }) => send(found!.of, 'DRIVER', { task })),
    keepDriver: assign(({ event }) => {
      assertEvent(event, 'DRIVER_IS')
      return { driver: event.data }
    }),
    attachDriver: emit(({ context: { task, group, devices, emulated, found, driver } }) =>
      send(callOf(task, found!.of, 'attach_group'), 'CALL', { task, group, devices, emulated, backend: driver }),
    ),
    keepRet: assign(({ event }) => ('ret' in event ? { ret: event.ret } : {})),
    attach: emit(({ context: { task, group, found } }) => send(group, 'ATTACH', { task, container: found!.of })),
    add: emit(({ context: { task, group, found } }) => send(found!.of, 'ADD_GROUP', { task, group })),
    unlock: emit(({ context: { task, found } }) => send(containerLock(found!.of), 'UP_WRITE', { task })),
    put: emit(({ context: { task, found } }) => send('files', 'FDPUT', { task, file: found!.file })),
    releaseFile: emit(({ context: { task, found } }) =>
      send(callOf(task, found!.of, 'release'), 'CALL', { task, file: found!.file }),
    ),
    finish: emit(({ context: { task, caller, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'countedSetContainer',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isNoDescriptor', actions: ['begin', 'refuse', 'finish', 'reset'] },
          { target: 'looking', actions: 'begin' },
        ],
      },
    },
    looking: {
      entry: 'look',
      on: {
        GROUP: [{ guard: 'isUsed', target: 'idle', actions: ['refuse', 'finish', 'reset'] }, { target: 'finding' }],
      },
    },
    finding: {
      entry: 'find',
      on: {
        FILE: [
          { guard: 'failed', target: 'idle', actions: ['badDescriptor', 'finish', 'reset'] },
          { guard: 'isNoContainer', target: 'leaving', actions: ['keepFile', 'refuse'] },
          { target: 'locking', actions: 'keepFile' },
        ],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: 'asking driver' } },
    'asking driver': {
      entry: 'askDriver',
      on: {
        DRIVER_IS: [{ guard: 'hasDriver', target: 'attaching driver', actions: 'keepDriver' }, { target: 'attaching' }],
      },
    },
    'attaching driver': {
      entry: 'attachDriver',
      on: { RETURN: [{ guard: 'failed', target: 'unlocking', actions: 'keepRet' }, { target: 'attaching' }] },
    },
    attaching: { entry: 'attach', on: { ATTACHED: 'adding' } },
    adding: { entry: 'add', on: { ADDED: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: 'leaving' } },
    leaving: {
      always: [
        { guard: 'holdsFile', target: 'putting' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
    putting: {
      entry: 'put',
      on: {
        PUT: [
          { guard: 'wasLast', target: 'releasing file' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    'releasing file': { entry: 'releaseFile', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
