/**
 * A completion (kernel/sched/completion.c): a count of how often it is complete. Who waits takes one away and goes on; after complete_all
 * everybody goes on, until it is made anew. Who could complete it is said beforehand: for them it is that others wait.
 *
 * Waiting only for some time is to look whether it is complete, some time later.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Heard, Said } from '../../say.ts'
import { answer } from '../answer.ts'
import type { Defers } from '../defers.ts'
import type { LockFacts } from '../locks/lock-facts.ts'
import { isKilled, isSignalled, unsignalled, withSignal, type Interrupt, type Signalled } from '../locks/signalled.ts'

interface CompletionContext extends Signalled {
  /** The threads that could complete it. */
  readonly by: readonly string[]
  /** Somebody has, once: from then on it is nobody's in the order of locks. */
  readonly ended: boolean
  readonly done: number
}

type CompletionEvent = Heard &
  (
    | { readonly type: 'WAIT' | 'WAIT_KILLABLE' | 'WAIT_INTERRUPTIBLE' | 'TRY_WAIT' }
    | { readonly type: 'COMPLETE' | 'COMPLETE_ALL' | 'REINIT' }
    | Interrupt
  )

const served = [
  { guard: 'isLast', target: 'pending', actions: ['take', 'goOn'] },
  { actions: ['take', 'goOn'] },
] as const

export const completion = setup({
  types: {
    context: {} as CompletionContext,
    events: {} as CompletionEvent,
    emitted: {} as Said,
    input: {} as { readonly by: readonly string[] },
    meta: {} as { readonly defers: Defers },
  },
  guards: {
    isLast: ({ context }) => context.done === 1,
    isSignalled,
    isKilled,
  },
  actions: {
    note: assign(({ context, event }) => {
      assertEvent(event, 'INTERRUPT')
      return withSignal(context, event)
    }),
    end: assign({ ended: true }),
    count: assign({ done: ({ context }) => context.done + 1 }),
    take: assign({ done: ({ context }) => context.done - 1 }),
    empty: assign({ done: 0 }),
    goOn: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    interrupted: emit(({ event }) => answer(event, 'INTERRUPTED')),
    notYet: emit(({ event }) => answer(event, 'BUSY')),
  },
}).createMachine({
  id: 'completion',
  context: ({ input: { by } }) => ({ by, ended: false, done: 0, ...unsignalled }),
  initial: 'pending',
  on: { INTERRUPT: { actions: 'note' } },
  states: {
    pending: {
      meta: {
        defers: [
          'WAIT',
          { type: 'WAIT_KILLABLE', unless: 'isKilled' },
          { type: 'WAIT_INTERRUPTIBLE', unless: 'isSignalled' },
        ],
      },
      on: {
        WAIT_KILLABLE: { actions: 'interrupted' },
        WAIT_INTERRUPTIBLE: { actions: 'interrupted' },
        TRY_WAIT: { actions: 'notYet' },
        COMPLETE: { target: 'complete', actions: ['count', 'end', 'goOn'] },
        COMPLETE_ALL: { target: 'complete for all', actions: ['end', 'goOn'] },
        REINIT: { actions: 'goOn' },
      },
    },
    complete: {
      on: {
        WAIT: served,
        WAIT_KILLABLE: served,
        WAIT_INTERRUPTIBLE: served,
        TRY_WAIT: served,
        COMPLETE: { actions: ['count', 'goOn'] },
        COMPLETE_ALL: { target: 'complete for all', actions: ['empty', 'goOn'] },
        REINIT: { target: 'pending', actions: ['empty', 'goOn'] },
      },
    },
    'complete for all': {
      on: {
        WAIT: { actions: 'goOn' },
        WAIT_KILLABLE: { actions: 'goOn' },
        WAIT_INTERRUPTIBLE: { actions: 'goOn' },
        TRY_WAIT: { actions: 'goOn' },
        COMPLETE: { actions: 'goOn' },
        COMPLETE_ALL: { actions: 'goOn' },
        REINIT: { target: 'pending', actions: 'goOn' },
      },
    },
  },
})

export const completionFacts: LockFacts<CompletionContext> = {
  acquires: ['WAIT', 'WAIT_KILLABLE', 'WAIT_INTERRUPTIBLE'],
  awaited: 'any',
  holders: ({ by, ended }) => ({ threads: ended ? [] : by, exclusive: false }),
  endedBy: ({ by }) => by,
}

/** Who completes it has the lock of its queue, and so has who waits. */
export const completionOrders = { releases: ['COMPLETE', 'COMPLETE_ALL'], acquires: ['ANSWER'], relaxed: ['REINIT'] }
