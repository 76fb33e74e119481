/**
 * Binding where system or device do not support shared virtual memory: there is nothing to bind with.
 *
 * Source: "[RFC PATCH 29/30] vfio: Add support for Shared Virtual Memory" (Feb 2017), the flag in VFIO_DEVICE_GET_INFO; which errno is not in the
 * mail: -ENODEV is a reading of ours.
 */
import { emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Heard, Said } from '../../say.ts'

export const noSvm = setup({
  types: {
    events: {} as Heard & { readonly type: 'CALL' },
    emitted: {} as Said,
  },
  actions: {
    refuse: emit(({ event }) => answer(event, 'RETURN', { ret: '-ENODEV' })),
  },
}).createMachine({
  id: 'noSvm',
  initial: 'idle',
  states: { idle: { on: { CALL: { actions: 'refuse' } } } },
})
