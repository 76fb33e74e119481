/**
 * The page request queue: what devices ask for by PRI lies here, in the order in which it came, until the queue's own thread has handled
 * it. Stop markers come the same way, so that what is behind one is of another use of its PASID.
 *
 * There is room for so many entries; what does not fit is lost, which is no failure of whoever sent it. Software that mends this is told
 * by an entry behind everything that was not lost (`overflow`). As long as that is queued or handled nothing more comes in, as VT-d keeps
 * it until software has cleared its overflow bit: no marker may come behind the one entry after which nobody waits for markers.
 *
 * Whoever drains the queue waits until nothing is queued or handled.
 *
 * Source: PCI Express PRI, Intel VT-d (page request queue, PRO); "[RFC PATCH 29/30] vfio: Add support for Shared Virtual Memory" (Feb
 * 2017) with the rest of its series.
 * Left out: addresses and permissions, a drain that does not wait for what came after it, one queue for each IOMMU, the response that the
 * IOMMU itself gives to what it lost (touch.ts gives it).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { note, type Heard, type Said } from '../../say.ts'

export interface PageRequestQueueInput {
  /** The call that handles an entry, of the queue's thread. */
  readonly handler: string
  /** How many entries there is room for. */
  readonly depth: number
  readonly mendsOverflow: boolean
}

interface Arrived {
  readonly device: string
  readonly pasid: number
  /** Whose memory was meant: nobody's but the story's. */
  readonly meant: Pointer | null
}

type Request = Arrived & {
  /** Which page request group, and whether it ends here. */
  readonly prgi: number
  readonly last: boolean
}

export type QueueEntry =
  | (Request & { readonly kind: 'request' })
  | (Arrived & { readonly kind: 'marker' })
  | { readonly kind: 'overflow' }

type PageRequestQueueContext = PageRequestQueueInput & {
  readonly list: readonly QueueEntry[]
  /** The one that is handled. */
  readonly out: QueueEntry | null
}

type PageRequestQueueEvent =
  | (Heard & Request & { readonly type: 'REQUEST' })
  | (Heard & Arrived & { readonly type: 'MARKER' })
  /** The thread's: it waits until there is something to do, and says when that is done. */
  | (Heard & { readonly type: 'TAKE' | 'DONE' })
  | (Heard & { readonly type: 'DRAIN' })

const entryOf = (event: PageRequestQueueEvent): QueueEntry => {
  assertEvent(event, ['REQUEST', 'MARKER'])
  const { device, pasid, meant } = event
  if (event.type === 'MARKER') return { kind: 'marker', device, pasid, meant }
  return { kind: 'request', device, pasid, prgi: event.prgi, last: event.last, meant }
}

const isOverflow = ({ kind }: QueueEntry): boolean => kind === 'overflow'

/** The overflow entry takes no room of the others: it is a bit of the hardware's. */
const isFull = ({ list, depth }: PageRequestQueueContext): boolean => list.length >= depth || list.some(isOverflow)

export const pageRequestQueue = setup({
  types: {
    context: {} as PageRequestQueueContext,
    events: {} as PageRequestQueueEvent,
    emitted: {} as Said,
    input: {} as PageRequestQueueInput,
    meta: {} as { readonly defers: readonly string[] },
  },
  guards: {
    isFull: ({ context }) => isFull(context),
    isOverflowNext: ({ context }) => isOverflow(context.list[0]!),
    isEmpty: ({ context }) => context.list.length === 0,
  },
  actions: {
    append: assign(({ context, event }) => ({ list: [...context.list, entryOf(event)] })),
    queued: emit(({ event }) => answer(event, 'ANSWER', { ret: 'queued' })),
    /** Once, until it is taken. */
    setOverflow: assign(({ context: { list, mendsOverflow } }) =>
      mendsOverflow && !list.some(isOverflow) ? { list: [...list, { kind: 'overflow' as const }] } : {},
    ),
    lost: emit(({ event }) => {
      assertEvent(event, ['REQUEST', 'MARKER'])
      const what = event.type === 'MARKER' ? 'stop marker' : 'page request'
      return note(event.device, `${what} of PASID ${event.pasid} lost`)
    }),
    overflowed: emit(({ event }) => answer(event, 'ANSWER', { ret: 'overflow' })),
    handOut: emit(({ context: { handler, list }, event }) =>
      answer(event, 'WORK', { work: { call: handler, args: list[0]! } }),
    ),
    takeOut: assign(({ context }) => ({ out: context.list[0]!, list: context.list.slice(1) })),
    forget: assign({ out: null }),
    goOn: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
  },
}).createMachine({
  id: 'pageRequestQueue',
  context: ({ input: { handler, depth, mendsOverflow } }) => ({ handler, depth, mendsOverflow, list: [], out: null }),
  initial: 'empty',
  states: {
    empty: {
      meta: { defers: ['TAKE'] },
      on: {
        REQUEST: { target: 'loaded', actions: ['append', 'queued'] },
        MARKER: { target: 'loaded', actions: ['append', 'queued'] },
        DRAIN: { actions: 'goOn' },
      },
    },
    loaded: {
      meta: { defers: ['DRAIN'] },
      on: {
        REQUEST: [
          { guard: 'isFull', actions: ['lost', 'setOverflow', 'overflowed'] },
          { actions: ['append', 'queued'] },
        ],
        MARKER: [
          { guard: 'isFull', actions: ['lost', 'setOverflow', 'overflowed'] },
          { actions: ['append', 'queued'] },
        ],
        TAKE: [
          { guard: 'isOverflowNext', target: 'mending', actions: ['handOut', 'takeOut'] },
          { target: 'handed out', actions: ['handOut', 'takeOut'] },
        ],
      },
    },
    'handed out': {
      meta: { defers: ['DRAIN'] },
      on: {
        REQUEST: [
          { guard: 'isFull', actions: ['lost', 'setOverflow', 'overflowed'] },
          { actions: ['append', 'queued'] },
        ],
        MARKER: [
          { guard: 'isFull', actions: ['lost', 'setOverflow', 'overflowed'] },
          { actions: ['append', 'queued'] },
        ],
        DONE: [
          { guard: 'isEmpty', target: 'empty', actions: ['forget', 'goOn'] },
          { target: 'loaded', actions: ['forget', 'goOn'] },
        ],
      },
    },
    /** The overflow entry is handled. */
    mending: {
      meta: { defers: ['DRAIN'] },
      on: {
        REQUEST: { actions: ['lost', 'setOverflow', 'overflowed'] },
        MARKER: { actions: ['lost', 'setOverflow', 'overflowed'] },
        DONE: [
          { guard: 'isEmpty', target: 'empty', actions: ['forget', 'goOn'] },
          { target: 'loaded', actions: ['forget', 'goOn'] },
        ],
      },
    },
  },
})
