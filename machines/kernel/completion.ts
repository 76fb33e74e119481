/**
 * A completion: who waits for it goes on once it is complete, and so does everybody who comes later (complete_all).
 *
 * Left out: being made anew (reinit_completion), and waits that can be interrupted.
 */
import { emit, setup } from 'xstate'
import type { Heard, Said } from '../say.ts'
import { answer } from './answer.ts'

export const completion = setup({
  types: {
    context: {} as object,
    events: {} as Heard & { readonly type: 'WAIT' | 'COMPLETE' },
    emitted: {} as Said,
    meta: {} as { readonly defers: readonly string[] },
  },
  actions: {
    goOn: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
  },
}).createMachine({
  id: 'completion',
  context: {},
  initial: 'pending',
  states: {
    pending: { meta: { defers: ['WAIT'] }, on: { COMPLETE: { target: 'complete', actions: 'goOn' } } },
    complete: { on: { WAIT: { actions: 'goOn' }, COMPLETE: { actions: 'goOn' } } },
  },
})
