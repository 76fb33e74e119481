/** A call that finds nothing to do. */
import { emit, setup } from 'xstate'
import { answer } from '../kernel/answer.ts'
import type { Heard, Said } from '../say.ts'

export const nothing = setup({
  types: {
    events: {} as Heard & { readonly type: 'CALL' },
    emitted: {} as Said,
  },
  actions: {
    finish: emit(({ event }) => answer(event, 'RETURN', { ret: 0 })),
  },
}).createMachine({
  id: 'nothing',
  initial: 'idle',
  states: { idle: { on: { CALL: { actions: 'finish' } } } },
})
