/**
 * A workqueue (schedule_work on system_wq): what is put there is done some time later, by a kworker, in the order in which it came. A piece
 * of work that lies in an object (`item`) is queued once, however often somebody asks, until a kworker takes it; unless it is made anew
 * (INIT_WORK) while it is queued, which debug objects complain about.
 *
 * Left out: several workers at once, delays, waiting for work that was queued (flush_work).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { complain, type Heard, type Said } from '../../say.ts'
import { answer } from '../answer.ts'
import { isSame, named, type Pointer } from '../heap/pointer.ts'

/** A call that the kworker will make: the full id of the call, which belongs to the kworker's thread. */
export interface Work {
  readonly call: string
  readonly args: Readonly<Record<string, unknown>>
}

interface Queued {
  readonly work: Work
  /** The object in which the work_struct lies. */
  readonly item?: Pointer
}

type WorkqueueEvent =
  | (Heard & { readonly type: 'QUEUE'; readonly work: Work; readonly item?: Pointer; readonly init?: boolean })
  /** The kworker's: it waits until there is something to do, and says when that is done. */
  | (Heard & { readonly type: 'TAKE' | 'DONE' })

const isActive = (list: readonly Queued[], event: WorkqueueEvent): boolean => {
  assertEvent(event, 'QUEUE')
  const { item } = event
  return item !== undefined && list.some((each) => each.item !== undefined && isSame(each.item, item))
}

const isMadeAnew = (event: WorkqueueEvent): boolean => {
  assertEvent(event, 'QUEUE')
  return event.init === true
}

export const workqueue = setup({
  types: {
    context: {} as { readonly list: readonly Queued[] },
    events: {} as WorkqueueEvent,
    emitted: {} as Said,
    meta: {} as { readonly defers: readonly string[] },
  },
  guards: {
    isActive: ({ context, event }) => isActive(context.list, event) && !isMadeAnew(event),
    isMadeAnewWhileActive: ({ context, event }) => isActive(context.list, event) && isMadeAnew(event),
    isLast: ({ context }) => context.list.length === 1,
  },
  actions: {
    append: assign(({ context, event }) => {
      assertEvent(event, 'QUEUE')
      const { work, item } = event
      return { list: [...context.list, { work, ...(item && { item }) }] }
    }),
    queued: emit(({ event }) => answer(event, 'QUEUED', { queued: true })),
    queuedTwice: emit(({ event }) => answer(event, 'QUEUED', { queued: true, twice: true })),
    notQueued: emit(({ event }) => answer(event, 'QUEUED', { queued: false })),
    madeAnew: emit(({ event }) => {
      assertEvent(event, 'QUEUE')
      return complain('warn', 'ODEBUG: init active work_struct', { object: named(event.item!) })
    }),
    handOut: emit(({ context, event }) => answer(event, 'WORK', { work: context.list[0]!.work })),
    goOn: emit(({ event }) => answer(event, 'ANSWER')),
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
        QUEUE: [
          { guard: 'isActive', actions: 'notQueued' },
          { guard: 'isMadeAnewWhileActive', actions: ['madeAnew', 'append', 'queuedTwice'] },
          { actions: ['append', 'queued'] },
        ],
        TAKE: [
          { guard: 'isLast', target: 'handed out', actions: ['handOut', 'shorten'] },
          { actions: ['handOut', 'shorten'] },
        ],
        DONE: { actions: 'goOn' },
      },
    },
    'handed out': {
      meta: { defers: ['TAKE'] },
      on: {
        QUEUE: { target: 'loaded', actions: ['append', 'queued'] },
        DONE: { target: 'empty', actions: 'goOn' },
      },
    },
  },
})
