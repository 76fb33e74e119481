/** One side of a free choice: it offers itself again after it was taken. */
import { emit, setup } from 'xstate'
import type { Heard, Said } from '../../say.ts'
import { send } from '../../say.ts'

export const side = setup({
  types: {
    context: {} as { readonly side: number },
    events: {} as Heard & { readonly type: 'AGAIN' },
    emitted: {} as Said,
    input: {} as { readonly side: number },
  },
  actions: {
    offer: emit(({ context: { side }, event }) => send(event.from, 'SIDE', { side, quiet: true })),
  },
}).createMachine({
  id: 'side',
  context: ({ input }) => input,
  initial: 'offered',
  // That nobody takes it any more is nothing to wait for.
  states: { offered: { tags: ['at rest'], on: { AGAIN: { actions: 'offer' } } } },
})
