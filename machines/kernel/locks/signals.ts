/**
 * The signals of one thread (kernel/signal.c): who sends one is answered at once, and whatever the thread may be waiting for hears that it need
 * not any more.
 *
 * Left out: handlers, masks, which signal it was beyond whether it ends the thread.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { answer } from '../answer.ts'

interface SignalsInput {
  readonly thread: string
  /** Whatever the thread may wait for so that a signal ends it. */
  readonly waits: readonly string[]
}

type SignalsContext = SignalsInput & { readonly pending: 'none' | 'some' | 'fatal' }
type SignalsEvent = Heard & ({ readonly type: 'SIGNAL'; readonly fatal: boolean } | { readonly type: 'PENDING' })

const isFatal = (event: SignalsEvent): boolean => event.type === 'SIGNAL' && event.fatal

export const signals = setup({
  types: {
    context: {} as SignalsContext,
    events: {} as SignalsEvent,
    emitted: {} as Said,
    input: {} as SignalsInput,
  },
  actions: {
    note: assign({
      pending: ({ context, event }) => (context.pending === 'fatal' || isFatal(event) ? 'fatal' : 'some'),
    }),
    sent: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    interrupt: enqueueActions(({ context: { thread, waits }, event, enqueue }) => {
      assertEvent(event, 'SIGNAL')
      const { fatal } = event
      for (const each of waits) enqueue.emit(send(each, 'INTERRUPT', { to: thread, fatal, quiet: true }))
    }),
    tell: emit(({ context: { pending }, event }) => answer(event, 'ANSWER', { value: pending })),
  },
}).createMachine({
  id: 'signals',
  context: ({ input }) => ({ ...input, pending: 'none' }),
  initial: 'ready',
  states: {
    ready: { on: { SIGNAL: { actions: ['note', 'interrupt', 'sent'] }, PENDING: { actions: 'tell' } } },
  },
})
