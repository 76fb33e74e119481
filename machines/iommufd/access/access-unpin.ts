/**
 * vfio_unpin_pages where iommufd stands for the container: the same locks as for pinning; what nobody has pinned any more is given
 * back. It returns nothing, and warns of pages that were not pinned.
 *
 * Source: vfio_unpin_pages, iommufd_access_unpin_pages (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { Charge } from '../../type1/pin/pages.ts'
import { accessLock, type AccessInput } from './access-pin.ts'
import { pageSize } from '../ioas/area-list.ts'

type AccessUnpinContext = AccessInput & {
  readonly caller: string | null
  readonly device: string
  readonly iovas: readonly bigint[]
  readonly ioas: string | null
  readonly charges: readonly Charge[]
}

type AccessUnpinEvent =
  | (Heard & { readonly type: 'CALL'; readonly device: string; readonly iovas: readonly bigint[] })
  | (Heard & { readonly type: 'DEVICE_IS'; readonly ioas: string | null })
  | (Heard & { readonly type: 'UNPINNED'; readonly charges?: readonly Charge[] })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RETURN' })

const start = ({ task, context }: AccessInput): AccessUnpinContext => ({
  ...{ task, context },
  ...{ caller: null, device: '', iovas: [], ioas: null, charges: [] },
})

export const accessUnpin = setup({
  types: {
    context: {} as AccessUnpinContext,
    events: {} as AccessUnpinEvent,
    emitted: {} as Said,
    input: {} as AccessInput,
  },
  guards: {
    isNone: ({ event }) => event.type === 'DEVICE_IS' && event.ioas === null,
    owes: ({ context }) => context.charges.length > 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from, device, iovas } = event
      return { caller: from, device, iovas: iovas.map((iova) => iova - (iova % pageSize)) }
    }),
    lock: emit(({ context: { task, device } }) => send(accessLock(device), 'LOCK', { task })),
    look: emit(({ context: { task, context, device } }) => send(context, 'DEVICE', { task, device })),
    keepIoas: assign(({ event }) => {
      assertEvent(event, 'DEVICE_IS')
      return { ioas: event.ioas }
    }),
    lockIova: emit(({ context: { task, ioas } }) => send(`${ioas}.iova_rwsem`, 'DOWN_READ', { task })),
    unpin: emit(({ context: { task, ioas, iovas } }) => send(ioas!, 'UNPIN', { task, iovas })),
    keepCharges: assign(({ event }) => {
      assertEvent(event, 'UNPINNED')
      return { charges: event.charges ?? [] }
    }),
    giveBack: emit(({ context: { task, ioas, charges } }) =>
      send(`${task}.${ioas}.give_back`, 'CALL', { task, charges }),
    ),
    unlockIova: emit(({ context: { task, ioas } }) => send(`${ioas}.iova_rwsem`, 'UP_READ', { task })),
    unlock: emit(({ context: { task, device } }) => send(accessLock(device), 'UNLOCK', { task })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'accessUnpin',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'looking' } },
    looking: {
      entry: 'look',
      on: {
        DEVICE_IS: [
          { guard: 'isNone', target: 'unlocking' },
          { target: 'locking iova', actions: 'keepIoas' },
        ],
      },
    },
    'locking iova': { entry: 'lockIova', on: { LOCKED: 'unpinning' } },
    unpinning: {
      entry: 'unpin',
      on: { UNPINNED: { target: 'unpinned', actions: 'keepCharges' } },
    },
    unpinned: { always: [{ guard: 'owes', target: 'giving back' }, { target: 'unlocking iova' }] },
    'giving back': { entry: 'giveBack', on: { RETURN: 'unlocking iova' } },
    'unlocking iova': { entry: 'unlockIova', on: { UNLOCKED: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
