/**
 * The last reference to a device's file is gone. Whoever closes last puts the device at rest, under dev_set->lock; then
 * one user of the container less, one reference to the group's file less, which may have been the last and releases the
 * group as well (when this call is through: fput only schedules it), and one reference to the device less, for which an
 * unbinding may wait.
 *
 * Source: Linux 6.1 vfio_device_fops_release, vfio_device_unassign_container.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { GroupStateIs } from '../group/group.ts'
import { callOf, groupLock, setLock } from '../names.ts'

export interface ReleaseDeviceInput {
  readonly task: string
  readonly device: string
  readonly group: string
  readonly devSet: string
  readonly emulated: boolean
}

interface ReleaseDeviceContext extends ReleaseDeviceInput {
  readonly caller: string | null
  /** The group's. */
  readonly file: string | null
  readonly container: string | null
  readonly releasesGroup: boolean
}

type ReleaseDeviceEvent =
  | (Heard & { readonly type: 'CLOSED'; readonly last: boolean })
  | GroupStateIs
  | (Heard & { readonly type: 'DRIVER_IS'; readonly data: Pointer | null })
  | (Heard & { readonly type: 'PUT'; readonly last: boolean })
  | (Heard & { readonly type: 'CALL' | 'LOCKED' | 'UNLOCKED' | 'RETURN' | 'DROPPED' | 'REF_DROPPED' })

const start = ({ task, device, group, devSet, emulated }: ReleaseDeviceInput): ReleaseDeviceContext => ({
  ...{ task, device, group, devSet, emulated },
  ...{ caller: null, file: null, container: null, releasesGroup: false },
})

export const releaseDevice = setup({
  types: {
    context: {} as ReleaseDeviceContext,
    events: {} as ReleaseDeviceEvent,
    emitted: {} as Said,
    input: {} as ReleaseDeviceInput,
  },
  guards: {
    isLast: ({ event }) => 'last' in event && event.last,
    releasesGroup: ({ context }) => context.releasesGroup,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    lockSet: emit(({ context: { task, devSet } }) => send(setLock(devSet), 'LOCK', { task })),
    lockRead: emit(({ context: { task, group } }) => send(groupLock(group), 'DOWN_READ', { task })),
    look: emit(({ context: { task, group } }) => send(group, 'STATE', { task })),
    keepGroup: assign(({ event }) => {
      assertEvent(event, 'GROUP')
      return { file: event.file, container: event.container }
    }),
    close: emit(({ context: { task, device } }) => send(device, 'CLOSE', { task })),
    askDriver: emit(({ context: { task, container } }) => send(container!, 'DRIVER', { task })),
    putAtRest: emit(({ context: { task, device, emulated, container }, event }) => {
      assertEvent(event, 'DRIVER_IS')
      return send(callOf(task, device, emulated ? 'emu_close' : 'pci_close'), 'CALL', {
        ...{ task, container },
        backend: event.data,
      })
    }),
    unlockRead: emit(({ context: { task, group } }) => send(groupLock(group), 'UP_READ', { task })),
    unlockSet: emit(({ context: { task, devSet } }) => send(setLock(devSet), 'UNLOCK', { task })),
    lock: emit(({ context: { task, group } }) => send(groupLock(group), 'DOWN_WRITE', { task })),
    dropUser: emit(({ context: { task, group } }) => send(group, 'DROP_USER', { task })),
    putFile: emit(({ context: { task, file } }) => send('files', 'PUT', { task, file })),
    keepLast: assign(({ event }) => {
      assertEvent(event, 'PUT')
      return { releasesGroup: event.last }
    }),
    unlock: emit(({ context: { task, group } }) => send(groupLock(group), 'UP_WRITE', { task })),
    dropRef: emit(({ context: { task, device } }) => send(device, 'DROP_REF', { task })),
    releaseGroup: emit(({ context: { task, group, file } }) =>
      send(callOf(task, group, 'release'), 'CALL', { task, file }),
    ),
    finish: emit(({ context: { task, caller } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'releaseDevice',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking set', actions: 'begin' } } },
    'locking set': { entry: 'lockSet', on: { LOCKED: 'locking for read' } },
    'locking for read': { entry: 'lockRead', on: { LOCKED: 'looking' } },
    looking: { entry: 'look', on: { GROUP: { target: 'closing', actions: 'keepGroup' } } },
    closing: {
      entry: 'close',
      on: { CLOSED: [{ guard: 'isLast', target: 'asking driver' }, { target: 'unlocking for read' }] },
    },
    'asking driver': { entry: 'askDriver', on: { DRIVER_IS: { target: 'putting at rest', actions: 'putAtRest' } } },
    'putting at rest': { on: { RETURN: 'unlocking for read' } },
    'unlocking for read': { entry: 'unlockRead', on: { UNLOCKED: 'unlocking set' } },
    'unlocking set': { entry: 'unlockSet', on: { UNLOCKED: 'locking' } },

    locking: { entry: 'lock', on: { LOCKED: 'dropping user' } },
    'dropping user': { entry: 'dropUser', on: { DROPPED: 'putting file' } },
    'putting file': { entry: 'putFile', on: { PUT: { target: 'unlocking', actions: 'keepLast' } } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: 'dropping reference' } },
    'dropping reference': {
      entry: 'dropRef',
      on: {
        REF_DROPPED: [
          { guard: 'releasesGroup', target: 'releasing group' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    'releasing group': { entry: 'releaseGroup', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
