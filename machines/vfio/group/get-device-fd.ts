/**
 * VFIO_GROUP_GET_DEVICE_FD from 5.19 on. The device is looked up by its name, and a reference taken, before anything is
 * asked of the group; the descriptor is reserved; then, under group_rwsem, the group must be in a container with an
 * IOMMU driver, and its file gets one more reference, so that the group lasts as long as the descriptor. Who opens
 * first makes the device ready, under dev_set->lock.
 *
 * Source: Linux 6.1 vfio_group_ioctl_get_device_fd, vfio_device_open, vfio_device_assign_container.
 * Left out: modules; a file that cannot be made for want of memory.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { deviceNamed, type NamedDevice } from '../device/device-name.ts'
import type { GroupStateIs } from './group.ts'
import { callOf, groupLock, setLock } from '../names.ts'

export interface OpenableDevice extends NamedDevice {
  readonly devSet: string
}

export interface GetDeviceFdInput {
  readonly task: string
  readonly table: string
  readonly group: string
  readonly devices: readonly OpenableDevice[]
}

interface GetDeviceFdContext extends GetDeviceFdInput {
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

const start = ({ task, table, group, devices }: GetDeviceFdInput): GetDeviceFdContext => ({
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

export const getDeviceFd = setup({
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
    hasNoDriver: ({ event }) => event.type === 'DRIVER_IS' && event.data === null,
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
    askDriver: emit(({ context: { task, container } }) => send(container!, 'DRIVER', { task })),
    keepDriver: assign(({ event }) => {
      assertEvent(event, 'DRIVER_IS')
      return { driver: event.data }
    }),
    getFile: emit(({ context: { task, file } }) => send('files', 'GET', { task, file })),
    takeUser: emit(({ context: { task, group } }) => send(group, 'TAKE_USER', { task })),
    unlock: emit(({ context: { task, group } }) => send(groupLock(group), 'UP_WRITE', { task })),
    lockSet: emit(({ context: { task, device } }) => send(setLock(device!.devSet), 'LOCK', { task })),
    open: emit(({ context: { task, device } }) => send(device!.id, 'OPEN', { task })),
    lockRead: emit(({ context: { task, group } }) => send(groupLock(group), 'DOWN_READ', { task })),
    makeReady: emit(({ context: { task, device, container, driver } }) =>
      send(callOf(task, device!.id, device!.emulated ? 'emu_open' : 'pci_open'), 'CALL', {
        ...{ task, container },
        backend: driver,
      }),
    ),
    close: emit(({ context: { task, device } }) => send(device!.id, 'CLOSE', { task })),
    unlockRead: emit(({ context: { task, group } }) => send(groupLock(group), 'UP_READ', { task })),
    unlockSet: emit(({ context: { task, device } }) => send(setLock(device!.devSet), 'UNLOCK', { task })),
    dropUser: emit(({ context: { task, group } }) => send(group, 'DROP_USER', { task })),
    putFile: emit(({ context: { task, file } }) => send('files', 'PUT', { task, file })),
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
  id: 'getDeviceFd',
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

    // vfio_device_assign_container
    locking: { entry: 'lock', on: { LOCKED: 'looking' } },
    looking: {
      entry: 'look',
      on: {
        GROUP: [
          { guard: 'hasNoContainer', target: 'unlocking', actions: 'refuse' },
          { target: 'asking driver', actions: 'keepContainer' },
        ],
      },
    },
    'asking driver': {
      entry: 'askDriver',
      on: {
        DRIVER_IS: [
          { guard: 'hasNoDriver', target: 'unlocking', actions: 'refuse' },
          { target: 'getting file', actions: 'keepDriver' },
        ],
      },
    },
    'getting file': { entry: 'getFile', on: { GOT: 'taking user' } },
    'taking user': { entry: 'takeUser', on: { TAKEN: 'unlocking' } },
    unlocking: {
      entry: 'unlock',
      on: { UNLOCKED: [{ guard: 'hasFailed', target: 'unreserving' }, { target: 'locking set' }] },
    },

    'locking set': { entry: 'lockSet', on: { LOCKED: 'opening' } },
    opening: {
      entry: 'open',
      on: { OPENED: [{ guard: 'isFirst', target: 'locking for read' }, { target: 'unlocking set' }] },
    },
    'locking for read': { entry: 'lockRead', on: { LOCKED: 'making ready' } },
    'making ready': {
      entry: 'makeReady',
      on: {
        RETURN: [{ guard: 'failed', target: 'closing', actions: 'keepRet' }, { target: 'unlocking for read' }],
      },
    },
    closing: { entry: 'close', on: { CLOSED: 'unlocking for read' } },
    'unlocking for read': { entry: 'unlockRead', on: { UNLOCKED: 'unlocking set' } },
    'unlocking set': {
      entry: 'unlockSet',
      on: { UNLOCKED: [{ guard: 'hasFailed', target: 'locking again' }, { target: 'installing' }] },
    },
    installing: { entry: 'install', on: { INSTALLED: { target: 'idle', actions: ['finish', 'reset'] } } },

    // The device could not be made ready. The file is not the last: this came through another reference to it.
    'locking again': { entry: 'lock', on: { LOCKED: 'dropping user' } },
    'dropping user': { entry: 'dropUser', on: { DROPPED: 'putting file' } },
    'putting file': { entry: 'putFile', on: { PUT: 'unlocking' } },
    unreserving: { entry: 'unreserve', on: { UNRESERVED: 'dropping reference' } },
    'dropping reference': { entry: 'dropRef', on: { REF_DROPPED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
