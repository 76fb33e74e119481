/**
 * A thread of a process that makes system calls as it is told: `DO` gives it some steps, one after the other. A step may also complete
 * something others wait for, or wait for it itself: that is how threads take turns. What the calls returned is kept, in order.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'

export type ThreadStep =
  | {
      readonly call: string
      readonly args: Readonly<Record<string, unknown>>
      /** A procedure of the user's own; without it, a system call. */
      readonly at?: string
    }
  | { readonly turn: 'WAIT' | 'COMPLETE'; readonly of: string }

/** What a call returned: `ret`, and whatever came with it. */
export type Returned = Readonly<Record<string, unknown>> & { readonly ret: number | string }

interface ThreadContext {
  readonly task: string
  readonly steps: readonly ThreadStep[]
  readonly results: readonly Returned[]
}

type ThreadEvent =
  | (Heard & { readonly type: 'DO'; readonly steps: readonly ThreadStep[] })
  | (Heard & { readonly type: 'RETURN' | 'ANSWER'; readonly ret: number | string })

export const thread = setup({
  types: {
    context: {} as ThreadContext,
    events: {} as ThreadEvent,
    emitted: {} as Said,
    input: {} as { readonly task: string },
  },
  guards: {
    isDone: ({ context }) => context.steps.length === 0,
    isCall: ({ context }) => 'call' in context.steps[0]!,
  },
  actions: {
    take: assign(({ event }) => {
      assertEvent(event, 'DO')
      return { steps: event.steps, results: [] }
    }),
    call: emit(({ context: { task, steps } }) => {
      const { call, args, at } = steps[0] as Extract<ThreadStep, { call: string }>
      return send(at ?? `${task}.syscall`, 'CALL', { ...args, ...(at === undefined && { op: call }), task })
    }),
    turn: emit(({ context: { task, steps } }) => {
      const { turn, of } = steps[0] as Extract<ThreadStep, { turn: string }>
      return send(of, turn, { task })
    }),
    keep: assign(({ context, event }) => {
      assertEvent(event, 'RETURN')
      const { type: _type, from: _from, task: _task, ...returned } = event
      return { results: [...context.results, returned] }
    }),
    advance: assign({ steps: ({ context }) => context.steps.slice(1) }),
  },
}).createMachine({
  id: 'thread',
  context: ({ input }) => ({ task: input.task, steps: [], results: [] }),
  initial: 'idle',
  states: {
    idle: { tags: 'at rest', on: { DO: { target: 'next', actions: 'take' } } },
    next: {
      always: [{ guard: 'isDone', target: 'idle' }, { guard: 'isCall', target: 'calling' }, { target: 'taking turns' }],
    },
    calling: { entry: 'call', on: { RETURN: { target: 'next', actions: ['keep', 'advance'] } } },
    'taking turns': { entry: 'turn', on: { ANSWER: { target: 'next', actions: 'advance' } } },
  },
})
