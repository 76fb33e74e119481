/**
 * A sleepable RCU domain (kernel/rcu/srcutree.c), such as an srcu_notifier_head has: readers never wait, and synchronize_srcu waits for the
 * readers that began before it, whatever comes later.
 *
 * A SYNCHRONIZE that meets readers is therefore *taken* and answered by the step in which the last of them is done.
 * `readers` holds a task once for every section it is in; a task leaves the section it entered last.
 *
 * Left out: callbacks (rcu.ts has them), expedited grace periods, the two counters behind it all.
 */
import { assign, emit, enqueueActions, setup } from 'xstate'
import { complain, send, type Heard, type Said } from '../../say.ts'
import { answer } from '../answer.ts'
import type { LockFacts } from '../locks/lock-facts.ts'

interface Waiter {
  readonly task: string
  readonly from: string
  /** The readers it waits for. */
  readonly before: readonly string[]
}

interface SrcuContext {
  readonly id: string
  readonly readers: readonly string[]
  readonly waiting: readonly Waiter[]
}

type SrcuEvent = Heard & { readonly type: 'READ_LOCK' | 'READ_UNLOCK' | 'SYNCHRONIZE' }

const count = (tasks: readonly string[], task: string): number => tasks.filter((each) => each === task).length
export const without = (tasks: readonly string[], task: string): readonly string[] =>
  tasks.toSpliced(tasks.indexOf(task), 1)

/** Whom those wait for who came before, once a task has left a section: sections that were entered before a waiter came are left last. */
export const outlived = <T extends Pick<Waiter, 'before'>>(
  waiting: readonly T[],
  task: string,
  readers: readonly string[],
): readonly T[] =>
  waiting.map((waiter) =>
    count(waiter.before, task) > count(readers, task) ? { ...waiter, before: without(waiter.before, task) } : waiter,
  )

export const srcu = setup({
  types: {
    context: {} as SrcuContext,
    events: {} as SrcuEvent,
    emitted: {} as Said,
    input: {} as { readonly id: string },
  },
  guards: {
    isReader: ({ context, event }) => context.readers.includes(event.task),
    isFree: ({ context }) => context.readers.length === 0,
  },
  actions: {
    read: assign({ readers: ({ context, event }) => [...context.readers, event.task].sort() }),
    locked: emit(({ event }) => answer(event, 'LOCKED')),
    unlocked: emit(({ event }) => answer(event, 'UNLOCKED')),
    unread: enqueueActions(({ context, event, enqueue }) => {
      const readers = without(context.readers, event.task)
      const waiting = outlived(context.waiting, event.task, readers)
      enqueue.assign({ readers, waiting: waiting.filter(({ before }) => before.length > 0) })
      for (const { from, task, before } of waiting)
        if (before.length === 0) enqueue.emit(send(from, 'SYNCHRONIZED', { task }))
    }),
    wait: assign({
      waiting: ({ context: { waiting, readers }, event: { task, from } }) => [
        ...waiting,
        { task, from, before: readers },
      ],
    }),
    synchronized: emit(({ event }) => answer(event, 'SYNCHRONIZED')),
    notAReader: emit(({ context }) =>
      complain('warn', `unlock of ${context.id} by a task that does not hold it`, { object: context.id }),
    ),
  },
}).createMachine({
  id: 'srcu',
  context: ({ input }) => ({ id: input.id, readers: [], waiting: [] }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        READ_LOCK: { actions: ['read', 'locked'] },
        READ_UNLOCK: [{ guard: 'isReader', actions: ['unlocked', 'unread'] }, { actions: ['notAReader', 'unlocked'] }],
        SYNCHRONIZE: [{ guard: 'isFree', actions: 'synchronized' }, { actions: 'wait' }],
      },
    },
  },
})

/** Readers hold it, but nobody who reads waits; who synchronizes waits for readers, and holds nothing afterwards. */
export const srcuFacts: LockFacts<SrcuContext> = {
  acquires: ['SYNCHRONIZE'],
  holders: ({ readers }) => ({ threads: [...new Set(readers)], exclusive: false }),
  owes: ({ waiting }) => waiting.map(({ from }) => from),
}
