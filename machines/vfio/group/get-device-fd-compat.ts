/**
 * VFIO_GROUP_GET_DEVICE_FD where the kernel has iommufd: under the group's lock and dev_set->lock whoever opens first binds the device to
 * what the group is in, and attaches it. A file of iommufd needs no driver to be set before, and is held by the device; a container needs one, and
 * is used by the device, which holds the group's file meanwhile (first-open.ts).
 *
 * Source: vfio_group_ioctl_get_device_fd, vfio_df_group_open (7.x). Left out: no memory for the file.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { deviceNamed } from '../device/device-name.ts'
import type { OpenableDevice } from './get-device-fd.ts'
import type { GroupStateIs } from './group.ts'
import { callOf, groupLock, setLock } from '../names.ts'

export interface CompatGetDeviceFdInput {
  readonly task: string
  readonly table: string
  readonly group: string
  readonly devices: readonly OpenableDevice[]
}

interface CompatGetDeviceFdContext extends CompatGetDeviceFdInput {
  readonly caller: string | null
  /** The group's file, through which this comes. */
  readonly file: string | null
  readonly fd: string | null
  readonly makes: string | null
  readonly name: string
  readonly device: OpenableDevice | null
  readonly container: string | null
  readonly ret: number | string
}

type CompatGetDeviceFdEvent =
  | (Heard & {
      readonly type: 'CALL'
      readonly file: string
      readonly as: string
      readonly makes: string
      readonly dev?: string
      readonly name?: string
    })
  | (Heard & { readonly type: 'LISTED'; readonly devices: readonly string[] })
  | GroupStateIs
  | (Heard & { readonly type: 'REF' | 'RESERVED' | 'RETURN'; readonly ret: number | string })
  | (Heard & { readonly type: 'OPENED'; readonly first: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'CLOSED' | 'INSTALLED' | 'UNRESERVED' | 'REF_DROPPED' })

const start = ({ task, table, group, devices }: CompatGetDeviceFdInput): CompatGetDeviceFdContext => ({
  ...{ task, table, group, devices },
  ...{ caller: null, file: null, fd: null, makes: null, name: '', device: null, container: null, ret: 0 },
})

/** What is asked for, among the devices that the group has now. */
const found = ({ name, devices }: CompatGetDeviceFdContext, event: CompatGetDeviceFdEvent) => {
  assertEvent(event, 'LISTED')
  return deviceNamed(
    devices.filter(({ id }) => event.devices.includes(id)),
    name,
  )
}

