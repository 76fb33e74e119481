/** readlink() of a device's `driver` in sysfs: which driver it is bound to. */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { iommuGroup } from '../names.ts'

export interface DriverOfInput {
  readonly task: string
  readonly device: string
  readonly group: string
}

type DriverOfContext = DriverOfInput & { readonly caller: string | null }
type DriverOfEvent =
  | (Heard & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'DRIVER'; readonly driver: string | null })

const start = ({ task, device, group }: DriverOfInput): DriverOfContext => ({ task, device, group, caller: null })

export const driverOf = setup({
  types: {
    context: {} as DriverOfContext,
    events: {} as DriverOfEvent,
    emitted: {} as Said,
    input: {} as DriverOfInput,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    ask: emit(({ context: { task, device, group } }) => send(iommuGroup(group), 'DRIVER_OF', { task, device })),
    finish: emit(({ context: { task, caller }, event }) => {
      assertEvent(event, 'DRIVER')
      return send(caller!, 'RETURN', { task, ret: 0, driver: event.driver ?? 'none' })
    }),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'driverOf',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'asking', actions: ['begin', 'ask'] } } },
    asking: { on: { DRIVER: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
