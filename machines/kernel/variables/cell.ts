/**
 * A variable: a piece of memory that is always there, and is read and written one access at a time. Whoever reads it, adds one and writes it
 * back does so in two accesses, and others may come in between.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { counted, used, type Heard, type Said } from '../../say.ts'
import { answer } from '../answer.ts'
import { countOf, gotFrom, perform, seenAs, type Access } from './operations.ts'

interface CellContext {
  readonly name: string
  readonly value: unknown
}

type CellEvent = Heard & Access & { readonly type: 'ACCESS' }

const done = ({ context, event }: { readonly context: CellContext; readonly event: CellEvent }) =>
  perform(context.value, event)

export const cell = setup({
  types: {
    context: {} as CellContext,
    events: {} as CellEvent,
    emitted: {} as Said,
    input: {} as { readonly name: string; readonly value: unknown },
  },
  guards: {
    changes: (step) => 'now' in done(step),
  },
  actions: {
    observe: emit(({ context: { name, value }, event }) => {
      assertEvent(event, 'ACCESS')
      const count = countOf(name, value, event)
      const { site } = event
      const seen = seenAs(value, event)
      return count ? counted(name, name, count, { site, ...seen }) : used(name, name, { site, live: true, ...seen })
    }),
    change: assign({ value: (step) => done(step).now }),
    tell: emit((step) => answer(step.event, 'ANSWER', gotFrom(done(step)))),
  },
}).createMachine({
  id: 'cell',
  context: ({ input }) => input,
  initial: 'ready',
  states: {
    ready: {
      on: {
        ACCESS: [
          // Told first: both answers are about what was there before.
          { guard: 'changes', actions: ['observe', 'tell', 'change'] },
          { actions: ['observe', 'tell'] },
        ],
      },
    },
  },
})
