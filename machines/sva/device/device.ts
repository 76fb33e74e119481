/**
 * A device that works on the address spaces of processes: what it was given to do, one after the other, each with the PASID that whoever
 * gave it has. Its engine, a thread of its own, takes an item, does it and says when that is done; the page request groups that it sends
 * are under way until their response comes, and then what needed the page is tried again, once.
 *
 * How it stops using a PASID (the "implementation-defined mechanism" of the mail):
 *
 *   STOP        what is queued of the PASID is dropped, what is under way is not tried again, and a stop marker will follow: `flushed`.
 *               Told again before it was given more to do, it sends no second one: `clean`, once the first has left and nothing of the PASID is under way. This waits until
 *               nothing is handed out, for then nothing is on its way.
 *   STOP_CLEAN  waits until nothing is queued, handed out or under way: `clean`.
 *
 * What became of every access, and which address space served which request, is kept for the story. It names address spaces and does not
 * point to them: nothing is kept alive by being remembered.
 *
 * Source: "[RFC PATCH 29/30] vfio: Add support for Shared Virtual Memory" (Feb 2017), PCI Express PRI (page request groups, stop markers).
 * Left out: more than one engine, several groups for one access, a stop that waits only for its own PASID, devices that give up waiting
 * for a response.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { named, type Pointer } from '../../kernel/heap/pointer.ts'
import { complain, note, type Heard, type Said } from '../../say.ts'

export interface DeviceInput {
  readonly device: string
  /** What the engine does: calls of its thread. */
  readonly calls: { readonly touch: string; readonly marker: string; readonly walk: string }
}

/** Something for the engine to do. */
export interface Item {
  readonly kind: 'touch' | 'walk' | 'marker'
  readonly pasid: number
  /** Whose memory is meant; of a stop marker, whose use of the PASID ends. */
  readonly mm: Pointer | null
  /** How many pages one group asks for, if it comes to that. */
  readonly pages: 1 | 2
  readonly retry: boolean
}

/** As the engine gets it. */
export type EngineItem = Item & {
  readonly device: string
  /** The page request group that is free for it. */
  readonly prgi: number
}

/** What became of an access. */
export interface Access {
  readonly ret: 'hit' | 'abort' | 'overflow' | 'failure' | 'denied'
  readonly pasid: number
  /** Whose memory was meant, and whose it was: `mm0#1`. */
  readonly meant: string
  readonly mm: string | null
  /** The unbind of the address space that was reached had been answered. */
  readonly unbound: boolean
}

/** Whose memory a page request meant, and whose page came. */
export interface Served {
  readonly meant: string | null
  readonly by: string
}

/** A page request group that waits for its response, and what is tried again after it. */
interface Group {
  readonly pasid: number
  readonly prgi: number
  readonly again: Item | null
}

type DeviceContext = DeviceInput & {
  readonly queue: readonly Item[]
  /** Handed out to the engine. */
  readonly out: Item | null
  /** Under way, in the order of their numbers. */
  readonly groups: readonly Group[]
  /** PASIDs that it was told to stop using. */
  readonly stopped: readonly number[]
  readonly accesses: readonly Access[]
  readonly served: readonly Served[]
}

type DeviceEvent =
  | (Heard & {
      readonly type: 'SUBMIT'
      readonly pasid: number
      readonly mm: Pointer
      readonly pages?: 1 | 2
      readonly kernel?: boolean
    })
  | (Heard & { readonly type: 'TAKE' | 'DONE' })
  /** The engine's: a group is under way; what became of an access. */
  | (Heard & { readonly type: 'SENT'; readonly pasid: number; readonly prgi: number })
  | (Heard & { readonly type: 'RECORD'; readonly access: Access })
  | (Heard & {
      readonly type: 'RESPONSE'
      readonly pasid: number
      readonly prgi: number
      readonly ret: 'success' | 'invalid' | 'failure'
      readonly meant: Pointer | null
      readonly by: Pointer | null
    })
  | (Heard & { readonly type: 'STOP'; readonly pasid: number; readonly mm?: Pointer | null })
  | (Heard & { readonly type: 'STOP_CLEAN'; readonly pasid: number })

