/**
 * What one user has locked, through whichever of his processes (struct user_struct, locked_vm). It outlives all of them.
 *
 * Source: incr_user_locked_vm, decr_user_locked_vm (drivers/iommu/iommufd/pages.c, 6.2 to 7.x). Atomic: no lock.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../kernel/answer.ts'
import type { Heard, Said } from '../say.ts'

type UserAccountContext = { readonly locked: number }
/** `limit` is that of the process: each looks at the one count with a limit of its own. */
type UserAccountEvent = Heard & { readonly type: 'ACCOUNT'; readonly pages: number; readonly limit: number | null }

export const userAccount = setup({
  types: {
    context: {} as UserAccountContext,
    events: {} as UserAccountEvent,
    emitted: {} as Said,
    input: {} as Readonly<Record<string, never>>,
  },
  guards: {
    isTooMuch: ({ context, event }) =>
      event.pages > 0 && event.limit !== null && context.locked + event.pages > event.limit,
  },
  actions: {
    account: assign(({ context, event }) => {
      assertEvent(event, 'ACCOUNT')
      return { locked: context.locked + event.pages }
    }),
    accounted: emit(({ event }, { ret }: { ret: 0 | string }) => answer(event, 'ACCOUNTED', { ret })),
  },
}).createMachine({
  id: 'userAccount',
  context: { locked: 0 },
  initial: 'ready',
  states: {
    ready: {
      on: {
        ACCOUNT: [
          { guard: 'isTooMuch', actions: { type: 'accounted', params: { ret: '-ENOMEM' } } },
          { actions: ['account', { type: 'accounted', params: { ret: 0 } }] },
        ],
      },
    },
  },
})
