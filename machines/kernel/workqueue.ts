/**
 * A workqueue (schedule_work on system_wq): what is put there is done some time later, by a kworker, in the order in which it came.
 *
 * Left out: several workers at once, delays, waiting for work that was queued (flush_work).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Heard, Said } from '../say.ts'
import { answer } from './answer.ts'

/** A call that the kworker will make. */
export interface Work {
  readonly call: string
  readonly args: Readonly<Record<string, unknown>>
}

type WorkqueueEvent =
  | (Heard & { readonly type: 'QUEUE'; readonly work: Work })
  /** The kworker's: waits until there is something to do. */
  | (Heard & { readonly type: 'TAKE' })

export const workqueue = setup({
  types: {
    context: {} as { readonly list: readonly Work[] },
    events: {} as WorkqueueEvent,
    emitted: {} as Said,
    meta: {} as { readonly defers: readonly string[] },
  },
  guards: {
    isLast: ({ context }) => context.list.length === 1,
  },
  actions: {
    append: assign(({ context, event }) => {
      assertEvent(event, 'QUEUE')
      return { list: [...context.list, event.work] }
    }),
    queued: emit(({ event }) => answer(event, 'QUEUED')),
    handOut: emit(({ context, event }) => answer(event, 'WORK', { work: context.list[0]! })),
    shorten: assign({ list: ({ context }) => context.list.slice(1) }),
  },
}).createMachine({
  id: 'workqueue',
  context: { list: [] },
  initial: 'empty',
  states: {
    empty: {
      meta: { defers: ['TAKE'] },
      on: { QUEUE: { target: 'loaded', actions: ['append', 'queued'] } },
    },
    loaded: {
      on: {
        QUEUE: { actions: ['append', 'queued'] },
        TAKE: [
          { guard: 'isLast', target: 'empty', actions: ['handOut', 'shorten'] },
          { actions: ['handOut', 'shorten'] },
        ],
      },
    },
  },
})
