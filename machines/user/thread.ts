/**
 * A thread of a process that makes system calls as it is told: `DO` gives it some, one after the other. What they returned is kept, in order.
 * What a thread does in a story is a script (machines/kernel/tasks/task.ts), which goes on where this one stands by then.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'

interface ThreadStep {
  readonly call: string
  readonly args: Readonly<Record<string, unknown>>
}

/** What a call returned: `ret`, and whatever came with it. */
export type Returned = Readonly<Record<string, unknown>> & { readonly ret: number | string }

interface ThreadContext {
  readonly task: string
  readonly steps: readonly ThreadStep[]
  readonly results: readonly Returned[]
}

type ThreadEvent =
  | (Heard & { readonly type: 'DO'; readonly steps: readonly ThreadStep[] })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })

export const thread = setup({
  types: {
    context: {} as ThreadContext,
    events: {} as ThreadEvent,
    emitted: {} as Said,
    input: {} as { readonly task: string },
  },
  guards: {
    isDone: ({ context }) => context.steps.length === 0,
  },
  actions: {
    take: assign(({ event }) => {
      assertEvent(event, 'DO')
      return { steps: event.steps, results: [] }
    }),
    call: emit(({ context: { task, steps } }) => {
      const { call, args } = steps[0]!
      return send(`${task}.syscall`, 'CALL', { ...args, op: call, task })
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
      always: [{ guard: 'isDone', target: 'idle' }, { target: 'calling' }],
    },
    calling: { entry: 'call', on: { RETURN: { target: 'next', actions: ['keep', 'advance'] } } },
  },
})
