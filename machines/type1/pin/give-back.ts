/**
 * Gives locked memory back to the processes it was charged to (vfio_lock_acct with a negative count). A process that is
 * gone has taken its account with it; up to 4.17 so has a thread (vfio_lock_acct finds no memory behind dma->task).
 *
 * Source: Linux 6.1 vfio_lock_acct, mm_lock_acct: mmap_lock for write, once for every page; here once for all pages of a
 * process.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { Charge } from './pages.ts'

export interface GiveBackInput {
  readonly task: string
}

type GiveBackContext = GiveBackInput & { readonly caller: string | null; readonly charges: readonly Charge[] }
type GiveBackEvent =
  | (Heard & { readonly type: 'CALL'; readonly charges: readonly Charge[] })
  | (Heard & { readonly type: 'THREAD'; readonly there: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'ACCOUNTED' })

const start = ({ task }: GiveBackInput): GiveBackContext => ({ task, caller: null, charges: [] })

const memoryOf = ({ charges }: GiveBackContext): string => `${charges[0]!.mm}.mm`

export const giveBack = setup({
  types: {
    context: {} as GiveBackContext,
    events: {} as GiveBackEvent,
    emitted: {} as Said,
    input: {} as GiveBackInput,
  },
  guards: {
    isDone: ({ context }) => context.charges.length === 0,
    isThreads: ({ context }) => context.charges[0]!.thread !== undefined,
    isGone: ({ event }) => event.type === 'THREAD' && !event.there,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, charges: event.charges }
    }),
    askThread: emit(({ context: { task, charges } }) => {
      const { mm, thread } = charges[0]!
      return send(`${mm}.process`, 'HAS_THREAD', { task, thread })
    }),
    lock: emit(({ context }) => send(`${memoryOf(context)}.mmap_lock`, 'DOWN_WRITE', { task: context.task })),
    account: emit(({ context }) => {
      const { pages, life } = context.charges[0]!
      const which = life === undefined ? {} : { life }
      return send(memoryOf(context), 'ACCOUNT', { task: context.task, pages: -pages, limit: null, ...which })
    }),
    unlock: emit(({ context }) => send(`${memoryOf(context)}.mmap_lock`, 'UP_WRITE', { task: context.task })),
    advance: assign({ charges: ({ context }) => context.charges.slice(1) }),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'giveBack',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'next', actions: 'begin' } } },
    next: {
      always: [
        { guard: 'isDone', target: 'idle', actions: ['finish', 'reset'] },
        { guard: 'isThreads', target: 'asking' },
        { target: 'locking' },
      ],
    },
    asking: {
      entry: 'askThread',
      on: { THREAD: [{ guard: 'isGone', target: 'next', actions: 'advance' }, 'locking'] },
    },
    locking: { entry: 'lock', on: { LOCKED: 'accounting' } },
    accounting: { entry: 'account', on: { ACCOUNTED: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'next', actions: 'advance' } } },
  },
})
