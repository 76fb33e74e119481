/**
 * An eventfd: a counter that signals add to and a read takes back to zero. Non-blocking: reading zero is -EAGAIN.
 * Left out: semaphores, writes by the user, overflow.
 */
import { assign, emit, setup } from 'xstate'
import type { Heard, Said } from '../../say.ts'
import { answer } from '../answer.ts'

export const eventfd = setup({
  types: {
    context: {} as { readonly count: number },
    events: {} as Heard & { readonly type: 'SIGNAL' | 'READ' },
    emitted: {} as Said,
  },
  guards: {
    isZero: ({ context }) => context.count === 0,
  },
  actions: {
    count: assign({ count: ({ context }) => context.count + 1 }),
    signalled: emit(({ event }) => answer(event, 'SIGNALLED')),
    tell: emit(({ context, event }) => answer(event, 'ANSWER', { ret: context.count })),
    tryAgain: emit(({ event }) => answer(event, 'ANSWER', { ret: '-EAGAIN' })),
    clear: assign({ count: 0 }),
  },
}).createMachine({
  id: 'eventfd',
  context: { count: 0 },
  initial: 'ready',
  states: {
    ready: {
      on: {
        SIGNAL: { actions: ['count', 'signalled'] },
        READ: [{ guard: 'isZero', actions: 'tryAgain' }, { actions: ['tell', 'clear'] }],
      },
    },
  },
})
