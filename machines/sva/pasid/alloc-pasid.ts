/**
 * A PASID for an address space: the lowest that is free. Called with the core's lock held.
 *
 * Source: iommu_bind_task of the series of 2017 (an IDR), iommu_alloc_global_pasid (an IDA).
 * Left out: a maximum that differs from device to device (-EOVERFLOW).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface AllocPasidInput {
  readonly task: string
  /** In their order. */
  readonly at: { readonly pasids: readonly string[] }
}

type AllocPasidContext = AllocPasidInput & {
  readonly caller: string | null
  readonly mm: Pointer | null
  /** Which PASID is asked. */
  readonly index: number
}

type AllocPasidEvent =
  | (Heard & { readonly type: 'CALL'; readonly mm: Pointer })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: 0 | string; readonly pasid?: number })

const start = ({ task, at }: AllocPasidInput): AllocPasidContext => ({
  ...{ task, at },
  ...{ caller: null, mm: null, index: 0 },
})

export const allocPasid = setup({
  types: {
    context: {} as AllocPasidContext,
    events: {} as AllocPasidEvent,
    emitted: {} as Said,
    input: {} as AllocPasidInput,
  },
  guards: {
    noneLeft: ({ context: { at, index } }) => index === at.pasids.length,
    isGiven: ({ event }) => event.type === 'ANSWER' && event.ret === 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, mm: event.mm }
    }),
    ask: emit(({ context: { at, task, index, mm } }) => send(at.pasids[index]!, 'ALLOC', { task, mm })),
    next: assign({ index: ({ context }) => context.index + 1 }),
    finish: emit(({ context: { caller, task }, event }) => {
      assertEvent(event, 'ANSWER')
      return send(caller!, 'RETURN', { task, ret: 0, pasid: event.pasid })
    }),
    noSpace: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: '-ENOSPC' })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'allocPasid',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'looking', actions: 'begin' } } },
    looking: {
      always: [{ guard: 'noneLeft', target: 'idle', actions: ['noSpace', 'reset'] }, { target: 'asking' }],
    },
    asking: {
      entry: 'ask',
      on: {
        ANSWER: [
          { guard: 'isGiven', target: 'idle', actions: ['finish', 'reset'] },
          { target: 'looking', actions: 'next' },
        ],
      },
    },
  },
})
