/**
 * iommu->device_list: the emulated devices that want to hear of unmaps, newest first. Changed under iommu->lock and
 * iommu->device_list_lock, walked under device_list_lock, asked whether it is empty under iommu->lock alone.
 *
 * Source: 8cfc5b60751b "vfio: Replace the iommu notifier with a device list" (6.0); the order was observed on 6.1.
 * Left out: a device that is added twice (it stays where it is).
 */
import { assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { following, nbOf, type ListEvent } from '../../kernel/lists/notifier-chain.ts'
import type { Said } from '../../say.ts'

export const devices = setup({
  types: {
    context: {} as { readonly devices: readonly string[] },
    events: {} as ListEvent,
    emitted: {} as Said,
    /** `devices` in the order they are walked. */
    input: {} as { readonly devices?: readonly string[] },
  },
  guards: {
    isListed: ({ context, event }) => context.devices.includes(nbOf(event)),
  },
  actions: {
    add: assign({ devices: ({ context, event }) => [nbOf(event), ...context.devices] }),
    remove: assign({ devices: ({ context, event }) => context.devices.filter((nb) => nb !== nbOf(event)) }),
    next: emit(({ context, event }) => answer(event, 'NB', { nb: following(context.devices, event) })),
    isEmpty: emit(({ context, event }) => answer(event, 'EMPTY', { empty: context.devices.length === 0 })),
    added: emit(({ event }) => answer(event, 'ADDED')),
    deleted: emit(({ event }) => answer(event, 'DELETED', { ret: 0 })),
    notListed: emit(({ event }) => answer(event, 'DELETED', { ret: '-ENOENT' })),
  },
}).createMachine({
  id: 'devices',
  context: ({ input }) => ({ devices: input.devices ?? [] }),
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
