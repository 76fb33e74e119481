/**
 * The last reference to a device's file is gone, where the kernel has iommufd: whoever closes last puts the device at rest and unbinds it from
 * what it is bound to, under the group's lock and dev_set->lock. A container's user held the group's file: that may have been the last reference to
 * it, and releases the group as well (when this call is through: fput only schedules it).
 *
 * Source: vfio_device_fops_release, vfio_df_group_close (7.x).
 */
import { assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { callOf, groupLock, setLock } from '../names.ts'

export interface CompatReleaseDeviceInput {
  readonly task: string
  readonly device: string
  readonly group: string
  readonly devSet: string
}

type CompatReleaseDeviceContext = CompatReleaseDeviceInput & {
  readonly caller: string | null
  /** The group's. */
  readonly file: string | null
}
type CompatReleaseDeviceEvent =
  | (Heard & { readonly type: 'CLOSED'; readonly last: boolean })
  | (Heard & { readonly type: 'RETURN'; readonly releases?: string })
  | (Heard & { readonly type: 'CALL' | 'LOCKED' | 'UNLOCKED' | 'REF_DROPPED' })

const start = ({ task, device, group, devSet }: CompatReleaseDeviceInput): CompatReleaseDeviceContext => ({
  ...{ task, device, group, devSet, caller: null, file: null },
})

export const compatReleaseDevice = setup({
  types: {
    context: {} as CompatReleaseDeviceContext,
    events: {} as CompatReleaseDeviceEvent,
    emitted: {} as Said,
    input: {} as CompatReleaseDeviceInput,
  },
  guards: {
    isLast: ({ event }) => event.type === 'CLOSED' && event.last,
    releasesGroup: ({ context }) => context.file !== null,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    lock: emit(({ context: { task, group } }) => send(groupLock(group), 'DOWN_WRITE', { task })),
    lockSet: emit(({ context: { task, devSet } }) => send(setLock(devSet), 'LOCK', { task })),
    close: emit(({ context: { task, device } }) => send(device, 'CLOSE', { task })),
    closeLast: emit(({ context: { task, device } }) =>
      send(callOf(task, device, 'first_open'), 'CALL', { task, how: 'close' }),
    ),
    keepFile: assign(({ event }) => (event.type === 'RETURN' ? { file: event.releases ?? null } : {})),
    unlockSet: emit(({ context: { task, devSet } }) => send(setLock(devSet), 'UNLOCK', { task })),
    unlock: emit(({ context: { task, group } }) => send(groupLock(group), 'UP_WRITE', { task })),
    dropRef: emit(({ context: { task, device } }) => send(device, 'DROP_REF', { task })),
    releaseGroup: emit(({ context: { task, group, file } }) =>
      send(callOf(task, group, 'release'), 'CALL', { task, file }),
    ),
    finish: emit(({ context: { task, caller } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'compatReleaseDevice',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'locking set' } },
    'locking set': { entry: 'lockSet', on: { LOCKED: 'closing' } },
    closing: {
      entry: 'close',
      on: { CLOSED: [{ guard: 'isLast', target: 'closing last' }, { target: 'unlocking set' }] },
    },
    'closing last': { entry: 'closeLast', on: { RETURN: { target: 'unlocking set', actions: 'keepFile' } } },
    'unlocking set': { entry: 'unlockSet', on: { UNLOCKED: 'unlocking' } },
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
