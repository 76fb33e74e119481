/**
 * A call that a device's dma-bufs do not survive: a reset, or the last close of its file. They are revoked before; after a reset they can be
 * imported again, if memory is on.
 *
 * Source: vfio_pci_ioctl_reset, vfio_pci_core_close_device (7.x). Left out: a reset of the whole bus.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'

export interface RevokingCallInput {
  readonly task: string
  /** memory_lock. */
  readonly lock: string
  /** The function, and what it is asked. */
  readonly to: string
  readonly ask: 'RESET' | 'CLOSE'
  /** The call that tells whoever imported something. */
  readonly moveBars: string
}

type RevokingCallContext = RevokingCallInput & {
  readonly caller: string | null
  readonly returned: Readonly<Record<string, unknown>>
}

type RevokingCallEvent =
  | (Heard & { readonly type: 'CALL' | 'LOCKED' | 'UNLOCKED' | 'RETURN' })
  | (Heard & { readonly type: 'ANSWER' | 'FAULTED'; readonly ret: number | string })

const start = ({ task, lock, to, ask, moveBars }: RevokingCallInput): RevokingCallContext => ({
  ...{ task, lock, to, ask, moveBars, caller: null, returned: {} },
})

export const revokingCall = setup({
  types: {
    context: {} as RevokingCallContext,
    events: {} as RevokingCallEvent,
    emitted: {} as Said,
    input: {} as RevokingCallInput,
  },
  guards: {
    isClose: ({ context }) => context.ask === 'CLOSE',
    hasMemory: ({ event }) => event.type === 'FAULTED' && event.ret === 0,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    lock: emit(({ context: { task, lock } }) => send(lock, 'DOWN_WRITE', { task })),
    revoke: emit(({ context: { task, moveBars, ask } }) =>
      send(moveBars, 'CALL', { task, isRevoked: true, isOver: ask === 'CLOSE' }),
    ),
    ask: emit(({ context: { task, to, ask } }) => send(to, ask, { task })),
    keep: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { returned: { ret: event.ret } }
    }),
    look: emit(({ context: { task, to } }) => send(to, 'FAULT', { task, bar: 0 })),
    restore: emit(({ context: { task, moveBars } }) =>
      send(moveBars, 'CALL', { task, isRevoked: false, isOver: false }),
    ),
    unlock: emit(({ context: { task, lock } }) => send(lock, 'UP_WRITE', { task })),
    finish: emit(({ context: { caller, task, returned } }) => send(caller!, 'RETURN', { ...returned, task })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'revokingCall',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'revoking' } },
    revoking: { entry: 'revoke', on: { RETURN: 'asking' } },
    asking: {
      entry: 'ask',
      on: {
        ANSWER: [
          { guard: 'isClose', target: 'unlocking', actions: 'keep' },
          { target: 'looking', actions: 'keep' },
        ],
      },
    },
    looking: { entry: 'look', on: { FAULTED: [{ guard: 'hasMemory', target: 'restoring' }, { target: 'unlocking' }] } },
    restoring: { entry: 'restore', on: { RETURN: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
