/**
 * A kernel thread that does what is put on a workqueue, one piece after the other, for as long as the machine runs.
 */
import { assertEvent, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { Work } from './workqueue.ts'

interface KworkerContext {
  readonly task: string
  readonly queue: string
  /** It does this piece alone. */
  readonly piece?: string
  /** The context in which it calls, where that is not a thread's. */
  readonly in?: object
}

/** One who does a single piece says so in the words of procedures (`says`). */
const named = ({ task, piece }: KworkerContext, does: string) => ({
  task,
  ...(piece !== undefined && { piece, says: `${does} ${piece}` }),
})

type KworkerEvent =
  | (Heard & { readonly type: 'START' | 'RETURN' | 'ANSWER' })
  | (Heard & { readonly type: 'WORK'; readonly work: Work })

export const kworker = setup({
  types: {
    context: {} as KworkerContext,
    events: {} as KworkerEvent,
    emitted: {} as Said,
    input: {} as KworkerContext,
  },
  actions: {
    take: emit(({ context }) => send(context.queue, 'TAKE', named(context, 'take'))),
    done: emit(({ context }) => send(context.queue, 'DONE', named(context, 'done with'))),
    call: emit(({ context: { task, in: context }, event }) => {
      assertEvent(event, 'WORK')
      const { call, args } = event.work
      return send(call, 'CALL', { ...args, task, ...(context && { in: context }) })
    }),
  },
}).createMachine({
  id: 'kworker',
  context: ({ input }) => input,
  initial: 'stopped',
  states: {
    stopped: { on: { START: 'waiting' } },
    waiting: { tags: 'at rest', entry: 'take', on: { WORK: { target: 'working', actions: 'call' } } },
    working: { on: { RETURN: 'reporting' } },
    reporting: { entry: 'done', on: { ANSWER: 'waiting' } },
  },
})
