/** What runs when an interrupt comes: its handler, or the thread that does the rest (request_threaded_irq). Either waits for the processor to say so. */
import { assertEvent, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { sectionOfHandler, type Half } from './processor.ts'

interface IrqHandlerInput {
  readonly task: string
  readonly irq: string
  readonly half: Half
  readonly processor: string
  /** Id of the procedure, and the context it is called in. */
  readonly call: string
  readonly in: object
}

type IrqHandlerEvent = Heard & ({ readonly type: 'HANDLE' | 'OK' } | { readonly type: 'RETURN'; readonly ret: unknown })

export const irqHandler = setup({
  types: {
    context: {} as IrqHandlerInput,
    events: {} as IrqHandlerEvent,
    emitted: {} as Said,
    input: {} as IrqHandlerInput,
  },
  actions: {
    call: emit(({ context: { task, call, in: context } }) => send(call, 'CALL', { task, in: context })),
    done: emit(({ context: { processor, task, irq, half }, event }) => {
      assertEvent(event, 'RETURN')
      const leaves = half === 'handler' && { leaves: sectionOfHandler }
      return send(processor, 'DONE', { task, irq, half, ret: event.ret, quiet: true, ...leaves })
    }),
    next: emit(({ context: { processor, task, irq, half } }) =>
      send(processor, 'NEXT', { task, irq, half, quiet: true }),
    ),
  },
}).createMachine({
  id: 'irqHandler',
  context: ({ input }) => input,
  initial: 'waiting',
  states: {
    waiting: { tags: 'at rest', on: { HANDLE: { target: 'handling', actions: 'call' } } },
    handling: { on: { RETURN: { target: 'through', actions: 'done' } } },
    through: { on: { OK: { target: 'waiting', actions: 'next' } } },
  },
})
