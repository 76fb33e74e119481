/**
 * iommufd_access_notify_unmap: every access in turn is told, with no lock held, only a short-term reference on it. A
 * callback may therefore pin, unpin and take any lock; what it may not do is destroy its own access, which would wait
 * for itself.
 *
 * Source: drivers/iommu/iommufd/device.c (Aug 2026).
 * Left out: internal accesses (0dbcdf4473a6).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { callbackOf } from '../../kernel/lists/notifier-call-chain.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface NotifyAccessesInput {
  readonly task: string
  readonly at: {
    readonly accesses: string
    /** Device → the callback as this task runs it. */
    readonly callbacks: Readonly<Record<string, string>>
  }
}

type NotifyAccessesContext = NotifyAccessesInput & {
  readonly caller: string | null
  readonly iova: bigint
  readonly size: bigint
  readonly index: number
  readonly device: string | null
}
type NotifyAccessesEvent =
  | (Heard & { readonly type: 'CALL'; readonly iova: bigint; readonly size: bigint })
  | (Heard & { readonly type: 'TAKEN'; readonly index: number | null; readonly device: string | null })
  | (Heard & { readonly type: 'DROPPED' | 'RETURN' })

const start = ({ task, at }: NotifyAccessesInput): NotifyAccessesContext => ({
  task,
  at,
  caller: null,
  iova: 0n,
  size: 0n,
  index: -1,
  device: null,
})

export const notifyAccesses = setup({
  types: {
    context: {} as NotifyAccessesContext,
    events: {} as NotifyAccessesEvent,
    emitted: {} as Said,
    input: {} as NotifyAccessesInput,
  },
  guards: {
    isEnd: ({ event }) => event.type === 'TAKEN' && event.device === null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, iova: event.iova, size: event.size }
    }),
    takeNext: emit(({ context: { at, task, index } }) => send(at.accesses, 'TAKE_NEXT', { task, after: index })),
    point: assign(({ context, event }) => {
      assertEvent(event, 'TAKEN')
      return { index: event.index ?? context.index, device: event.device }
    }),
    callBack: emit(({ context: { at, task, device, iova, size } }) =>
      send(callbackOf(at.callbacks, device!), 'CALL', { task, iova, size }),
    ),
    drop: emit(({ context: { at, task, device } }) => send(at.accesses, 'DROP', { task, device })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'notifyAccesses',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'walking', actions: 'begin' } } },
    walking: {
      entry: 'takeNext',
      on: {
        TAKEN: [
          { guard: 'isEnd', target: 'idle', actions: ['finish', 'reset'] },
          { target: 'calling', actions: 'point' },
        ],
      },
    },
    calling: { entry: 'callBack', on: { RETURN: 'dropping' } },
    dropping: { entry: 'drop', on: { DROPPED: 'walking' } },
  },
})
