/**
 * blocking_notifier_call_chain (kernel/notifier.c) as type1 uses it up to 5.19: every callback runs in the notifying
 * task, one after the other, with the head's rwsem held for read. So a callback cannot unregister, and unregistering
 * waits for running callbacks. What it passes on is a copy of {iova, size}: the mapping itself may be gone by now.
 *
 * Left out: callbacks' return values (type1 ignores them), NOTIFY_STOP, the unlocked peek at an empty head.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'

export interface NotifyInput {
  readonly task: string
  readonly at: {
    readonly rwsem: string
    readonly chain: string
    /** Device → the callback as this task runs it. */
    readonly callbacks: Readonly<Record<string, string>>
  }
}

type NotifyContext = NotifyInput & {
  readonly caller: string | null
  readonly iova: bigint
  readonly size: bigint
  readonly nb: string | null
}
type NotifyEvent =
  | (Heard & { readonly type: 'CALL'; readonly iova: bigint; readonly size: bigint })
  | (Heard & { readonly type: 'NB'; readonly nb: string | null })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RETURN' })

const start = ({ task, at }: NotifyInput): NotifyContext => ({ task, at, caller: null, iova: 0n, size: 0n, nb: null })

export const callbackOf = (callbacks: Readonly<Record<string, string>>, nb: string): string => {
  const callback = callbacks[nb]
  if (callback === undefined)
    throw new Error(`no callback is wired for ${nb}; wired: ${Object.keys(callbacks).join(', ')}`)
  return callback
}

export const notifierCallChain = setup({
  types: {
    context: {} as NotifyContext,
    events: {} as NotifyEvent,
    emitted: {} as Said,
    input: {} as NotifyInput,
  },
  guards: {
    isEnd: ({ event }) => event.type === 'NB' && event.nb === null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, iova: event.iova, size: event.size }
    }),
    point: assign(({ event }) => {
      assertEvent(event, 'NB')
      return { nb: event.nb }
    }),
    downRead: emit(({ context: { at, task } }) => send(at.rwsem, 'DOWN_READ', { task })),
    next: emit(({ context: { at, task, nb } }) => send(at.chain, 'NEXT', { task, after: nb })),
    callBack: emit(({ context: { at, task, nb, iova, size } }) =>
      send(callbackOf(at.callbacks, nb!), 'CALL', { task, iova, size }),
    ),
    upRead: emit(({ context: { at, task } }) => send(at.rwsem, 'UP_READ', { task })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'notifierCallChain',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'downRead', on: { LOCKED: 'walking' } },
    walking: {
      entry: 'next',
      on: {
        NB: [
          { guard: 'isEnd', target: 'unlocking' },
          { target: 'calling', actions: 'point' },
        ],
      },
    },
    calling: { entry: 'callBack', on: { RETURN: 'walking' } },
    unlocking: { entry: 'upRead', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
