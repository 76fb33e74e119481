/** VFIO_GET_API_VERSION: 0 for as long as VFIO has been there. It does not look at the container. */
import { emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Heard, Said } from '../../say.ts'

const VFIO_API_VERSION = 0

export const apiVersion = setup({
  types: { events: {} as Heard & { readonly type: 'CALL' }, emitted: {} as Said },
  actions: {
    finish: emit(({ event }) => answer(event, 'RETURN', { ret: VFIO_API_VERSION })),
  },
}).createMachine({
  id: 'apiVersion',
  initial: 'idle',
  states: { idle: { on: { CALL: { actions: 'finish' } } } },
})
