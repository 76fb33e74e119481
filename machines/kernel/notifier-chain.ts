/**
 * The chain of a blocking_notifier_head: who is called, in the order they registered (equal priorities). Its users walk
 * and change it under the head's rwsem; type1's pin path looks only whether it is empty, and does so under iommu->lock
 * alone (v13, 4.10).
 *
 * Source: "[PATCH v13 11/22] vfio iommu: Add blocking notifier to notify DMA_UNMAP"; kernel/notifier.c for the order.
 * Left out: priorities, the event mask, a block registered twice (it stays once).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Heard, Said } from '../say.ts'
import { answer } from './answer.ts'

/** Notifier blocks and listed devices alike go by the name of their device. */
export type ListEvent =
  | (Heard & { readonly type: 'NEXT'; readonly after: string | null })
  | (Heard & { readonly type: 'IS_EMPTY' })
  | (Heard & { readonly type: 'ADD'; readonly nb: string })
  | (Heard & { readonly type: 'DELETE'; readonly nb: string })

export const nbOf = (event: ListEvent): string => {
  assertEvent(event, ['ADD', 'DELETE'])
  return event.nb
}

/** Whoever comes after `after`, or first. Nobody can have left meanwhile: walkers hold the list's lock. */
export const following = (list: readonly string[], event: ListEvent): string | null => {
  assertEvent(event, 'NEXT')
  return list[event.after === null ? 0 : list.indexOf(event.after) + 1] ?? null
}

export const notifierChain = setup({
  types: {
    context: {} as { readonly blocks: readonly string[] },
    events: {} as ListEvent,
    emitted: {} as Said,
    input: {} as { readonly blocks?: readonly string[] },
  },
  guards: {
    isListed: ({ context, event }) => context.blocks.includes(nbOf(event)),
  },
  actions: {
    add: assign({ blocks: ({ context, event }) => [...context.blocks, nbOf(event)] }),
    remove: assign({ blocks: ({ context, event }) => context.blocks.filter((nb) => nb !== nbOf(event)) }),
    next: emit(({ context, event }) => answer(event, 'NB', { nb: following(context.blocks, event) })),
    isEmpty: emit(({ context, event }) => answer(event, 'EMPTY', { empty: context.blocks.length === 0 })),
    added: emit(({ event }) => answer(event, 'ADDED')),
    deleted: emit(({ event }) => answer(event, 'DELETED', { ret: 0 })),
    notListed: emit(({ event }) => answer(event, 'DELETED', { ret: '-ENOENT' })),
  },
}).createMachine({
  id: 'notifierChain',
  context: ({ input }) => ({ blocks: input.blocks ?? [] }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        NEXT: { actions: 'next' },
        IS_EMPTY: { actions: 'isEmpty' },
        ADD: [{ guard: 'isListed', actions: 'added' }, { actions: ['add', 'added'] }],
        DELETE: [{ guard: 'isListed', actions: ['remove', 'deleted'] }, { actions: 'notListed' }],
      },
    },
  },
})
