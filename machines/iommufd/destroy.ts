/**
 * IOMMU_DESTROY: removes the object of a number, unless something uses it, and frees it once the calls that are in it are through. What
 * is mapped in an IOAS goes with it; a page table that was made by itself leaves its IOAS.
 *
 * Up to 6.6 (`rwsem`) it is looked up as by any call first, and what is waited for is a lock in the object; before it is removed, so calls
 * that are at work on it make this wait, where today they make it fail.
 *
 * Source: iommufd_destroy; iommufd_object_destroy_user (6.2 to 6.6), iommufd_object_remove (6.7 to 7.x), iommufd_ioas_destroy.
 * Left out: calls that are in a page table or a fault queue at that moment.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../kernel/checks.ts'
import { misfits, type Passed } from '../kernel/passed.ts'
import { send, type Heard, type Said } from '../say.ts'
import { asUser } from './device/hwpt-alloc.ts'
import { addressSpace } from './ioas/area-list.ts'
import { tableOf } from './abilities.ts'

import { destroyRwsem, objectOf, type ObjectInput } from './get-object.ts'

export interface DestroyInput extends ObjectInput {
  /** The IOMMU has to know when a page table goes. */
  readonly tells?: boolean
}

type DestroyContext = DestroyInput & {
  readonly caller: string | null
  readonly id: number
  readonly passed: Passed
  readonly what: string | null
  readonly ioas: string | null
  readonly ret: number | string
}
type DestroyEvent =
  | (Heard & Passed & { readonly type: 'CALL'; readonly id: bigint })
  | (Heard & {
      readonly type: 'OBJECT_IS'
      readonly ret: number | string
      readonly what: string | null
      readonly ioas: string | null
    })
  | (Heard & { readonly type: 'GOT' | 'REMOVED' | 'DROPPED' | 'ANSWER' | 'RETURN'; readonly ret: number | string })
  | (Heard & { readonly type: 'LOCKED' | 'BUSY' | 'UNLOCKED' })

const start = ({ task, context, form, tells = false }: DestroyInput): DestroyContext => ({
  ...(tells && { tells }),
  ...{ task, context, form, caller: null, id: 0, passed: { argsz: 0 }, what: null, ioas: null, ret: 0 },
})

const refusal = ({ passed }: DestroyContext): string | undefined => firstFailing(misfits([8, 8], passed))

