/**
 * A kernel mutex that somebody waits for only as long as no signal comes (mutex_lock_killable, mutex_lock_interruptible). As `mutex` otherwise:
 * held, it does not accept a request; one of a thread that has a signal it does, and answers that it was interrupted. Free, it is had whatever
 * signals there are.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { complain, type Heard, type Said } from '../../say.ts'
import { answer } from '../answer.ts'
import type { Defers } from '../defers.ts'
import { waitsAs, type LockFacts } from './lock-facts.ts'
import { isKilled, isSignalled, unsignalled, withSignal, type Interrupt, type Signalled } from './signalled.ts'

interface KillableMutexContext extends Signalled {
  readonly id: string
  readonly holder: string | null
}

type KillableMutexEvent = Heard &
  ({ readonly type: 'LOCK' | 'LOCK_KILLABLE' | 'LOCK_INTERRUPTIBLE' | 'TRYLOCK' | 'UNLOCK' } | Interrupt)

export const killableMutex = setup({
  types: {
    context: {} as KillableMutexContext,
    events: {} as KillableMutexEvent,
    emitted: {} as Said,
    input: {} as { readonly id: string },
    meta: {} as { readonly defers: Defers },
  },
  guards: {
    isHolder: ({ context, event }) => context.holder === event.task,
    isSignalled,
    isKilled,
  },
  actions: {
    take: assign({ holder: ({ event }) => event.task }),
    drop: assign({ holder: null }),
    note: assign(({ context, event }) => {
      assertEvent(event, 'INTERRUPT')
      return withSignal(context, event)
    }),
    locked: emit(({ event }) => answer(event, 'LOCKED')),
    busy: emit(({ event }) => answer(event, 'BUSY')),
    interrupted: emit(({ event }) => answer(event, 'INTERRUPTED')),
    unlocked: emit(({ event }) => answer(event, 'UNLOCKED')),
    notTheHolder: emit(({ context }) =>
      complain('warn', `unlock of ${context.id} by a task that does not hold it`, { object: context.id }),
    ),
  },
}).createMachine({
  id: 'killableMutex',
  context: ({ input }) => ({ id: input.id, holder: null, ...unsignalled }),
  initial: 'free',
  on: { INTERRUPT: { actions: 'note' } },
  states: {
    free: {
      on: {
        LOCK: { target: 'held', actions: ['take', 'locked'] },
        LOCK_KILLABLE: { target: 'held', actions: ['take', 'locked'] },
        LOCK_INTERRUPTIBLE: { target: 'held', actions: ['take', 'locked'] },
        TRYLOCK: { target: 'held', actions: ['take', 'locked'] },
        UNLOCK: { actions: ['notTheHolder', 'unlocked'] },
      },
    },
    held: {
      meta: {
        defers: [
          'LOCK',
          { type: 'LOCK_KILLABLE', unless: 'isKilled' },
          { type: 'LOCK_INTERRUPTIBLE', unless: 'isSignalled' },
        ],
      },
      on: {
        LOCK_KILLABLE: { actions: 'interrupted' },
        LOCK_INTERRUPTIBLE: { actions: 'interrupted' },
        TRYLOCK: { actions: 'busy' },
        UNLOCK: [
          { guard: 'isHolder', target: 'free', actions: ['drop', 'unlocked'] },
          { actions: ['notTheHolder', 'unlocked'] },
        ],
      },
    },
  },
})

export const killableMutexFacts: LockFacts<KillableMutexContext> = {
  waitType: waitsAs('sleep'),
  acquires: ['LOCK', 'LOCK_KILLABLE', 'LOCK_INTERRUPTIBLE'],
  holders: ({ holder }) => ({ threads: holder === null ? [] : [holder], exclusive: true }),
  tried: true,
}
