/**
 * What VFIO_GROUP_GET_DEVICE_FD has in common before and after iommufd (get-device-fd.ts, get-device-fd-compat.ts): the device is looked up by its name, and
 * held, before anything is asked of the group; the words of both, and the states in which they do the same.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { deviceNamed, type NamedDevice } from '../device/device-name.ts'
import type { GroupStateIs } from './group.ts'
import { groupLock, setLock } from '../names.ts'

export interface OpenableDevice extends NamedDevice {
  readonly devSet: string
}

export interface GetDeviceFdInput {
  readonly task: string
  readonly table: string
  readonly group: string
  readonly devices: readonly OpenableDevice[]
}

export interface GetDeviceFdContext extends GetDeviceFdInput {
  readonly caller: string | null
  /** The group's file, through which this comes. */
  readonly file: string | null
  readonly fd: string | null
  readonly makes: string | null
  readonly name: string
  readonly device: OpenableDevice | null
  readonly container: string | null
  readonly driver: Pointer | null
  readonly ret: number | string
}

type GetDeviceFdEvent =
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
  | (Heard & { readonly type: 'DRIVER_IS'; readonly data: Pointer | null })
  | (Heard & { readonly type: 'OPENED'; readonly first: boolean })
  | (Heard & { readonly type: 'PUT'; readonly last: boolean })
  | (Heard & {
      readonly type:
        | 'LOCKED'
        | 'UNLOCKED'
        | 'GOT'
        | 'TAKEN'
        | 'CLOSED'
        | 'DROPPED'
        | 'INSTALLED'
        | 'UNRESERVED'
        | 'REF_DROPPED'
    })

export const start = ({ task, table, group, devices }: GetDeviceFdInput): GetDeviceFdContext => ({
  ...{ task, table, group, devices },
  ...{ caller: null, file: null, fd: null, makes: null, name: '' },
  ...{ device: null, container: null, driver: null, ret: 0 },
})

/** What is asked for, among the devices that the group has now. */
const found = ({ name, devices }: GetDeviceFdContext, event: GetDeviceFdEvent) => {
  assertEvent(event, 'LISTED')
  return deviceNamed(
    devices.filter(({ id }) => event.devices.includes(id)),
    name,
  )
}

export const gettingDevice = setup({
  types: {
    context: {} as GetDeviceFdContext,
    events: {} as GetDeviceFdEvent,
    emitted: {} as Said,
    input: {} as GetDeviceFdInput,
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
    look: emit(({ context: { task, group, file } }) => send(group, 'STATE', { task, file })),
    unknown: assign(({ context, event }) => ({ ret: found(context, event).ret })),
    keepDevice: assign(({ context, event }) => ({ device: found(context, event).device })),
    takeRef: emit(({ context: { task, device } }) => send(device!.id, 'TAKE_REF', { task })),
    keepRet: assign(({ event }) => ('ret' in event ? { ret: event.ret } : {})),
    reserve: emit(({ context: { task, table } }) => send('files', 'RESERVE', { task, table })),
    lock: emit(({ context: { task, group } }) => send(groupLock(group), 'DOWN_WRITE', { task })),
    refuse: assign({ ret: '-EINVAL' }),
    keepContainer: assign(({ event }) => {
      assertEvent(event, 'GROUP')
      return { container: event.container }
    }),
    unlock: emit(({ context: { task, group } }) => send(groupLock(group), 'UP_WRITE', { task })),
    lockSet: emit(({ context: { task, device } }) => send(setLock(device!.devSet), 'LOCK', { task })),
    open: emit(({ context: { task, device } }) => send(device!.id, 'OPEN', { task })),
    close: emit(({ context: { task, device } }) => send(device!.id, 'CLOSE', { task })),
    unlockSet: emit(({ context: { task, device } }) => send(setLock(device!.devSet), 'UNLOCK', { task })),
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
})

/** The device is found and held, and a descriptor is reserved for it. */
export const reserving = {
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
} as const

/** What was reserved and held is let go of. */
export const lettingGo = {
  unreserving: { entry: 'unreserve', on: { UNRESERVED: 'dropping reference' } },
  'dropping reference': { entry: 'dropRef', on: { REF_DROPPED: { target: 'idle', actions: ['finish', 'reset'] } } },
} as const
