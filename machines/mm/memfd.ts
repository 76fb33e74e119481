/**
 * Memory that is a file without a name (memfd_create): whoever has its descriptor can have its pages, up to its end.
 *
 * Source: memfd_pin_folios (mm/gup.c, 6.11 to 7.x), shmem_setattr. Left out: seals; pages of several kinds; mapping it into a process.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../kernel/answer.ts'
import type { Heard, Said } from '../say.ts'
import { pageSize } from './extent.ts'

interface MemfdContext {
  readonly id: string
  /** Up to its end. */
  readonly pages: number
}

type MemfdEvent =
  | (Heard & { readonly type: 'PIN'; readonly first: number; readonly pages: number })
  | (Heard & { readonly type: 'TRUNCATE'; readonly len: bigint })

export const pagesIn = (len: bigint): number => Number((len + pageSize - 1n) / pageSize)

export const memfd = setup({
  types: {
    context: {} as MemfdContext,
    events: {} as MemfdEvent,
    emitted: {} as Said,
    input: {} as MemfdContext,
  },
  guards: {
    isBeyond: ({ context, event }) => event.type === 'PIN' && event.first + event.pages > context.pages,
  },
  actions: {
    pinned: emit(({ context: { id }, event }) => {
      assertEvent(event, 'PIN')
      const { first, pages } = event
      return answer(event, 'PINNED', { ret: 0, extents: [{ in: id, n: first, pages }] })
    }),
    notPinned: emit(({ event }) => answer(event, 'PINNED', { ret: '-EINVAL', extents: [] })),
    truncate: assign(({ event }) => {
      assertEvent(event, 'TRUNCATE')
      return { pages: pagesIn(event.len) }
    }),
    truncated: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
  },
}).createMachine({
  id: 'memfd',
  context: ({ input: { id, pages } }) => ({ id, pages }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        PIN: [{ guard: 'isBeyond', actions: 'notPinned' }, { actions: 'pinned' }],
        TRUNCATE: { actions: ['truncate', 'truncated'] },
      },
    },
  },
})
