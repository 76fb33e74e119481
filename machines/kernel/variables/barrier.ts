/** Memory barriers (Documentation/memory-barriers.txt): whoever needs one is answered; what it orders is for the checker to say. */
import { emit, setup } from 'xstate'
import type { Heard, Said } from '../../say.ts'
import { answer } from '../answer.ts'

export const barrier = setup({
  types: { events: {} as Heard & { readonly type: 'MB' | 'WMB' | 'RMB' }, emitted: {} as Said },
  actions: { done: emit(({ event }) => answer(event, 'ANSWER')) },
}).createMachine({
  id: 'barrier',
  initial: 'ready',
  states: { ready: { on: { MB: { actions: 'done' }, WMB: { actions: 'done' }, RMB: { actions: 'done' } } } },
})

/** What each of them orders (explore/memory/happens-before.ts). */
export const barrierOrders = { fences: { MB: 'full', WMB: 'release', RMB: 'acquire' } } as const
