/**
 * VFIO_SET_IOMMU makes a type1 backend (vfio_iommu_type1_open). How many mappings it may have is what the module's parameter
 * says at this moment; later changes do not matter to it (observed on 6.1).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { ModuleParameters } from './module-parameters.ts'

export interface OpenBackendInput {
  readonly task: string
  readonly at: { readonly module: string; readonly type1: string }
}

type OpenBackendContext = OpenBackendInput & { readonly caller: string | null; readonly arg: bigint }
type OpenBackendEvent =
  | (Heard & { readonly type: 'CALL'; readonly arg: bigint })
  | (Heard & { readonly type: 'PARAMETERS'; readonly params: ModuleParameters })
  | (Heard & { readonly type: 'OPENED'; readonly ret: 0 | string; readonly backend?: Pointer })

const start = ({ task, at }: OpenBackendInput): OpenBackendContext => ({ task, at, caller: null, arg: 0n })

export const openBackend = setup({
  types: {
    context: {} as OpenBackendContext,
    events: {} as OpenBackendEvent,
    emitted: {} as Said,
    input: {} as OpenBackendInput,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, arg: event.arg }
    }),
    askModule: emit(({ context: { at, task } }) => send(at.module, 'READ', { task })),
    open: emit(({ context: { at, task, arg }, event }) => {
      assertEvent(event, 'PARAMETERS')
      return send(at.type1, 'OPEN', { task, arg, limit: event.params.dma_entry_limit })
    }),
    finish: emit(({ context: { caller, task }, event }) => {
      assertEvent(event, 'OPENED')
      const { ret, backend } = event
      return send(caller!, 'RETURN', { task, ret, ...(backend && { backend }) })
    }),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'openBackend',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'asking', actions: 'begin' } } },
    asking: { entry: 'askModule', on: { PARAMETERS: { target: 'opening', actions: 'open' } } },
    opening: { on: { OPENED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
