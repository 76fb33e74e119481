/**
 * A sequence count (include/linux/seqlock.h): readers take what they read for whole only if nobody has written meanwhile. The count is odd while
 * somebody writes; who begins to read waits until it is even.
 */
import { assign, emit, setup } from 'xstate'
import { complain, type Heard, type Said } from '../../say.ts'
import { answer } from '../answer.ts'
import type { Defers } from '../defers.ts'
import type { LockFacts } from './lock-facts.ts'

interface SeqcountContext {
  readonly id: string
  readonly sequence: number
  readonly writers: readonly string[]
}

type SeqcountEvent = Heard &
  (
    | { readonly type: 'READ_BEGIN' | 'RAW_READ' | 'WRITE_BEGIN' | 'WRITE_END' }
    | { readonly type: 'READ_RETRY'; readonly start: number }
  )

const hasChanged = ({ context: { sequence }, event }: { context: SeqcountContext; event: SeqcountEvent }): boolean =>
  event.type === 'READ_RETRY' && event.start !== sequence

export const seqcount = setup({
  types: {
    context: {} as SeqcountContext,
    events: {} as SeqcountEvent,
    emitted: {} as Said,
    input: {} as { readonly id: string },
    meta: {} as { readonly defers: Defers },
  },
  guards: {
    isEven: ({ context }) => context.sequence % 2 === 0,
    isWritten: ({ context }) => context.writers.length > 0,
    isWriter: ({ context, event }) => context.writers.includes(event.task),
  },
  actions: {
    begin: assign({
      sequence: ({ context }) => context.sequence + 1,
      writers: ({ context, event }) => [...context.writers, event.task].sort(),
    }),
    end: assign({
      sequence: ({ context }) => context.sequence + 1,
      writers: ({ context, event }) => context.writers.filter((each) => each !== event.task),
    }),
    tell: emit(({ context, event }) => answer(event, 'ANSWER', { value: context.sequence })),
    tellWhether: emit((step) => answer(step.event, 'ANSWER', { value: hasChanged(step) })),
    goOn: emit(({ event }) => answer(event, 'ANSWER')),
    twoWriters: emit(({ context: { id } }) =>
      complain('warn', `write_seqcount_begin of ${id} while another writes`, { object: id }),
    ),
    notAWriter: emit(({ context: { id } }) =>
      complain('warn', `write_seqcount_end of ${id} by a task that does not write`, { object: id }),
    ),
  },
}).createMachine({
  id: 'seqcount',
  context: ({ input: { id } }) => ({ id, sequence: 0, writers: [] }),
  initial: 'ready',
  states: {
    ready: {
      meta: { defers: [{ type: 'READ_BEGIN', unless: 'isEven' }] },
      on: {
        READ_BEGIN: { actions: 'tell' },
        RAW_READ: { actions: 'tell' },
        READ_RETRY: { actions: 'tellWhether' },
        WRITE_BEGIN: [{ guard: 'isWritten', actions: ['twoWriters', 'begin', 'goOn'] }, { actions: ['begin', 'goOn'] }],
        WRITE_END: [{ guard: 'isWriter', actions: ['end', 'goOn'] }, { actions: ['notAWriter', 'goOn'] }],
      },
    },
  },
})

/** Who begins to read waits for those who write. */
export const seqcountFacts: LockFacts<SeqcountContext> = {
  acquires: ['READ_BEGIN'],
  awaited: 'all',
  holders: ({ writers }) => ({ threads: [...new Set(writers)], exclusive: false }),
}
