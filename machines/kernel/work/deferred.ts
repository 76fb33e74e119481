/**
 * What is done later, by a thread of its own: work on a workqueue (kernel/workqueue.c), delayed work, a timer's function (kernel/time/timer.c).
 * Each piece is pending at most once, and may become so again while it runs. There is one of these for each piece that nothing but itself has to
 * wait for (a timer, work on system_wq), and one for all that is put on a workqueue which somebody made: at most `most` of that run at the
 * same time, and begin in the order in which they were queued.
 *
 * Each piece has a worker, who asks for it (TAKE) and says when it is done. How long a delay or the time until a timer goes off may be is not
 * known: the worker may take it at once. Where it is not done yet, it counts as a timer and not as work.
 *
 * Who waits is answered by the step that ends the last of what he waits for. What is cancelled for good cannot be queued while that lasts.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { complain, note, send, used, type Heard, type Said } from '../../say.ts'
import { answer } from '../answer.ts'
import type { Defers } from '../defers.ts'
import type { LockFacts } from '../locks/lock-facts.ts'
import {
  ahead,
  atMost,
  endedBy,
  isQuiet,
  isServed,
  odebugType,
  without,
  type DeferredContext,
  type DeferredInput,
  type Job,
  type Pending,
} from './pieces.ts'

type DeferredEvent = Heard &
  (
    | {
        readonly type:
          | 'QUEUE'
          | 'DELAY'
          | 'MODIFY'
          | 'TAKE'
          | 'DONE'
          | 'FLUSH'
          | 'FLUSH_DELAYED'
          | 'IS_PENDING'
          | 'FREED'
        readonly piece: string
      }
    /** `shuts`: for good (timer_shutdown). */
    | { readonly type: 'CANCEL' | 'CANCEL_SYNC'; readonly piece: string; readonly shuts?: true }
    | { readonly type: 'INIT'; readonly piece: string; readonly job: Job }
    | { readonly type: 'FLUSH_ALL' | 'DRAIN' | 'DESTROY' }
  )

interface Step {
  readonly context: DeferredContext
  readonly event: DeferredEvent
}

const pieceOf = ({ event }: Step): string => {
  assertEvent(event, [
    ...['QUEUE', 'DELAY', 'MODIFY', 'TAKE', 'DONE', 'INIT', 'FREED'],
    ...['FLUSH', 'FLUSH_DELAYED', 'CANCEL', 'CANCEL_SYNC', 'IS_PENDING'],
  ] as 'QUEUE'[])
  return event.piece
}

const entryOf = (step: Step): Pending | undefined => step.context.pending.find(({ piece }) => piece === pieceOf(step))
const isRunning = (step: Step): boolean => step.context.running.includes(pieceOf(step))
const isCancelled = (step: Step): boolean => step.context.waiting.some(({ cancels }) => cancels === pieceOf(step))

/** As debug objects word it (lib/debugobjects.c). */
const odebug = (step: Step, what: string) => {
  const { id } = step.context
  const piece = pieceOf(step)
  const type = odebugType(step.context.kinds[piece]!, entryOf(step)?.delayed === true)
  return complain('warn', `ODEBUG: ${what} object type: ${type}`, { object: piece === '' ? id : piece })
}

/** Only what runs may still queue something; `then`: where it is when nothing is left. */
const draining = <Then extends string>(then: Then) =>
  ({
    meta: { defers: [{ type: 'TAKE', unless: 'mayStart' }] },
    on: {
      QUEUE: [
        { guard: 'isStranger', actions: ['cannotQueue', 'no'] },
        { guard: 'isPendingOrCancelled', actions: 'no' },
        { actions: ['queue', 'isQueued', 'yes'] },
      ],
      DELAY: [
        { guard: 'isStranger', actions: ['cannotQueue', 'no'] },
        { guard: 'isPendingOrCancelled', actions: 'no' },
        { actions: ['delay', 'isDelayed', 'yes'] },
      ],
      MODIFY: { actions: ['cannotQueue', 'no'] },
      DRAIN: { actions: 'drain' },
      DESTROY: { target: 'closing', actions: 'drain' },
      DONE: [{ guard: 'isLast', target: then, actions: 'finish' }, { actions: 'finish' }],
    },
  }) as const

