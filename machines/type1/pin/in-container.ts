/**
 * A call that a driver makes for its device finds the backend: device->group->container->iommu_data, which cannot change
 * while the device is open. Nothing is locked, and nothing is counted.
 *
 * Source: Linux 6.1 vfio_pin_pages, vfio_unpin_pages, vfio_dma_rw and their vfio_container_ halves.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { Backend } from './pages.ts'

export interface InContainerInput {
  readonly task: string
  /** Who knows where the device is. */
  readonly device: string
  /** What is called there: `<task>.<container>.<procedure>`. */
  readonly procedure: string
}

type InContainerContext = InContainerInput & {
  readonly caller: string | null
  readonly args: Readonly<Record<string, unknown>>
}
type InContainerEvent =
  | (Heard & { readonly type: 'CALL' | 'RETURN' })
  | (Heard & { readonly type: 'IN'; readonly container: string; readonly backend: Backend })

const start = ({ task, device, procedure }: InContainerInput): InContainerContext => ({
  ...{ task, device, procedure },
  caller: null,
  args: {},
})

const fieldsOf = ({ type: _type, from: _from, task: _task, ...fields }: Heard): Readonly<Record<string, unknown>> =>
  fields

export const inContainer = setup({
  types: {
    context: {} as InContainerContext,
    events: {} as InContainerEvent,
    emitted: {} as Said,
    input: {} as InContainerInput,
  },
  actions: {
    begin: assign(({ event }) => ({ caller: event.from, args: fieldsOf(event) })),
    where: emit(({ context: { task, device } }) => send(device, 'WHERE', { task })),
    goOn: emit(({ context: { task, procedure, args }, event }) => {
      assertEvent(event, 'IN')
      return send(`${task}.${event.container}.${procedure}`, 'CALL', { ...args, task, backend: event.backend })
    }),
    forget: assign({ args: {} }),
    comeBack: emit(({ context: { caller, task }, event }) => send(caller!, 'RETURN', { ...fieldsOf(event), task })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'inContainer',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'looking', actions: 'begin' } } },
    looking: { entry: 'where', on: { IN: { target: 'inside', actions: ['goOn', 'forget'] } } },
    inside: { on: { RETURN: { target: 'idle', actions: ['comeBack', 'reset'] } } },
  },
})
