/**
 * VFIO_GROUP_GET_DEVICE_FD up to 5.18: whether the group is in use, has an IOMMU driver and is viable is looked at
 * first and without a lock; the device becomes a user of the container at the very end. Who takes the container away in
 * between is not noticed (B-24).
 *
 * Source: Linux 4.19 and 5.15 vfio_group_get_device_fd.
 * Left out: modules; a file that cannot be made for want of memory. dev_set->lock stands for what older kernels had
 * (reflck, a driver's own).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { crash, send, type Heard, type Said } from '../../say.ts'
import { deviceNamed } from '../device/device-name.ts'
import type { OpenableDevice } from './get-device-fd-chart.ts'
import type { GroupStateIs } from './group.ts'
import { callOf, iommuGroup, setLock } from '../names.ts'

export interface CountedGetDeviceFdInput {
  readonly task: string
  readonly table: string
  readonly group: string
  readonly devices: readonly OpenableDevice[]
}

interface CountedGetDeviceFdContext extends CountedGetDeviceFdInput {
  readonly caller: string | null
  readonly fd: string | null
  readonly makes: string | null
  readonly name: string
  readonly listed: readonly string[]
  readonly unbinding: readonly string[]
  readonly device: OpenableDevice | null
  readonly container: string | null
  readonly driver: Pointer | null
  readonly ret: number | string
}

type CountedGetDeviceFdEvent =
  | (Heard & {
      readonly type: 'CALL'
      readonly as: string
      readonly makes: string
      readonly dev?: string
      readonly name?: string
    })
  | GroupStateIs
  | (Heard & { readonly type: 'DRIVER_IS'; readonly data: Pointer | null })
  | (Heard & { readonly type: 'VIABLE_IS'; readonly viable: boolean })
  | (Heard & { readonly type: 'REF' | 'RESERVED' | 'RETURN'; readonly ret: number | string })
  | (Heard & { readonly type: 'OPENED'; readonly first: boolean })
  | (Heard & { readonly type: 'CLOSED'; readonly last: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'TAKEN' | 'INSTALLED' | 'REF_DROPPED' })

const start = ({ task, table, group, devices }: CountedGetDeviceFdInput): CountedGetDeviceFdContext => ({
  ...{ task, table, group, devices },
  ...{ caller: null, fd: null, makes: null, name: '', listed: [], unbinding: [] },
  ...{ device: null, container: null, driver: null, ret: 0 },
})

/** What is asked for, among the devices that the group has. */
const found = ({ name, devices, listed }: CountedGetDeviceFdContext) =>
  deviceNamed(
    devices.filter(({ id }) => listed.includes(id)),
    name,
  )