export const destroy = setup({
  types: {
    context: {} as DestroyContext,
    events: {} as DestroyEvent,
    emitted: {} as Said,
    input: {} as DestroyInput,
  },
  guards: {
    isRefused: ({ context }) => refusal(context) !== undefined,
    isNoIoas: ({ event }) => event.type === 'OBJECT_IS' && event.what !== 'ioas',
    isTable: ({ context }) => context.what === 'page table',
    isToldOfTable: ({ context: { what, tells } }) =>
      tells === true && (what === 'page table' || what === 'nested table'),
    waitsForLock: ({ context }) => context.form === 'rwsem',
    failed: ({ event }) => 'ret' in event && event.ret !== 0,
    hasFailed: ({ context }) => context.ret !== 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      // The number has 32 bits.
      const { from, id, argsz, tail } = event
      return {
        caller: from,
        id: Number(BigInt.asUintN(32, id)),
        passed: { argsz, ...(tail !== undefined && { tail }) },
      }
    }),
    refuse: assign(({ context }) => ({ ret: refusal(context)! })),
    find: emit(({ context: { task, context, id } }) => send(context, 'OBJECT', { task, id })),
    keepIoas: assign(({ event }) => {
      assertEvent(event, 'OBJECT_IS')
      return { what: event.what, ioas: event.ioas, ret: event.ret }
    }),
    keepRet: assign(({ event }) => ('ret' in event ? { ret: event.ret } : {})),
    notFound: assign({ ret: '-ENOENT' }),
    tryLock: emit(({ context: { task, ioas } }) => send(destroyRwsem(ioas!), 'TRY_READ', { task })),
    get: emit(({ context: { task, context, ioas } }) => send(context, 'GET', { task, ioas })),
    unlockRead: emit(({ context: { task, ioas } }) => send(destroyRwsem(ioas!), 'UP_READ', { task })),
    lock: emit(({ context: { task, ioas } }) => send(destroyRwsem(ioas!), 'DOWN_WRITE', { task })),
    unlock: emit(({ context: { task, ioas } }) => send(destroyRwsem(ioas!), 'UP_WRITE', { task })),
    remove: emit(({ context: { task, context, form, ioas } }) =>
      send(context, 'REMOVE', { task, ioas, own: form === 'rwsem' }),
    ),
    wait: emit(({ context: { task, ioas } }) => send(objectOf(ioas!), 'WAIT', { task })),
    unmap: emit(({ context: { task, ioas } }) =>
      send(`${task}.${ioas}.unmap`, 'CALL', { task, iova: 0n, size: addressSpace, mayBeEmpty: true }),
    ),
    free: emit(({ context: { task, ioas, form } }) =>
      send(objectOf(ioas!), 'FREE', {
        task,
        site: form === 'rwsem' ? 'iommufd_object_destroy_user' : 'iommufd_object_remove',
      }),
    ),
    drop: emit(({ context: { task, context, id } }) => send(context, 'DROP_OBJECT', { task, id })),
    forget: emit(({ context: { task, ioas, id } }) => send('dmar', 'FORGET', { task, table: tableOf(ioas!, id) })),
    leave: emit(({ context: { task, ioas, id } }) =>
      send(`${task}.${ioas}.detach`, 'CALL', { task, device: asUser(id), devices: [] }),
    ),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'destroy',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'checking', actions: 'begin' } } },
    checking: {
      always: [{ guard: 'isRefused', target: 'idle', actions: ['refuse', 'finish', 'reset'] }, { target: 'finding' }],
    },
    finding: {
      entry: 'find',
      on: {
        OBJECT_IS: [
          { guard: 'failed', target: 'idle', actions: ['keepIoas', 'finish', 'reset'] },
          { guard: 'isNoIoas', target: 'dropping', actions: 'keepIoas' },
          { guard: 'waitsForLock', target: 'trying', actions: 'keepIoas' },
          { target: 'removing', actions: 'keepIoas' },
        ],
      },
    },

    dropping: {
      entry: 'drop',
      on: {
        DROPPED: [
          { guard: 'failed', target: 'idle', actions: ['keepRet', 'finish', 'reset'] },
          { guard: 'isToldOfTable', target: 'forgetting' },
          { guard: 'isTable', target: 'leaving' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    forgetting: {
      entry: 'forget',
      on: {
        ANSWER: [
          { guard: 'isTable', target: 'leaving' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    leaving: { entry: 'leave', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },

    trying: {
      entry: 'tryLock',
      on: { LOCKED: 'getting', BUSY: { target: 'idle', actions: ['notFound', 'finish', 'reset'] } },
    },
    getting: { entry: 'get', on: { GOT: { target: 'unlocking read', actions: 'keepRet' } } },
    'unlocking read': {
      entry: 'unlockRead',
      on: {
        UNLOCKED: [{ guard: 'hasFailed', target: 'idle', actions: ['finish', 'reset'] }, { target: 'locking' }],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: 'removing' } },

    removing: {
      entry: 'remove',
      on: {
        REMOVED: [
          { guard: 'waitsForLock', target: 'unlocking', actions: 'keepRet' },
          { guard: 'failed', target: 'idle', actions: ['keepRet', 'finish', 'reset'] },
          { target: 'waiting' },
        ],
      },
    },
    unlocking: {
      entry: 'unlock',
      on: {
        UNLOCKED: [{ guard: 'hasFailed', target: 'idle', actions: ['finish', 'reset'] }, { target: 'unmapping' }],
      },
    },
    waiting: { entry: 'wait', on: { ANSWER: 'unmapping' } },
    unmapping: { entry: 'unmap', on: { RETURN: 'freeing' } },
    freeing: { entry: 'free', on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
