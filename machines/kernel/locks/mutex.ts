/**
 * A kernel mutex. Held, it does not accept LOCK: the request stays at the head of its lane until the holder unlocks, and whichever
 * waiting lane is taken next gets it (the kernel's mutex is not FIFO either). It records the task, not the call. Who only tries is answered
 * at once.
 */
import { assign, emit, setup } from 'xstate'
import { complain, type Heard, type Said } from '../../say.ts'
import { answer } from '../answer.ts'
import { waitsAs, type LockFacts } from './lock-facts.ts'

type MutexContext = { readonly id: string; readonly holder: string | null }
type MutexEvent = Heard & { readonly type: 'LOCK' | 'TRYLOCK' | 'UNLOCK' }

export const mutex = setup({
  types: {
    context: {} as MutexContext,
    events: {} as MutexEvent,
    emitted: {} as Said,
    input: {} as { readonly id: string },
    meta: {} as { readonly defers: readonly string[] },
  },
  guards: {
    isHolder: ({ context, event }) => context.holder === event.task,
  },
  actions: {
    take: assign({ holder: ({ event }) => event.task }),
    drop: assign({ holder: null }),
    locked: emit(({ event }) => answer(event, 'LOCKED')),
    busy: emit(({ event }) => answer(event, 'BUSY')),
    unlocked: emit(({ event }) => answer(event, 'UNLOCKED')),
    notTheHolder: emit(({ context }) =>
      complain('warn', `unlock of ${context.id} by a task that does not hold it`, { object: context.id }),
    ),
  },
}).createMachine({
  id: 'mutex',
  context: ({ input }) => ({ id: input.id, holder: null }),
  initial: 'free',
  states: {
    free: {
      on: {
        LOCK: { target: 'held', actions: ['take', 'locked'] },
        TRYLOCK: { target: 'held', actions: ['take', 'locked'] },
        UNLOCK: { actions: ['notTheHolder', 'unlocked'] },
      },
    },
    held: {
      meta: { defers: ['LOCK'] },
      on: {
        TRYLOCK: { actions: 'busy' },
        UNLOCK: [
          { guard: 'isHolder', target: 'free', actions: ['drop', 'unlocked'] },
          { actions: ['notTheHolder', 'unlocked'] },
        ],
      },
    },
  },
})

export const mutexFacts: LockFacts<MutexContext> = {
  waitType: waitsAs('sleep'),
  acquires: ['LOCK'],
  holders: ({ holder }) => ({ threads: holder === null ? [] : [holder], exclusive: true }),
}

/** Of one that somebody may try to get. */
export const triedMutexFacts: LockFacts<MutexContext> = { ...mutexFacts, tried: true }
