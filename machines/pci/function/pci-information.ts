/** A call that asks what a function is. It takes no lock and changes nothing. */
import { assertEvent, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Heard, Said } from '../../say.ts'
import type { FunctionFacts } from './facts.ts'
import { informs } from './information.ts'

export interface InformationInput {
  readonly facts: FunctionFacts
  readonly about: keyof typeof informs
  readonly addsMsixVectors: boolean
}

type InformationEvent = Heard & { readonly type: 'CALL'; readonly argsz: number; readonly index?: number }

export const pciInformation = setup({
  types: {
    context: {} as InformationInput,
    events: {} as InformationEvent,
    emitted: {} as Said,
    input: {} as InformationInput,
  },
  actions: {
    inform: emit(({ context: { facts, about, addsMsixVectors }, event }) => {
      assertEvent(event, 'CALL')
      return answer(event, 'RETURN', informs[about](facts, { ...event, addsMsixVectors }))
    }),
  },
}).createMachine({
  id: 'pciInformation',
  context: ({ input: { facts, about, addsMsixVectors } }) => ({ facts, about, addsMsixVectors }),
  initial: 'idle',
  states: { idle: { on: { CALL: { actions: 'inform' } } } },
})
