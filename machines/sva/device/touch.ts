/**
 * The device touches a page of the address space that a PASID stands for. What is not in it asks for (PRI), in one page request group, and
 * the engine goes on with other things: once the response has come this is tried again, and then it is there or it has failed.
 *
 * A group whose request found the queue full is over at once: the IOMMU answers it. Whether the device asks for another page after that
 * makes no difference to anybody; it does not.
 *
 * Source: PCI Express ATS and PRI; Intel VT-d for the response to what overflowed.
 * Left out: asking again after a failure, permissions.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { named, type Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { Access, EngineItem } from './device.ts'

export interface TouchInput {
  readonly task: string
  readonly at: {
    readonly translation: string
    readonly device: string
    /** The page request queue. */
    readonly queue: string
  }
}

type TouchContext = TouchInput & {
  readonly caller: string | null
  readonly item: EngineItem | null
  /** What translates the PASID when the page is not in. */
  readonly mm: Pointer | null
  /** How many pages have been asked for. */
  readonly asked: number
  readonly access: Access | null
}

type TouchEvent =
  | (Heard & EngineItem & { readonly type: 'CALL' })
  | (Heard & {
      readonly type: 'ANSWER'
      readonly ret: 0 | 'hit' | 'miss' | 'abort' | 'queued' | 'overflow'
      readonly mm?: Pointer | null
      readonly unbound?: boolean
    })

const start = ({ task, at }: TouchInput): TouchContext => ({
  ...{ task, at },
  ...{ caller: null, item: null, mm: null, asked: 0, access: null },
})

const begun = ({ from, device, kind, pasid, mm, prgi, pages, retry }: Heard & EngineItem) => ({
  caller: from,
  item: { device, kind, pasid, mm, prgi, pages, retry },
})

/** What the device saw of an access that reached nobody. */
const missed = ({ item }: TouchContext, ret: Access['ret']): Access => ({
  ...{ ret, pasid: item!.pasid, meant: named(item!.mm!) },
  ...{ mm: null, unbound: false },
})

export const touch = setup({
  types: {
    context: {} as TouchContext,
    events: {} as TouchEvent,
    emitted: {} as Said,
    input: {} as TouchInput,
  },
  guards: {
    isMiss: ({ event }) => event.type === 'ANSWER' && event.ret === 'miss',
    /** The page was asked for already. */
    isMissAgain: ({ context, event }) => event.type === 'ANSWER' && event.ret === 'miss' && context.item!.retry,
    isLost: ({ event }) => event.type === 'ANSWER' && event.ret === 'overflow',
    isAsked: ({ context }) => context.asked + 1 === context.item!.pages,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return begun(event)
    }),
    translate: emit(({ context: { at, task, item } }) =>
      send(at.translation, 'TRANSLATE', { task, device: item!.device, pasid: item!.pasid }),
    ),
    keepAccess: assign(({ context, event }) => {
      assertEvent(event, 'ANSWER')
      const { ret, mm, unbound } = event
      if (ret !== 'hit') return { access: missed(context, 'abort') }
      return { access: { ...missed(context, 'hit'), mm: named(mm!), unbound: unbound! } }
    }),
    keepFailure: assign(({ context }) => ({ access: missed(context, 'failure') })),
    keepOverflow: assign(({ context }) => ({ access: missed(context, 'overflow') })),
    keepMm: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { mm: event.mm! }
    }),
    sent: emit(({ context: { at, task, item } }) =>
      send(at.device, 'SENT', { task, pasid: item!.pasid, prgi: item!.prgi }),
    ),
    request: emit(({ context: { at, task, item, mm, asked } }) => {
      const { device, pasid, prgi, pages } = item!
      return send(at.queue, 'REQUEST', { task, device, pasid, prgi, last: asked + 1 === pages, meant: mm })
    }),
    count: assign({ asked: ({ context }) => context.asked + 1 }),
    fail: emit(({ context: { at, task, item, mm } }) => {
      const { pasid, prgi } = item!
      return send(at.device, 'RESPONSE', { task, pasid, prgi, ret: 'failure', meant: mm, by: null })
    }),
    record: emit(({ context: { at, task, access } }) => send(at.device, 'RECORD', { task, access })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    /** What was asked for is over: runs that differ only in that become one. */
    conclude: assign(({ context }) => ({ ...start(context), caller: context.caller })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'touch',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'translating', actions: 'begin' } } },
    translating: {
      entry: 'translate',
      on: {
        ANSWER: [
          { guard: 'isMissAgain', target: 'recording', actions: 'keepFailure' },
          { guard: 'isMiss', target: 'sending', actions: 'keepMm' },
          { target: 'recording', actions: 'keepAccess' },
        ],
      },
    },
    sending: { entry: 'sent', on: { ANSWER: 'requesting' } },
    requesting: {
      entry: 'request',
      on: {
        ANSWER: [
          { guard: 'isLost', target: 'failing', actions: 'keepOverflow' },
          { guard: 'isAsked', target: 'idle', actions: ['finish', 'reset'] },
          { target: 'requesting', actions: 'count', reenter: true },
        ],
      },
    },
    failing: { entry: 'fail', on: { ANSWER: 'recording' } },
    recording: { entry: ['record', 'conclude'], on: { ANSWER: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
