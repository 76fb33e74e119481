/**
 * A device leaves its IOAS. With the last one goes the domain: everything that is mapped is taken out of it and unpinned, but stays
 * mapped in the IOAS, and is put into the next domain when a device comes again.
 *
 * Source: iommufd_device_detach, iopt_table_remove_domain (7.x).
 * Left out: igroup->lock; that the domain is destroyed after ioas->mutex was dropped.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { IoasAt } from './join-ioas.ts'
import type { Backed } from '../ioas/area-list.ts'

export interface LeaveIoasInput {
  readonly task: string
  readonly at: IoasAt
}

type LeaveIoasContext = LeaveIoasInput & {
  readonly caller: string | null
  readonly device: string | null
  readonly devices: readonly string[]
  readonly last: boolean
  readonly lastOfGroup: boolean
  readonly areas: readonly Backed[]
}

type LeaveIoasEvent =
  | (Heard & { readonly type: 'CALL'; readonly device: string; readonly devices: readonly string[] })
  | (Heard & { readonly type: 'REMOVED'; readonly last: boolean; readonly lastOfGroup: boolean })
  | (Heard & { readonly type: 'AREAS_ARE'; readonly areas: readonly Backed[] })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'DETACHED' | 'ANSWER' | 'RETURN' | 'FREED' })

const start = ({ task, at }: LeaveIoasInput): LeaveIoasContext => ({
  ...{ task, at, caller: null, device: null, devices: [], last: false, lastOfGroup: false },
  areas: [],
})

export const leaveIoas = setup({
  types: {
    context: {} as LeaveIoasContext,
    events: {} as LeaveIoasEvent,
    emitted: {} as Said,
    input: {} as LeaveIoasInput,
  },
  guards: {
    takesGroup: ({ context }) => context.lastOfGroup && context.devices.length > 0,
    takesDomain: ({ context }) => context.last,
    isEmpty: ({ context }) => context.areas.length === 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, device: event.device, devices: event.devices }
    }),
    lock: emit(({ context: { at, task } }) => send(at.mutex, 'LOCK', { task })),
    remove: emit(({ context: { at, task, device } }) => send(at.users, 'REMOVE', { task, device })),
    keepRemoved: assign(({ event }) => {
      assertEvent(event, 'REMOVED')
      return { last: event.last, lastOfGroup: event.lastOfGroup }
    }),
    detachGroup: emit(({ context: { at, task, devices } }) =>
      send('dmar', 'DETACH', { task, domain: at.domain, devices }),
    ),
    lockDomains: emit(({ context: { at, task } }) => send(at.domainsRwsem, 'DOWN_WRITE', { task })),
    lockIova: emit(({ context: { at, task } }) => send(at.iovaRwsem, 'DOWN_WRITE', { task })),
    unclaim: emit(({ context: { at, task, device } }) => send(at.ioas, 'DROP_RANGES', { task, owner: device })),
    askAreas: emit(({ context: { at, task } }) => send(at.ioas, 'FILLED_AREAS', { task })),
    keepAreas: assign(({ event }) => {
      assertEvent(event, 'AREAS_ARE')
      return { areas: event.areas }
    }),
    unfillNext: emit(({ context: { at, task, areas } }) => send(at.unfill, 'CALL', { task, ...areas[0]! })),
    advance: assign({ areas: ({ context }) => context.areas.slice(1) }),
    removeDomain: emit(({ context: { at, task } }) => send(at.ioas, 'REMOVE_DOMAIN', { task })),
    freeDomain: emit(({ context: { at, task } }) => send('dmar', 'FREE', { task, domain: at.domain })),
    unlockIova: emit(({ context: { at, task } }) => send(at.iovaRwsem, 'UP_WRITE', { task })),
    unlockDomains: emit(({ context: { at, task } }) => send(at.domainsRwsem, 'UP_WRITE', { task })),
    unlock: emit(({ context: { at, task } }) => send(at.mutex, 'UNLOCK', { task })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'leaveIoas',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'removing' } },
    removing: { entry: 'remove', on: { REMOVED: { target: 'removed', actions: 'keepRemoved' } } },
    removed: { always: [{ guard: 'takesGroup', target: 'detaching group' }, { target: 'locking to unclaim' }] },
    'detaching group': { entry: 'detachGroup', on: { DETACHED: 'locking to unclaim' } },
    'locking to unclaim': { entry: 'lockIova', on: { LOCKED: 'unclaiming' } },
    unclaiming: { entry: 'unclaim', on: { ANSWER: 'unlocking unclaimed' } },
    'unlocking unclaimed': {
      entry: 'unlockIova',
      on: { UNLOCKED: [{ guard: 'takesDomain', target: 'locking domains' }, { target: 'unlocking' }] },
    },

    'locking domains': { entry: 'lockDomains', on: { LOCKED: 'locking iova' } },
    'locking iova': { entry: 'lockIova', on: { LOCKED: 'asking areas' } },
    'asking areas': { entry: 'askAreas', on: { AREAS_ARE: { target: 'going on', actions: 'keepAreas' } } },
    'going on': {
      always: [{ guard: 'isEmpty', target: 'removing domain' }, { target: 'emptying' }],
    },
    emptying: { entry: 'unfillNext', on: { RETURN: { target: 'going on', actions: 'advance' } } },
    'removing domain': {
      entry: 'removeDomain',
      on: { ANSWER: 'freeing domain' },
    },
    'freeing domain': { entry: 'freeDomain', on: { FREED: 'unlocking iova' } },
    'unlocking iova': { entry: 'unlockIova', on: { UNLOCKED: 'unlocking domains' } },
    'unlocking domains': { entry: 'unlockDomains', on: { UNLOCKED: 'unlocking' } },

    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
