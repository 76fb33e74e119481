/**
 * open() of /dev/vfio/N: one file at a time, and only while a device of the group is bound to a vfio driver. The
 * descriptor is reserved before anything is looked up. Up to 5.18 (`counted`) no lock is taken: the file is claimed,
 * and then given up again if the group turns out to be in a container still, from an earlier opening, through a device
 * (B-24).
 *
 * Source: Linux 6.1 and 4.19 vfio_group_fops_open.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { GroupStateIs } from './group.ts'
import { groupLock } from '../names.ts'

export interface OpenGroupInput {
  readonly task: string
  readonly table: string
  readonly group: string
  readonly counted: boolean
}

interface OpenGroupContext extends OpenGroupInput {
  readonly caller: string | null
  readonly fd: string | null
  readonly file: string | null
  readonly ret: number | string
}

type OpenGroupEvent =
  | (Heard & { readonly type: 'CALL'; readonly as: string; readonly file: string })
  | (Heard & { readonly type: 'FOUND'; readonly there: boolean })
  | (Heard & { readonly type: 'RESERVED' | 'OPENED'; readonly ret: number | string })
  | GroupStateIs
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'UNRESERVED' | 'INSTALLED' | 'CLOSED' })

const start = ({ task, table, group, counted }: OpenGroupInput): OpenGroupContext => ({
  ...{ task, table, group, counted },
  ...{ caller: null, fd: null, file: null, ret: 0 },
})

export const openGroup = setup({
  types: {
    context: {} as OpenGroupContext,
    events: {} as OpenGroupEvent,
    emitted: {} as Said,
    input: {} as OpenGroupInput,
  },
  guards: {
    failed: ({ event }) => 'ret' in event && event.ret !== 0,
    isAbsent: ({ event }) => event.type === 'FOUND' && !event.there,
    isCounted: ({ context }) => context.counted,
    isInContainer: ({ event }) => event.type === 'GROUP' && event.container !== null,
    hasFailed: ({ context }) => context.ret !== 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, fd: event.as, file: event.file }
    }),
    reserve: emit(({ context: { task, table } }) => send('files', 'RESERVE', { task, table })),
    keepRet: assign(({ event }) => {
      assertEvent(event, ['RESERVED', 'OPENED'])
      return { ret: event.ret }
    }),
    lookUp: emit(({ context: { task, group } }) => send(group, 'LOOK_UP', { task })),
    noSuchFile: assign({ ret: '-ENOENT' }),
    lock: emit(({ context: { task, group } }) => send(groupLock(group), 'DOWN_WRITE', { task })),
    open: emit(({ context: { task, group, file } }) => send(group, 'OPEN', { task, file })),
    unlock: emit(({ context: { task, group } }) => send(groupLock(group), 'UP_WRITE', { task })),
    claim: emit(({ context: { task, group, file } }) => send(group, 'CLAIM_FILE', { task, file })),
    look: emit(({ context: { task, group } }) => send(group, 'STATE', { task })),
    busy: assign({ ret: '-EBUSY' }),
    close: emit(({ context: { task, group, file } }) => send(group, 'CLOSE', { task, file })),
    install: emit(({ context: { task, table, group, fd, file } }) =>
      send('files', 'INSTALL', { ...{ task, table, fd, file }, kind: 'group', of: group, reserved: true }),
    ),
    unreserve: emit(({ context: { task, table } }) => send('files', 'UNRESERVE', { task, table })),
    finish: emit(({ context: { task, caller, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'openGroup',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'reserving', actions: 'begin' } } },
    reserving: {
      entry: 'reserve',
      on: {
        RESERVED: [
          { guard: 'failed', target: 'idle', actions: ['keepRet', 'finish', 'reset'] },
          { target: 'looking up' },
        ],
      },
    },
    'looking up': {
      entry: 'lookUp',
      on: {
        FOUND: [
          { guard: 'isAbsent', target: 'giving up', actions: 'noSuchFile' },
          { guard: 'isCounted', target: 'claiming' },
          { target: 'locking' },
        ],
      },
    },

    locking: { entry: 'lock', on: { LOCKED: 'opening' } },
    opening: { entry: 'open', on: { OPENED: { target: 'unlocking', actions: 'keepRet' } } },
    unlocking: {
      entry: 'unlock',
      on: { UNLOCKED: [{ guard: 'hasFailed', target: 'giving up' }, { target: 'installing' }] },
    },

    claiming: {
      entry: 'claim',
      on: { OPENED: [{ guard: 'failed', target: 'giving up', actions: 'keepRet' }, { target: 'looking' }] },
    },
    looking: {
      entry: 'look',
      on: {
        GROUP: [{ guard: 'isInContainer', target: 'closing', actions: 'busy' }, { target: 'installing' }],
      },
    },
    closing: { entry: 'close', on: { CLOSED: 'giving up' } },

    installing: { entry: 'install', on: { INSTALLED: { target: 'idle', actions: ['finish', 'reset'] } } },
    'giving up': { entry: 'unreserve', on: { UNRESERVED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