export const deferred = setup({
  types: {
    context: {} as DeferredContext,
    events: {} as DeferredEvent,
    emitted: {} as Said,
    input: {} as DeferredInput,
    meta: {} as { readonly defers: Defers },
  },
  guards: {
    isShut: (step) => step.context.shut.includes(pieceOf(step)),
    hasNoJob: (step) => !(pieceOf(step) in step.context.jobs),
    isPending: (step) => entryOf(step) !== undefined,
    isPendingOrCancelled: (step) => entryOf(step) !== undefined || isCancelled(step),
    isCancelled,
    isRunning,
    isAhead: (step) => isRunning(step) || entryOf(step)?.delayed === false,
    isKnown: (step) => isRunning(step) || entryOf(step) !== undefined,
    isQuiet: ({ context }) => isQuiet(context),
    isLast: ({ context, event }) => {
      assertEvent(event, 'DONE')
      return isQuiet({ ...context, running: context.running.filter((each) => each !== event.piece) })
    },
    isStranger: ({ context: { workers }, event }) => !Object.values(workers).includes(event.task),
    /** There is room for it, and for all that was queued before. */
    mayStart: (step) => {
      const { pending, running, most = Infinity } = step.context
      const at = pending.findIndex(({ piece }) => piece === pieceOf(step))
      return at >= 0 && pending.slice(0, at).filter(({ delayed }) => !delayed).length < most - running.length
    },
  },
  actions: {
    init: assign(({ context: { jobs, shut }, event }) => {
      assertEvent(event, 'INIT')
      return { jobs: { ...jobs, [event.piece]: event.job }, shut: shut.filter((each) => each !== event.piece) }
    }),
    shut: assign(({ context: { shut }, event }) => {
      assertEvent(event, ['CANCEL', 'CANCEL_SYNC'])
      return event.shuts ? { shut: [...new Set([...shut, event.piece])].sort() } : {}
    }),
    queue: assign((step) => ({ pending: [...step.context.pending, { piece: pieceOf(step), delayed: false }] })),
    delay: assign((step) => ({
      pending: [...without(step.context.pending, pieceOf(step)), { piece: pieceOf(step), delayed: true }],
    })),
    expire: assign((step) => ({
      pending: step.context.pending.map((each) => (each.piece === pieceOf(step) ? { ...each, delayed: false } : each)),
    })),
    handOut: emit((step) => {
      const { call, local, in: id, life } = step.context.jobs[pieceOf(step)]!
      const args = local === undefined ? {} : { [local]: { id: id!, gen: life! } }
      return answer(step.event, 'WORK', { work: { call, args } })
    }),
    start: assign((step) => ({
      pending: without(step.context.pending, pieceOf(step)),
      running: [...step.context.running, pieceOf(step)].sort(),
    })),
    finish: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'DONE')
      const { piece } = event
      const running = context.running.filter((each) => each !== piece)
      const waiting = atMost(context.waiting, piece, (times) => times - 1)
      const after = { ...context, running }
      enqueue.emit(answer(event, 'ANSWER'))
      enqueue.assign({ running, waiting: waiting.filter((each) => !isServed(each, after)) })
      for (const each of waiting)
        if (isServed(each, after)) enqueue.emit(send(each.from, 'ANSWER', { task: each.task, value: each.value }))
    }),
    cancel: enqueueActions(({ context, event, enqueue }) => {
      const piece = pieceOf({ context, event })
      const waiting = atMost(context.waiting, piece, (times) =>
        Math.min(times, context.running.includes(piece) ? 1 : 0),
      )
      const after = { ...context, pending: without(context.pending, piece) }
      enqueue.assign({ pending: after.pending, waiting: waiting.filter((each) => !isServed(each, after)) })
      for (const each of waiting)
        if (isServed(each, after)) enqueue.emit(send(each.from, 'ANSWER', { task: each.task, value: each.value }))
    }),
    wait: assign((step) => {
      const { from, task } = step.event
      const piece = pieceOf(step)
      const times = { [piece]: ahead(step.context)[piece]! }
      return { waiting: [...step.context.waiting, { from, task, times, value: true }] }
    }),
    waitForAll: assign(({ context, event: { from, task } }) => ({
      waiting: [...context.waiting, { from, task, times: ahead(context), value: true }],
    })),
    drain: assign(({ context, event: { from, task } }) => ({
      waiting: [...context.waiting, { from, task, times: {}, drains: true as const, value: true }],
    })),
    /** Waits for what runs; what was pending is so no more. */
    waitCancelled: assign((step) => {
      const { from, task } = step.event
      const cancels = pieceOf(step)
      const value = entryOf(step) !== undefined
      return {
        pending: without(step.context.pending, cancels),
        waiting: [
          ...atMost(step.context.waiting, cancels, (times) => Math.min(times, 1)),
          { from, task, times: { [cancels]: 1 }, cancels, value },
        ],
      }
    }),
    isQueued: emit((step) =>
      note(pieceOf(step), step.context.kinds[pieceOf(step)] === 'timer_list' ? 'armed' : 'queued'),
    ),
    isDelayed: emit((step) => note(pieceOf(step), 'queued, after a time')),
    runs: emit((step) => note(pieceOf(step), 'runs')),
    yes: emit(({ event }) => answer(event, 'ANSWER', { value: true })),
    no: emit(({ event }) => answer(event, 'ANSWER', { value: false })),
    initActive: emit((step) => odebug(step, 'init active (active state 0)')),
    freeActive: emit((step) => odebug(step, 'free active (active state 0)')),
    notAvailable: emit((step) => odebug(step, 'activate not available (active state 0)')),
    cannotQueue: emit(({ context: { id } }) => complain('warn', `workqueue: cannot queue on wq ${id}`, { object: id })),
    goneAlready: emit(({ context: { id } }) => used(id, 'workqueue_struct', { site: '__queue_work', live: false })),
  },
}).createMachine({
  id: 'deferred',
  context: ({ input }) => ({ ...input, pending: [], running: [], waiting: [], shut: [] }),
  initial: 'ready',
  on: {
    INIT: [{ guard: 'isPending', actions: ['initActive', 'init', 'yes'] }, { actions: ['init', 'yes'] }],
    TAKE: { actions: ['handOut', 'start', 'runs'] },
    DONE: { actions: 'finish' },
    FLUSH: [{ guard: 'isAhead', actions: 'wait' }, { actions: 'no' }],
    FLUSH_DELAYED: [{ guard: 'isKnown', actions: ['expire', 'wait'] }, { actions: 'no' }],
    FLUSH_ALL: [{ guard: 'isQuiet', actions: 'no' }, { actions: 'waitForAll' }],
    CANCEL: [{ guard: 'isPending', actions: ['yes', 'cancel', 'shut'] }, { actions: ['no', 'shut'] }],
    CANCEL_SYNC: [
      { guard: 'isRunning', actions: ['waitCancelled', 'shut'] },
      { guard: 'isPending', actions: ['yes', 'cancel', 'shut'] },
      { actions: ['no', 'shut'] },
    ],
    IS_PENDING: [{ guard: 'isPending', actions: 'yes' }, { actions: 'no' }],
    FREED: [{ guard: 'isPending', actions: ['freeActive', 'yes'] }, { actions: 'no' }],
  },
  states: {
    ready: {
      meta: { defers: [{ type: 'TAKE', unless: 'mayStart' }] },
      on: {
        QUEUE: [
          { guard: 'isShut', actions: 'no' },
          { guard: 'hasNoJob', actions: ['notAvailable', 'no'] },
          { guard: 'isPendingOrCancelled', actions: 'no' },
          { actions: ['queue', 'isQueued', 'yes'] },
        ],
        DELAY: [
          { guard: 'hasNoJob', actions: ['notAvailable', 'no'] },
          { guard: 'isPendingOrCancelled', actions: 'no' },
          { actions: ['delay', 'isDelayed', 'yes'] },
        ],
        MODIFY: [
          { guard: 'hasNoJob', actions: ['notAvailable', 'no'] },
          { guard: 'isCancelled', actions: 'no' },
          { guard: 'isPending', actions: ['delay', 'yes'] },
          { actions: ['delay', 'no'] },
        ],
        DRAIN: [
          { guard: 'isQuiet', actions: 'no' },
          { target: 'draining', actions: 'drain' },
        ],
        DESTROY: [
          { guard: 'isQuiet', target: 'destroyed', actions: 'yes' },
          { target: 'closing', actions: 'drain' },
        ],
      },
    },
    draining: draining('ready'),
    closing: draining('destroyed'),
    destroyed: {
      meta: { defers: [{ type: 'TAKE', unless: 'mayStart' }] },
      on: {
        QUEUE: { actions: 'goneAlready' },
        DELAY: { actions: 'goneAlready' },
        MODIFY: { actions: 'goneAlready' },
        TAKE: { actions: 'goneAlready' },
      },
    },
  },
})
export const deferredFacts: LockFacts<DeferredContext> = {
  acquires: ['FLUSH', 'FLUSH_DELAYED', 'FLUSH_ALL', 'DRAIN', 'DESTROY', 'CANCEL_SYNC'],
  awaited: 'all',
  holders: ({ workers, running }) => ({ threads: running.map((piece) => workers[piece]!), exclusive: false }),
  endedBy,
  owes: ({ waiting }) => waiting.map(({ from }) => from),
}

/** What is done comes after who queued it, though it was queued already; who waits for it comes after it. */
export const deferredOrders = {
  releases: ['QUEUE', 'DELAY', 'MODIFY', 'DONE'],
  acquires: ['WORK', 'ANSWER'],
  relaxed: ['QUEUE', 'DELAY', 'MODIFY', 'DONE', 'INIT', 'FREED', 'CANCEL', 'IS_PENDING'],
} as const