export const compatGetDeviceFd = setup({
  types: {
    context: {} as CompatGetDeviceFdContext,
    events: {} as CompatGetDeviceFdEvent,
    emitted: {} as Said,
    input: {} as CompatGetDeviceFdInput,
  },
  guards: {
    isUnknown: ({ context, event }) => event.type === 'LISTED' && found(context, event).device === null,
    failed: ({ event }) => 'ret' in event && event.ret !== 0,
    hasNoContainer: ({ event }) => event.type === 'GROUP' && event.container === null,
    isFirst: ({ event }) => event.type === 'OPENED' && event.first,
    hasFailed: ({ context }) => context.ret !== 0,
  },
  actions: {
    begin: assign(({ context, event }) => {
      assertEvent(event, 'CALL')
      const { from, file, as, makes, dev } = event
      const address = context.devices.find(({ id }) => id === dev)?.name
      return { caller: from, file, fd: as, makes, name: event.name ?? address ?? dev ?? '' }
    }),
    list: emit(({ context: { task, group, file } }) => send(group, 'LIST', { task, file })),
    unknown: assign(({ context, event }) => ({ ret: found(context, event).ret })),
    keepDevice: assign(({ context, event }) => ({ device: found(context, event).device })),
    takeRef: emit(({ context: { task, device } }) => send(device!.id, 'TAKE_REF', { task })),
    keepRet: assign(({ event }) => ('ret' in event ? { ret: event.ret } : {})),
    reserve: emit(({ context: { task, table } }) => send('files', 'RESERVE', { task, table })),
    lock: emit(({ context: { task, group } }) => send(groupLock(group), 'DOWN_WRITE', { task })),
    look: emit(({ context: { task, group, file } }) => send(group, 'STATE', { task, file })),
    refuse: assign({ ret: '-EINVAL' }),
    keepContainer: assign(({ event }) => {
      assertEvent(event, 'GROUP')
      return { container: event.container }
    }),
    lockSet: emit(({ context: { task, device } }) => send(setLock(device!.devSet), 'LOCK', { task })),
    open: emit(({ context: { task, device } }) => send(device!.id, 'OPEN', { task })),
    openFirst: emit(({ context: { task, device, container } }) =>
      send(callOf(task, device!.id, 'first_open'), 'CALL', { task, how: 'open', context: container }),
    ),
    close: emit(({ context: { task, device } }) => send(device!.id, 'CLOSE', { task })),
    unlockSet: emit(({ context: { task, device } }) => send(setLock(device!.devSet), 'UNLOCK', { task })),
    unlock: emit(({ context: { task, group } }) => send(groupLock(group), 'UP_WRITE', { task })),
    install: emit(({ context: { task, table, fd, makes, device } }) =>
      send('files', 'INSTALL', {
        ...{ task, table, fd, file: makes },
        ...{ kind: 'device', of: device!.id, reserved: true },
      }),
    ),
    unreserve: emit(({ context: { task, table } }) => send('files', 'UNRESERVE', { task, table })),
    dropRef: emit(({ context: { task, device } }) => send(device!.id, 'DROP_REF', { task })),
    finish: emit(({ context: { task, caller, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'compatGetDeviceFd',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'looking up', actions: 'begin' } } },
    'looking up': {
      entry: 'list',
      on: {
        LISTED: [
          { guard: 'isUnknown', target: 'idle', actions: ['unknown', 'finish', 'reset'] },
          { target: 'taking reference', actions: 'keepDevice' },
        ],
      },
    },
    'taking reference': {
      entry: 'takeRef',
      on: {
        REF: [{ guard: 'failed', target: 'idle', actions: ['keepRet', 'finish', 'reset'] }, { target: 'reserving' }],
      },
    },
    reserving: {
      entry: 'reserve',
      on: {
        RESERVED: [{ guard: 'failed', target: 'dropping reference', actions: 'keepRet' }, { target: 'locking' }],
      },
    },

    // vfio_df_group_open
    locking: { entry: 'lock', on: { LOCKED: 'looking' } },
    looking: {
      entry: 'look',
      on: {
        GROUP: [
          { guard: 'hasNoContainer', target: 'unlocking', actions: 'refuse' },
          { target: 'locking set', actions: 'keepContainer' },
        ],
      },
    },
    'locking set': { entry: 'lockSet', on: { LOCKED: 'opening' } },
    opening: {
      entry: 'open',
      on: { OPENED: [{ guard: 'isFirst', target: 'opening first' }, { target: 'unlocking set' }] },
    },
    'opening first': {
      entry: 'openFirst',
      on: { RETURN: [{ guard: 'failed', target: 'closing', actions: 'keepRet' }, { target: 'unlocking set' }] },
    },
    closing: { entry: 'close', on: { CLOSED: 'unlocking set' } },
    'unlocking set': { entry: 'unlockSet', on: { UNLOCKED: 'unlocking' } },
    unlocking: {
      entry: 'unlock',
      on: { UNLOCKED: [{ guard: 'hasFailed', target: 'unreserving' }, { target: 'installing' }] },
    },

    installing: { entry: 'install', on: { INSTALLED: { target: 'idle', actions: ['finish', 'reset'] } } },
    unreserving: { entry: 'unreserve', on: { UNRESERVED: 'dropping reference' } },
    'dropping reference': { entry: 'dropRef', on: { REF_DROPPED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
