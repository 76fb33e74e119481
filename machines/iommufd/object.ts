/**
 * The memory of an IOAS as an object that has a number (struct iommufd_object), and the calls that are in it for a short time. Whoever
 * destroys it waits until none is, so WAIT is answered late, by the step that lets go of it last.
 *
 * Source: struct iommufd_object: shortterm_users, and iommufd_ctx.destroy_wait (6.7 to 7.x). Who uses it for longer is counted where its
 * number is (numbers.ts).
 * Left out: the 60 s after which the wait gives up with a warning.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../kernel/answer.ts'
import type { LockFacts } from '../kernel/locks/lock-facts.ts'
import { freed, send, used, type Heard, type Said } from '../say.ts'

type ObjectContext = {
  readonly id: string
  /** Tasks that are in it, sorted. */
  readonly users: readonly string[]
  /** Who wants to free it and has to wait. */
  readonly waiting: { readonly task: string; readonly from: string } | null
}
type ObjectEvent = Heard &
  ({ readonly type: 'TAKE' | 'DROP' | 'WAIT' } | { readonly type: 'TOUCH' | 'FREE'; readonly site: string })

const cache = 'iommufd_ioas'
const life = (id: string): string => `${id}#1`

export const iommufdObject = setup({
  types: {
    context: {} as ObjectContext,
    events: {} as ObjectEvent,
    emitted: {} as Said,
    input: {} as { readonly id: string },
  },
  guards: {
    isInUse: ({ context }) => context.users.length > 0,
    isLastAndAwaited: ({ context }) => context.users.length === 1 && context.waiting !== null,
  },
  actions: {
    take: assign({ users: ({ context, event }) => [...context.users, event.task].toSorted() }),
    drop: assign({ users: ({ context, event }) => context.users.toSpliced(context.users.indexOf(event.task), 1) }),
    wait: assign({ waiting: ({ event }) => ({ task: event.task, from: event.from }) }),
    goOn: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    /** Whoever waited gets his answer. */
    goOnAtLast: emit(({ context: { waiting } }) => send(waiting!.from, 'ANSWER', { task: waiting!.task, ret: 0 })),
    waitNoMore: assign({ waiting: null }),
    touch: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'TOUCH')
      enqueue.emit(used(life(context.id), cache, { site: event.site, live: true, access: 'read-write', marked: true }))
      enqueue.emit(answer(event, 'ANSWER', { ret: 0 }))
    }),
    touchFreed: emit(({ context, event }) => {
      assertEvent(event, 'TOUCH')
      return used(life(context.id), cache, { site: event.site, live: false, access: 'read-write', marked: true })
    }),
    free: emit(({ context, event }) => {
      assertEvent(event, 'FREE')
      return freed(life(context.id), cache, { site: event.site })
    }),
  },
}).createMachine({
  id: 'iommufdObject',
  context: ({ input: { id } }) => ({ id, users: [], waiting: null }),
  initial: 'there',
  states: {
    there: {
      on: {
        TAKE: { actions: ['take', 'goOn'] },
        DROP: [
          { guard: 'isLastAndAwaited', actions: ['drop', 'goOn', 'goOnAtLast', 'waitNoMore'] },
          { actions: ['drop', 'goOn'] },
        ],
        WAIT: [{ guard: 'isInUse', actions: 'wait' }, { actions: 'goOn' }],
        TOUCH: { actions: 'touch' },
        FREE: { target: 'freed', actions: ['free', 'goOn'] },
      },
    },
    freed: { on: { TOUCH: { target: 'dead', actions: 'touchFreed' } } },
    dead: {},
  },
})

export const iommufdObjectFacts: LockFacts<ObjectContext> = {
  holders: ({ users }) => ({ threads: [...new Set(users)], exclusive: false }),
  // Taking a reference never waits; destroying does.
  acquires: ['WAIT'],
  awaited: 'all',
  owes: ({ waiting }) => (waiting === null ? [] : [waiting.from]),
}
