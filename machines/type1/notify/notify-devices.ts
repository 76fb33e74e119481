/**
 * vfio_notify_dma_unmap (6.0, 8cfc5b60751b; unchanged in 7.x): called with iommu->lock held, returns with it held,
 * drops it in between. iommu->device_list_lock is taken before iommu->lock is dropped and held during all callbacks
 * (D-1, D-2: ABBA with anybody who comes with iommu->lock and wants device_list_lock). `dma->iova` and `dma->size` are
 * read again for every device, with no lock that keeps the mapping alive (D-3). Nobody listed: nobody is told, and no
 * lock is dropped.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { callbackOf } from '../../kernel/lists/notifier-call-chain.ts'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface NotifyDevicesInput {
  readonly task: string
  readonly at: {
    readonly lock: string
    readonly type1: string
    readonly devices: string
    readonly devicesLock: string
    /** Device → the callback as this task runs it. */
    readonly callbacks: Readonly<Record<string, string>>
  }
}

type NotifyDevicesContext = NotifyDevicesInput & {
  readonly caller: string | null
  readonly dma: Pointer | null
  readonly nb: string | null
}
type NotifyDevicesEvent =
  | (Heard & { readonly type: 'CALL'; readonly dma: Pointer })
  | (Heard & { readonly type: 'EMPTY'; readonly empty: boolean })
  | (Heard & { readonly type: 'NB'; readonly nb: string | null })
  | (Heard & { readonly type: 'READ_RESULT'; readonly iova: bigint; readonly size: bigint })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RETURN' })

const start = ({ task, at }: NotifyDevicesInput): NotifyDevicesContext => ({
  task,
  at,
  caller: null,
  dma: null,
  nb: null,
})

export const notifyDevices = setup({
  types: {
    context: {} as NotifyDevicesContext,
    events: {} as NotifyDevicesEvent,
    emitted: {} as Said,
    input: {} as NotifyDevicesInput,
  },
  guards: {
    isNobody: ({ event }) => event.type === 'EMPTY' && event.empty,
    isEnd: ({ event }) => event.type === 'NB' && event.nb === null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, dma: event.dma }
    }),
    point: assign(({ event }) => {
      assertEvent(event, 'NB')
      return { nb: event.nb }
    }),
    isEmpty: emit(({ context: { at, task } }) => send(at.devices, 'IS_EMPTY', { task })),
    lockDevices: emit(({ context: { at, task } }) => send(at.devicesLock, 'LOCK', { task })),
    unlock: emit(({ context: { at, task } }) => send(at.lock, 'UNLOCK', { task })),
    next: emit(({ context: { at, task, nb } }) => send(at.devices, 'NEXT', { task, after: nb })),
    read: emit(({ context: { at, task, dma } }) =>
      send(at.type1, 'READ', { task, dma, what: 'iova', site: 'vfio_notify_dma_unmap' }),
    ),
    callBack: emit(({ context: { at, task, nb }, event }) => {
      assertEvent(event, 'READ_RESULT')
      return send(callbackOf(at.callbacks, nb!), 'CALL', { task, iova: event.iova, size: event.size })
    }),
    forget: assign({ dma: null, nb: null }),
    unlockDevices: emit(({ context: { at, task } }) => send(at.devicesLock, 'UNLOCK', { task })),
    lock: emit(({ context: { at, task } }) => send(at.lock, 'LOCK', { task })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'notifyDevices',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'asking', actions: 'begin' } } },
    asking: {
      entry: 'isEmpty',
      on: { EMPTY: [{ guard: 'isNobody', target: 'idle', actions: ['finish', 'reset'] }, { target: 'locking' }] },
    },
    locking: { entry: 'lockDevices', on: { LOCKED: 'dropping' } },
    dropping: { entry: 'unlock', on: { UNLOCKED: 'walking' } },
    walking: {
      entry: 'next',
      on: {
        NB: [
          { guard: 'isEnd', target: 'unlocking', actions: 'forget' },
          { target: 'reading', actions: 'point' },
        ],
      },
    },
    reading: { entry: 'read', on: { READ_RESULT: { target: 'calling', actions: 'callBack' } } },
    calling: { on: { RETURN: 'walking' } },
    unlocking: { entry: 'unlockDevices', on: { UNLOCKED: 'relocking' } },
    relocking: { entry: 'lock', on: { LOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
