/**
 * Read-copy-update: RCU itself, or an SRCU domain, with callbacks (kernel/rcu). Readers never wait; whoever synchronizes waits for the readers
 * that began before, and so does each callback. `srcu` is the same without callbacks.
 *
 * A callback has a worker, who asks for it (TAKE) and says when it is done: callbacks of different heads come in any order. A barrier waits for
 * all that were queued before.
 *
 * Left out: expedited grace periods, grace periods that are polled.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { complain, send, type Heard, type Said } from '../../say.ts'
import { answer } from '../answer.ts'
import type { Job } from '../work/pieces.ts'
import type { Defers } from '../defers.ts'
import type { LockFacts } from '../locks/lock-facts.ts'
import { outlived, without } from './srcu.ts'

interface RcuInput {
  readonly id: string
  /** What is said of whoever synchronizes while he reads. */
  readonly illegal: string
  /** The heads that callbacks are queued by, each with its worker. */
  readonly workers: Readonly<Record<string, string>>
}

interface Waiter {
  readonly task: string
  readonly from: string
  /** The readers it waits for. */
  readonly before: readonly string[]
}

interface Callback {
  readonly piece: string
  readonly job: Job
  readonly before: readonly string[]
}

interface Barrier {
  readonly task: string
  readonly from: string
  /** Callbacks that are not done yet. */
  readonly for: readonly string[]
}

interface RcuContext extends RcuInput {
  readonly readers: readonly string[]
  readonly waiting: readonly Waiter[]
  readonly callbacks: readonly Callback[]
  readonly running: readonly string[]
  readonly barriers: readonly Barrier[]
}

type RcuEvent = Heard &
  (
    | { readonly type: 'READ_LOCK' | 'READ_UNLOCK' | 'SYNCHRONIZE' | 'BARRIER' | 'CHECK' }
    | { readonly type: 'QUEUE'; readonly piece: string; readonly job: Job }
    | { readonly type: 'TAKE' | 'DONE' | 'FREED'; readonly piece: string }
  )

interface Step {
  readonly context: RcuContext
  readonly event: RcuEvent
}

const pieceOf = ({ event }: Step): string => {
  assertEvent(event, ['QUEUE', 'TAKE', 'DONE', 'FREED'])
  return event.piece
}

const callbackOf = (step: Step): Callback | undefined =>
  step.context.callbacks.find(({ piece }) => piece === pieceOf(step))

const byPiece = (one: Callback, other: Callback): number => (one.piece < other.piece ? -1 : 1)