export const countedGetDeviceFd = setup({
  types: {
    context: {} as CountedGetDeviceFdContext,
    events: {} as CountedGetDeviceFdEvent,
    emitted: {} as Said,
    input: {} as CountedGetDeviceFdInput,
  },
  guards: {
    isUnused: ({ event }) => event.type === 'GROUP' && event.users === 0,
    hasNoContainer: ({ event }) => event.type === 'GROUP' && event.container === null,
    hasNoDriver: ({ event }) => event.type === 'DRIVER_IS' && event.data === null,
    isNotViable: ({ event }) => event.type === 'VIABLE_IS' && !event.viable,
    isUnknown: ({ context }) => found(context).device === null,
    failed: ({ event }) => 'ret' in event && event.ret !== 0,
    isFirst: ({ event }) => event.type === 'OPENED' && event.first,
    isLast: ({ event }) => event.type === 'CLOSED' && event.last,
    hasFailed: ({ context }) => context.ret !== 0,
  },
  actions: {
    begin: assign(({ context, event }) => {
      assertEvent(event, 'CALL')
      const { from, as, makes, dev } = event
      const address = context.devices.find(({ id }) => id === dev)?.name
      return { caller: from, fd: as, makes, name: event.name ?? address ?? dev ?? '' }
    }),
    look: emit(({ context: { task, group } }) => send(group, 'STATE', { task })),
    refuse: assign({ ret: '-EINVAL' }),
    followNull: emit(({ context: { group } }) =>
      crash('bug', 'NULL pointer dereference in vfio_group_get_device_fd', {
        object: group,
        detail: 'it has a user, but no container',
      }),
    ),
    keepGroup: assign(({ event }) => {
      assertEvent(event, 'GROUP')
      const { container, devices, unbinding } = event
      return { container, listed: devices, unbinding }
    }),
    askDriver: emit(({ context: { task, container } }) => send(container!, 'DRIVER', { task })),
    keepDriver: assign(({ event }) => {
      assertEvent(event, 'DRIVER_IS')
      return { driver: event.data }
    }),
    askViable: emit(({ context: { task, group, listed, unbinding } }) =>
      send(iommuGroup(group), 'VIABLE', { task, devices: listed, unbinding }),
    ),
    unknown: assign(({ context }) => ({ ret: found(context).ret })),
    keepDevice: assign(({ context }) => ({ device: found(context).device })),
    takeRef: emit(({ context: { task, device } }) => send(device!.id, 'TAKE_REF', { task })),
    keepRet: assign(({ event }) => ('ret' in event ? { ret: event.ret } : {})),
    lockSet: emit(({ context: { task, device } }) => send(setLock(device!.devSet), 'LOCK', { task })),
    open: emit(({ context: { task, device } }) => send(device!.id, 'OPEN', { task })),
    makeReady: emit(({ context: { task, device, container, driver } }) =>
      send(callOf(task, device!.id, device!.emulated ? 'emu_open' : 'pci_open'), 'CALL', {
        ...{ task, container },
        backend: driver,
      }),
    ),
    close: emit(({ context: { task, device } }) => send(device!.id, 'CLOSE', { task })),
    putAtRest: emit(({ context: { task, device, container, driver } }) =>
      send(callOf(task, device!.id, device!.emulated ? 'emu_close' : 'pci_close'), 'CALL', {
        ...{ task, container },
        backend: driver,
      }),
    ),
    unlockSet: emit(({ context: { task, device } }) => send(setLock(device!.devSet), 'UNLOCK', { task })),
    reserve: emit(({ context: { task, table } }) => send('files', 'RESERVE', { task, table })),
    takeUser: emit(({ context: { task, group } }) => send(group, 'TAKE_USER', { task })),
    install: emit(({ context: { task, table, fd, makes, device } }) =>
      send('files', 'INSTALL', {
        ...{ task, table, fd, file: makes },
        ...{ kind: 'device', of: device!.id, reserved: true },
      }),
    ),
    dropRef: emit(({ context: { task, device } }) => send(device!.id, 'DROP_REF', { task })),
    finish: emit(({ context: { task, caller, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'countedGetDeviceFd',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'looking', actions: 'begin' } } },
    looking: {
      entry: 'look',
      on: {
        GROUP: [
          { guard: 'isUnused', target: 'idle', actions: ['refuse', 'finish', 'reset'] },
          { guard: 'hasNoContainer', target: 'idle', actions: 'followNull' },
          { target: 'asking driver', actions: 'keepGroup' },
        ],
      },
    },
    'asking driver': {
      entry: 'askDriver',
      on: {
        DRIVER_IS: [
          { guard: 'hasNoDriver', target: 'idle', actions: ['refuse', 'finish', 'reset'] },
          { target: 'asking viable', actions: 'keepDriver' },
        ],
      },
    },
    'asking viable': {
      entry: 'askViable',
      on: {
        VIABLE_IS: [
          { guard: 'isNotViable', target: 'idle', actions: ['refuse', 'finish', 'reset'] },
          { target: 'looking up' },
        ],
      },
    },
    'looking up': {
      always: [
        { guard: 'isUnknown', target: 'idle', actions: ['unknown', 'finish', 'reset'] },
        { target: 'taking reference', actions: 'keepDevice' },
      ],
    },
    'taking reference': {
      entry: 'takeRef',
      on: {
        REF: [{ guard: 'failed', target: 'idle', actions: ['keepRet', 'finish', 'reset'] }, { target: 'locking set' }],
      },
    },
    'locking set': { entry: 'lockSet', on: { LOCKED: 'opening' } },
    opening: {
      entry: 'open',
      on: { OPENED: [{ guard: 'isFirst', target: 'making ready' }, { target: 'unlocking set' }] },
    },
    'making ready': {
      entry: 'makeReady',
      on: { RETURN: [{ guard: 'failed', target: 'undoing', actions: 'keepRet' }, { target: 'unlocking set' }] },
    },
    undoing: { entry: 'close', on: { CLOSED: 'unlocking set' } },
    'unlocking set': {
      entry: 'unlockSet',
      on: { UNLOCKED: [{ guard: 'hasFailed', target: 'dropping reference' }, { target: 'reserving' }] },
    },
    reserving: {
      entry: 'reserve',
      on: { RESERVED: [{ guard: 'failed', target: 'locking again', actions: 'keepRet' }, { target: 'taking user' }] },
    },
    'taking user': { entry: 'takeUser', on: { TAKEN: 'installing' } },
    installing: { entry: 'install', on: { INSTALLED: { target: 'idle', actions: ['finish', 'reset'] } } },

    // No descriptor is free: closed again.
    'locking again': { entry: 'lockSet', on: { LOCKED: 'closing' } },
    closing: {
      entry: 'close',
      on: { CLOSED: [{ guard: 'isLast', target: 'putting at rest' }, { target: 'unlocking set' }] },
    },
    'putting at rest': { entry: 'putAtRest', on: { RETURN: 'unlocking set' } },
    'dropping reference': { entry: 'dropRef', on: { REF_DROPPED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
