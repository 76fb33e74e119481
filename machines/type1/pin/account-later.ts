/**
 * Locked memory is given back, or charged (a negative number of pages), as up to 4.11: at once if mmap_sem can be had without waiting.
 * If not, a kworker will do it some time later, and until then nobody's limit knows of it (B-39).
 *
 * Source: Linux 4.10 vfio_lock_acct, vfio_lock_acct_bg; 0cfef2b7410b "vfio/type1: Remove locked page accounting workqueue" (4.12).
 * Left out: that there may be no memory for the piece of work (then it is never counted).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Work } from '../../kernel/work/workqueue.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { Charge } from './pages.ts'

export interface AccountLaterInput {
  readonly task: string
  readonly at: {
    readonly workqueue: string
    /** What the kworker will be told to call (give-back.ts). */
    readonly later: string
  }
}

type AccountLaterContext = AccountLaterInput & { readonly caller: string | null; readonly charges: readonly Charge[] }
type AccountLaterEvent =
  | (Heard & { readonly type: 'CALL'; readonly charges: readonly Charge[] })
  | (Heard & { readonly type: 'THREAD'; readonly there: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'BUSY' | 'UNLOCKED' | 'ACCOUNTED' | 'QUEUED' })

const start = ({ task, at }: AccountLaterInput): AccountLaterContext => ({ task, at, caller: null, charges: [] })

const memoryOf = ({ charges }: AccountLaterContext): string => `${charges[0]!.mm}.mm`

export const accountLater = setup({
  types: {
    context: {} as AccountLaterContext,
    events: {} as AccountLaterEvent,
    emitted: {} as Said,
    input: {} as AccountLaterInput,
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
    tryLock: emit(({ context }) => send(`${memoryOf(context)}.mmap_lock`, 'TRY_WRITE', { task: context.task })),
    account: emit(({ context }) =>
      send(memoryOf(context), 'ACCOUNT', { task: context.task, pages: -context.charges[0]!.pages, limit: null }),
    ),
    unlock: emit(({ context }) => send(`${memoryOf(context)}.mmap_lock`, 'UP_WRITE', { task: context.task })),
    queue: emit(({ context: { task, at, charges } }) => {
      // The work keeps the memory, and so does not ask for the thread again.
      const { mm, pages } = charges[0]!
      const work: Work = { call: at.later, args: { charges: [{ mm, pages }] } }
      return send(at.workqueue, 'QUEUE', { task, work })
    }),
    advance: assign({ charges: ({ context }) => context.charges.slice(1) }),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'accountLater',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'next', actions: 'begin' } } },
    next: {
      always: [
        { guard: 'isDone', target: 'idle', actions: ['finish', 'reset'] },
        { guard: 'isThreads', target: 'asking' },
        { target: 'trying' },
      ],
    },
    asking: { entry: 'askThread', on: { THREAD: [{ guard: 'isGone', target: 'next', actions: 'advance' }, 'trying'] } },
    trying: { entry: 'tryLock', on: { LOCKED: 'accounting', BUSY: 'queueing' } },
    accounting: { entry: 'account', on: { ACCOUNTED: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'next', actions: 'advance' } } },
    queueing: { entry: 'queue', on: { QUEUED: { target: 'next', actions: 'advance' } } },
  },
})