export const rcu = setup({
  types: {
    context: {} as RcuContext,
    events: {} as RcuEvent,
    emitted: {} as Said,
    input: {} as RcuInput,
    meta: {} as { readonly defers: Defers },
  },
  guards: {
    isReader: ({ context, event }) => context.readers.includes(event.task),
    isFree: ({ context }) => context.readers.length === 0,
    isQueued: (step) => callbackOf(step) !== undefined,
    isRipe: (step) => callbackOf(step)?.before.length === 0,
    hasNoCallbacks: ({ context: { callbacks, running } }) => callbacks.length + running.length === 0,
  },
  actions: {
    read: assign({ readers: ({ context, event }) => [...context.readers, event.task].sort() }),
    unread: enqueueActions(({ context, event: { task }, enqueue }) => {
      const readers = without(context.readers, task)
      const waiting = outlived(context.waiting, task, readers)
      const callbacks = outlived(context.callbacks, task, readers)
      enqueue.assign({ readers, callbacks, waiting: waiting.filter(({ before }) => before.length > 0) })
      for (const { from, task, before } of waiting)
        if (before.length === 0) enqueue.emit(send(from, 'SYNCHRONIZED', { task }))
    }),
    wait: assign({
      waiting: ({ context: { waiting, readers }, event: { task, from } }) => [
        ...waiting,
        { task, from, before: readers },
      ],
    }),
    queue: assign(({ context, event }) => {
      assertEvent(event, 'QUEUE')
      const { piece, job } = event
      return { callbacks: [...context.callbacks, { piece, job, before: context.readers }].sort(byPiece) }
    }),
    handOut: emit((step) => {
      const { call, local, in: id, life } = callbackOf(step)!.job
      const args = local === undefined ? {} : { [local]: { id: id!, gen: life! } }
      return answer(step.event, 'WORK', { work: { call, args } })
    }),
    start: assign((step) => ({
      callbacks: step.context.callbacks.filter(({ piece }) => piece !== pieceOf(step)),
      running: [...step.context.running, pieceOf(step)].sort(),
    })),
    finish: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'DONE')
      const barriers = context.barriers.map((each) => ({ ...each, for: each.for.filter((it) => it !== event.piece) }))
      enqueue.emit(answer(event, 'ANSWER'))
      enqueue.assign({
        running: context.running.filter((each) => each !== event.piece),
        barriers: barriers.filter((each) => each.for.length > 0),
      })
      for (const { from, task, for: left } of barriers)
        if (left.length === 0) enqueue.emit(send(from, 'ANSWER', { task }))
    }),
    waitForAll: assign(({ context: { barriers, callbacks, running }, event: { from, task } }) => ({
      barriers: [...barriers, { from, task, for: [...callbacks.map(({ piece }) => piece), ...running] }],
    })),
    locked: emit(({ event }) => answer(event, 'LOCKED')),
    unlocked: emit(({ event }) => answer(event, 'UNLOCKED')),
    synchronized: emit(({ event }) => answer(event, 'SYNCHRONIZED')),
    goOn: emit(({ event }) => answer(event, 'ANSWER')),
    notAReader: emit(({ context }) =>
      complain('warn', `unlock of ${context.id} by a task that does not hold it`, { object: context.id }),
    ),
    suspicious: emit(() => complain('warn', 'suspicious RCU usage: suspicious rcu_dereference_check() usage')),
    illegal: emit(({ context: { illegal } }) => complain('warn', `suspicious RCU usage: ${illegal}`)),
    activeAlready: emit((step) =>
      complain('warn', 'ODEBUG: activate active (active state 1) object type: rcu_head', { object: pieceOf(step) }),
    ),
    freeActive: emit((step) =>
      complain('warn', 'ODEBUG: free active (active state 1) object type: rcu_head', { object: pieceOf(step) }),
    ),
  },
}).createMachine({
  id: 'rcu',
  context: ({ input }) => ({ ...input, readers: [], waiting: [], callbacks: [], running: [], barriers: [] }),
  initial: 'ready',
  states: {
    ready: {
      meta: { defers: [{ type: 'TAKE', unless: 'isRipe' }] },
      on: {
        READ_LOCK: { actions: ['read', 'locked'] },
        READ_UNLOCK: [{ guard: 'isReader', actions: ['unlocked', 'unread'] }, { actions: ['notAReader', 'unlocked'] }],
        SYNCHRONIZE: [
          { guard: 'isReader', actions: ['illegal', 'wait'] },
          { guard: 'isFree', actions: 'synchronized' },
          { actions: 'wait' },
        ],
        CHECK: [{ guard: 'isReader', actions: 'goOn' }, { actions: ['suspicious', 'goOn'] }],
        QUEUE: [{ guard: 'isQueued', actions: ['activeAlready', 'goOn'] }, { actions: ['queue', 'goOn'] }],
        TAKE: { actions: ['handOut', 'start'] },
        DONE: { actions: 'finish' },
        BARRIER: [{ guard: 'hasNoCallbacks', actions: 'goOn' }, { actions: 'waitForAll' }],
        FREED: [{ guard: 'isQueued', actions: ['freeActive', 'goOn'] }, { actions: 'goOn' }],
      },
    },
  },
})

/** Who synchronizes waits for readers; a barrier for the workers of callbacks, and for the readers that these wait for. */
const endedBy = ({ workers, waiting, callbacks, barriers }: RcuContext, waiter: string): readonly string[] => {
  const { before = [] } = waiting.find(({ from }) => from === waiter) ?? {}
  const { for: left = [] } = barriers.find(({ from }) => from === waiter) ?? {}
  const callback = (piece: string) => callbacks.find((each) => each.piece === piece)?.before ?? []
  return [...new Set([...before, ...left.flatMap((piece) => [...callback(piece), workers[piece]!])])]
}

export const rcuFacts: LockFacts<RcuContext> = {
  acquires: ['SYNCHRONIZE', 'BARRIER'],
  awaited: 'all',
  holders: ({ readers }) => ({ threads: [...new Set(readers)], exclusive: false }),
  endedBy,
  owes: ({ waiting, barriers }) => [...waiting, ...barriers].map(({ from }) => from),
}

/** Who waits for readers comes after them, a callback after who queued it. */
export const rcuOrders = {
  releases: ['READ_UNLOCK', 'QUEUE', 'DONE'],
  acquires: ['SYNCHRONIZED', 'WORK', 'ANSWER'],
  relaxed: ['CHECK', 'QUEUE', 'DONE', 'FREED'],
} as const
