/**
 * Lets go of pinned pages: whoever was charged for them gets back what he was charged, and the memory they belong to counts fewer
 * pinned pages (mm->pinned_vm). A process that is gone has taken its account with it; its user's stays.
 *
 * Source: do_update_pinned, update_mm_locked_vm, decr_user_locked_vm (drivers/iommu/iommufd/pages.c, 6.2 to 7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { Charge } from './area-list.ts'

export interface LetGoPagesInput {
  readonly task: string
}

/** Root, unless it is another. */
export const userCalled = (uid = 0): string => (uid === 0 ? 'root.user' : `uid${uid}.user`)

type LetGoPagesContext = LetGoPagesInput & { readonly caller: string | null; readonly charges: readonly Charge[] }
type LetGoPagesEvent =
  | (Heard & { readonly type: 'CALL'; readonly charges: readonly Charge[] })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'ACCOUNTED' | 'COUNTED' })

const start = ({ task }: LetGoPagesInput): LetGoPagesContext => ({ task, caller: null, charges: [] })

const memoryOf = ({ charges }: LetGoPagesContext): string => `${charges[0]!.mm}.mm`

export const letGoPages = setup({
  types: {
    context: {} as LetGoPagesContext,
    events: {} as LetGoPagesEvent,
    emitted: {} as Said,
    input: {} as LetGoPagesInput,
  },
  guards: {
    isDone: ({ context }) => context.charges.length === 0,
    isMemorys: ({ context }) => context.charges[0]!.by === 'memory',
    isUsers: ({ context }) => context.charges[0]!.by === 'user',
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, charges: event.charges }
    }),
    lock: emit(({ context }) => send(`${memoryOf(context)}.mmap_lock`, 'DOWN_WRITE', { task: context.task })),
    account: emit(({ context }) => {
      const { task, charges } = context
      return send(memoryOf(context), 'ACCOUNT', { task, pages: -charges[0]!.pages, limit: null })
    }),
    unlock: emit(({ context }) => send(`${memoryOf(context)}.mmap_lock`, 'UP_WRITE', { task: context.task })),
    accountUser: emit(({ context: { task, charges } }) =>
      send(userCalled(charges[0]!.uid), 'ACCOUNT', { task, pages: -charges[0]!.pages, limit: null }),
    ),
    count: emit(({ context }) => {
      const { task, charges } = context
      return send(memoryOf(context), 'COUNT_PINNED', { task, pages: -charges[0]!.pages })
    }),
    advance: assign({ charges: ({ context }) => context.charges.slice(1) }),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'letGoPages',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'next', actions: 'begin' } } },
    next: {
      always: [
        { guard: 'isDone', target: 'idle', actions: ['finish', 'reset'] },
        { guard: 'isMemorys', target: 'locking' },
        { guard: 'isUsers', target: 'accounting to user' },
        { target: 'counting' },
      ],
    },
    locking: { entry: 'lock', on: { LOCKED: 'accounting' } },
    accounting: { entry: 'account', on: { ACCOUNTED: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: 'counting' } },
    'accounting to user': { entry: 'accountUser', on: { ACCOUNTED: 'counting' } },
    counting: { entry: 'count', on: { COUNTED: { target: 'next', actions: 'advance' } } },
  },
})
