/**
 * A spinlock (kernel/locking/spinlock.c): who finds it taken goes round until it is free, and does not sleep. That he keeps a processor busy
 * meanwhile is not told here. It records the task, as the debugging spinlock does.
 */
import { assign, emit, setup } from 'xstate'
import { complain, type Heard, type Said } from '../../say.ts'
import { answer } from '../answer.ts'
import { waitsAs, type LockFacts } from './lock-facts.ts'

interface SpinlockContext {
  readonly id: string
  readonly owner: string | null
}
type SpinlockEvent = Heard & { readonly type: 'LOCK' | 'TRYLOCK' | 'UNLOCK' }

export const spinlock = setup({
  types: {
    context: {} as SpinlockContext,
    events: {} as SpinlockEvent,
    emitted: {} as Said,
    input: {} as { readonly id: string },
    meta: {} as { readonly defers: readonly string[] },
  },
  guards: {
    isOwner: ({ context, event }) => context.owner === event.task,
  },
  actions: {
    take: assign({ owner: ({ event }) => event.task }),
    drop: assign({ owner: null }),
    locked: emit(({ event }) => answer(event, 'LOCKED')),
    busy: emit(({ event }) => answer(event, 'BUSY')),
    unlocked: emit(({ event }) => answer(event, 'UNLOCKED')),
    alreadyUnlocked: emit(({ context: { id } }) =>
      complain('warn', `BUG: spinlock already unlocked: ${id}`, { object: id }),
    ),
    wrongOwner: emit(({ context: { id } }) => complain('warn', `BUG: spinlock wrong owner: ${id}`, { object: id })),
  },
}).createMachine({
  id: 'spinlock',
  context: ({ input }) => ({ id: input.id, owner: null }),
  initial: 'unlocked',
  states: {
    unlocked: {
      on: {
        LOCK: { target: 'locked', actions: ['take', 'locked'] },
        TRYLOCK: { target: 'locked', actions: ['take', 'locked'] },
        UNLOCK: { actions: ['alreadyUnlocked', 'unlocked'] },
      },
    },
    locked: {
      meta: { defers: ['LOCK'] },
      on: {
        TRYLOCK: { actions: 'busy' },
        UNLOCK: [
          { guard: 'isOwner', target: 'unlocked', actions: ['drop', 'unlocked'] },
          { actions: ['wrongOwner', 'unlocked'] },
        ],
      },
    },
  },
})

export const spinlockFacts: LockFacts<SpinlockContext> = {
  waitType: waitsAs('spin'),
  acquires: ['LOCK'],
  holders: ({ owner }) => ({ threads: owner === null ? [] : [owner], exclusive: true }),
}