interface Step {
  readonly context: DeviceContext
  readonly event: DeviceEvent
}

const waitingGroup = ({ context, event }: Step): Group | undefined => {
  assertEvent(event, 'RESPONSE')
  const { pasid, prgi } = event
  return context.groups.find((group) => group.pasid === pasid && group.prgi === prgi)
}

/** The lowest number that no group under way has. */
const freeGroup = ({ groups }: DeviceContext): number => {
  const numbers = groups.map(({ prgi }) => prgi)
  return Array.from({ length: groups.length + 1 }, (_, number) => number).find((each) => !numbers.includes(each))!
}

export const device = setup({
  types: {
    context: {} as DeviceContext,
    events: {} as DeviceEvent,
    emitted: {} as Said,
    input: {} as DeviceInput,
    meta: {} as { readonly defers: readonly string[] },
  },
  guards: {
    isQueued: ({ context }) => context.queue.length > 0,
    isUnderWay: ({ context }) => context.groups.length > 0,
    willSendMarker: ({ context, event }) => {
      assertEvent(event, 'STOP')
      const { stopped, queue, groups } = context
      const isOf = ({ pasid }: { readonly pasid: number }) => pasid === event.pasid
      return (
        stopped.includes(event.pasid) &&
        (queue.some((item) => item.kind === 'marker' && isOf(item)) || groups.some(isOf))
      )
    },
    hasStopped: ({ context, event }) => {
      assertEvent(event, 'STOP')
      return context.stopped.includes(event.pasid)
    },
    isAwaited: (step) => waitingGroup(step) !== undefined,
  },
  actions: {
    append: assign(({ context, event }) => {
      assertEvent(event, 'SUBMIT')
      const { pasid, mm, pages = 1, kernel = false } = event
      const item: Item = { kind: kernel ? 'walk' : 'touch', pasid, mm, pages, retry: false }
      return { queue: [...context.queue, item], stopped: context.stopped.filter((each) => each !== pasid) }
    }),
    handOut: emit(({ context, event }) => {
      const { device, calls, queue } = context
      const args: EngineItem = { ...queue[0]!, device, prgi: freeGroup(context) }
      return answer(event, 'WORK', { work: { call: calls[args.kind], args } })
    }),
    takeOut: assign(({ context }) => ({ out: context.queue[0]!, queue: context.queue.slice(1) })),
    takeBack: assign({ out: null }),
    sent: assign(({ context: { groups, out }, event }) => {
      assertEvent(event, 'SENT')
      const group: Group = { pasid: event.pasid, prgi: event.prgi, again: { ...out!, retry: true } }
      return { groups: [...groups, group].sort((one, other) => one.prgi - other.prgi) }
    }),
    record: assign(({ context, event }) => {
      assertEvent(event, 'RECORD')
      return { accesses: [...context.accesses, event.access] }
    }),
    tellOfAccess: emit(({ context, event }) => {
      assertEvent(event, 'RECORD')
      const { ret, pasid, meant, mm } = event.access
      return note(context.device, `PASID ${pasid}: ${ret}${mm === null ? '' : ` of ${mm}`}, ${meant} meant`)
    }),

    keepServed: assign(({ context: { served }, event }) => {
      assertEvent(event, 'RESPONSE')
      const { meant, by } = event
      return by === null ? {} : { served: [...served, { meant: meant && named(meant), by: named(by) }] }
    }),
    /** What the group was sent for is tried again if that makes sense. */
    arrive: assign((step) => {
      const group = waitingGroup(step)!
      const { groups, queue } = step.context
      assertEvent(step.event, 'RESPONSE')
      const tried = step.event.ret === 'success' && group.again !== null ? [group.again] : []
      return { groups: groups.filter((each) => each !== group), queue: [...queue, ...tried] }
    }),
    notAwaited: emit(({ context, event }) => {
      assertEvent(event, 'RESPONSE')
      const detail = `group ${event.prgi} of PASID ${event.pasid}`
      return complain('warn', 'page response that nobody waits for', { object: context.device, detail })
    }),

    stop: assign(({ context: { queue, groups, stopped }, event }) => {
      assertEvent(event, 'STOP')
      const { pasid, mm = null } = event
      const marker: Item = { kind: 'marker', pasid, mm, pages: 1, retry: false }
      return {
        queue: [...queue.filter((item) => item.pasid !== pasid), marker],
        groups: groups.map((group) => (group.pasid === pasid ? { ...group, again: null } : group)),
        stopped: [...stopped, pasid].sort((one, other) => one - other),
      }
    }),
    flushed: emit(({ event }) => answer(event, 'ANSWER', { ret: 'flushed' })),
    clean: emit(({ event }) => answer(event, 'ANSWER', { ret: 'clean' })),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
  },
}).createMachine({
  id: 'device',
  context: ({ input: { device, calls } }) => ({
    ...{ device, calls },
    ...{ queue: [], out: null, groups: [], stopped: [], accesses: [], served: [] },
  }),
  initial: 'quiet',
  states: {
    /** Nothing is queued, handed out or under way. */
    quiet: {
      meta: { defers: ['TAKE'] },
      on: {
        SUBMIT: { target: 'ready', actions: ['append', 'done'] },
        RESPONSE: { actions: ['notAwaited', 'keepServed', 'done'] },
        STOP: [
          { guard: 'hasStopped', actions: 'clean' },
          { target: 'ready', actions: ['stop', 'flushed'] },
        ],
        STOP_CLEAN: { actions: 'clean' },
      },
    },
    /** Something is queued. */
    ready: {
      meta: { defers: ['STOP_CLEAN'] },
      on: {
        SUBMIT: { actions: ['append', 'done'] },
        TAKE: { target: 'working', actions: ['handOut', 'takeOut'] },
        RESPONSE: [
          { guard: 'isAwaited', actions: ['arrive', 'keepServed', 'done'] },
          { actions: ['notAwaited', 'keepServed', 'done'] },
        ],
        STOP: [
          { guard: 'willSendMarker', actions: 'flushed' },
          { guard: 'hasStopped', actions: 'clean' },
          { actions: ['stop', 'flushed'] },
        ],
      },
    },
    /** The engine has an item. */
    working: {
      meta: { defers: ['STOP', 'STOP_CLEAN'] },
      on: {
        SUBMIT: { actions: ['append', 'done'] },
        SENT: { actions: ['sent', 'done'] },
        RECORD: { actions: ['record', 'tellOfAccess', 'done'] },
        RESPONSE: [
          { guard: 'isAwaited', actions: ['arrive', 'keepServed', 'done'] },
          { actions: ['notAwaited', 'keepServed', 'done'] },
        ],
        DONE: { target: 'turning', actions: ['takeBack', 'done'] },
      },
    },
    /** Something is under way, and nothing else to do. */
    waiting: {
      meta: { defers: ['TAKE', 'STOP_CLEAN'] },
      on: {
        SUBMIT: { target: 'ready', actions: ['append', 'done'] },
        RESPONSE: [
          { guard: 'isAwaited', target: 'turning', actions: ['arrive', 'keepServed', 'done'] },
          { actions: ['notAwaited', 'keepServed', 'done'] },
        ],
        STOP: [
          { guard: 'willSendMarker', actions: 'flushed' },
          { guard: 'hasStopped', actions: 'clean' },
          { target: 'ready', actions: ['stop', 'flushed'] },
        ],
      },
    },
    turning: {
      always: [{ guard: 'isQueued', target: 'ready' }, { guard: 'isUnderWay', target: 'waiting' }, { target: 'quiet' }],
    },
  },
})
