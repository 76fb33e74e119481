/**
 * The chain of a blocking_notifier_head: who is called, in the order they registered (equal priorities). Its users walk
 * and change it under the head's rwsem; type1's pin path looks only whether it is empty, and does so under iommu->lock
 * alone (v13, 4.10). Those who walk an SRCU chain hold no lock: they say all the blocks they have been at, so that one that was deleted
 * meanwhile does not lead them astray.
 *
 * Source: "[PATCH v13 11/22] vfio iommu: Add blocking notifier to notify DMA_UNMAP"; kernel/notifier.c for the order.
 * Left out: priorities, the event mask, a block registered twice (it stays once), the next block being chosen before a callback begins (one
 * that was chosen is called even when it has been deleted since: as it is here when that happens just before the call).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Heard, Said } from '../../say.ts'
import { answer } from '../answer.ts'

/** Notifier blocks and listed devices alike go by the name of their device. */
export type ListEvent =
  | (Heard & { readonly type: 'NEXT'; readonly after: string | null | readonly string[] })
  | (Heard & { readonly type: 'IS_EMPTY' })
  | (Heard & { readonly type: 'ADD'; readonly nb: string })
  | (Heard & { readonly type: 'DELETE'; readonly nb: string })

export const nbOf = (event: ListEvent): string => {
  assertEvent(event, ['ADD', 'DELETE'])
  return event.nb
}

/**
 * Whoever comes after `after`, or first. A walker that holds the list's lock says where it is, and nobody can have left meanwhile; one that
 * holds none says where it has been.
 */
export const following = (list: readonly string[], event: ListEvent): string | null => {
  assertEvent(event, 'NEXT')
  const { after } = event
  if (after === null) return list[0] ?? null
  if (typeof after === 'string') return list[list.indexOf(after) + 1] ?? null
  return list.find((nb) => !after.includes(nb)) ?? null
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
