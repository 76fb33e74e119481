/**
 * A free choice: whoever asks goes one of several ways, and every search looks at all of them. Nobody decides: there is a side for each way,
 * each with a message on its way that is taken only when somebody asks; whichever is taken is the choice.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { LockFacts } from '../locks/lock-facts.ts'

interface EitherContext {
  /** Who asked, while he waits. */
  readonly asker: string | null
  readonly task: string | null
  /** What each way is called. */
  readonly ways: readonly string[] | null
}

type EitherEvent = Heard &
  ({ readonly type: 'CHOOSE'; readonly ways?: readonly string[] } | { readonly type: 'SIDE'; readonly side: number })

const saidOf = (side: number, ways: readonly string[] | null): string =>
  ways ? `choose ${side + 1}: ${ways[side]!}` : `choose (${side + 1})`

export const either = setup({
  types: {
    context: {} as EitherContext,
    events: {} as EitherEvent,
    emitted: {} as Said,
    meta: {} as { readonly defers: readonly string[] },
  },
  actions: {
    remember: assign(({ event }) => {
      assertEvent(event, 'CHOOSE')
      const { from, task, ways = null } = event
      return { asker: from, task, ways }
    }),
    tell: emit(({ context: { asker, task, ways }, event }) => {
      assertEvent(event, 'SIDE')
      return send(asker!, 'CHOSEN', { task, side: event.side, says: saidOf(event.side, ways) })
    }),
    again: emit(({ event }) => send(event.from, 'AGAIN', { quiet: true })),
    forget: assign({ asker: null, task: null, ways: null }),
  },
}).createMachine({
  id: 'either',
  context: { asker: null, task: null, ways: null },
  initial: 'open',
  states: {
    open: { meta: { defers: ['SIDE'] }, on: { CHOOSE: { target: 'asked', actions: 'remember' } } },
    asked: { meta: { defers: ['CHOOSE'] }, on: { SIDE: { target: 'open', actions: ['tell', 'again', 'forget'] } } },
  },
})

/** It holds nothing; who asks is owed an answer. */
export const eitherFacts: LockFacts<EitherContext> = {
  acquires: [],
  holders: () => ({ threads: [], exclusive: false }),
  owes: ({ asker }) => (asker === null ? [] : [asker]),
}
